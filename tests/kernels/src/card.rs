//! The graphics card: a kernel, its buffers, and how long it takes.

mod clock;

use std::mem::size_of;

use bytemuck::{Pod, Zeroable};
use wgpu::util::{BufferInitDescriptor, DeviceExt as _};

use crate::kernel::Kernel;
use crate::problem::{Precision, Problem};
use crate::template::TemplateError;
use crate::tiles::{Room, Tiles};
use crate::twin::Inputs;
use crate::values;

use clock::Clock;

/// Why a card did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// There is none, or no driver for it.
    #[error("no adapter: {0}")]
    Missing(#[from] wgpu::RequestAdapterError),
    /// It gave no device.
    #[error("the adapter gave no device: {0}")]
    Device(#[from] wgpu::RequestDeviceError),
    /// The text of a kernel could not be made.
    #[error("no text for the kernel: {0}")]
    Template(#[from] TemplateError),
    /// It would not compile or run a kernel.
    #[error("refused: {0}")]
    Refused(#[from] wgpu::Error),
    /// It stopped answering.
    #[error("it does not answer: {0}")]
    Lost(#[from] wgpu::PollError),
    /// What it computed could not be read.
    #[error("its memory can't be read: {0}")]
    Memory(String),
}

/// What a device is asked for that wgpu calls experimental.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Experiments {
    /// Nothing.
    None,
    /// Products of matrices of 16 x 16 by the card's own units, where it has them.
    Matrices,
}

/// A device on the fastest adapter.
#[derive(Debug)]
pub struct Card {
    device: wgpu::Device,
    queue: wgpu::Queue,
    info: wgpu::AdapterInfo,
    offered: wgpu::Features,
    layout: wgpu::BindGroupLayout,
    pipeline_layout: wgpu::PipelineLayout,
    clock: Clock,
}

/// A problem whose buffers are on a card.
#[derive(Debug)]
pub struct Loaded {
    precision: Precision,
    output: wgpu::Buffer,
    bindings: wgpu::BindGroup,
}

/// A kernel that a card has compiled, for any problem of its operator.
#[derive(Debug, Clone)]
pub struct Compiled(wgpu::ComputePipeline);

/// As the kernels declare it.
#[repr(C)]
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
struct Shape {
    width: u32,
    height: u32,
    batch: u32,
    channels: u32,
    outputs: u32,
    taps: u32,
}

impl From<&Problem> for Shape {
    fn from(problem: &Problem) -> Self {
        Self {
            width: problem.width as u32,
            height: problem.height as u32,
            batch: problem.batch as u32,
            channels: problem.channels as u32,
            outputs: problem.outputs as u32,
            taps: problem.taps() as u32,
        }
    }
}

impl Card {
    /// Asks for the fastest adapter and a device with all its limits.
    ///
    /// # Errors
    /// [`CardError::Missing`], [`CardError::Device`].
    pub fn request(experiments: Experiments) -> Result<Self, CardError> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends: wgpu::Backends::VULKAN,
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        });
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..wgpu::RequestAdapterOptions::default()
        };
        let adapter = pollster::block_on(instance.request_adapter(&options))?;
        let matrices = experiments == Experiments::Matrices && has_matrices(&adapter);
        let mut wanted = wgpu::Features::SHADER_F16 | wgpu::Features::SUBGROUP | wgpu::Features::TIMESTAMP_QUERY;
        wanted.set(wgpu::Features::EXPERIMENTAL_COOPERATIVE_MATRIX, matrices);
        let descriptor = wgpu::DeviceDescriptor {
            required_limits: adapter.limits(),
            required_features: adapter.features() & wanted,
            experimental_features: if matrices { experimental() } else { wgpu::ExperimentalFeatures::disabled() },
            ..wgpu::DeviceDescriptor::default()
        };
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor))?;
        let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
            count: None,
        };
        let read = wgpu::BufferBindingType::Storage { read_only: true };
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: None,
            entries: &[
                entry(0, wgpu::BufferBindingType::Uniform),
                entry(1, read),
                entry(2, read),
                entry(3, read),
                entry(4, read),
                entry(5, wgpu::BufferBindingType::Storage { read_only: false }),
            ],
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let clock = Clock::new(&device, &queue);
        let (info, offered) = (adapter.get_info(), adapter.features());
        Ok(Self { device, queue, info, offered, layout, pipeline_layout, clock })
    }

    /// Its name, what drives it, and what it offers of what matters here.
    pub fn description(&self) -> String {
        let wgpu::AdapterInfo { name, backend, driver, driver_info, .. } = &self.info;
        let features = wgpu::Features::SHADER_F16
            | wgpu::Features::SUBGROUP
            | wgpu::Features::EXPERIMENTAL_COOPERATIVE_MATRIX
            | wgpu::Features::TIMESTAMP_QUERY;
        let offered: Vec<String> =
            (self.offered & features).iter_names().map(|(name, _)| name.to_lowercase()).collect();
        let Room { threads, bytes, .. } = self.room();
        format!(
            "{name}, {backend:?}, {driver} {driver_info}; offers {}; workgroups of {threads} threads and {bytes} bytes, subgroups of {} to {}; timed by {}",
            offered.join(", "),
            self.info.subgroup_min_size,
            self.info.subgroup_max_size,
            self.clock.name(),
        )
    }

    /// Whether it computes on the processor: good for right answers, not for times.
    pub fn is_software(&self) -> bool {
        self.info.device_type == wgpu::DeviceType::Cpu
    }

    /// Whether it can store such values.
    pub fn supports(&self, precision: Precision) -> bool {
        precision == Precision::Single || self.device.features().contains(wgpu::Features::SHADER_F16)
    }

    /// Whether it was asked for products of matrices, and has them.
    pub fn multiplies_matrices(&self) -> bool {
        self.device.features().contains(wgpu::Features::EXPERIMENTAL_COOPERATIVE_MATRIX)
    }

    /// What it gives a workgroup.
    pub fn room(&self) -> Room {
        let limits = self.device.limits();
        Room {
            threads: limits.max_compute_invocations_per_workgroup.min(limits.max_compute_workgroup_size_x),
            bytes: limits.max_compute_workgroup_storage_size,
            shuffles: self.device.features().contains(wgpu::Features::SUBGROUP) && has_32_in_step(&self.info),
        }
    }

    /// Puts a problem's buffers on the card.
    ///
    /// # Errors
    /// [`CardError::Refused`] if they find no room.
    pub fn load(&self, problem: &Problem, precision: Precision, inputs: &Inputs) -> Result<Loaded, CardError> {
        self.checked(|| {
            let buffer = |contents: &[u8], usage| {
                self.device.create_buffer_init(&BufferInitDescriptor { label: None, contents, usage })
            };
            let stored = |values: &[f32]| buffer(&values::bytes(values, precision), wgpu::BufferUsages::STORAGE);
            let shape = buffer(bytemuck::bytes_of(&Shape::from(problem)), wgpu::BufferUsages::UNIFORM);
            let weights = stored(&values::by_tap(problem, &inputs.weights));
            let biases = buffer(bytemuck::cast_slice(&inputs.biases), wgpu::BufferUsages::STORAGE);
            let input = stored(&inputs.input);
            // Where nothing is added nothing is read, but something must be bound.
            let residual = if inputs.residual.is_empty() { input.clone() } else { stored(&inputs.residual) };
            let output = self.device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: (problem.output_len() * value_bytes(precision)) as u64,
                usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            let all = [&shape, &weights, &biases, &input, &residual, &output];
            let bound = (0..)
                .zip(all)
                .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() });
            let entries: Vec<wgpu::BindGroupEntry<'_>> = bound.collect();
            let layout = &self.layout;
            let bindings =
                self.device.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout, entries: &entries });
            Loaded { precision, output, bindings }
        })
    }

    /// Has the driver compile a kernel.
    ///
    /// # Errors
    /// [`CardError::Refused`], [`CardError::Template`].
    pub fn compile(&self, kernel: &Kernel) -> Result<Compiled, CardError> {
        let source = wgpu::ShaderSource::Wgsl(kernel.source()?.into());
        self.checked(|| {
            let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor { label: None, source });
            Compiled(self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: None,
                layout: Some(&self.pipeline_layout),
                module: &module,
                entry_point: Some("main"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                cache: None,
            }))
        })
    }

    /// Computes a problem once, with an output that was emptied before, and returns the output.
    ///
    /// # Errors
    /// [`CardError`].
    pub fn compute(&self, job: &Job<'_>) -> Result<Vec<f32>, CardError> {
        let Loaded { precision, output, .. } = job.loaded;
        let read_back = self.checked(|| {
            let read_back = self.device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: output.size(),
                usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
                mapped_at_creation: false,
            });
            let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            encoder.clear_buffer(output, 0, None);
            dispatch(&mut encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default()), job, 1);
            encoder.copy_buffer_to_buffer(output, 0, &read_back, 0, output.size());
            self.queue.submit([encoder.finish()]);
            read_back
        })?;
        Ok(values::from_bytes(&clock::read(&self.device, &read_back)?, *precision))
    }

    /// Computes a problem `times` times in one submission, one after the other; returns the seconds of all.
    ///
    /// # Errors
    /// [`CardError`].
    pub fn seconds(&self, job: &Job<'_>, times: u32) -> Result<f64, CardError> {
        self.clock.seconds(&self.device, &self.queue, |pass| dispatch(pass, job, times))
    }

    /// What `make` gives, unless the card has something against it.
    fn checked<T>(&self, make: impl FnOnce() -> T) -> Result<T, CardError> {
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let internal = self.device.push_error_scope(wgpu::ErrorFilter::Internal);
        let validation = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let result = make();
        for scope in [validation, internal, memory] {
            if let Some(error) = pollster::block_on(scope.pop()) {
                return Err(error.into());
            }
        }
        Ok(result)
    }
}

