//! The port to a runtime for ONNX graphs.

use std::fmt;

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};

use crate::{
    image::ShapeError,
    models::{Denoising, InferError},
};

/// Where a graph runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backend {
    /// The graphics card, through the browser's WebGPU.
    WebGpu,
    /// The processor, through WebAssembly.
    Wasm {
        /// Threads that share the work; at least 1.
        threads: u32,
    },
    /// The processor, through a native library.
    Native,
}

/// What does the work, whichever way it is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackendKind {
    /// A graphics card.
    Gpu,
    /// The processor.
    Cpu,
}

impl BackendKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Gpu, Self::Cpu];
}

impl Backend {
    /// What does the work there.
    pub const fn kind(self) -> BackendKind {
        match self {
            Self::WebGpu => BackendKind::Gpu,
            Self::Wasm { .. } | Self::Native => BackendKind::Cpu,
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WebGpu => f.write_str("WebGPU"),
            Self::Wasm { threads } => write!(f, "WebAssembly ({threads} threads)"),
            Self::Native => f.write_str("native CPU"),
        }
    }
}

/// Values of one element type, row-major.
#[derive(Debug, Clone, PartialEq)]
pub enum TensorData {
    /// 32-bit floats.
    F32(Vec<f32>),
    /// 64-bit integers.
    I64(Vec<i64>),
    /// Bytes.
    U8(Vec<u8>),
}

/// A named input or output of a graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Name in the graph.
    pub name: String,
    /// Extent of each axis, slowest first.
    pub shape: Vec<usize>,
    /// As many values as the product of `shape`.
    pub data: TensorData,
}

impl Tensor {
    /// A tensor of 32-bit floats.
    pub fn f32(name: impl Into<String>, shape: impl Into<Vec<usize>>, data: Vec<f32>) -> Self {
        Self { name: name.into(), shape: shape.into(), data: TensorData::F32(data) }
    }

    /// A tensor of 64-bit integers.
    pub fn i64(name: impl Into<String>, shape: impl Into<Vec<usize>>, data: Vec<i64>) -> Self {
        Self { name: name.into(), shape: shape.into(), data: TensorData::I64(data) }
    }
}

/// One ONNX graph, ready to run.
pub trait Session {
    /// Where it really runs, as the runtime reports it; never what was merely asked for.
    fn backend(&self) -> Backend;

    /// Runs the graph once. Inputs are given away, because every runtime copies or keeps them.
    ///
    /// # Errors
    /// [`InferError::Runtime`] or [`InferError::DeviceLost`].
    fn run(&mut self, inputs: Vec<Tensor>) -> LocalBoxFuture<'_, Result<Vec<Tensor>, InferError>>;

    /// Takes steps with this graph as denoiser where its inputs are. None where inputs come from the processor anyway.
    fn denoising(&mut self) -> Option<&mut dyn Denoising> {
        None
    }
}

/// The values of one output, of which there must be `len`.
pub(super) fn output(outputs: Vec<Tensor>, name: &str, len: usize) -> Result<Vec<f32>, InferError> {
    let found = outputs.into_iter().find(|tensor| tensor.name == name).map(|tensor| tensor.data);
    match found {
        Some(TensorData::F32(values)) if values.len() == len => Ok(values),
        Some(TensorData::F32(values)) => Err(InferError::Shape(ShapeError { expected: len, actual: values.len() })),
        _ => Err(InferError::MissingOutput { name: name.to_owned() }),
    }
}
