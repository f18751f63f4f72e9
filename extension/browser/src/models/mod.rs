//! Models in the browser: the WebGPU device, ONNX Runtime Web, and what is on disk as sessions.

mod denoiser;
mod device;
mod ort;
mod place;
mod prepared;
mod published;
mod record;
mod resident;
mod sized;
mod stepping;

pub use self::{
    denoiser::{Denoiser, denoiser_rows},
    device::{Gpu, NoGpu},
    ort::{Graph, OrtSession, load_runtime},
    place::Place,
    published::{LoadError, Published},
    sized::SizedSession,
};
