//! Growing a mask by an exact distance.

use crate::{
    geometry::{Rect, Size},
    mask::Mask,
};

/// The longest distance that is measured, in pixels; its square still fits in 16 bits.
pub const MAX_REACH_PX: u32 = 255;

/// Squared distances from pixels to the nearest filled one, in pixels of the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distances {
    rect: Rect,
    reach: u32,
    squared: Vec<u16>,
}

impl Distances {
    /// Measures from each pixel of `rect`, which must lie inside the mask, to the centre of the nearest filled pixel.
    ///
    /// Exact (Euclidean) up to `reach_px`, of which at most [`MAX_REACH_PX`] counts; pixels further away all get the
    /// same larger value. Filled pixels outside `rect` count as well.
    ///
    /// Columns first, then rows: the squared distance of a pixel is the least of `dx² + column(x + dx)²`
    /// (Felzenszwalb and Huttenlocher, "Distance Transforms of Sampled Functions", 2012, section 2). The reach is
    /// short, so trying each `dx` over a whole row at once beats their parabolas: it has no branch and vectorises.
    pub fn measure(mask: &Mask, rect: Rect, reach_px: u32) -> Self {
        let reach = reach_px.min(MAX_REACH_PX);
        // Columns are measured this much further to either side, so that no step below needs to look at an edge.
        let pad = reach as usize;
        let width = rect.size.width() as usize;
        let columns = squared_in_columns(mask, rect, reach);
        let mut squared = vec![u16::MAX; rect.size.area()];
        for (out, column) in squared.chunks_exact_mut(width).zip(columns.chunks_exact(width + 2 * pad)) {
            for dx in 0..=2 * pad {
                let across = (dx.abs_diff(pad) * dx.abs_diff(pad)) as u16;
                for (best, &down) in out.iter_mut().zip(&column[dx..dx + width]) {
                    *best = (*best).min(down.saturating_add(across));
                }
            }
        }
        Self { rect, reach, squared }
    }

    /// What was measured.
    pub const fn rect(&self) -> Rect {
        self.rect
    }

    /// Squared distances of `rect`, row by row; 0 is a filled pixel.
    pub fn squared(&self) -> &[u16] {
        &self.squared
    }

    /// Up to where distances are exact, in pixels.
    pub const fn reach_px(&self) -> u32 {
        self.reach
    }
}

/// For each pixel of `rect`, made wider by `reach` on both sides: the squared distance to the nearest filled pixel above
/// or below it, `u16::MAX` where that is further than `reach`.
fn squared_in_columns(mask: &Mask, rect: Rect, reach: u32) -> Vec<u16> {
    let width = (rect.size.width() + 2 * reach) as usize;
    let height = rect.size.height() as usize;
    let within = mask.size();
    let first = i64::from(rect.x) - i64::from(reach);
    // The columns that exist in the mask, in the mask's and in our own count.
    let from = first.max(0) as usize;
    let to = ((i64::from(rect.right()) + i64::from(reach)) as usize).min(within.width() as usize);
    let shift = (0 - first).max(0) as usize;
    let far = reach as u16 + 1;
    let mut since = vec![far; to - from];
    let mut out = vec![far; width * height];
    let mut sweep = |rows: &mut dyn Iterator<Item = u32>, out: &mut [u16]| {
        since.fill(far);
        for y in rows {
            let row = &mask.row(y)[from..to];
            for (since, &value) in since.iter_mut().zip(row) {
                *since = if value == Mask::FILL { 0 } else { (*since + 1).min(far) };
            }
            if (rect.y..rect.bottom()).contains(&y) {
                let row = &mut out[(y - rect.y) as usize * width + shift..][..to - from];
                for (out, &since) in row.iter_mut().zip(&since) {
                    *out = (*out).min(since);
                }
            }
        }
    };
    sweep(&mut (rect.y.saturating_sub(reach)..rect.bottom()), &mut out);
    sweep(&mut (rect.y..(rect.bottom() + reach).min(within.height())).rev(), &mut out);
    for value in &mut out {
        *value = if *value == far { u16::MAX } else { *value * *value };
    }
    out
}

/// Fills each pixel whose centre is at most `radius_px` from the centre of a filled one: a round brush.
///
/// At most [`MAX_REACH_PX`] of the radius counts.
#[must_use]
pub fn dilate(mask: &Mask, radius_px: u32) -> Mask {
    let size: Size = mask.size();
    let Some(bounds) = mask.bounds() else { return Mask::empty(size) };
    if radius_px == 0 {
        return mask.clone();
    }
    let rect = bounds.grown(radius_px.min(MAX_REACH_PX), size);
    let distances = Distances::measure(mask, rect, radius_px);
    let limit = (distances.reach * distances.reach) as u16;
    let mut grown = Mask::empty(size);
    for (y, distances) in (rect.y..).zip(distances.squared.chunks_exact(rect.size.width() as usize)) {
        for (out, &squared) in grown.row_mut(y)[rect.x as usize..].iter_mut().zip(distances) {
            *out = if squared <= limit { Mask::FILL } else { Mask::KEEP };
        }
    }
    grown
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By definition: every pixel against every pixel.
    fn slowly(mask: &Mask, radius: i64) -> Mask {
        let (width, height) = mask.size().into();
        let near = |x: u32, y: u32, fx: u32, fy: u32| {
            let (dx, dy) = (i64::from(x) - i64::from(fx), i64::from(y) - i64::from(fy));
            mask.is_fill(fx, fy) && dx * dx + dy * dy <= radius * radius
        };
        Mask::from_fn(mask.size(), |x, y| (0..height).any(|fy| (0..width).any(|fx| near(x, y, fx, fy))))
    }

    #[test]
    fn grows_by_a_disc_at_corners_too() {
        let size = Size::new(23, 17).unwrap();
        let masks = [
            Mask::from_fn(size, |x, y| (x, y) == (0, 0) || (x, y) == (22, 16) || (x, y) == (11, 5)),
            Mask::from_fn(size, |x, y| (x * 7 + y * 13) % 29 == 0),
            Mask::from_fn(size, |x, _| x == 22),
            Mask::empty(size),
        ];
        for mask in &masks {
            for radius in [0, 1, 2, 3, 5, 40] {
                assert_eq!(dilate(mask, radius), slowly(mask, i64::from(radius)), "radius {radius}");
            }
        }
    }

    #[test]
    fn distances_count_what_lies_outside_the_rectangle() {
        let mask = Mask::from_fn(Size::new(30, 30).unwrap(), |x, y| (x, y) == (2, 3));
        let rect = Rect::between(5, 7, 9, 9).unwrap();
        let distances = Distances::measure(&mask, rect, 6);
        assert_eq!(distances.squared()[..2], [9 + 16, 16 + 16]);
        assert!(distances.squared()[7] > 36);
    }
}
