//! The WebGPU device, made by wgpu so that our kernels and ONNX Runtime can share it.

use std::{cell::Cell, rc::Rc};

use brushaway::{
    imaging::card::CardError,
    models::{Backend, InferError},
    onnx::plan::Plan,
    runtime::card::{
        WgpuCard, compile,
        network::{Adapter, Network, NetworkError, WeightFile, Weights},
        read,
    },
};
use futures_channel::oneshot::{Receiver, channel};
use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};

use crate::error::text;

/// A device on a real graphics adapter.
#[derive(Debug, Clone)]
pub struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    adapter_name: String,
    submissions: Rc<Cell<u32>>,
    /// Whether a processor computes.
    is_software: bool,
    /// Of the adapter, which may be more than the device was asked for.
    features: wgpu::Features,
}

/// Why there is no device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoGpu {
    /// No WebGPU, or no adapter behind it.
    #[error("no WebGPU adapter: {0}")]
    Missing(String),
    /// An adapter that computes on the processor, about 160 times slower than WebAssembly does.
    #[error("only a software adapter: {0}")]
    Software(String),
    /// The adapter gave no device.
    #[error("the adapter gave no device: {0}")]
    Refused(String),
}

impl Gpu {
    /// Asks for the fastest adapter and a device with all its limits.
    ///
    /// # Errors
    /// [`NoGpu`]. A software adapter is refused unless `software_too`.
    pub async fn request(software_too: bool) -> Result<Self, NoGpu> {
        let instance = wgpu::Instance::default();
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..wgpu::RequestAdapterOptions::default()
        };
        let adapter = instance.request_adapter(&options).await.map_err(|e| NoGpu::Missing(e.to_string()))?;
        let software = adapter.get_info().device_type == wgpu::DeviceType::Cpu;
        let descriptor = wgpu::DeviceDescriptor {
            required_limits: adapter.limits(),
            required_features: adapter.features() & wgpu::Features::SHADER_F16,
            ..wgpu::DeviceDescriptor::default()
        };
        let (device, queue) = adapter.request_device(&descriptor).await.map_err(|e| NoGpu::Refused(e.to_string()))?;
        let submissions = count_submissions(&device).map_err(|e| NoGpu::Refused(text(&e)))?;
        let (adapter_name, features) = (adapter_name(&device), adapter.features());
        // SwiftShader is not always marked as a fall-back.
        let is_software = software || adapter_name.contains("swiftshader");
        let gpu = Self { device, queue, adapter_name, submissions, is_software, features };
        if is_software && !software_too {
            return Err(NoGpu::Software(gpu.adapter_name));
        }
        Ok(gpu)
    }

    /// Vendor and architecture as the browser gives them, such as `nvidia hopper`.
    pub fn adapter_name(&self) -> &str {
        &self.adapter_name
    }

    /// What the adapter can do beyond the usual, of what matters here, in the words of WebGPU.
    pub fn features(&self) -> Vec<String> {
        const NAMED: [(wgpu::Features, &str); 2] =
            [(wgpu::Features::SHADER_F16, "shader-f16"), (wgpu::Features::SUBGROUP, "subgroups")];
        NAMED.iter().filter(|(flag, _)| self.features.contains(*flag)).map(|(_, name)| (*name).to_owned()).collect()
    }

    /// The largest buffer that the device gives, in bytes.
    pub fn max_buffer_bytes(&self) -> u64 {
        self.device.limits().max_buffer_size
    }

    /// The steps after the network, on this device.
    ///
    /// # Errors
    /// [`CardError`] if it does not take the kernels.
    pub async fn card(&self) -> Result<WgpuCard, CardError> {
        WgpuCard::new(self.device.clone(), self.queue.clone()).await
    }

    /// A network by kernels of our own, on this device.
    ///
    /// # Errors
    /// [`NetworkError`].
    pub(super) async fn network(
        &self,
        plan: &Plan,
        weights: Weights,
        file: &dyn WeightFile,
    ) -> Result<Network, NetworkError> {
        let adapter = if self.is_software { Adapter::Software } else { Adapter::Card };
        Network::load(&self.device, &self.queue, (adapter, weights), plan, file).await
    }

    /// Whether a processor acts as a card.
    pub(super) const fn is_software(&self) -> bool {
        self.is_software
    }

    /// The browser's own object for the queue.
    pub(super) fn queue_as_js(&self) -> JsValue {
        Reflect::get(&self.as_js(), &"queue".into()).unwrap_or_default()
    }

    /// How often work was handed to the device so far, by whomever.
    pub(super) fn submissions(&self) -> u32 {
        self.submissions.get()
    }

    /// Room for this many bytes, which the runtime and our kernels may read and write.
    pub(super) fn buffer(&self, len_bytes: u64) -> wgpu::Buffer {
        self.room("of a recorded graph", len_bytes, wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC)
    }

    /// Room for what all threads of a kernel read.
    pub(super) fn uniform(&self, len_bytes: u64) -> wgpu::Buffer {
        self.room("of a kernel", len_bytes, wgpu::BufferUsages::UNIFORM)
    }

    fn room(&self, label: &str, len_bytes: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            // The runtime's kernels read by four values.
            size: len_bytes.next_multiple_of(16),
            usage: usage | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    }

    /// Fills a buffer, before whatever is submitted next. As many bytes as a multiple of 4.
    pub(super) fn fill(&self, buffer: &wgpu::Buffer, bytes: &[u8]) {
        self.queue.write_buffer(buffer, 0, bytes);
    }

    /// Compiles a kernel.
    pub(super) fn compile(&self, label: &str, wgsl: &'static str, entry_point: &str) -> wgpu::ComputePipeline {
        compile(&self.device, label, wgsl, entry_point)
    }

    /// What a kernel reads and writes: the bindings of its only group, in their order.
    pub(super) fn bind(&self, pipeline: &wgpu::ComputePipeline, buffers: &[&wgpu::Buffer]) -> wgpu::BindGroup {
        let bound = (0..).zip(buffers);
        let entries: Vec<_> = bound
            .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
            .collect();
        let layout = pipeline.get_bind_group_layout(0);
        self.device.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout: &layout, entries: &entries })
    }

    /// Runs a kernel in so many groups, after whatever was submitted.
    pub(super) fn compute(&self, pipeline: &wgpu::ComputePipeline, bound: &wgpu::BindGroup, groups: u32) {
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, bound, &[]);
            pass.dispatch_workgroups(groups, 1, 1);
        }
        self.queue.submit([encoder.finish()]);
    }

    /// Makes a buffer all zero, after whatever was submitted.
    pub(super) fn clear(&self, buffer: &wgpu::Buffer) {
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.clear_buffer(buffer, 0, None);
        self.queue.submit([encoder.finish()]);
    }

    /// Tells when all that was submitted until now is over.
    pub(super) fn over(&self) -> Receiver<()> {
        let (tell, over) = channel();
        // Nobody may listen any more.
        self.queue.on_submitted_work_done(move || tell.send(()).unwrap_or_default());
        over
    }

    /// Reads the first values of a buffer, after whatever was submitted.
    ///
    /// # Errors
    /// [`InferError::DeviceLost`], the only reason for which that fails.
    pub(super) async fn read(&self, buffer: &wgpu::Buffer, len_bytes: u64) -> Result<Vec<f32>, InferError> {
        let values = read(&self.device, &self.queue, buffer, len_bytes).await;
        values.map_err(|error| {
            InferError::of_words(Backend::WebGpu, format!("the device was lost while it was read: {error}"))
        })
    }

    /// The browser's own object.
    pub(super) fn as_js(&self) -> JsValue {
        self.device.as_webgpu().map_or(JsValue::UNDEFINED, Into::into)
    }
}

