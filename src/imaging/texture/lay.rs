//! Blending the grain of overlapping patches.

use super::{PATCH, field::Field, matching::Match};

/// Where grain is laid.
#[derive(Debug, Clone, Copy)]
pub(super) struct Detail {
    /// Pixels for each pixel of the tile; at least 1.
    scale: f32,
    width: usize,
    height: usize,
    /// Column and row of its first pixel, counted from where the region of the matches begins.
    origin: (i64, i64),
}

impl Detail {
    pub(super) const fn new(scale: f32, width: usize, height: usize, origin: (i64, i64)) -> Self {
        Self { scale, width, height, origin }
    }
}

/// Blends the grain that each match takes from `high`, which covers the region of the matches in the scale of `detail`.
///
/// Patches fade out by a squared Hann window, so that none shows its edge.
pub(super) fn lay(matches: &[Match], high: &[Field; 3], detail: Detail) -> [Field; 3] {
    let side = (PATCH as f32 * detail.scale).round() as usize;
    let window = window(side);
    let mut weights = Field::zeroed(detail.width, detail.height);
    let mut grain = [0, 1, 2].map(|_| Field::zeroed(detail.width, detail.height));
    let scaled = |at: u32| (at as f32 * detail.scale).round() as i64;
    for found in matches {
        let (x, y) = (scaled(found.to.x) - detail.origin.0, scaled(found.to.y) - detail.origin.1);
        let (from_x, from_y) = (scaled(found.from.x), scaled(found.from.y));
        // What of the patch lies inside both, in the patch's own columns and rows.
        let inside = |to: i64, len: usize, from: i64, limit: usize| {
            let start = (-to).max(0);
            let end = (len as i64 - to).min(limit as i64 - from).min(side as i64);
            (start < end).then_some((start as usize, end as usize))
        };
        let Some((left, right)) = inside(x, detail.width, from_x, high[0].width) else { continue };
        let Some((top, bottom)) = inside(y, detail.height, from_y, high[0].height) else { continue };
        let across = &window[left..right];
        let to = (x + left as i64) as usize..(x + right as i64) as usize;
        let from = from_x as usize + left..from_x as usize + right;
        for (k, down) in window.iter().enumerate().take(bottom).skip(top) {
            let (row, from_row) = ((y + k as i64) as usize, from_y as usize + k);
            for (weight, across) in weights.row_mut(row)[to.clone()].iter_mut().zip(across) {
                *weight += across * down;
            }
            let down = down * found.gain;
            for (grain, high) in grain.iter_mut().zip(high) {
                let high = &high.row(from_row)[from.clone()];
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

/// A squared Hann window of `len` values that is not 0 at its ends.
fn window(len: usize) -> Vec<f32> {
    let step = std::f32::consts::TAU / (len + 1) as f32;
    (1..=len).map(|i| (0.5 - 0.5 * (step * i as f32).cos()).powi(2)).collect()
}
