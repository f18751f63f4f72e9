//! The port to a graphics card over wgpu: natively any driver of Vulkan, in a browser WebGPU.
//!
//! Kernels lie beside the Rust code that is their specification.

mod kernel;
pub mod network;
#[cfg(test)]
mod tests;

use futures_util::future::LocalBoxFuture;

use self::kernel::{Argument, Device, Kernel, Output, Usage, checked};
pub use self::kernel::{compile, read};
use crate::{
    image::Image,
    imaging::card::{Card, CardError, LOOKS, Laying, Line, Looks, Search, Sheet, Work},
};

const MEMBRANE: &str = include_str!("../../imaging/membrane.wgsl");
const SEARCH: &str = include_str!("../../imaging/texture/search.wgsl");
const LAY: &str = include_str!("../../imaging/texture/lay.wgsl");

/// Grids of a membrane, as many as the kernel has room for: sides of 32,768 cells.
const MOST_GRIDS: usize = 16;

/// Patches of the fill that a workgroup of the search looks for.
const QUERIES_A_GROUP: usize = 16;

/// Pixels along each side of a workgroup that lays grain.
const LAID_SIDE: u32 = 16;

/// From so many pixels on a card lays grain sooner: it took as long as one thread of the processor for 50,000 and half as long
/// for 800,000.
const WORTHWHILE_PIXELS: usize = 200_000;

/// Bytes of four floats.
const VECTOR_BYTES: u64 = 16;

/// The steps after the network on a device that may be shared with others.
#[derive(Debug)]
pub struct WgpuCard {
    device: Device,
    membrane: Kernel,
    search: Kernel,
    lay: Kernel,
    /// Whether it takes only what is worth it.
    only_worthwhile: bool,
}

impl WgpuCard {
    /// Compiles the kernels. Takes all work.
    ///
    /// # Errors
    /// [`CardError::Refused`] if the device does not take one.
    pub async fn new(device: wgpu::Device, queue: wgpu::Queue) -> Result<Self, CardError> {
        use Usage::{Read, Uniform, Write};
        let device = Device { device, queue };
        let kernels = checked(&device.device, || {
            (
                Kernel::new(&device, ("tone", MEMBRANE), &[Uniform, Write, Write]),
                Kernel::new(&device, ("search", SEARCH), &[Uniform, Read, Read, Write]),
                Kernel::new(&device, ("grain", LAY), &[Uniform, Write, Read, Read, Read, Read, Read, Read]),
            )
        });
        let (membrane, search, lay) = kernels.await?;
        Ok(Self { device, membrane, search, lay, only_worthwhile: false })
    }

    /// Takes only what it does sooner than the processor, as far as was measured.
    ///
    /// In a browser each question takes some milliseconds for the way there and back alone. Tone, searching, and grain for a
    /// small part were slower for it beside the fastest of cards (`docs/benchmarks.md`, "Tone and grain on a graphics card").
    #[must_use]
    pub fn only_worthwhile(self) -> Self {
        Self { only_worthwhile: true, ..self }
    }

    async fn stretched(&self, sheet: Sheet<'_>) -> Result<Vec<[f32; 3]>, CardError> {
        let cells = sheet.weights.len();
        if cells == 0 || sheet.values.len() != cells || !cells.is_multiple_of(sheet.width) {
            return Err(CardError::Answer { expected: cells, actual: sheet.values.len() });
        }
        let (pyramid, all_cells) = pyramid(sheet.width, cells / sheet.width);
        let known: Vec<[f32; 4]> =
            sheet.values.iter().zip(sheet.weights).map(|(&[a, b, c], &weight)| [a, b, c, weight]).collect();
        let room = u64::from(all_cells) * VECTOR_BYTES;
        let arguments = [
            Argument::filled(bytemuck::cast_slice(&pyramid)),
            Argument::longer(bytemuck::cast_slice(&known), room),
            Argument::longer(&[], room),
        ];
        let output = Output { binding: 2, len_bytes: cells as u64 * VECTOR_BYTES };
        let bytes = self.membrane.run(&self.device, &arguments, [1, 1], output).await?;
        let stretched: Vec<[f32; 4]> = bytemuck::pod_collect_to_vec(&bytes);
        Ok(stretched.into_iter().map(|[a, b, c, _]| [a, b, c]).collect())
    }

