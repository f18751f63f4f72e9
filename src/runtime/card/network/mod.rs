//! Whole networks by kernels of our own, over wgpu: what a [`Plan`] says, on a device that may be shared with others.

mod elements;
mod kernels;
mod products;
mod session;
#[expect(unreachable_pub, reason = "the trial of kernels has this file too")]
mod template;
mod weights;

#[cfg(test)]
mod tests;

use std::{collections::HashMap, num::NonZeroU64, ops::Range};

use futures_channel::oneshot;
use futures_util::future::LocalBoxFuture;

use self::{
    kernels::{Bound, Launch, Target, launches},
    weights::{arranging, halved, words},
};
use super::{
    compile,
    kernel::{check_limits, checked},
};
use crate::{
    imaging::card::CardError,
    onnx::plan::{Layout, Operand, Plan, Port, Rooms, Source, Weight},
};

pub use self::{kernels::Adapter, session::NetworkSession, weights::Weights};

/// After so many floating-point operations what was recorded is handed to the card: it shall be busy, but a browser ends what
/// takes seconds without a pause, and slow cards do a thousandth of a fast one's.
const SUBMITTED_WORK: u64 = 20_000_000_000;

/// So many bytes of weights may be on their way before they are waited for.
const BYTES_UNDER_WAY: u64 = 128 << 20;

/// Distances between numbers of kernels, in bytes: what every device takes.
const NUMBERS_STRIDE: usize = 256;

/// Where weights that are not in the graph come from.
pub trait WeightFile {
    /// Puts bytes of the file into the front of a buffer. They may still be on their way when this is over, but are there
    /// before whatever is submitted next.
    ///
    /// # Errors
    /// What cannot be read, in words.
    fn put<'a>(&'a self, span: Range<u64>, buffer: &'a wgpu::Buffer) -> LocalBoxFuture<'a, Result<(), String>>;
}

/// Why a network is not on the card.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The card does not take it.
    #[error(transparent)]
    Card(#[from] CardError),
    /// Its weights cannot be read.
    #[error("weights cannot be read: {0}")]
    Weights(String),
    /// A kernel's text names what nobody set.
    #[error("a kernel's text: {0}")]
    Text(String),
}

/// A network on a card, ready to run.
#[derive(Debug)]
pub struct Network {
    device: wgpu::Device,
    queue: wgpu::Queue,
    launches: Vec<Ready>,
    inputs: Vec<(Port, wgpu::Buffer)>,
    outputs: Vec<(Port, wgpu::Buffer)>,
    bytes: u64,
}

/// A kernel with all that it reads and writes.
#[derive(Debug)]
struct Ready {
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    groups: [u32; 3],
    work: u64,
}

/// What is made before the first run, and what it is made with.
struct Making<'a> {
    device: &'a wgpu::Device,
    queue: &'a wgpu::Queue,
    pipelines: HashMap<String, wgpu::ComputePipeline>,
    bytes: u64,
}

impl Network {
    /// Brings a network's weights to the card and compiles its kernels.
    ///
    /// # Errors
    /// [`NetworkError`].
    pub async fn load(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        (adapter, weights): (Adapter, Weights),
        plan: &Plan,
        file: &dyn WeightFile,
    ) -> Result<Self, NetworkError> {
        let rooms = Rooms::of(plan);
        let halved = halved(plan, weights);
        let target = Target { adapter, halved: &halved };
        let mut launched = Vec::new();
        let mut first = 0;
        for (at, step) in plan.first.iter().chain(&plan.steps).enumerate() {
            let kernels = launches(step, target).map_err(|error| NetworkError::Text(error.to_string()))?;
            let work = step.work() / kernels.len().max(1) as u64;
            first += if at < plan.first.len() { kernels.len() } else { 0 };
            launched.extend(kernels.into_iter().map(|launch| (launch, work)));
        }
        check(&device.limits(), plan, &rooms, &launched)?;
        let mut making = Making { device, queue, pipelines: HashMap::new(), bytes: 0 };
        let weights = making.weights(plan, &halved, file).await?;
        let made = checked(device, || making.launches(plan, &rooms, &weights, &launched)).await?;
        let bytes = making.bytes;
        let (mut once, values) = made;
        let each_run = once.split_off(first);
        submit(device, queue, &once);
        let ports = |ports: &[Port]| {
            let placed = ports.iter().filter_map(|port| Some((port.clone(), values.get(port.value)?.clone()?)));
            placed.collect::<Vec<_>>()
        };
        let (inputs, outputs) = (ports(&plan.inputs), ports(&plan.outputs));
        Ok(Self { device: device.clone(), queue: queue.clone(), launches: each_run, inputs, outputs, bytes })
    }

