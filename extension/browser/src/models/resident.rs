//! Inputs and outputs that stay at one place on the graphics card: what a recorded graph reads and writes again and again.

use std::{cell::RefCell, collections::HashMap};

use brushaway::models::{Tensor, TensorData};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;

use super::{Gpu, ort::JsTensor};
use crate::chrome::object;

/// What is at a fixed place, of one session.
pub(super) struct Resident {
    gpu: Gpu,
    inputs: RefCell<HashMap<String, Placed>>,
    /// Those whose places are ours. Others are where the runtime puts them.
    outputs: HashMap<String, Placed>,
}

#[derive(Clone)]
struct Placed {
    shape: Vec<usize>,
    buffer: wgpu::Buffer,
    tensor: JsValue,
}

/// An output of floats that is to be at a place of ours.
#[derive(Debug, Clone)]
pub(super) struct FloatOutput {
    /// Its name in the graph.
    pub(super) name: String,
    /// Its extents.
    pub(super) shape: Vec<usize>,
}

impl Resident {
    /// Places of inputs are made by the first run.
    pub(super) fn new(gpu: &Gpu, outputs: &[FloatOutput]) -> Result<Self, JsValue> {
        let placed = outputs.iter().map(|FloatOutput { name, shape }| {
            let bytes = 4 * shape.iter().product::<usize>();
            Ok((name.clone(), Placed::new(gpu, shape, "float32", bytes)?))
        });
        Ok(Self { gpu: gpu.clone(), inputs: RefCell::default(), outputs: placed.collect::<Result<_, JsValue>>()? })
    }

    /// Brings values to where they are read.
    pub(super) fn bring(&self, input: &Tensor) -> Result<(), JsValue> {
        let (element, bytes): (_, Vec<u8>) = match &input.data {
            TensorData::F32(values) => ("float32", values.iter().flat_map(|value| value.to_le_bytes()).collect()),
            TensorData::I64(values) => ("int64", values.iter().flat_map(|value| value.to_le_bytes()).collect()),
            TensorData::U8(_) => return Err("a recorded graph takes no bytes".into()),
        };
        let mut inputs = self.inputs.borrow_mut();
        let placed = match inputs.get(&input.name) {
            Some(known) if known.shape != input.shape => {
                return Err(format!("a recorded graph takes {:?}, not {:?}", known.shape, input.shape).into());
            }
            Some(known) => known,
            None => {
                let placed = Placed::new(&self.gpu, &input.shape, element, bytes.len())?;
                inputs.entry(input.name.clone()).or_insert(placed)
            }
        };
        self.gpu.fill(&placed.buffer, &bytes);
        Ok(())
    }

    /// What the runtime knows the inputs by.
    pub(super) fn feeds(&self) -> Result<Object, JsValue> {
        known_by(self.inputs.borrow().iter())
    }

    /// What the runtime knows the outputs by.
    pub(super) fn fetches(&self) -> Result<Object, JsValue> {
        known_by(self.outputs.iter())
    }

    /// Where an input is.
    pub(super) fn input(&self, name: &str) -> Option<wgpu::Buffer> {
        self.inputs.borrow().get(name).map(|placed| placed.buffer.clone())
    }

    /// Where an output is, and its extents, if it is at a place of ours.
    pub(super) fn output(&self, name: &str) -> Option<(&wgpu::Buffer, &[usize])> {
        self.outputs.get(name).map(|placed| (&placed.buffer, placed.shape.as_slice()))
    }

    /// Where the one output is that has a place of ours, if it has so many values.
    pub(super) fn only_output(&self, len: usize) -> Option<wgpu::Buffer> {
        let mut outputs = self.outputs.values();
        let only = outputs.next().filter(|placed| placed.shape.iter().product::<usize>() == len)?;
        outputs.next().is_none().then(|| only.buffer.clone())
    }
}

impl Placed {
    fn new(gpu: &Gpu, shape: &[usize], element: &str, bytes: usize) -> Result<Self, JsValue> {
        let buffer = gpu.buffer(bytes as u64);
        let dims = shape.iter().map(|&extent| JsValue::from(extent as f64)).collect::<Array>();
        let options = object([("dataType", element.into()), ("dims", dims.into())]);
        let place: JsValue = buffer.as_webgpu().map_or(JsValue::UNDEFINED, Into::into);
        let tensor = JsTensor::from_gpu_buffer(&place, &options)?.into();
        Ok(Self { shape: shape.to_vec(), buffer, tensor })
    }
}

fn known_by<'a>(placed: impl Iterator<Item = (&'a String, &'a Placed)>) -> Result<Object, JsValue> {
    let known = Object::new();
    for (name, placed) in placed {
        Reflect::set(&known, &name.as_str().into(), &placed.tensor)?;
    }
    Ok(known)
}
