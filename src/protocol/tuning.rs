//! How the engine is to work, where a person may want it otherwise.

use serde::{Deserialize, Serialize};

use crate::{
    engine::JobOptions,
    geometry::Size,
    models::{DiffusionOptions, SamplerKind},
};

/// How much more or less of the surroundings than usual a model may be shown, in percent of the usual.
pub const CONTEXT_PERCENTS: std::ops::RangeInclusive<u32> = 60..=200;

/// How the engine is to work.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    /// How wide the edge of the fill fades, in pixels; none leaves it to the engine.
    pub feather_px: Option<u32>,
    /// How much of the surroundings a model is shown, in percent of the usual.
    pub context_percent: u32,
    /// Whether models that sample add detail to large holes.
    pub detail: bool,
    /// Sampling steps; none is as many as the model wants.
    pub steps: Option<u32>,
    /// Guidance scale; none is what the model wants.
    pub guidance: Option<f32>,
    /// The sampler; none is the model's own.
    pub sampler: Option<SamplerKind>,
    /// After so many minutes without work a downloaded model gives its memory back.
    pub idle_minutes: u32,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            feather_px: None,
            context_percent: 100,
            detail: true,
            steps: None,
            guidance: None,
            sampler: None,
            idle_minutes: 5,
        }
    }
}

impl Tuning {
    /// The options of a job on a picture of this size, with what is wanted otherwise.
    #[must_use]
    pub fn job(&self, usual: JobOptions, size: Size) -> JobOptions {
        let percent = self.context_percent.clamp(*CONTEXT_PERCENTS.start(), *CONTEXT_PERCENTS.end());
        JobOptions {
            context: percent as f32 / 100.0,
            detail: usual.detail && self.detail,
            ..usual.with_feather(size, self.feather_px)
        }
    }

    /// The way that a model samples, with what is wanted otherwise.
    #[must_use]
    pub fn diffusion(&self, usual: DiffusionOptions) -> DiffusionOptions {
        let mut options = usual;
        options.sampler.steps = self.steps.unwrap_or(usual.sampler.steps).max(1);
        options.sampler.kind = self.sampler.unwrap_or(usual.sampler.kind);
        options.guidance = self.guidance.unwrap_or(usual.guidance);
        options
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{GuidedInterval, SamplerOptions};

    const USUAL: DiffusionOptions = DiffusionOptions {
        sampler: SamplerOptions { kind: SamplerKind::Ddim, steps: 20, strength: 0.99 },
        guidance: 2.0,
        guided: GuidedInterval { from: 0, to: u32::MAX },
    };

    #[test]
    fn nothing_wanted_changes_nothing() {
        let size = Size::new(640, 480).unwrap();
        let tuning = Tuning::default();
        assert_eq!(tuning.diffusion(USUAL), USUAL);
        assert_eq!(tuning.job(JobOptions::default(), size), JobOptions::default());
    }

    #[test]
    fn what_is_wanted_is_done() {
        let tuning = Tuning {
            feather_px: Some(9),
            context_percent: 150,
            detail: false,
            steps: Some(4),
            guidance: Some(1.0),
            sampler: Some(SamplerKind::UniPc),
            idle_minutes: 1,
        };
        let options = tuning.diffusion(USUAL);
        assert_eq!((options.sampler.steps, options.sampler.kind), (4, SamplerKind::UniPc));
        assert_eq!((options.guidance, options.sampler.strength), (1.0, 0.99));
        let job = tuning.job(JobOptions::default(), Size::new(640, 480).unwrap());
        assert_eq!((job.feather_px, job.context, job.detail), (Some(9), 1.5, false));
    }

    #[test]
    fn what_no_model_can_do_is_not_asked_of_it() {
        let tuning = Tuning { steps: Some(0), context_percent: 0, ..Tuning::default() };
        assert_eq!(tuning.diffusion(USUAL).sampler.steps, 1);
        let context = tuning.job(JobOptions::default(), Size::new(9, 9).unwrap()).context;
        assert!((context - 0.6).abs() < f32::EPSILON, "{context}");
    }
}
