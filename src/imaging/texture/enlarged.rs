//! Grain in the scale of the picture.

use super::{field::Field, lay::High};
use crate::{
    geometry::{Rect, Size},
    image::Image,
};

/// What a picture has beyond the structure of the tile that it was shrunk to.
///
/// Computed when it is asked for: most of a large picture lends no grain.
#[derive(Debug)]
pub(super) struct Enlarged<'a> {
    sharp: &'a Image,
    low: &'a [Field; 3],
    scale: f32,
    /// Where the region begins, in the picture.
    left: u32,
    top: u32,
    /// For each column and row of the region in the picture: the tile's before it, and how far it is to the next.
    columns: Vec<(usize, f32)>,
    rows: Vec<(usize, f32)>,
}

impl<'a> Enlarged<'a> {
    /// `sharp` is what a tile of size `tile` shows, larger; `low` is the structure of the part `region` of the tile.
    pub(super) fn new(sharp: &'a Image, low: &'a [Field; 3], region: Rect, tile: Size) -> Self {
        let scale = sharp.size().width() as f32 / tile.width() as f32;
        let along = |from: u32, to: u32, limit: u32, len: usize| {
            let start = scaled(from, scale);
            let between = |at: u32| {
                let at = ((at as f32 + 0.5) / scale - 0.5 - from as f32).clamp(0.0, (len - 1) as f32);
                (at as usize, at.fract())
            };
            (start, (start..scaled(to, scale).min(limit)).map(between).collect())
        };
        let (left, columns) = along(region.x, region.right(), sharp.size().width(), low[0].width);
        let (top, rows) = along(region.y, region.bottom(), sharp.size().height(), low[0].height);
        Self { sharp, low, scale, left, top, columns, rows }
    }

    /// Pixels of the picture for each of the tile.
    pub(super) const fn scale(&self) -> f32 {
        self.scale
    }

    /// Column and row of the region at which `rect` of the picture begins.
    pub(super) fn within_region(&self, rect: Rect) -> (usize, usize) {
        (rect.x.saturating_sub(self.left) as usize, rect.y.saturating_sub(self.top) as usize)
    }
}

impl High for Enlarged<'_> {
    fn size(&self) -> (usize, usize) {
        (self.columns.len(), self.rows.len())
    }

    fn read(&self, x: usize, y: usize, out: [&mut [f32]; 3]) {
        let (row, down) = self.rows[y];
        let start = (self.top as usize + y) * self.sharp.size().width() as usize + self.left as usize + x;
        let pixels = self.sharp.as_bytes()[start * Image::CHANNELS..].as_chunks::<4>().0;
        for (c, (out, low)) in out.into_iter().zip(self.low).enumerate() {
            let (above, below) = (low.row(row), low.row((row + 1).min(low.height - 1)));
            for ((value, pixel), &(column, across)) in out.iter_mut().zip(pixels).zip(&self.columns[x..]) {
                let next = (column + 1).min(low.width - 1);
                let upper = above[column] + (above[next] - above[column]) * across;
                let lower = below[column] + (below[next] - below[column]) * across;
                *value = f32::from(pixel[c]) / 255.0 - (upper + (lower - upper) * down);
            }
        }
    }
}

/// A position in the tile, in a picture that is `scale` times as large.
fn scaled(at: u32, scale: f32) -> u32 {
    (at as f32 * scale).round() as u32
}
