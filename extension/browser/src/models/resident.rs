//! Inputs that stay at one place on the graphics card: what a recorded graph reads again and again.

use std::{cell::RefCell, collections::HashMap};

use brushaway::models::{Tensor, TensorData};
use js_sys::Array;
use wasm_bindgen::JsValue;

use super::{Gpu, ort::JsTensor};
use crate::chrome::object;

/// The inputs of one session.
pub(super) struct Resident {
    gpu: Gpu,
    inputs: RefCell<HashMap<String, Input>>,
}

struct Input {
    shape: Vec<usize>,
    buffer: wgpu::Buffer,
    tensor: JsValue,
}

impl Resident {
    /// None yet: places are made by the first run.
    pub(super) fn new(gpu: &Gpu) -> Self {
        Self { gpu: gpu.clone(), inputs: RefCell::default() }
    }

    /// Brings values to where they are read, and gives what the runtime knows the place by.
    pub(super) fn bring(&self, input: &Tensor) -> Result<JsValue, JsValue> {
        let (element, bytes): (_, Vec<u8>) = match &input.data {
            TensorData::F32(values) => ("float32", values.iter().flat_map(|value| value.to_le_bytes()).collect()),
            TensorData::I64(values) => ("int64", values.iter().flat_map(|value| value.to_le_bytes()).collect()),
            TensorData::U8(_) => return Err("a recorded graph takes no bytes".into()),
        };
        let mut inputs = self.inputs.borrow_mut();
        if let Some(known) = inputs.get(&input.name) {
            if known.shape != input.shape {
                return Err(format!("a recorded graph takes {:?}, not {:?}", known.shape, input.shape).into());
            }
            self.gpu.fill(&known.buffer, &bytes);
            return Ok(known.tensor.clone());
        }
        let buffer = self.gpu.buffer(bytes.len() as u64);
        self.gpu.fill(&buffer, &bytes);
        let dims = input.shape.iter().map(|&extent| JsValue::from(extent as f64)).collect::<Array>();
        let options = object([("dataType", element.into()), ("dims", dims.into())]);
        let place: JsValue = buffer.as_webgpu().map_or(JsValue::UNDEFINED, Into::into);
        let tensor: JsValue = JsTensor::from_gpu_buffer(&place, &options)?.into();
        let known = Input { shape: input.shape.clone(), buffer, tensor: tensor.clone() };
        inputs.insert(input.name.clone(), known);
        Ok(tensor)
    }
}
