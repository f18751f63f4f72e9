//! How long a card takes: by its own clock where it has one, by the processor's otherwise.

use std::time::{Duration, Instant};

use super::CardError;

/// Nanoseconds in a second.
const NANOS: f64 = 1e9;
/// A beginning and an end.
const STAMPS: u32 = 2;
const STAMPS_BYTES: u64 = 16;
/// So many empty submissions are timed, of which the middle one counts.
const EMPTY: usize = 9;

/// What times a pass.
#[derive(Debug)]
pub(super) enum Clock {
    /// The card's.
    Card {
        stamps: wgpu::QuerySet,
        resolved: wgpu::Buffer,
        read_back: wgpu::Buffer,
        /// Nanoseconds of a tick.
        period: f64,
    },
    /// The processor's, less what a submission takes that computes nothing.
    Processor { empty: Duration },
}

impl Clock {
    pub(super) fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Self {
        if !device.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
            let mut times: Vec<Duration> = (0..EMPTY).filter_map(|_| elapsed(device, queue, |_| {}).ok()).collect();
            times.sort();
            return Self::Processor { empty: times.get(EMPTY / 2).copied().unwrap_or_default() };
        }
        let buffer = |usage| {
            let descriptor =
                wgpu::BufferDescriptor { label: None, size: STAMPS_BYTES, usage, mapped_at_creation: false };
            device.create_buffer(&descriptor)
        };
        Self::Card {
            stamps: device.create_query_set(&wgpu::QuerySetDescriptor {
                label: None,
                ty: wgpu::QueryType::Timestamp,
                count: STAMPS,
            }),
            resolved: buffer(wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC),
            read_back: buffer(wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ),
            period: f64::from(queue.get_timestamp_period()),
        }
    }

    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Card { .. } => "the card's clock",
            Self::Processor { .. } => "the processor's clock, less an empty submission",
        }
    }

    /// How long a pass takes that does what `fill` says.
    pub(super) fn seconds(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        fill: impl FnOnce(&mut wgpu::ComputePass<'_>),
    ) -> Result<f64, CardError> {
        match self {
            Self::Processor { empty } => Ok(elapsed(device, queue, fill)?.saturating_sub(*empty).as_secs_f64()),
            Self::Card { stamps, resolved, read_back, period } => {
                let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
                let timestamp_writes = wgpu::ComputePassTimestampWrites {
                    query_set: stamps,
                    beginning_of_pass_write_index: Some(0),
                    end_of_pass_write_index: Some(1),
                };
                let timed = wgpu::ComputePassDescriptor { label: None, timestamp_writes: Some(timestamp_writes) };
                fill(&mut encoder.begin_compute_pass(&timed));
                encoder.resolve_query_set(stamps, 0..STAMPS, resolved, 0);
                encoder.copy_buffer_to_buffer(resolved, 0, read_back, 0, STAMPS_BYTES);
                queue.submit([encoder.finish()]);
                let ticks: Vec<u64> = bytemuck::pod_collect_to_vec(&read(device, read_back)?);
                let [begin, end] = ticks.as_slice() else {
                    return Err(CardError::Memory("not two timestamps".to_owned()));
                };
                Ok(end.saturating_sub(*begin) as f64 * period / NANOS)
            }
        }
    }
}

/// From the submission until the card is done.
#[expect(clippy::disallowed_methods, reason = "native code only, and the one clock of this crate's library")]
fn elapsed(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    fill: impl FnOnce(&mut wgpu::ComputePass<'_>),
) -> Result<Duration, CardError> {
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    fill(&mut encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default()));
    let commands = encoder.finish();
    let start = Instant::now();
    queue.submit([commands]);
    device.poll(wgpu::PollType::wait_indefinitely())?;
    Ok(start.elapsed())
}

/// Waits for the card, and returns what is in a buffer that can be mapped.
pub(super) fn read(device: &wgpu::Device, buffer: &wgpu::Buffer) -> Result<Vec<u8>, CardError> {
    // What goes wrong is told when the range is asked for.
    buffer.map_async(wgpu::MapMode::Read, .., |_| {});
    device.poll(wgpu::PollType::wait_indefinitely())?;
    let bytes = buffer.get_mapped_range(..).map_err(|e| CardError::Memory(e.to_string()))?.to_vec();
    buffer.unmap();
    Ok(bytes)
}