    /// What it occupies on the card, in bytes.
    pub const fn len_bytes(&self) -> u64 {
        self.bytes
    }

    /// Where an input is read from: 32-bit floats, whole numbers too.
    pub fn input(&self, name: &str) -> Option<&wgpu::Buffer> {
        self.inputs.iter().find(|(port, _)| port.name == name).map(|(_, buffer)| buffer)
    }

    /// Where the one output is written to, if it has so many values.
    pub fn only_output(&self, len: usize) -> Option<&wgpu::Buffer> {
        match self.outputs.as_slice() {
            [(port, buffer)] if port.shape.iter().product::<usize>() == len => Some(buffer),
            _ => None,
        }
    }

    /// Has the card compute the outputs from what is in the inputs. Returns before it is done.
    pub fn submit(&self) {
        submit(&self.device, &self.queue, &self.launches);
    }
}

impl Making<'_> {
    fn buffer(&mut self, label: &str, len: usize, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        let size = (4 * len.max(4) as u64).next_multiple_of(16);
        self.bytes += size;
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size,
            usage: usage | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    }

    /// All weights as kernels read them.
    async fn weights(
        &mut self,
        plan: &Plan,
        halved: &[bool],
        file: &dyn WeightFile,
    ) -> Result<Vec<wgpu::Buffer>, NetworkError> {
        let weights = || plan.weights.iter().zip(halved.iter().copied());
        let arranged = weights().filter(|(weight, is_halved)| weight.layout != Layout::Plain || *is_halved);
        let longest = arranged.map(|(weight, _)| weight.source.len()).max();
        let usage = wgpu::BufferUsages::STORAGE;
        let device = self.device;
        let (arriving, made) = checked(device, || {
            let arriving = longest.map(|len| self.buffer("arriving", len, usage));
            let of = weights().map(|(weight, is_halved)| self.buffer("weights", words(weight, is_halved), usage));
            (arriving, of.collect::<Vec<_>>())
        })
        .await?;
        let mut under_way = 0;
        for ((weight, is_halved), buffer) in weights().zip(&made) {
            let launch = arranging(weight.layout, weight.source.len(), is_halved);
            match (launch.map_err(|error| NetworkError::Text(error.to_string()))?, &arriving) {
                (Some(launch), Some(arriving)) => {
                    self.put(weight, file, arriving).await?;
                    self.arrange(&launch, [arriving, buffer]);
                }
                _ => self.put(weight, file, buffer).await?,
            }
            under_way += 4 * weight.source.len() as u64;
            if under_way > BYTES_UNDER_WAY {
                self.wait().await?;
                under_way = 0;
            }
        }
        if let Some(arriving) = arriving {
            self.wait().await?;
            self.bytes -= arriving.size();
            arriving.destroy();
        }
        Ok(made)
    }

    async fn put(&self, weight: &Weight, file: &dyn WeightFile, to: &wgpu::Buffer) -> Result<(), NetworkError> {
        match &weight.source {
            Source::Graph(values) => {
                self.queue.write_buffer(to, 0, bytemuck::cast_slice(values));
                Ok(())
            }
            Source::File(span) => file.put(span.clone(), to).await.map_err(NetworkError::Weights),
        }
    }

    fn arrange(&mut self, launch: &Launch, between: [&wgpu::Buffer; 2]) {
        let numbers = self.numbers(std::iter::once(launch));
        let find = |bound: Bound| match bound {
            Bound::Between(at) => between.get(at).copied(),
            Bound::Operand(_) => None,
        };
        let Some(ready) = self.ready(launch, 0, (&numbers, 0), find) else { return };
        submit(self.device, self.queue, &[ready]);
        // What was submitted is done with it in any case.
        self.bytes -= numbers.size();
        numbers.destroy();
    }

    /// Until the card has done all that it was told.
    async fn wait(&self) -> Result<(), CardError> {
        let (tell, over) = oneshot::channel();
        // Nobody may listen any more.
        self.queue.on_submitted_work_done(move || tell.send(()).unwrap_or_default());
        self.device.poll(wgpu::PollType::wait_indefinitely()).map_err(|error| CardError::Lost(error.to_string()))?;
        over.await.map_err(|error| CardError::Lost(error.to_string()))
    }

    /// The numbers of all kernels, one after another.
    fn numbers<'b>(&mut self, launches: impl Iterator<Item = &'b Launch>) -> wgpu::Buffer {
        let mut bytes = Vec::new();
        for launch in launches {
            bytes.extend_from_slice(bytemuck::cast_slice(&launch.numbers));
            bytes.resize(bytes.len().next_multiple_of(NUMBERS_STRIDE), 0);
        }
        let buffer = self.buffer("numbers", bytes.len() / 4, wgpu::BufferUsages::UNIFORM);
        self.queue.write_buffer(&buffer, 0, &bytes);
        buffer
    }

    /// All kernels of a plan, and the buffer of each value.
    fn launches(
        &mut self,
        plan: &Plan,
        rooms: &Rooms,
        weights: &[wgpu::Buffer],
        launched: &[(Launch, u64)],
    ) -> (Vec<Ready>, Vec<Option<wgpu::Buffer>>) {
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC;
        let buffers: Vec<_> = rooms.lens.iter().map(|&len| self.buffer("values", len, usage)).collect();
        let values: Vec<_> =
            (0..plan.values.len()).map(|value| buffers.get(rooms.of.get(value).copied()??).cloned()).collect();
        let between = [0, 1].map(|at| {
            let len = launched.iter().map(|(launch, _)| launch.between[at]).max().unwrap_or_default();
            self.buffer("between kernels", len, wgpu::BufferUsages::STORAGE)
        });
        let numbers = self.numbers(launched.iter().map(|(launch, _)| launch));
        let find = |bound: Bound| match bound {
            Bound::Operand(Operand::Value(value)) => values.get(value)?.as_ref(),
            Bound::Operand(Operand::Weight(weight)) => weights.get(weight),
            Bound::Between(at) => between.get(at),
        };
        let ready = launched.iter().enumerate().filter_map(|(at, (launch, work))| {
            let offset = (at * NUMBERS_STRIDE) as u64;
            self.ready(launch, *work, (&numbers, offset), find)
        });
        (ready.collect(), values)
    }

    fn ready<'b>(
        &mut self,
        launch: &Launch,
        work: u64,
        (numbers, offset): (&wgpu::Buffer, u64),
        find: impl Fn(Bound) -> Option<&'b wgpu::Buffer>,
    ) -> Option<Ready> {
        let compiled = || compile(self.device, "of a network", &launch.source, "main");
        let pipeline = self.pipelines.entry(launch.source.clone()).or_insert_with(compiled).clone();
        let size = NonZeroU64::new((4 * launch.numbers.len() as u64).next_multiple_of(16));
        let binding = wgpu::BufferBinding { buffer: numbers, offset, size };
        let mut entries = vec![wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::Buffer(binding) }];
        for &(binding, bound) in &launch.buffers {
            entries.push(wgpu::BindGroupEntry { binding, resource: find(bound)?.as_entire_binding() });
        }
        let layout = pipeline.get_bind_group_layout(0);
        let descriptor = wgpu::BindGroupDescriptor { label: None, layout: &layout, entries: &entries };
        let bindings = self.device.create_bind_group(&descriptor);
        Some(Ready { pipeline, bindings, groups: launch.groups, work })
    }
}

