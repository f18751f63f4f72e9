//! What travels between a client and the engine once they are connected.

use serde::{Deserialize, Serialize};

use super::{Answer, BlobId, DeviceReport, Fault, JobId, ModelsReport, PrecisionReport, Request, RunReport};
use crate::{engine::Stage, geometry::Rect, models::Backend};

/// A client's call over its connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToEngine {
    /// Comes back with the answer.
    pub serial: u32,
    /// The call.
    pub request: Request,
}

/// What a client hears over its connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToClient {
    /// The answer to a call.
    Answer {
        /// Of the call.
        serial: u32,
        /// The reply or why there is none.
        result: Answer,
    },
    /// Something happened.
    Event(Event),
}

/// What happens while a client works.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The engine got ready, or cannot.
    Engine(EngineReport),
    /// Models came, went, or are on their way.
    Models(ModelsReport),
    /// Which models there are cannot be told; asking for them tries again.
    NoModels(Fault),
    /// `done` of `total` model runs of a job are over.
    Progress {
        /// Which job.
        job: JobId,
        /// Runs that are over.
        done: usize,
        /// Runs in all.
        total: usize,
        /// Until the last one is over, measured by those before; none while there is nothing to tell it from.
        seconds_left: Option<f64>,
    },
    /// Something that the person should know, besides how far a job is.
    Note {
        /// Which job.
        job: JobId,
        /// Key of the sentence in `_locales`.
        message: String,
    },
    /// A part of the picture as it looks after a stage.
    Patch {
        /// Which job.
        job: JobId,
        /// What the pixels have been through.
        stage: Stage,
        /// Where they go.
        rect: Rect,
        /// RGBA, eight bits each, `4 * rect.size.area()` bytes.
        pixels: BlobId,
    },
    /// The job is done.
    Finished {
        /// Which job.
        job: JobId,
        /// How it went.
        report: JobReport,
    },
    /// The job was cancelled, by the client or by a newer job.
    Cancelled {
        /// Which job.
        job: JobId,
    },
    /// The job could not be done.
    Failed {
        /// Which job.
        job: JobId,
        /// Why.
        fault: Fault,
    },
    /// A part of the picture itself is another one: a change was taken back, or made again.
    Restored {
        /// Where.
        rect: Rect,
        /// As in `Patch`.
        pixels: BlobId,
    },
}

/// What the engine runs on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EngineReport {
    /// How far it is.
    pub status: EngineStatus,
    /// The graphics adapter's name as the browser gives it, if one is in use.
    pub adapter: Option<String>,
    /// Why the processor is used instead of the graphics card, if it is.
    pub cpu_reason: Option<CpuReason>,
    /// What there is to compute with; nothing before a model is loaded.
    pub device: Option<DeviceReport>,
    /// The last job of each model on this machine, the newest one last.
    pub runs: Vec<RunReport>,
    /// How many bits the weights of models have that can do with fewer on this machine, the newest decision last.
    pub precisions: Vec<PrecisionReport>,
}

impl EngineReport {
    /// With nothing known but how far it is.
    pub const fn of(status: EngineStatus) -> Self {
        Self { status, adapter: None, cpu_reason: None, device: None, runs: Vec::new(), precisions: Vec::new() }
    }
}

/// How far the engine is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineStatus {
    /// Loading the runtime and the model.
    Starting,
    /// Sessions are loaded and warm.
    Ready {
        /// Where they really run.
        backend: Backend,
    },
    /// No model can run.
    Failed(Fault),
}

/// Why there is no WebGPU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CpuReason {
    /// The browser offers no WebGPU or no adapter.
    NoAdapter,
    /// There is an adapter, but it computes on the processor and is far slower than WebAssembly.
    SoftwareAdapter,
    /// The person (or a test) asked for it.
    Asked,
    /// WebGPU was tried and did not work, in the runtime's words.
    Failed(String),
}

/// How a job went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobReport {
    /// Name of the model, for people.
    pub model: String,
    /// Where its random numbers started; none if it has none.
    pub seed: Option<u32>,
    /// Where the model really ran.
    pub backend: Backend,
    /// Distant holes, each filled on its own.
    pub parts: usize,
    /// Time until each stage was on its way to the screen, from the start of the job.
    pub stages: Vec<StageTime>,
    /// From the start of the job to its end, in milliseconds.
    pub total_millis: f64,
}

/// When a stage was reached.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StageTime {
    /// Which.
    pub stage: Stage,
    /// Since the start of the job.
    pub millis: f64,
}
