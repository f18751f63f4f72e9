//! Models in the browser: the WebGPU device and ONNX Runtime Web.

mod device;
mod ort;
mod resident;

pub use self::{
    device::{Gpu, NoGpu},
    ort::{Graph, OrtSession, load_runtime},
};
