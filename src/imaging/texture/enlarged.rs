//! Grain in the scale of the picture.

use super::{field::Field, lay::High};
use crate::{
    geometry::{Rect, Size},
    image::Image,
    imaging::crop::Square,
};

/// What a picture has beyond the structure of the tile that it was shrunk to.
///
/// Computed when it is asked for: most of a large picture lends no grain.
#[derive(Debug)]
pub(super) struct Enlarged<'a> {
    sharp: &'a Image,
    low: &'a [Field; 3],
    scale: f32,
    /// Where the region begins, in the square.
    left: u32,
    top: u32,
    columns: Vec<Line>,
    rows: Vec<Line>,
}

/// A column or row of the region, in the scale of the picture.
#[derive(Debug, Clone, Copy)]
struct Line {
    /// In the picture.
    sharp: u32,
    /// Before it, in the region of the tile.
    low: usize,
    /// How far it is from there to the next.
    share: f32,
}

impl<'a> Enlarged<'a> {
    /// A tile of size `tile` shows what is under `square` of `sharp`; `low` is the structure of its part `region`.
    pub(super) fn new(sharp: &'a Image, square: Square, low: &'a [Field; 3], region: Rect, tile: Size) -> Self {
        let scale = square.side() as f32 / tile.width() as f32;
        let along = |from: u32, to: u32, under: &[u32], len: usize| {
            let start = scaled(from, scale);
            let line = |at: u32| {
                let position = ((at as f32 + 0.5) / scale - 0.5 - from as f32).clamp(0.0, (len - 1) as f32);
                Some(Line { sharp: *under.get(at as usize)?, low: position as usize, share: position.fract() })
            };
            (start, (start..scaled(to, scale)).map_while(line).collect())
        };
        let (left, columns) = along(region.x, region.right(), &square.columns(sharp.size().width()), low[0].width);
        let (top, rows) = along(region.y, region.bottom(), &square.rows(sharp.size().height()), low[0].height);
        Self { sharp, low, scale, left, top, columns, rows }
    }

    /// Pixels of the picture for each of the tile.
    pub(super) const fn scale(&self) -> f32 {
        self.scale
    }

    /// Column and row of the region at which `rect` of the square begins.
    pub(super) fn within_region(&self, rect: Rect) -> (usize, usize) {
        (rect.x.saturating_sub(self.left) as usize, rect.y.saturating_sub(self.top) as usize)
    }
}

impl High for Enlarged<'_> {
    fn size(&self) -> (usize, usize) {
        (self.columns.len(), self.rows.len())
    }

    fn read(&self, x: usize, y: usize, out: [&mut [f32]; 3]) {
        let row = self.rows[y];
        let pixels = self.sharp.row(self.sharp.size().bounds(), row.sharp).as_chunks::<4>().0;
        for (c, (out, low)) in out.into_iter().zip(self.low).enumerate() {
            let (above, below) = (low.row(row.low), low.row((row.low + 1).min(low.height - 1)));
            for (value, column) in out.iter_mut().zip(&self.columns[x..]) {
                let next = (column.low + 1).min(low.width - 1);
                let upper = above[column.low] + (above[next] - above[column.low]) * column.share;
                let lower = below[column.low] + (below[next] - below[column.low]) * column.share;
                *value = f32::from(pixels[column.sharp as usize][c]) / 255.0 - (upper + (lower - upper) * row.share);
            }
        }
    }
}

/// A position in the tile, in a picture that is `scale` times as large.
fn scaled(at: u32, scale: f32) -> u32 {
    (at as f32 * scale).round() as u32
}
