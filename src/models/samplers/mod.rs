//! Samplers: from noise to a latent in a few steps.
//!
//! All of them solve the same equation, with the noise schedule of training. A sample at noise level `sigma` (standard
//! deviation of the noise relative to the signal) is `alpha * x0 + sigma * alpha * noise`, with
//! `alpha = 1 / sqrt(sigma^2 + 1)`. The network predicts the noise ("epsilon"); from that follows its idea of `x0`.

mod factors;
mod multistep;
mod schedule;
#[cfg(test)]
mod tests;
mod unipc;

use serde::{Deserialize, Serialize};

use self::schedule::Levels;
pub use self::{
    factors::{StepFactors, StepMemory},
    schedule::NoiseSchedule,
};

/// A way to get from noise to a latent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SamplerKind {
    /// DDIM without added noise (Song et al., "Denoising Diffusion Implicit Models", 2020, equation 12 with eta 0).
    Ddim,
    /// DPM-Solver++(2M) (Lu et al., "DPM-Solver++", 2022, algorithm 2).
    DpmSolver,
    /// The same, with noise levels spaced as Karras et al. do ("Elucidating the Design Space of Diffusion-Based Generative
    /// Models", 2022, equation 5, rho 7).
    DpmSolverKarras,
    /// `UniPC` of order 2, B2(h) (Zhao et al., "`UniPC`: A Unified Predictor-Corrector Framework", 2023, algorithm 1).
    UniPc,
}

impl std::fmt::Display for SamplerKind {
    /// The name that papers and other programs use.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Ddim => "DDIM",
            Self::DpmSolver => "DPM-Solver++",
            Self::DpmSolverKarras => "DPM-Solver++ Karras",
            Self::UniPc => "UniPC",
        })
    }
}

/// How a latent is sampled.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplerOptions {
    /// Which sampler.
    pub kind: SamplerKind,
    /// Steps from pure noise to none; at least 1. Fewer are taken if `strength` is less than 1.
    pub steps: u32,
    /// Share of the steps that are taken, in `(0, 1]`: the first ones are left out.
    pub strength: f32,
}

/// A sampler on its way through its steps.
#[derive(Debug, Clone)]
pub struct Sampler {
    levels: Levels,
    kind: SamplerKind,
    /// The first step that is taken.
    first: usize,
    at: usize,
}

impl Sampler {
    /// A sampler at its first step.
    pub fn new(options: SamplerOptions, schedule: &NoiseSchedule) -> Self {
        let levels = schedule.levels(options.kind, options.steps.max(1));
        let steps = levels.timesteps.len();
        // As many as the usual implementation keeps: rounded down, but never none.
        let kept = ((steps as f32 * options.strength) as usize).clamp(1, steps);
        let first = steps - kept;
        Self { levels, kind: options.kind, first, at: first }
    }

    /// A sampler that leaves out all steps with more noise than at a timestep of training, but never the last one. The
    /// options' strength counts for nothing.
    pub fn from_timestep(options: SamplerOptions, schedule: &NoiseSchedule, timestep: u32) -> Self {
        let mut sampler = Self::new(SamplerOptions { strength: 1.0, ..options }, schedule);
        let timesteps = sampler.timesteps();
        let last = timesteps.len().saturating_sub(1);
        sampler.first = timesteps.iter().position(|&at| at <= timestep).unwrap_or(last);
        sampler.at = sampler.first;
        sampler
    }

    /// Training timesteps that are still to come, in their order.
    pub fn timesteps(&self) -> &[u32] {
        &self.levels.timesteps[self.at..]
    }

    /// Brings a latent without noise to the noise level of the next step, with `noise` of deviation 1.
    ///
    /// Without a latent (all zero) this is pure noise of the right strength.
    pub fn add_noise(&self, latent: &[f32], noise: &[f32]) -> Vec<f32> {
        let level = self.levels.at(self.at);
        let (signal, strength) = (level.alpha as f32, (level.alpha * level.sigma) as f32);
        latent.iter().zip(noise).map(|(latent, noise)| signal * latent + strength * noise).collect()
    }

    /// The next step: what becomes of a sample and the noise that the network predicts in it. None after the last one, when
    /// the sample is free of noise.
    pub fn next_step(&mut self) -> Option<StepFactors> {
        let (at, taken) = (self.at, self.at - self.first);
        if at == self.levels.len() {
            return None;
        }
        self.at += 1;
        Some(match self.kind {
            SamplerKind::Ddim => multistep::factors(1, &self.levels, at, taken),
            SamplerKind::DpmSolver | SamplerKind::DpmSolverKarras => multistep::factors(2, &self.levels, at, taken),
            SamplerKind::UniPc => unipc::factors(&self.levels, at, taken),
        })
    }
}
