//! `UniPC` of order 2: each step predicts, and the next one corrects it with what the network said there.

use super::{
    factors::StepFactors,
    schedule::{Levels, Step},
};

/// From the level before step `at`, the first one but `taken`, to the one after it.
pub(super) fn factors(levels: &Levels, at: usize, taken: usize) -> StepFactors {
    let corrected = if taken > 0 { correct(levels, at, taken) } else { [1.0, 0.0, 0.0, 0.0, 0.0] };
    StepFactors {
        clean: levels.clean(at),
        corrected: corrected.map(|factor| factor as f32),
        next: predict(levels, at, taken).map(|factor| factor as f32),
    }
}

/// Where the level before a step lies, if its prediction is of order 2: not the first one, and not the last.
fn back(levels: &Levels, at: usize, taken: usize) -> Option<f64> {
    if taken > 0 { levels.back(at) } else { None }
}

/// The predictor, over the step that begins at `at`.
fn predict(levels: &Levels, at: usize, taken: usize) -> [f64; 3] {
    let step = levels.step(at);
    // Of order 2 the weight of the one difference is a half (the paper's appendix F).
    let slope = back(levels, at, taken).map_or(0.0, |back| step.alpha * 0.5 * step.base / back);
    [step.keep, slope - step.shift, -slope]
}

/// The corrector, again over the step that ended at `at`, with what the network said there.
fn correct(levels: &Levels, at: usize, taken: usize) -> [f64; 5] {
    let step = levels.step(at - 1);
    let [past, here] = match back(levels, at - 1, taken - 1) {
        Some(back) => {
            let [past, here] = weights(&step, back);
            [past / back, here]
        }
        None => [0.0, 0.5],
    };
    let [past, here] = [past, here].map(|weight| step.alpha * weight * step.base);
    [0.0, -here, past + here - step.shift, -past, step.keep]
}

/// The weights of the difference to the step before, which lies `back` back, and of the one to here: the solution of the
/// two equations of the paper's appendix F.
fn weights(step: &Step, back: f64) -> [f64; 2] {
    let phi_2 = step.base / -step.length - 1.0;
    let phi_3 = phi_2 / -step.length - 0.5;
    let (sum, moment) = (phi_2 / step.base, 2.0 * phi_3 / step.base);
    let past = (moment - sum) / (back - 1.0);
    [past, sum - past]
}
