//! A kernel on a device: compiled once, its buffers kept from run to run.

use std::cell::{Cell, RefCell};

use futures_channel::oneshot;

use crate::imaging::card::CardError;

/// Buffers that together are larger are given back after a run, in bytes.
const KEPT_BYTES: u64 = 64 << 20;

/// What a kernel does to a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Usage {
    /// The same for all threads.
    Uniform,
    /// Reads it.
    Read,
    /// Reads it and writes to it.
    Write,
}

/// A buffer for one run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Argument<'a> {
    /// What it begins with, as many bytes as a multiple of 4.
    contents: &'a [u8],
    len_bytes: u64,
}

impl<'a> Argument<'a> {
    /// As long as its contents.
    pub(super) const fn filled(contents: &'a [u8]) -> Self {
        Self { contents, len_bytes: contents.len() as u64 }
    }

    /// Longer than what it begins with; what comes after that is anything.
    pub(super) const fn longer(contents: &'a [u8], len_bytes: u64) -> Self {
        Self { contents, len_bytes }
    }
}

/// What is read back: so many bytes from the start of a buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    pub(super) binding: usize,
    pub(super) len_bytes: u64,
}

/// A device and its queue.
#[derive(Debug, Clone)]
pub(super) struct Device {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
}

/// A compiled kernel.
#[derive(Debug)]
pub(super) struct Kernel {
    /// Of its step, for the log.
    name: &'static str,
    pipeline: wgpu::ComputePipeline,
    usages: &'static [Usage],
    kept: RefCell<Option<Kept>>,
    has_run: Cell<bool>,
}

/// Buffers of the last run.
#[derive(Debug)]
struct Kept {
    buffers: Vec<wgpu::Buffer>,
    read_back: wgpu::Buffer,
    bindings: wgpu::BindGroup,
}

impl Kernel {
    /// Has the driver compile a kernel that binds such buffers, from 0 on.
    pub(super) fn new(device: &Device, (name, wgsl): (&'static str, &'static str), usages: &'static [Usage]) -> Self {
        let entry = |(binding, &usage): (u32, &Usage)| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty: match usage {
                    Usage::Uniform => wgpu::BufferBindingType::Uniform,
                    Usage::Read => wgpu::BufferBindingType::Storage { read_only: true },
                    Usage::Write => wgpu::BufferBindingType::Storage { read_only: false },
                },
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        };
        let entries: Vec<_> = (0..).zip(usages).map(entry).collect();
        let device = &device.device;
        let layout =
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: None, entries: &entries });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let source = wgpu::ShaderSource::Wgsl(wgsl.into());
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor { label: None, source });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: Some(&pipeline_layout),
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        Self { name, pipeline, usages, kept: RefCell::default(), has_run: Cell::default() }
    }

    /// Runs once and reads back, which is the one time that it waits for the card.
    pub(super) async fn run(
        &self,
        device: &Device,
        arguments: &[Argument<'_>],
        groups: [u32; 2],
        output: Output,
    ) -> Result<Vec<u8>, CardError> {
        let lens = arguments.iter().map(|argument| argument.len_bytes);
        check_limits(&device.device.limits(), lens, groups.into_iter())?;
        // Taken, so that a second run at the same time makes its own.
        let kept = self.kept.take().filter(|kept| kept.suits(arguments, output));
        let (kept, mapped) = checked(&device.device, || {
            let kept = kept.unwrap_or_else(|| self.make_buffers(&device.device, arguments, output));
            for (buffer, argument) in kept.buffers.iter().zip(arguments) {
                device.queue.write_buffer(buffer, 0, argument.contents);
            }
            let mut encoder = device.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(0, &kept.bindings, &[]);
            pass.dispatch_workgroups(groups[0], groups[1], 1);
            drop(pass);
            if let Some(written) = kept.buffers.get(output.binding) {
                encoder.copy_buffer_to_buffer(written, 0, &kept.read_back, 0, output.len_bytes);
            }
            device.queue.submit([encoder.finish()]);
            let (told, mapped) = oneshot::channel();
            kept.read_back.map_async(wgpu::MapMode::Read, ..output.len_bytes, |result| {
                // Nobody listens any more if the job was cancelled.
                drop(told.send(result));
            });
            (kept, mapped)
        })
        .await?;
        let lost = |error: &dyn std::fmt::Display| CardError::Lost(error.to_string());
        // A browser does this by itself.
        device.device.poll(wgpu::PollType::wait_indefinitely()).map_err(|error| lost(&error))?;
        mapped.await.map_err(|error| lost(&error))?.map_err(|error| lost(&error))?;
        let range = kept.read_back.get_mapped_range(..output.len_bytes);
        let bytes = range.map_err(|error| lost(&error))?.to_vec();
        kept.read_back.unmap();
        if !self.has_run.replace(true) {
            log::info!("step={} runs on the card", self.name);
        }
        if kept.len_bytes() <= KEPT_BYTES {
            self.kept.replace(Some(kept));
        }
        Ok(bytes)
    }

    fn make_buffers(&self, device: &wgpu::Device, arguments: &[Argument<'_>], output: Output) -> Kept {
        let buffer = |size, usage| {
            device.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
        };
        let made = self.usages.iter().zip(arguments).map(|(usage, argument)| {
            let usage = match usage {
                Usage::Uniform => wgpu::BufferUsages::UNIFORM,
                Usage::Read => wgpu::BufferUsages::STORAGE,
                Usage::Write => wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC,
            };
            buffer(argument.len_bytes.next_multiple_of(16), usage | wgpu::BufferUsages::COPY_DST)
        });
        let buffers: Vec<_> = made.collect();
        let read_back = buffer(output.len_bytes, wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ);
        let bound = (0..).zip(&buffers);
        let bound =
            bound.map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() });
        let entries: Vec<wgpu::BindGroupEntry<'_>> = bound.collect();
        let layout = self.pipeline.get_bind_group_layout(0);
        let bindings =
            device.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout: &layout, entries: &entries });
        Kept { buffers, read_back, bindings }
    }
}

