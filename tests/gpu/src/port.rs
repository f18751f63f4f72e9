//! Sessions as a browser port of the model makes them: a file in memory, inputs and outputs in the processor's memory.

use brushaway::models::{Backend, InferError, Session, Tensor, TensorData};
use futures_util::future::LocalBoxFuture;
use js_sys::{Array, BigInt64Array, Float32Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use crate::page::{Failed, window};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["globalThis", "ort", "env"], js_name = wasm, thread_local_v2)]
    static WASM_ENVIRONMENT: JsValue;

    #[wasm_bindgen(js_namespace = ["globalThis", "ort"], js_name = InferenceSession)]
    type JsSession;
    #[wasm_bindgen(js_namespace = ["globalThis", "ort"], static_method_of = JsSession, js_class = "InferenceSession", catch)]
    async fn create(model: &Uint8Array, options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn run(this: &JsSession, feeds: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["globalThis", "ort"], js_name = Tensor)]
    type JsTensor;
    #[wasm_bindgen(constructor, js_namespace = ["globalThis", "ort"], js_class = "Tensor", catch)]
    fn new(element: &str, data: &JsValue, dims: &JsValue) -> Result<JsTensor, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn dims(this: &JsTensor) -> Array;
    #[wasm_bindgen(method, getter, catch)]
    fn data(this: &JsTensor) -> Result<Float32Array, JsValue>;
}

/// Tells the runtime where its other files are.
pub(crate) fn set_up(base_url: &str) -> Result<(), Failed> {
    let set = |key: &str, value: JsValue| WASM_ENVIRONMENT.with(|env| Reflect::set(env, &key.into(), &value));
    set("wasmPaths", base_url.into()).map_err(Failed::thrown("set up ONNX Runtime"))?;
    set("numThreads", 1.into()).map_err(Failed::thrown("set up ONNX Runtime")).map(drop)
}

/// A whole file.
pub(crate) async fn file(url: &str) -> Result<Uint8Array, Failed> {
    let failed = |thrown| Failed::thrown(url)(thrown);
    let response: Response = JsFuture::from(window()?.fetch_with_str(url)).await.map_err(failed)?.unchecked_into();
    if !response.ok() {
        return Err(Failed(format!("{url}: {}", response.status())));
    }
    let buffer: JsValue = JsFuture::from(response.array_buffer().map_err(failed)?).await.map_err(failed)?;
    Ok(Uint8Array::new(&buffer))
}

/// A session on the graphics card.
pub(crate) struct PortSession {
    session: JsSession,
}

impl PortSession {
    pub(crate) async fn create(model: &Uint8Array) -> Result<Self, Failed> {
        let options = Object::new();
        let failed = Failed::thrown("make a session");
        Reflect::set(&options, &"executionProviders".into(), &Array::of1(&"webgpu".into())).map_err(&failed)?;
        let session = JsSession::create(model, &options).await.map_err(&failed)?;
        Ok(Self { session: session.unchecked_into() })
    }

    async fn run_all(&self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, JsValue> {
        let feeds = Object::new();
        for Tensor { name, shape, data } in inputs {
            let (element, data): (_, JsValue) = match data {
                TensorData::F32(values) => ("float32", Float32Array::from(values.as_slice()).into()),
                TensorData::I64(values) => ("int64", BigInt64Array::from(values.as_slice()).into()),
                TensorData::U8(values) => ("uint8", Uint8Array::from(values.as_slice()).into()),
            };
            let dims = shape.iter().map(|&extent| JsValue::from(extent as f64)).collect::<Array>();
            let tensor: JsValue = JsTensor::new(element, &data, &dims)?.into();
            Reflect::set(&feeds, &name.into(), &tensor)?;
        }
        let results = self.session.run(&feeds).await?;
        let outputs = Object::entries(results.unchecked_ref()).into_iter().map(|entry| {
            let entry = Array::from(&entry);
            let (name, tensor) = (entry.get(0).as_string().unwrap_or_default(), entry.get(1));
            let tensor: JsTensor = tensor.unchecked_into();
            let dims = tensor.dims().into_iter().filter_map(|extent| extent.as_f64()).map(|extent| extent as usize);
            Ok(Tensor::f32(name, dims.collect::<Vec<_>>(), tensor.data()?.to_vec()))
        });
        outputs.collect()
    }
}

impl Session for PortSession {
    fn backend(&self) -> Backend {
        Backend::WebGpu
    }

    fn run(&mut self, inputs: Vec<Tensor>) -> LocalBoxFuture<'_, Result<Vec<Tensor>, InferError>> {
        Box::pin(async move {
            let outputs = self.run_all(inputs).await;
            outputs.map_err(|thrown| InferError::of_words(Backend::WebGpu, format!("{thrown:?}")))
        })
    }
}
