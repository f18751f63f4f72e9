//! Counting hole pixels under patches.

use super::PATCH;
use crate::mask::Mask;

/// For each pixel, how many hole pixels are above and to the left: any rectangle's count is then four look-ups (Crow,
/// "Summed-Area Tables for Texture Mapping", 1984).
#[derive(Debug)]
pub(super) struct Holes {
    width: usize,
    height: usize,
    sums: Vec<u32>,
}

impl Holes {
    pub(super) fn new(mask: &Mask) -> Self {
        let (width, height) = (mask.size().width() as usize, mask.size().height() as usize);
        let mut sums = vec![0; (width + 1) * (height + 1)];
        for (y, row) in mask.as_bytes().chunks_exact(width).enumerate() {
            let (above, here) = sums[y * (width + 1)..].split_at_mut(width + 1);
            let mut sum = 0;
            for ((&value, &above), here) in row.iter().zip(&above[1..]).zip(&mut here[1..=width]) {
                sum += u32::from(value == Mask::FILL);
                *here = above + sum;
            }
        }
        Self { width, height, sums }
    }

    /// Hole pixels from (`left`, `top`) to (`right`, `bottom`), both exclusive; what is outside counts for nothing.
    fn count(&self, left: usize, top: usize, right: usize, bottom: usize) -> u32 {
        let (right, bottom) = (right.min(self.width), bottom.min(self.height));
        let at = |x: usize, y: usize| self.sums[y * (self.width + 1) + x];
        at(right, bottom) + at(left, top) - at(left, bottom) - at(right, top)
    }

    /// Whether the patch with this top left corner lies inside and touches no hole.
    pub(super) fn is_known(&self, x: usize, y: usize) -> bool {
        x + PATCH <= self.width && y + PATCH <= self.height && self.count(x, y, x + PATCH, y + PATCH) == 0
    }

    /// The known patches on a grid of `stride` that have a hole within `reach` pixels of their corner, across and down.
    pub(super) fn known(&self, stride: usize, reach: usize) -> Vec<(usize, usize)> {
        let near = |x: usize, y: usize| {
            self.count(x.saturating_sub(reach), y.saturating_sub(reach), x + reach + 1, y + reach + 1) > 0
        };
        let rows = (0..self.height).step_by(stride);
        let places = rows.flat_map(|y| (0..self.width).step_by(stride).map(move |x| (x, y)));
        places.filter(|&(x, y)| self.is_known(x, y) && near(x, y)).collect()
    }

    /// Columns, and rows, of a grid of patches that covers everything.
    pub(super) fn grid(&self, stride: usize) -> (Vec<usize>, Vec<usize>) {
        let along = |len: usize| {
            let last = len.saturating_sub(PATCH);
            let mut starts: Vec<usize> = (0..=last).step_by(stride).collect();
            if starts.last() != Some(&last) {
                starts.push(last);
            }
            starts
        };
        (along(self.width), along(self.height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;

    #[test]
    fn counts_what_is_there() {
        let mask = Mask::from_fn(Size::new(40, 30).unwrap(), |x, y| (x, y) == (20, 15) || (x, y) == (39, 29));
        let holes = Holes::new(&mask);
        assert_eq!(holes.count(0, 0, 40, 30), 2);
        assert_eq!(holes.count(20, 15, 99, 99), 2);
        assert_eq!(holes.count(21, 15, 39, 29), 0);
        assert!(holes.is_known(9, 16) && holes.is_known(21, 2) && !holes.is_known(20, 5));
        assert!(!holes.is_known(30, 3), "over the edge");
    }

    #[test]
    fn a_grid_reaches_the_last_pixel() {
        let holes = Holes::new(&Mask::empty(Size::new(512, 26).unwrap()));
        let (columns, rows) = holes.grid(5);
        assert_eq!(columns.last(), Some(&501));
        assert_eq!(rows, [0, 5, 10, 15]);
    }
}