/// Whether an adapter multiplies matrices of 16 x 16 with 16 bits and adds with 32, by subgroups of 32 threads.
fn has_matrices(adapter: &wgpu::Adapter) -> bool {
    let offered = adapter.cooperative_matrix_properties();
    let fits = offered.iter().any(|offer| {
        let types = (offer.ab_type, offer.cr_type);
        [offer.m_size, offer.n_size, offer.k_size] == [16; 3]
            && types == (wgpu::CooperativeScalarType::F16, wgpu::CooperativeScalarType::F32)
    });
    fits && has_32_in_step(&adapter.get_info())
}

fn has_32_in_step(info: &wgpu::AdapterInfo) -> bool {
    (info.subgroup_min_size, info.subgroup_max_size) == (32, 32)
}

#[expect(unsafe_code, reason = "wgpu wants to hear that its users know what an experiment is")]
const fn experimental() -> wgpu::ExperimentalFeatures {
    // SAFETY: what may go wrong is a mistake in wgpu's own code; this program runs by hand, on a card that does nothing else.
    unsafe { wgpu::ExperimentalFeatures::enabled() }
}

/// A problem, and how to compute it.
#[derive(Debug)]
pub struct Job<'a> {
    /// On the card.
    pub loaded: &'a Loaded,
    /// By the card.
    pub compiled: &'a Compiled,
    /// Workgroups along each axis.
    pub groups: [u32; 3],
}

impl<'a> Job<'a> {
    /// The problem cut up by `tiles`, for which the kernel must have been compiled.
    pub fn new(problem: &Problem, tiles: &Tiles, loaded: &'a Loaded, compiled: &'a Compiled) -> Self {
        Self { loaded, compiled, groups: tiles.groups(problem) }
    }
}

fn dispatch(pass: &mut wgpu::ComputePass<'_>, job: &Job<'_>, times: u32) {
    let [x, y, z] = job.groups;
    pass.set_pipeline(&job.compiled.0);
    pass.set_bind_group(0, &job.loaded.bindings, &[]);
    for _ in 0..times {
        pass.dispatch_workgroups(x, y, z);
    }
}

const fn value_bytes(precision: Precision) -> usize {
    match precision {
        Precision::Single => size_of::<f32>(),
        Precision::Half => size_of::<u16>(),
    }
}
