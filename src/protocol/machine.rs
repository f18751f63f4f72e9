//! What the engine found of the machine that it runs on, and how long things take there.

use serde::{Deserialize, Serialize};

use crate::models::{Backend, ModelId};

/// What there is to compute with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DeviceReport {
    /// What the graphics adapter can do beyond the usual, in the words of WebGPU.
    pub features: Vec<String>,
    /// The largest buffer that the adapter gives, in bytes.
    pub max_buffer_bytes: Option<u64>,
    /// Threads that share the work on the processor.
    pub threads: u32,
}

/// How many bits a model's weights have on the graphics card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PrecisionReport {
    /// The model's name for people.
    pub model: String,
    /// How it was decided.
    pub precision: Precision,
}

/// How many bits a model's weights have there, and why. They come with 32, and sums have 32 in any case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "bits", rename_all = "snake_case")]
pub enum Precision {
    /// 16 where that is enough: on a fixed input the answer was this far from that of 32 bits, relative to its size.
    Halves {
        /// Root of the mean square.
        difference: f32,
    },
    /// 32, because the answer with 16 bits was further away than it may be.
    Inexact {
        /// Root of the mean square; none if the answer were no numbers.
        difference: Option<f32>,
    },
    /// 32, because with 16 bits it did not run.
    Failed {
        /// The runtime's own words.
        reason: String,
    },
}

impl Precision {
    /// The most that an answer with 16 bits may differ: a hundredth of its size.
    pub const MOST_DIFFERENCE: f32 = 0.01;

    /// What follows from an answer's difference.
    pub fn of(difference: Option<f32>) -> Self {
        match difference {
            Some(difference) if difference <= Self::MOST_DIFFERENCE => Self::Halves { difference },
            difference => Self::Inexact { difference },
        }
    }
}

/// The last job of a model on this machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// The model's name for people.
    pub model: String,
    /// Where it really ran.
    pub backend: Backend,
    /// From the start of the job to its end.
    pub seconds: f64,
}

/// What a test of the machine with the built-in model says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestReport {
    /// Where it really ran.
    pub backend: Backend,
    /// One run of the built-in model's largest tile, the middle one of several.
    pub run_seconds: f64,
    /// How many there were.
    pub runs: u32,
    /// What to expect of other models.
    pub estimates: Vec<Estimate>,
}

/// What to expect of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Which one.
    pub model: ModelId,
    /// Its name for people.
    pub name: String,
    /// A hole of one tile, once the model is loaded.
    pub seconds: f64,
}

/// What is known of one model.
pub trait OfModel {
    /// The model's name for people.
    fn model(&self) -> &str;
}

impl OfModel for PrecisionReport {
    fn model(&self) -> &str {
        &self.model
    }
}

impl OfModel for RunReport {
    fn model(&self) -> &str {
        &self.model
    }
}

/// What was last known of each model, the newest at the end, after something new.
pub fn with_newest<T: OfModel + Clone>(known: &[T], newest: T) -> Vec<T> {
    let mut all: Vec<T> = known.iter().filter(|known| known.model() != newest.model()).cloned().collect();
    all.push(newest);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundredth_is_the_most_and_what_is_no_number_is_too_much() {
        assert_eq!(Precision::of(Some(0.01)), Precision::Halves { difference: 0.01 });
        assert_eq!(Precision::of(Some(0.011)), Precision::Inexact { difference: Some(0.011) });
        assert_eq!(Precision::of(None), Precision::Inexact { difference: None });
    }

    #[test]
    fn the_last_run_of_each_model_counts() {
        let run = |model: &str, seconds| RunReport { model: model.to_owned(), backend: Backend::WebGpu, seconds };
        let runs = [run("a", 1.0), run("b", 2.0), run("a", 3.0)];
        let last = runs.into_iter().fold(Vec::new(), |runs, run| with_newest(&runs, run));
        assert_eq!(last, [run("b", 2.0), run("a", 3.0)]);
    }
}
