//! What the editor offers to do to a mask.

use super::{finish::mask_of, region};
use crate::{imaging::morphology::dilate, mask::Mask};

/// Fills what is kept and keeps what is filled.
#[must_use]
pub fn invert(mask: &Mask) -> Mask {
    Mask::from_fn(mask.size(), |x, y| !mask.is_fill(x, y))
}

/// Grows by a round brush of this radius, in pixels.
#[must_use]
pub fn grow(mask: &Mask, radius_px: u32) -> Mask {
    dilate(mask, radius_px)
}

/// Takes away what is within this radius, in pixels, of what is kept. The edges of the picture take nothing away.
#[must_use]
pub fn shrink(mask: &Mask, radius_px: u32) -> Mask {
    invert(&dilate(&invert(mask), radius_px))
}

/// Fills enclosed holes of at most `limit` pixels.
#[must_use]
pub fn fill_holes(mask: &Mask, limit: usize) -> Mask {
    let mut inside: Vec<bool> = mask.as_bytes().iter().map(|&value| value == Mask::FILL).collect();
    region::fill_holes(&mut inside, mask.size().width() as usize, limit, &[]);
    mask_of(mask.size(), &inside)
}

/// Rounds jags: each pixel becomes what most pixels are in a square around it that reaches `radius_px` to each side.
#[must_use]
pub fn smooth(mask: &Mask, radius_px: u32) -> Mask {
    let (width, height) = (mask.size().width() as usize, mask.size().height() as usize);
    let radius = radius_px as usize;
    let Some(bounds) = mask.bounds() else { return mask.clone() };
    let around = bounds.grown(radius_px, mask.size());
    // Sums over the rows of the square, moved down row by row.
    let mut columns = vec![0u32; width];
    let mut smoothed = Mask::empty(mask.size());
    let add = |columns: &mut [u32], y: usize, sign: i32| {
        for (column, &value) in columns.iter_mut().zip(mask.row(y as u32)) {
            *column = column.wrapping_add_signed(sign * i32::from(value == Mask::FILL));
        }
    };
    let (top, bottom) = (around.y as usize, around.bottom() as usize);
    for y in top.saturating_sub(radius)..(top + radius).min(height) {
        add(&mut columns, y, 1);
    }
    for y in top..bottom {
        if y + radius < height {
            add(&mut columns, y + radius, 1);
        }
        let rows = (y + radius).min(height - 1) + 1 - y.saturating_sub(radius);
        let mut sums = vec![0u32; width + 1];
        for x in 0..width {
            sums[x + 1] = sums[x] + columns[x];
        }
        for (x, out) in smoothed.row_mut(y as u32).iter_mut().enumerate() {
            let (from, to) = (x.saturating_sub(radius), (x + radius + 1).min(width));
            if 2 * (sums[to] - sums[from]) as usize > rows * (to - from) {
                *out = Mask::FILL;
            }
        }
        if y >= radius {
            add(&mut columns, y - radius, -1);
        }
    }
    smoothed
}
