//! Solvers that remember what the network said one step before.

use super::schedule::Levels;

/// DPM-Solver++ of order 1, which is DDIM, or 2.
#[derive(Debug, Clone)]
pub(super) struct Multistep {
    order: usize,
    /// The network's idea of the clean latent at the step before.
    before: Option<Vec<f32>>,
}

impl Multistep {
    pub(super) const fn of_order(order: usize) -> Self {
        Self { order, before: None }
    }

    /// From the level before step `at` to the one after it.
    pub(super) fn step(&mut self, levels: &Levels, at: usize, sample: &mut [f32], clean: Vec<f32>) {
        // Without noise at its end, a step of order 2 has no finite length.
        let before = self.before.take().filter(|_| self.order > 1 && at + 1 < levels.len());
        let step = levels.step(at);
        match &before {
            None => {
                for (x, clean) in sample.iter_mut().zip(&clean) {
                    *x = step.keep * *x - step.shift * clean;
                }
            }
            Some(before) => {
                let slope = (0.5 / step.back_to(levels.at(at - 1))) as f32;
                for ((x, clean), before) in sample.iter_mut().zip(&clean).zip(before) {
                    *x = step.keep * *x - step.shift * (clean + slope * (before - clean));
                }
            }
        }
        self.before = Some(clean);
    }
}
