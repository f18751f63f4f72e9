//! Sessions of ONNX Runtime Web.
//!
//! `ort-web` loads the packaged runtime; sessions go through this thin binding on the same runtime, because `ort-web`
//! 0.5 has no way to pass a device, to leave outputs on the GPU or to read weights from a Blob, and because it falls
//! back to the CPU without a word.

use brushaway::models::{Backend, InferError, Session, Tensor, TensorData};
use futures_util::future::LocalBoxFuture;
use js_sys::{Array, BigInt64Array, Float32Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use super::{
    Gpu,
    resident::{FloatOutput, Resident},
};
use crate::{
    chrome::object,
    clock,
    error::{JsError, text},
};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["globalThis", "ort", "env"], js_name = wasm, thread_local_v2)]
    static WASM_ENVIRONMENT: JsValue;
    #[wasm_bindgen(js_namespace = globalThis, js_name = crossOriginIsolated, thread_local_v2)]
    static CROSS_ORIGIN_ISOLATED: bool;
    #[wasm_bindgen(js_namespace = ["globalThis", "navigator"], js_name = hardwareConcurrency, thread_local_v2)]
    static HARDWARE_CONCURRENCY: u32;

    #[wasm_bindgen(js_namespace = ["globalThis", "ort"], js_name = InferenceSession)]
    type JsSession;
    #[wasm_bindgen(js_namespace = ["globalThis", "ort"], static_method_of = JsSession, js_class = "InferenceSession", catch)]
    async fn create(model: &Uint8Array, options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn run(this: &JsSession, feeds: &JsValue, fetches: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn release(this: &JsSession) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["globalThis", "ort"], js_name = Tensor)]
    pub(super) type JsTensor;
    #[wasm_bindgen(js_namespace = ["globalThis", "ort"], static_method_of = JsTensor, js_class = "Tensor", js_name = fromGpuBuffer, catch)]
    pub(super) fn from_gpu_buffer(buffer: &JsValue, options: &JsValue) -> Result<JsTensor, JsValue>;
    #[wasm_bindgen(constructor, js_namespace = ["globalThis", "ort"], js_class = "Tensor", catch)]
    fn new(element: &str, data: &JsValue, dims: &JsValue) -> Result<JsTensor, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn location(this: &JsTensor) -> String;
    #[wasm_bindgen(method, getter, js_name = type)]
    fn element(this: &JsTensor) -> String;
    #[wasm_bindgen(method, getter)]
    fn dims(this: &JsTensor) -> Array;
    #[wasm_bindgen(method, catch, js_name = getData)]
    async fn get_data(this: &JsTensor) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method)]
    fn dispose(this: &JsTensor);
}

/// More threads than this gain nothing on convolutions of this size and take memory.
const MOST_THREADS: u32 = 8;

/// Loads the packaged runtime from the folder at `base_url` and returns how many threads its CPU backend will use.
///
/// # Errors
/// [`JsError`] if a file is missing or the browser lacks what the runtime needs (JSPI: Chrome 137).
pub async fn load_runtime(base_url: &str) -> Result<u32, JsError> {
    let dist = ort_web::Dist::new(base_url).with_script_name("ort.jspi.min.js");
    // The table of functions that comes back is for `ort`, which is not used here.
    ort_web::api(dist).await.map(drop).map_err(|e| JsError::unexpected("load ONNX Runtime", e.to_string()))?;
    // Threads share memory, which only isolated contexts may.
    let threads = if CROSS_ORIGIN_ISOLATED.with(|isolated| *isolated) {
        HARDWARE_CONCURRENCY.with(|cores| *cores).clamp(1, MOST_THREADS)
    } else {
        1
    };
    let set = |key: &str, value: JsValue| {
        WASM_ENVIRONMENT.with(|env| Reflect::set(env, &key.into(), &value)).map_err(JsError::of("set up ONNX Runtime"))
    };
    set("numThreads", threads.into())?;
    set("wasmPaths", base_url.into())?;
    Ok(threads)
}

/// A graph, and where its weights are.
#[derive(Debug, Clone, Copy)]
pub struct Graph<'a> {
    /// An ONNX model.
    pub model: &'a [u8],
    /// The file that it calls [`Graph::WEIGHTS`], read by the runtime piece by piece. None if all weights are in the model.
    pub weights: Option<&'a Blob>,
}

impl Graph<'_> {
    /// What graphs call the file with their weights.
    pub const WEIGHTS: &'static str = "weights";
}