impl Kept {
    /// Whether all has room.
    fn suits(&self, arguments: &[Argument<'_>], output: Output) -> bool {
        let has_room = |(buffer, argument): (&wgpu::Buffer, &Argument<'_>)| buffer.size() >= argument.len_bytes;
        self.buffers.iter().zip(arguments).all(has_room) && self.read_back.size() >= output.len_bytes
    }

    fn len_bytes(&self) -> u64 {
        self.buffers.iter().map(wgpu::Buffer::size).sum::<u64>() + self.read_back.size()
    }
}

/// Whether a device takes buffers of so many bytes, and so many workgroups along an axis.
pub(super) fn check_limits(
    limits: &wgpu::Limits,
    bytes: impl Iterator<Item = u64>,
    groups: impl Iterator<Item = u32>,
) -> Result<(), CardError> {
    let most_bytes = limits.max_buffer_size.min(limits.max_storage_buffer_binding_size);
    let buffers = bytes.map(|bytes| ("a buffer's bytes", bytes, most_bytes));
    let most_groups = u64::from(limits.max_compute_workgroups_per_dimension);
    let groups = groups.map(|count| ("a number of workgroups", u64::from(count), most_groups));
    match buffers.chain(groups).find(|(_, needed, limit)| needed > limit) {
        Some((what, needed, limit)) => Err(CardError::TooLarge { what, needed, limit }),
        None => Ok(()),
    }
}

/// Has the driver compile a kernel that binds what its text says.
pub fn compile(device: &wgpu::Device, label: &str, wgsl: &str, entry_point: &str) -> wgpu::ComputePipeline {
    let source = wgpu::ShaderSource::Wgsl(wgsl.into());
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor { label: Some(label), source });
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(label),
        layout: None,
        module: &module,
        entry_point: Some(entry_point),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    })
}

/// Reads the first floats of a buffer, after whatever was submitted.
///
/// # Errors
/// [`CardError::Lost`], the only reason for which that fails.
pub async fn read(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    buffer: &wgpu::Buffer,
    len_bytes: u64,
) -> Result<Vec<f32>, CardError> {
    let lost = |error: &dyn std::fmt::Display| CardError::Lost(error.to_string());
    let copy = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("to be read"),
        size: len_bytes,
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    encoder.copy_buffer_to_buffer(buffer, 0, &copy, 0, len_bytes);
    queue.submit([encoder.finish()]);
    let (tell, mapped) = oneshot::channel();
    // Nobody may listen any more.
    copy.map_async(wgpu::MapMode::Read, .., move |done| drop(tell.send(done)));
    // A browser does this by itself.
    device.poll(wgpu::PollType::wait_indefinitely()).map_err(|error| lost(&error))?;
    mapped.await.map_err(|error| lost(&error))?.map_err(|error| lost(&error))?;
    let values = {
        let bytes = copy.get_mapped_range(..).map_err(|error| lost(&error))?;
        bytes.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
    };
    copy.destroy();
    Ok(values)
}

/// What `make` gives, unless the device has something against it.
pub(super) async fn checked<T>(device: &wgpu::Device, make: impl FnOnce() -> T) -> Result<T, CardError> {
    let memory = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
    let internal = device.push_error_scope(wgpu::ErrorFilter::Internal);
    let validation = device.push_error_scope(wgpu::ErrorFilter::Validation);
    let result = make();
    // All are closed before anything is awaited: others use the device as well.
    for answer in [validation, internal, memory].map(wgpu::ErrorScopeGuard::pop) {
        if let Some(error) = answer.await {
            return Err(CardError::Refused(error.to_string()));
        }
    }
    Ok(result)
}
