//! Blending the grain of overlapping patches.

use super::{PATCH, field::Field, matching::Match};

/// Where grain is laid.
#[derive(Debug, Clone, Copy)]
pub(super) struct Detail {
    /// Pixels for each pixel of the tile; at least 1.
    pub(super) scale: f32,
    pub(super) width: usize,
    pub(super) height: usize,
    /// Column and row of its first pixel, counted from where the region of the matches begins.
    pub(super) origin: (usize, usize),
}

impl Detail {
    /// A column or row of the tile, here.
    pub(super) fn scaled(&self, at: u32) -> usize {
        (at as f32 * self.scale).round() as usize
    }
}

/// Grain to take: of the region of some matches, at some scale.
pub(super) trait High {
    /// Columns and rows.
    fn size(&self) -> (usize, usize);

    /// Copies the red, green and blue of row `y` from column `x` on.
    fn read(&self, x: usize, y: usize, out: [&mut [f32]; 3]);
}

impl High for [Field; 3] {
    fn size(&self) -> (usize, usize) {
        (self[0].width, self[0].height)
    }

    fn read(&self, x: usize, y: usize, out: [&mut [f32]; 3]) {
        for (out, field) in out.into_iter().zip(self) {
            out.copy_from_slice(&field.row(y)[x..x + out.len()]);
        }
    }
}

/// Blends the grain that each match takes from `high`, which covers the region of the matches in the scale of `detail`.
///
/// Patches fade out by a squared Hann window, so that none shows its edge. `lay.wgsl` asks for each pixel which patches lie over
/// it, and adds the same up in the same order.
pub(super) fn lay(matches: &[Match], high: &impl High, detail: Detail) -> [Field; 3] {
    let side = side(detail.scale);
    let window = window(side);
    let mut weights = Field::zeroed(detail.width, detail.height);
    let mut grain = [0, 1, 2].map(|_| Field::zeroed(detail.width, detail.height));
    let scaled = |at| detail.scaled(at);
    let (origin_x, origin_y) = detail.origin;
    let (limit_x, limit_y) = high.size();
    let mut row_of_patch = [0, 1, 2].map(|_| vec![0.0; side]);
    for found in matches {
        let (x, y) = (scaled(found.to.x), scaled(found.to.y));
        let (from_x, from_y) = (scaled(found.from.x), scaled(found.from.y));
        // What of the patch lies inside both, in the patch's own columns and rows.
        let inside = |to: usize, origin: usize, len: usize, from: usize, limit: usize| {
            let start = origin.saturating_sub(to);
            start..side.min((origin + len).saturating_sub(to)).min(limit.saturating_sub(from))
        };
        let columns = inside(x, origin_x, detail.width, from_x, limit_x);
        let rows = inside(y, origin_y, detail.height, from_y, limit_y);
        if columns.is_empty() {
            continue;
        }
        let across = &window[columns.clone()];
        let to = x + columns.start - origin_x..x + columns.end - origin_x;
        let len = columns.len();
        for k in rows {
            let (row, from_row, down) = (y + k - origin_y, from_y + k, window[k]);
            for (weight, across) in weights.row_mut(row)[to.clone()].iter_mut().zip(across) {
                *weight += across * down;
            }
            let down = down * found.gain;
            high.read(from_x + columns.start, from_row, row_of_patch.each_mut().map(|row| &mut row[..len]));
            for (grain, high) in grain.iter_mut().zip(&row_of_patch) {
                for ((out, high), across) in grain.row_mut(row)[to.clone()].iter_mut().zip(high).zip(across) {
                    *out += high * across * down;
                }
            }
        }
    }
    for grain in &mut grain {
        grain.merge(&weights, |sum, weight| if weight > 1e-6 { sum / weight } else { 0.0 });
    }
    grain
}

/// Side of a patch, in pixels of a picture that has `scale` for each of the tile.
pub(super) fn side(scale: f32) -> usize {
    (PATCH as f32 * scale).round() as usize
}

/// A squared Hann window of `len` values that is not 0 at its ends.
pub(super) fn window(len: usize) -> Vec<f32> {
    let step = std::f32::consts::TAU / (len + 1) as f32;
    (1..=len).map(|i| (0.5 - 0.5 * (step * i as f32).cos()).powi(2)).collect()
}
