//! Models in the browser: the WebGPU device, ONNX Runtime Web, and what is on disk as sessions.

mod denoiser;
mod device;
mod graph_session;
mod ort;
mod own;
mod place;
mod prepared;
mod published;
mod record;
mod resident;
mod sized;
mod stepping;

pub use self::{
    denoiser::Denoiser,
    device::{Gpu, NoGpu},
    graph_session::GraphSession,
    ort::{Graph, OrtSession, load_runtime},
    place::Place,
    published::{LoadError, Published},
    sized::SizedSession,
};