/// Counts from now on. The runtime does not tell what ran where, but what ran on the device went through its queue.
fn count_submissions(device: &wgpu::Device) -> Result<Rc<Cell<u32>>, JsValue> {
    let device: JsValue = device.as_webgpu().map_or(JsValue::UNDEFINED, Into::into);
    let queue = Reflect::get(&device, &"queue".into())?;
    let submit: Function = Reflect::get(&queue, &"submit".into())?.dyn_into()?;
    let count = Rc::<Cell<u32>>::default();
    let (counted, own) = (Rc::clone(&count), queue.clone());
    let counting = Closure::<dyn FnMut(JsValue) -> Result<JsValue, JsValue>>::new(move |commands: JsValue| {
        counted.set(counted.get().wrapping_add(1));
        submit.call1(&own, &commands)
    });
    // For as long as the device: the page's collector takes both together.
    Reflect::set(&queue, &"submit".into(), &counting.into_js_value())?;
    Ok(count)
}

/// wgpu passes on only the description, which Chrome keeps empty; the device knows vendor and architecture.
fn adapter_name(device: &wgpu::Device) -> String {
    let device: JsValue = device.as_webgpu().map_or(JsValue::UNDEFINED, Into::into);
    let info = Reflect::get(&device, &"adapterInfo".into()).unwrap_or_default();
    let field = |key: &str| Reflect::get(&info, &key.into()).ok().and_then(|value| value.as_string());
    let words = ["vendor", "architecture", "description"].into_iter().filter_map(field);
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
