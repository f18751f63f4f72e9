//! `UniPC` of order 2: each step predicts, and the next one corrects it with what the network said there.

use super::schedule::{Levels, Step};

/// The largest order.
const ORDER: usize = 2;

/// What a step needs of those before.
#[derive(Debug, Clone, Default)]
pub(super) struct UniPc {
    /// The network's ideas of the clean latent at the last steps, newest first.
    before: Vec<Vec<f32>>,
    /// The sample, corrected, from which the last prediction was made.
    from: Vec<f32>,
    /// The order of the last prediction.
    order: usize,
}

impl UniPc {
    /// From the level before step `at` to the one after it.
    pub(super) fn step(&mut self, levels: &Levels, at: usize, sample: &mut [f32], clean: Vec<f32>) {
        if !self.from.is_empty() {
            self.correct(levels, at, sample, &clean);
        }
        self.before.insert(0, clean);
        self.before.truncate(ORDER);
        self.order = self.before.len().min(levels.len() - at).min(ORDER);
        self.from.clear();
        self.from.extend_from_slice(sample);
        self.predict(levels, at, sample);
    }

    /// The predictor, over the step that begins at `at`.
    fn predict(&self, levels: &Levels, at: usize, sample: &mut [f32]) {
        let step = levels.step(at);
        let [newest, older @ ..] = self.before.as_slice() else { return };
        let older = older.first().filter(|_| self.order > 1);
        // Of order 2 the weight of the one difference is a half (the paper's appendix F).
        let weight = older.map(|_| (0.5 * step.base / step.back_to(levels.at(at - 1))) as f32);
        for (i, x) in sample.iter_mut().enumerate() {
            let slope = older.zip(weight).map_or(0.0, |(older, weight)| weight * (older[i] - newest[i]));
            *x = step.keep * *x - step.shift * newest[i] - slope * step.alpha;
        }
    }

    /// The corrector, again over the step that ended at `at`, with what the network said there.
    fn correct(&self, levels: &Levels, at: usize, sample: &mut [f32], clean: &[f32]) {
        let step = levels.step(at - 1);
        let [newest, older @ ..] = self.before.as_slice() else { return };
        let older = older.first().filter(|_| self.order > 1);
        let ratio = older.map_or(1.0, |_| step.back_to(levels.at(at - 2)));
        let [past, here] = if older.is_some() { weights(&step, ratio) } else { [0.0, 0.5] };
        let (past, here) = ((past * step.base / ratio) as f32, (here * step.base) as f32);
        for (i, (x, clean)) in sample.iter_mut().zip(clean).enumerate() {
            let slope = older.map_or(0.0, |older| past * (older[i] - newest[i]));
            let change = slope + here * (clean - newest[i]);
            *x = step.keep * self.from[i] - step.shift * newest[i] - step.alpha * change;
        }
    }
}

/// The weights of the difference to the step before, which lies `ratio` back, and of the one to here: the solution of the
/// two equations of the paper's appendix F.
fn weights(step: &Step, ratio: f64) -> [f64; 2] {
    let phi_2 = step.base / -step.length - 1.0;
    let phi_3 = phi_2 / -step.length - 0.5;
    let (sum, moment) = (phi_2 / step.base, 2.0 * phi_3 / step.base);
    let past = (moment - sum) / (ratio - 1.0);
    [past, sum - past]
}
