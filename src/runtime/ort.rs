//! [`Session`] over a dynamically loaded ONNX Runtime.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};

use futures_util::future::LocalBoxFuture;
use ort::{
    environment::Environment,
    session::SessionInputValue,
    value::{DynValue, TensorElementType, ValueType},
};

use crate::models::{Backend, InferError, Session, Tensor, TensorData};

/// A graph on the processor, through the ONNX Runtime library that npm's `onnxruntime-node` carries: the version that
/// the browser runs.
#[derive(Debug)]
pub struct OrtSession {
    session: ort::session::Session,
    output_names: Vec<String>,
}

/// The one environment that a process may have.
static ENVIRONMENT: Mutex<Option<Environment>> = Mutex::new(None);

impl OrtSession {
    /// Loads the library at `library`, unless one is loaded already, and makes a session of the graph in `model`.
    ///
    /// `threads` share the work of a run; 0 lets the library choose.
    ///
    /// # Errors
    /// [`InferError::Runtime`] if there is no library, none of a fitting version, or no graph that it can run.
    pub fn load(library: &Path, model: &[u8], threads: usize) -> Result<Self, InferError> {
        let environment = environment(library)?;
        let session = ort::session::Session::builder(&environment)
            .map_err(failed)?
            .with_intra_threads(threads)
            .map_err(failed)?
            .commit_from_memory(model)
            .map_err(failed)?;
        let output_names = session.outputs().iter().map(|output| output.name().to_owned()).collect();
        Ok(Self { session, output_names })
    }

    fn run_now(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, InferError> {
        let mut values: Vec<(String, SessionInputValue<'_>)> = Vec::with_capacity(inputs.len());
        for tensor in inputs {
            let (name, value) = into_value(tensor)?;
            values.push((name, value.into()));
        }
        let outputs = self.session.run(values).map_err(failed)?;
        let named = self.output_names.iter().filter_map(|name| outputs.get(name).map(|value| (name, value)));
        named.map(|(name, value)| from_value(name, value)).collect()
    }
}

impl Session for OrtSession {
    fn backend(&self) -> Backend {
        Backend::Native
    }

    fn run(&mut self, inputs: Vec<Tensor>) -> LocalBoxFuture<'_, Result<Vec<Tensor>, InferError>> {
        Box::pin(async move { self.run_now(inputs) })
    }
}

/// The process's environment, made when first asked for.
fn environment(library: &Path) -> Result<Environment, InferError> {
    // The lock guards only a handle: what a panic elsewhere left in it is as good as before.
    let mut slot = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = &*slot {
        return Ok(environment.clone());
    }
    let environment = ort::init_from(library).map_err(failed)?.with_telemetry(false).build().map_err(failed)?;
    *slot = Some(environment.clone());
    Ok(environment)
}

/// The library's error as ours.
fn failed(error: impl std::fmt::Display) -> InferError {
    InferError::Runtime { backend: Backend::Native, reason: error.to_string() }
}

/// Hands a tensor to the library, without a copy.
fn into_value(tensor: Tensor) -> Result<(String, DynValue), InferError> {
    let Tensor { name, shape, data } = tensor;
    let value = match data {
        TensorData::F32(data) => ort::value::Tensor::from_array((shape, data)).map(ort::value::Value::into_dyn),
        TensorData::I64(data) => ort::value::Tensor::from_array((shape, data)).map(ort::value::Value::into_dyn),
        TensorData::U8(data) => ort::value::Tensor::from_array((shape, data)).map(ort::value::Value::into_dyn),
    };
    Ok((name, value.map_err(failed)?))
}

/// Copies a tensor out of the library.
fn from_value(name: &str, value: &DynValue) -> Result<Tensor, InferError> {
    let missing = || InferError::MissingOutput { name: name.to_owned() };
    let ValueType::Tensor { ty, .. } = value.dtype() else { return Err(missing()) };
    let (shape, data) = match ty {
        TensorElementType::Float32 => {
            let (shape, data) = value.try_extract_tensor::<f32>().map_err(failed)?;
            (shape, TensorData::F32(data.to_vec()))
        }
        TensorElementType::Int64 => {
            let (shape, data) = value.try_extract_tensor::<i64>().map_err(failed)?;
            (shape, TensorData::I64(data.to_vec()))
        }
        TensorElementType::Uint8 => {
            let (shape, data) = value.try_extract_tensor::<u8>().map_err(failed)?;
            (shape, TensorData::U8(data.to_vec()))
        }
        _ => return Err(missing()),
    };
    let shape = shape.iter().map(|&extent| usize::try_from(extent).unwrap_or_default()).collect();
    Ok(Tensor { name: name.to_owned(), shape, data })
}
