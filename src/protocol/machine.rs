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

/// The last run of each model, the newest one last, after another run.
pub fn with_run(runs: &[RunReport], run: RunReport) -> Vec<RunReport> {
    let mut runs: Vec<RunReport> = runs.iter().filter(|known| known.model != run.model).cloned().collect();
    runs.push(run);
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_run_of_each_model_counts() {
        let run = |model: &str, seconds| RunReport { model: model.to_owned(), backend: Backend::WebGpu, seconds };
        let runs = [run("a", 1.0), run("b", 2.0), run("a", 3.0)];
        let last = runs.into_iter().fold(Vec::new(), |runs, run| with_run(&runs, run));
        assert_eq!(last, [run("b", 2.0), run("a", 3.0)]);
    }
}