/// Hands kernels to the card, some at a time.
fn submit(device: &wgpu::Device, queue: &wgpu::Queue, launches: &[Ready]) {
    let mut rest = launches;
    while !rest.is_empty() {
        let mut work = 0;
        let count = rest.iter().take_while(|launch| {
            let fits = work < SUBMITTED_WORK;
            work += launch.work;
            fits
        });
        let (now, later) = rest.split_at(count.count());
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        for launch in now {
            pass.set_pipeline(&launch.pipeline);
            pass.set_bind_group(0, &launch.bindings, &[]);
            let [x, y, z] = launch.groups;
            pass.dispatch_workgroups(x, y, z);
        }
        drop(pass);
        queue.submit([encoder.finish()]);
        rest = later;
    }
}

/// Whether a device takes so much.
fn check(limits: &wgpu::Limits, plan: &Plan, rooms: &Rooms, launched: &[(Launch, u64)]) -> Result<(), CardError> {
    // A weight arrives as it is in its file.
    let weights = plan.weights.iter().map(|weight| weight.layout.len(weight.source.len()).max(weight.source.len()));
    let between = launched.iter().flat_map(|(launch, _)| launch.between);
    let lens = weights.chain(rooms.lens.iter().copied()).chain(between);
    let groups = launched.iter().flat_map(|(launch, _)| launch.groups);
    check_limits(limits, lens.map(|len| 4 * len as u64), groups)
}