    async fn found(&self, search: Search<'_>) -> Result<Vec<u32>, CardError> {
        let Search { known, queries } = search;
        if known.is_empty() || queries.is_empty() {
            return Ok(Vec::new());
        }
        let counts = [known.len() as u32, queries.len() as u32, 0, 0];
        let by_fours = by_fours(known);
        let output_bytes = size_of_val(queries) as u64 / LOOKS as u64;
        let arguments = [
            Argument::filled(bytemuck::cast_slice(&counts)),
            Argument::filled(bytemuck::cast_slice(&by_fours)),
            Argument::filled(bytemuck::cast_slice(queries)),
            Argument::longer(&[], output_bytes),
        ];
        let groups = [queries.len().div_ceil(QUERIES_A_GROUP) as u32, 1];
        let output = Output { binding: 3, len_bytes: output_bytes };
        let bytes = self.search.run(&self.device, &arguments, groups, output).await?;
        Ok(bytemuck::pod_collect_to_vec(&bytes))
    }

    async fn laid(&self, laying: Laying<'_>) -> Result<Image, CardError> {
        let size = laying.smooth.size();
        if laying.patches.is_empty() || laying.sharp.is_empty() {
            return Ok(laying.smooth.clone());
        }
        let (low_width, low_height) = laying.low_size;
        let sharp = [laying.columns.len(), laying.rows.len()].map(|len| len as u32);
        let shape = [
            size.width(),
            size.height(),
            sharp[0],
            sharp[1],
            low_width as u32,
            low_height as u32,
            laying.across as u32,
            0,
        ];
        let lines: Vec<[u32; 2]> =
            laying.columns.iter().chain(laying.rows).map(|&Line { low, share }| [low, share.to_bits()]).collect();
        let spans: Vec<[u32; 2]> = laying.spans.iter().map(|span| [span.first, span.end]).collect();
        // The last is nothing: kernels want whole pairs.
        let patches: Vec<[u32; 6]> = laying
            .patches
            .iter()
            .map(|patch| [patch.to[0], patch.to[1], patch.from[0], patch.from[1], patch.gain.to_bits(), 0])
            .collect();
        let arguments = [
            Argument::filled(bytemuck::cast_slice(&shape)),
            Argument::filled(laying.smooth.as_bytes()),
            Argument::filled(&laying.sharp),
            Argument::filled(bytemuck::cast_slice(&laying.low)),
            Argument::filled(bytemuck::cast_slice(&lines)),
            Argument::filled(bytemuck::cast_slice(&spans)),
            Argument::filled(bytemuck::cast_slice(&patches)),
            Argument::filled(bytemuck::cast_slice(&laying.window)),
        ];
        let groups = [size.width(), size.height()].map(|len| len.div_ceil(LAID_SIDE));
        let output = Output { binding: 1, len_bytes: laying.smooth.as_bytes().len() as u64 };
        let bytes = self.lay.run(&self.device, &arguments, groups, output).await?;
        let answer = |error: crate::image::ShapeError| {
            let crate::image::ShapeError { expected, actual } = error;
            CardError::Answer { expected, actual }
        };
        Image::from_rgba(size, bytes).map_err(answer)
    }
}

impl Card for WgpuCard {
    fn takes(&self, work: Work) -> bool {
        !self.only_worthwhile || is_worthwhile(work)
    }

    fn stretch<'a>(&'a self, sheet: Sheet<'a>) -> LocalBoxFuture<'a, Result<Vec<[f32; 3]>, CardError>> {
        Box::pin(self.stretched(sheet))
    }

    fn nearest<'a>(&'a self, search: Search<'a>) -> LocalBoxFuture<'a, Result<Vec<u32>, CardError>> {
        Box::pin(self.found(search))
    }

    fn lay<'a>(&'a self, laying: Laying<'a>) -> LocalBoxFuture<'a, Result<Image, CardError>> {
        Box::pin(self.laid(laying))
    }
}

const fn is_worthwhile(work: Work) -> bool {
    matches!(work, Work::Grain { pixels } if pixels >= WORTHWHILE_PIXELS)
}

/// As the kernel declares it: how many grids there are, and width, height and first cell of each; and the cells of all.
fn pyramid(mut width: usize, mut height: usize) -> ([[u32; 4]; 1 + MOST_GRIDS], u32) {
    let mut pyramid = [[0; 4]; 1 + MOST_GRIDS];
    let (mut count, mut start) = (0, 0);
    for grid in &mut pyramid[1..] {
        *grid = [width as u32, height as u32, start, 0];
        count += 1;
        start += (width * height) as u32;
        if width <= 1 && height <= 1 {
            break;
        }
        (width, height) = (width.div_ceil(2), height.div_ceil(2));
    }
    pyramid[0][0] = count;
    (pyramid, start)
}

/// The first four numbers of all patches, then the next four.
fn by_fours(patches: &[Looks]) -> Vec<[f32; 4]> {
    let fours = |looks: &'_ Looks, at: usize| looks.as_chunks().0[at];
    (0..LOOKS / 4).flat_map(|at| patches.iter().map(move |looks| fours(looks, at))).collect()
}
