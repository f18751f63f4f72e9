//! Models in the browser: the WebGPU device and ONNX Runtime Web.

mod device;
mod ort;

pub use self::{
    device::{Gpu, NoGpu},
    ort::{Graph, OrtSession, load_runtime},
};
