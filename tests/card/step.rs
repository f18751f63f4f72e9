//! The kernel that takes a sampler's step, beside its twin, on whatever driver of Vulkan this machine has.

use brushaway::models::{Step, StepFactors, StepMemory};
use wgpu::{BufferUsages as Usage, util::DeviceExt as _};

use crate::device::{device, random};

const SOURCE: &str = include_str!("../../extension/browser/src/models/step.wgsl");

/// Values of a latent: not as many as whole workgroups have threads.
const LEN: usize = 150;

/// Values of a row that the denoiser reads, of which the first are the latent's.
const ROW: usize = 400;

/// As the shader lays it out.
fn words(step: &Step) -> [u32; 16] {
    let StepFactors { clean, corrected: [corrected @ .., from], next } = step.factors;
    let mut words = [0; 16];
    let floats = [&clean[..], &[step.guidance, 0.0], &corrected, &next, &[from]].concat();
    words.iter_mut().zip(floats).for_each(|(word, value)| *word = value.to_bits());
    words[3] = u32::from(step.is_guided());
    [words[12], words[13]] = [LEN as u32, ROW as u32];
    words
}

/// The kernel, and what it reads and writes.
struct Host {
    device: wgpu::Device,
    queue: wgpu::Queue,
    pipeline: wgpu::ComputePipeline,
    group: wgpu::BindGroup,
    /// Factors, noise, rows, memory.
    buffers: [wgpu::Buffer; 4],
}

impl Host {
    fn new(device: wgpu::Device, queue: wgpu::Queue, rows: &[f32]) -> Self {
        let source = wgpu::ShaderSource::Wgsl(SOURCE.into());
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor { label: None, source });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: None,
            module: &module,
            entry_point: Some("take_step"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        let buffer = |contents: &[f32], usage| {
            let contents = bytemuck::cast_slice(contents);
            device.create_buffer_init(&wgpu::util::BufferInitDescriptor { label: None, contents, usage })
        };
        let written = Usage::STORAGE | Usage::COPY_DST | Usage::COPY_SRC;
        let buffers = [
            buffer(&[0.0; 16], Usage::UNIFORM | Usage::COPY_DST),
            buffer(&[0.0; 2 * LEN], written),
            buffer(rows, written),
            buffer(&[0.0; 3 * LEN], written),
        ];
        let bound = (0..).zip(&buffers);
        let entries: Vec<_> = bound
            .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
            .collect();
        let layout = pipeline.get_bind_group_layout(0);
        let group =
            device.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout: &layout, entries: &entries });
        Self { device, queue, pipeline, group, buffers }
    }

    fn take(&self, step: &Step, noise: &[f32]) {
        self.queue.write_buffer(&self.buffers[0], 0, bytemuck::cast_slice(&words(step)));
        self.queue.write_buffer(&self.buffers[1], 0, bytemuck::cast_slice(noise));
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.group, &[]);
        pass.dispatch_workgroups(LEN.div_ceil(64) as u32, 1, 1);
        drop(pass);
        self.queue.submit([encoder.finish()]);
    }

    fn read(&self, buffer: &wgpu::Buffer) -> Vec<f32> {
        let read_back = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: buffer.size(),
            usage: Usage::COPY_DST | Usage::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(buffer, 0, &read_back, 0, buffer.size());
        self.queue.submit([encoder.finish()]);
        read_back.map_async(wgpu::MapMode::Read, .., |mapped| mapped.unwrap());
        self.device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
        bytemuck::pod_collect_to_vec(&read_back.get_mapped_range(..).unwrap())
    }
}

fn some(len: usize, next: &mut impl FnMut() -> f32) -> Vec<f32> {
    (0..len).map(|_| next()).collect()
}

/// Four steps, so that each value that is remembered counts, with guidance and without.
#[test]
fn steps_are_taken_alike() {
    let Some((device, queue)) = device(|limits| limits) else { return };
    let mut random = random();
    let mut next = || random() * 2.0 - 1.0;
    let row = some(ROW, &mut next);
    let host = Host::new(device, queue, &row.repeat(2));
    let (mut sample, mut memory) = (row[..LEN].to_vec(), StepMemory::new(LEN));
    for guidance in [2.0, 1.0, 4.5, 1.5] {
        let factors = StepFactors {
            clean: [(); 2].map(|()| next()),
            corrected: [(); 5].map(|()| next()),
            next: [(); 3].map(|()| next()),
        };
        let step = Step { timestep: 0, guidance, factors };
        let noise = some(2 * LEN, &mut next);
        host.take(&step, &noise);
        let guided: Vec<f32> = (0..LEN).map(|at| step.guide(noise[at], noise[LEN + at])).collect();
        factors.apply(&mut sample, &guided, &mut memory);
        let [_, _, rows, kept] = &host.buffers;
        let (rows, kept) = (host.read(rows), host.read(kept));
        let alike = |found: &[f32], expected: &[f32]| {
            let apart = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(found.len() == expected.len() && apart < 1e-5, "{apart} with guidance {guidance}");
        };
        for at in [0, ROW] {
            alike(&rows[at..][..LEN], &sample);
            // What stays as it is.
            assert_eq!(rows[at + LEN..at + ROW], row[LEN..]);
        }
        alike(&kept, &[memory.clean.as_slice(), &memory.older, &memory.from].concat());
    }
}
