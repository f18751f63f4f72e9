//! Grain in the scale of the picture.

use super::{
    field::Field,
    lay::{Detail, High, side, window},
    matching::Match,
    patches::Patches,
};
use crate::{
    geometry::{Rect, Size},
    image::Image,
    imaging::{
        card::{Laying, Line},
        crop::Square,
    },
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
    /// In the picture, for each column and row of the region.
    sharp_columns: Vec<u32>,
    sharp_rows: Vec<u32>,
    columns: Vec<Line>,
    rows: Vec<Line>,
}

impl<'a> Enlarged<'a> {
    /// A tile of size `tile` shows what is under `square` of `sharp`; `low` is the structure of its part `region`.
    pub(super) fn new(sharp: &'a Image, square: Square, low: &'a [Field; 3], region: Rect, tile: Size) -> Self {
        let scale = square.side() as f32 / tile.width() as f32;
        let along = |from: u32, to: u32, under: &[u32], len: usize| {
            let start = scaled(from, scale);
            let line = |at: u32| {
                let position = ((at as f32 + 0.5) / scale - 0.5 - from as f32).clamp(0.0, (len - 1) as f32);
                Some((*under.get(at as usize)?, Line { low: position as u32, share: position.fract() }))
            };
            (start, (start..scaled(to, scale)).map_while(line).unzip())
        };
        let (left, (sharp_columns, columns)) =
            along(region.x, region.right(), &square.columns(sharp.size().width()), low[0].width);
        let (top, (sharp_rows, rows)) =
            along(region.y, region.bottom(), &square.rows(sharp.size().height()), low[0].height);
        Self { sharp, low, scale, left, top, sharp_columns, sharp_rows, columns, rows }
    }

    /// Pixels of the picture for each of the tile.
    pub(super) const fn scale(&self) -> f32 {
        self.scale
    }

    /// Column and row of the region at which `rect` of the square begins.
    pub(super) fn within_region(&self, rect: Rect) -> (usize, usize) {
        (rect.x.saturating_sub(self.left) as usize, rect.y.saturating_sub(self.top) as usize)
    }

    /// Row `y` of the picture.
    fn pixels(&self, y: u32) -> &[[u8; 4]] {
        self.sharp.row(self.sharp.size().bounds(), y).as_chunks().0
    }

    /// The part of the picture that lies under the region, RGBA.
    fn region_of_picture(&self) -> Vec<u8> {
        let columns = &self.sharp_columns;
        let is_run = columns.windows(2).all(|pair| pair[1] == pair[0] + 1);
        let mut out = Vec::with_capacity(self.rows.len() * columns.len() * Image::CHANNELS);
        for &y in &self.sharp_rows {
            let pixels = self.pixels(y);
            match columns.first() {
                Some(&first) if is_run => {
                    out.extend_from_slice(pixels[first as usize..][..columns.len()].as_flattened());
                }
                // Mirrored at an edge.
                _ => columns.iter().for_each(|&x| out.extend_from_slice(&pixels[x as usize])),
            }
        }
        out
    }

    /// All that a card needs to lay the grain of `matches` on `smooth`.
    pub(super) fn laying<'b>(&'b self, matches: &[Match], detail: Detail, smooth: &'b Image) -> Laying<'b> {
        let [red, green, blue] = self.low;
        let at = |y: usize| red.row(y).iter().zip(green.row(y)).zip(blue.row(y));
        let low = (0..red.height).flat_map(|y| at(y).map(|((&red, &green), &blue)| [red, green, blue, 0.0])).collect();
        let patches = Patches::new(matches, detail);
        Laying {
            smooth,
            sharp: self.region_of_picture(),
            low,
            low_size: (red.width, red.height),
            columns: &self.columns,
            rows: &self.rows,
            spans: patches.spans(detail),
            across: patches.across(),
            patches: patches.laid,
            window: window(side(detail.scale)),
        }
    }
}

impl High for Enlarged<'_> {
    fn size(&self) -> (usize, usize) {
        (self.columns.len(), self.rows.len())
    }

    fn read(&self, x: usize, y: usize, out: [&mut [f32]; 3]) {
        let row = self.rows[y];
        let pixels = self.pixels(self.sharp_rows[y]);
        for (c, (out, low)) in out.into_iter().zip(self.low).enumerate() {
            let (above, below) = (low.row(row.low as usize), low.row((row.low as usize + 1).min(low.height - 1)));
            let columns = self.columns[x..].iter().zip(&self.sharp_columns[x..]);
            for (value, (column, &sharp)) in out.iter_mut().zip(columns) {
                let at = column.low as usize;
                let next = (at + 1).min(low.width - 1);
                let upper = above[at] + (above[next] - above[at]) * column.share;
                let lower = below[at] + (below[next] - below[at]) * column.share;
                *value = f32::from(pixels[sharp as usize][c]) / 255.0 - (upper + (lower - upper) * row.share);
            }
        }
    }
}

/// A position in the tile, in a picture that is `scale` times as large.
fn scaled(at: u32, scale: f32) -> u32 {
    (at as f32 * scale).round() as u32
}
