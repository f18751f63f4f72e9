//! Which noise levels a sampler visits.

use serde::Deserialize;

use super::SamplerKind;

/// Rho of Karras et al.: how much closer levels lie where there is little noise.
const KARRAS_RHO: f64 = 7.0;

/// How noise grew with the timestep in training: "scaled linear", the square roots of beta evenly spaced.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoiseSchedule {
    /// Beta of the first timestep.
    pub beta_start: f64,
    /// Beta of the last timestep.
    pub beta_end: f64,
    /// Number of timesteps; at least 2.
    pub timesteps: u32,
}

/// A noise level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Level {
    /// Noise relative to the signal.
    pub(super) sigma: f64,
    /// Share of the signal in the sample.
    pub(super) alpha: f64,
    /// Half the logarithm of the signal-to-noise ratio; infinite without noise.
    pub(super) lambda: f64,
}

/// The levels of all steps, and the one after the last, which has no noise.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Levels {
    /// The training timestep that the network is told at each step.
    pub(super) timesteps: Vec<u32>,
    sigmas: Vec<f64>,
}

/// What all solvers need to know of one step, from one level to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    /// Factor of the sample.
    pub(super) keep: f64,
    /// Factor of the clean latent, which is taken away: `alpha * base`, negative.
    pub(super) shift: f64,
    /// Share of the signal after the step.
    pub(super) alpha: f64,
    /// `exp(-length) - 1`.
    pub(super) base: f64,
    /// In lambda; infinite if there is no noise after the step.
    pub(super) length: f64,
}

impl Levels {
    /// The level before step `index`; after the last step there is no noise.
    pub(super) fn at(&self, index: usize) -> Level {
        let sigma = self.sigmas.get(index).copied().unwrap_or_default();
        let alpha = (sigma * sigma + 1.0).sqrt().recip();
        Level { sigma, alpha, lambda: -sigma.ln() }
    }

    /// The factors of the step with this index.
    pub(super) fn step(&self, index: usize) -> Step {
        let (here, next) = (self.at(index), self.at(index + 1));
        let length = next.lambda - here.lambda;
        let base = (-length).exp_m1();
        Step {
            keep: next.sigma * next.alpha / (here.sigma * here.alpha),
            shift: next.alpha * base,
            alpha: next.alpha,
            base,
            length,
        }
    }

    /// Where the level before step `index` lies, in lengths of that step from its start; negative. None if either step has
    /// no finite length, as the last one, or no length at all, as where there are as many steps as timesteps.
    pub(super) fn back(&self, index: usize) -> Option<f64> {
        let lambda = |index| self.at(index).lambda;
        let ratio = (lambda(index.checked_sub(1)?) - lambda(index)) / self.step(index).length;
        Some(ratio).filter(|ratio| ratio.is_normal())
    }

    /// Factors of a sample before step `index`, and of the noise in it, that give the latent without noise.
    pub(super) fn clean(&self, index: usize) -> [f32; 2] {
        let here = self.at(index);
        [here.alpha.recip() as f32, -here.sigma as f32]
    }

    /// How many steps there are.
    pub(super) fn len(&self) -> usize {
        self.timesteps.len()
    }
}

impl NoiseSchedule {
    /// Noise relative to the signal at each timestep, ascending.
    ///
    /// The betas are rounded to 32 bits, as they were in training.
    pub fn sigmas(&self) -> Vec<f64> {
        let (first, last) = (self.beta_start.sqrt() as f32, self.beta_end.sqrt() as f32);
        let gap = (last - first) / (self.timesteps.max(2) - 1) as f32;
        let mut alpha_bar = 1.0_f64;
        let sigma_at = |i: u32| {
            // From both ends, as the library of the training code spaces numbers.
            let root = if i < self.timesteps / 2 {
                first + gap * i as f32
            } else {
                last - gap * (self.timesteps - 1 - i) as f32
            };
            alpha_bar *= f64::from(1.0 - root * root);
            ((1.0 - alpha_bar) / alpha_bar).sqrt()
        };
        (0..self.timesteps).map(sigma_at).collect()
    }

    /// The levels that a sampler visits in `steps` steps.
    pub(super) fn levels(&self, kind: SamplerKind, steps: u32) -> Levels {
        let sigmas = self.sigmas();
        match kind {
            SamplerKind::Ddim => {
                let stride = self.timesteps / steps.min(self.timesteps);
                let timesteps: Vec<u32> = (0..steps.min(self.timesteps)).rev().map(|i| i * stride).collect();
                let sigmas = timesteps.iter().map(|&t| sigmas[t as usize]).collect();
                Levels { timesteps, sigmas }
            }
            SamplerKind::DpmSolver | SamplerKind::UniPc => {
                let timesteps = self.evenly(steps);
                let sigmas = timesteps.iter().map(|&t| sigmas[t as usize]).collect();
                Levels { timesteps, sigmas }
            }
            SamplerKind::DpmSolverKarras => {
                let levels = karras(&sigmas, steps);
                let timesteps = levels.iter().map(|&sigma| timestep_of(sigma, &sigmas)).collect();
                Levels { timesteps, sigmas: levels }
            }
        }
    }

    /// Timesteps from the last down, evenly spaced so that one step more would be at the first.
    fn evenly(&self, steps: u32) -> Vec<u32> {
        let last = f64::from(self.timesteps - 1);
        (1..=steps).rev().map(|i| (last * f64::from(i) / f64::from(steps)).round_ties_even() as u32).collect()
    }
}

/// Levels whose roots of order rho are evenly spaced, descending.
fn karras(sigmas: &[f64], steps: u32) -> Vec<f64> {
    let root = |sigma: Option<&f64>| sigma.copied().unwrap_or_default().powf(KARRAS_RHO.recip());
    let (least, most) = (root(sigmas.first()), root(sigmas.last()));
    let share = |i: u32| if steps > 1 { f64::from(i) / f64::from(steps - 1) } else { 0.0 };
    (0..steps).map(|i| (most + share(i) * (least - most)).powf(KARRAS_RHO)).collect()
}

/// The timestep at which noise is nearest to `sigma`, between timesteps by its logarithm.
fn timestep_of(sigma: f64, sigmas: &[f64]) -> u32 {
    let above = sigmas.partition_point(|&other| other <= sigma).clamp(1, sigmas.len() - 1);
    let (low, high) = (sigmas[above - 1].ln(), sigmas[above].ln());
    let share = ((sigma.ln() - low) / (high - low)).clamp(0.0, 1.0);
    ((above - 1) as f64 + share).round_ties_even() as u32
}
