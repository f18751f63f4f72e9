//! Solvers that remember what the network said one step before.

use super::{factors::StepFactors, schedule::Levels};

/// DPM-Solver++ of order 1, which is DDIM, or 2: from the level before step `at`, the first one but `taken`, to the one
/// after it.
pub(super) fn factors(order: usize, levels: &Levels, at: usize, taken: usize) -> StepFactors {
    let step = levels.step(at);
    let back = if order > 1 && taken > 0 { levels.back(at) } else { None };
    let slope = back.map_or(0.0, |back| 0.5 / back);
    StepFactors {
        clean: levels.clean(at),
        corrected: [1.0, 0.0, 0.0, 0.0, 0.0],
        next: [step.keep, -step.shift * (1.0 - slope), -step.shift * slope].map(|factor| factor as f32),
    }
}