impl<'a> From<&'a [u8]> for Graph<'a> {
    fn from(model: &'a [u8]) -> Self {
        Self { model, weights: None }
    }
}

/// One graph in ONNX Runtime Web.
pub struct OrtSession {
    session: JsSession,
    backend: Backend,
    gpu: Option<Gpu>,
    /// Where inputs and outputs are, if runs are recorded.
    resident: Option<Resident>,
}

impl OrtSession {
    /// Loads a graph for the processor. `threads` is what [`load_runtime`] returned.
    ///
    /// # Errors
    /// [`InferError::Runtime`] if the runtime refuses the graph.
    pub async fn on_cpu(graph: Graph<'_>, threads: u32) -> Result<Self, InferError> {
        let providers = Array::of1(&"wasm".into());
        let options = object([("executionProviders", providers.into())]);
        Self::create(graph, Backend::Wasm { threads }, None, options).await
    }

    /// Loads a graph for the graphics card.
    ///
    /// # Errors
    /// [`InferError::Runtime`] if the runtime refuses the graph or the device.
    pub async fn on_gpu(graph: Graph<'_>, gpu: &Gpu) -> Result<Self, InferError> {
        Self::on_device(graph, gpu, None).await
    }

    /// Loads a graph for the graphics card whose first run is recorded and then played again: all runs must have inputs
    /// of the same shapes. Each output has one place, so one is read before the next run; those that are named are at places
    /// that our kernels can read.
    ///
    /// # Errors
    /// [`InferError::Runtime`] if the runtime refuses the graph or the device, or would do part of it on the processor.
    pub(super) async fn recorded_on_gpu(
        graph: Graph<'_>,
        gpu: &Gpu,
        outputs: &[FloatOutput],
    ) -> Result<Self, InferError> {
        let resident = Resident::new(gpu, outputs).map_err(failed(Backend::WebGpu))?;
        Self::on_device(graph, gpu, Some(resident)).await
    }

    async fn on_device(graph: Graph<'_>, gpu: &Gpu, resident: Option<Resident>) -> Result<Self, InferError> {
        // As an object, because the provider's plain name drops its options.
        let provider = object([("name", "webgpu".into()), ("device", gpu.as_js())]);
        let providers = Array::of1(&provider);
        let options = object([
            ("executionProviders", providers.into()),
            // Only the WebGPU provider can leave outputs there, so where they are tells which provider ran.
            ("preferredOutputLocation", "gpu-buffer".into()),
            ("enableGraphCapture", resident.is_some().into()),
        ]);
        let mut session = Self::create(graph, Backend::WebGpu, Some(gpu.clone()), options).await?;
        session.resident = resident;
        Ok(session)
    }

    async fn create(
        graph: Graph<'_>,
        backend: Backend,
        gpu: Option<Gpu>,
        options: JsValue,
    ) -> Result<Self, InferError> {
        if let Some(weights) = graph.weights {
            let file = object([("path", Graph::WEIGHTS.into()), ("data", weights.into())]);
            let files = Array::of1(&file);
            Reflect::set(&options, &"externalData".into(), &files).map_err(failed(backend))?;
        }
        let model = Uint8Array::from(graph.model);
        let session = JsSession::create(&model, &options).await.map_err(failed(backend))?;
        Ok(Self { session: session.unchecked_into(), backend, gpu, resident: None })
    }

    async fn run(&self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, InferError> {
        let failed = || failed(self.backend);
        // The CPU backend keeps the thread for seconds: what waits to be sent or heard goes first.
        clock::sleep_millis(0).await;
        let (feeds, fetches) = if self.resident.is_some() {
            self.place(&inputs)?;
            self.places()?
        } else {
            let feeds = Object::new();
            for input in &inputs {
                let tensor = js_tensor(input).map_err(failed())?;
                Reflect::set(&feeds, &input.name.as_str().into(), &tensor).map_err(failed())?;
            }
            (feeds, Object::new())
        };
        let submitted_before = self.gpu.as_ref().map(Gpu::submissions);
        let results = self.session.run(&feeds, &fetches).await.map_err(failed())?;
        let used_gpu = self.gpu.as_ref().map(Gpu::submissions) > submitted_before;
        let mut outputs = Vec::new();
        for entry in Object::entries(results.unchecked_ref()) {
            let entry = Array::from(&entry);
            let (name, tensor) = (entry.get(0).as_string().unwrap_or_default(), entry.get(1).unchecked_into());
            outputs.push(self.read(name, &tensor, used_gpu).await?);
        }
        Ok(outputs)
    }

    /// Brings inputs to where a recorded graph reads them.
    pub(super) fn place(&self, inputs: &[Tensor]) -> Result<(), InferError> {
        let Some(resident) = &self.resident else { return Ok(()) };
        inputs.iter().try_for_each(|input| resident.bring(input)).map_err(failed(self.backend))
    }

    /// What the runtime knows the places of inputs and outputs by.
    fn places(&self) -> Result<(Object, Object), InferError> {
        let Some(resident) = &self.resident else { return Ok((Object::new(), Object::new())) };
        let places = resident.feeds().and_then(|feeds| Ok((feeds, resident.fetches()?)));
        places.map_err(failed(self.backend))
    }

    /// Plays what was recorded, with what is where its inputs are. Returns once it is submitted.
    pub(super) async fn play(&self) -> Result<(), InferError> {
        let (feeds, fetches) = self.places()?;
        self.session.run(&feeds, &fetches).await.map(drop).map_err(failed(self.backend))
    }

    /// Where inputs and outputs are, if runs are recorded.
    pub(super) fn resident(&self) -> Option<(&Gpu, &Resident)> {
        self.gpu.as_ref().zip(self.resident.as_ref())
    }

    /// Reads an output and makes sure that it came from where it should.
    async fn read(&self, name: String, tensor: &JsTensor, used_gpu: bool) -> Result<Tensor, InferError> {
        // The provider does its last step with bytes on the processor, so they come from there although the device did the
        // work. For them the work tells.
        let ours = self.resident.as_ref().and_then(|resident| resident.output(&name));
        let work_tells = tensor.element() == "uint8" || ours.is_some();
        let on_gpu = if work_tells { used_gpu } else { tensor.location() == "gpu-buffer" };
        if on_gpu != (self.backend == Backend::WebGpu) {
            let reason = format!("the output came from {} memory", tensor.location());
            return Err(InferError::Runtime { backend: self.backend, reason });
        }
        if let (Some((buffer, shape)), Some(gpu)) = (ours, &self.gpu) {
            let values = gpu.read(buffer, 4 * shape.iter().product::<usize>() as u64).await?;
            return Ok(Tensor::f32(name, shape, values));
        }
        let data = tensor.get_data().await.map_err(failed(self.backend))?;
        let data = if let Some(values) = data.dyn_ref::<Float32Array>() {
            TensorData::F32(values.to_vec())
        } else if let Some(values) = data.dyn_ref::<BigInt64Array>() {
            TensorData::I64(values.to_vec())
        } else if let Some(values) = data.dyn_ref::<Uint8Array>() {
            TensorData::U8(values.to_vec())
        } else {
            return Err(InferError::MissingOutput { name });
        };
        let shape = tensor.dims().iter().filter_map(|extent| extent.as_f64()).map(|extent| extent as usize).collect();
        if self.resident.is_none() {
            tensor.dispose();
        }
        Ok(Tensor { name, shape, data })
    }
}

impl Session for OrtSession {
    fn backend(&self) -> Backend {
        self.backend
    }

    fn run(&mut self, inputs: Vec<Tensor>) -> LocalBoxFuture<'_, Result<Vec<Tensor>, InferError>> {
        Box::pin(Self::run(self, inputs))
    }
}

impl Drop for OrtSession {
    fn drop(&mut self) {
        let session = self.session.clone().unchecked_into::<JsSession>();
        crate::task::spawn("release a session", async move {
            session.release().await.map(drop).map_err(JsError::of("release a session"))
        });
    }
}

impl std::fmt::Debug for OrtSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OrtSession").field("backend", &self.backend).finish_non_exhaustive()
    }
}

fn js_tensor(tensor: &Tensor) -> Result<JsTensor, JsValue> {
    // Copies, so that growth of our memory cannot pull the data away from under the runtime.
    let (element, data): (_, JsValue) = match &tensor.data {
        TensorData::F32(values) => ("float32", Float32Array::from(values.as_slice()).into()),
        TensorData::I64(values) => ("int64", BigInt64Array::from(values.as_slice()).into()),
        TensorData::U8(values) => ("uint8", Uint8Array::from(values.as_slice()).into()),
    };
    let dims = tensor.shape.iter().map(|&extent| JsValue::from(extent as f64)).collect::<Array>();
    JsTensor::new(element, &data, &dims)
}

fn failed(backend: Backend) -> impl FnOnce(JsValue) -> InferError {
    move |thrown| InferError::of_words(backend, text(&thrown))
}
