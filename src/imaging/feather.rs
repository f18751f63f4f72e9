//! From a painted mask to a matte that fades out.

use crate::{
    geometry::Rect,
    image::ShapeError,
    imaging::morphology::{Distances, MAX_REACH_PX},
    mask::{Mask, Matte},
};

/// Where the fill shows around what was painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Margin {
    /// How far the hole reaches beyond what was painted, in pixels. At most [`MAX_REACH_PX`] counts.
    pub grow_px: u32,
    /// How wide the outer part of that margin is in which the fill fades into the source, in pixels.
    pub feather_px: u32,
}

impl Margin {
    /// The matte of `rect`, which must lie inside `painted`.
    ///
    /// 255 on what was painted and on the inner part of the margin; from there it falls smoothly, and is 0 further than
    /// `grow_px` from what was painted. It is never 0 nearer than that: what the network was asked to fill is what
    /// shows.
    ///
    /// # Errors
    /// None in practice; [`ShapeError`] stands for a defect in here.
    pub fn matte(self, painted: &Mask, rect: Rect) -> Result<Matte, ShapeError> {
        let distances = Distances::measure(painted, rect, self.grow_px);
        let table = self.falloff();
        let last = table.len() - 1;
        let data = distances.squared().iter().map(|&squared| table[usize::from(squared).min(last)]).collect();
        Matte::from_bytes(rect.size, data)
    }

    /// The matte for each squared distance from 0 to one more than the square of the margin.
    ///
    /// The fall is `3t² - 2t³`, which stays within 0.02 of the integral of a Gaussian and, unlike it, ends.
    fn falloff(self) -> Vec<u8> {
        let grow = self.grow_px.min(MAX_REACH_PX);
        let feather = self.feather_px.min(grow);
        let solid = (grow - feather) as f32;
        let mut table: Vec<u8> = (0..=grow * grow)
            .map(|squared| {
                let left = 1.0 - ((squared as f32).sqrt() - solid).max(0.0) / (feather as f32 + 1.0);
                (left * left * (3.0 - 2.0 * left) * 255.0).round().max(1.0) as u8
            })
            .collect();
        table.push(0);
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{geometry::Size, imaging::morphology::dilate};

    #[test]
    fn shows_exactly_where_the_grown_mask_is() {
        let size = Size::new(60, 40).unwrap();
        let painted = Mask::from_fn(size, |x, y| (10..30).contains(&x) && y < 12 || (x, y) == (59, 39));
        for (grow_px, feather_px) in [(0, 0), (1, 1), (6, 4), (9, 30)] {
            let matte = Margin { grow_px, feather_px }.matte(&painted, size.bounds()).unwrap();
            let grown = dilate(&painted, grow_px);
            let agrees = matte.as_bytes().iter().zip(grown.as_bytes()).all(|(&m, &g)| (m > 0) == (g == Mask::FILL));
            assert!(agrees, "grow {grow_px}, feather {feather_px}");
            let solid = matte.as_bytes().iter().zip(painted.as_bytes()).all(|(&m, &p)| p == Mask::KEEP || m == 255);
            assert!(solid, "grow {grow_px}, feather {feather_px}");
        }
    }

    #[test]
    fn falls_without_a_step() {
        let painted = Mask::from_fn(Size::new(40, 1).unwrap(), |x, _| x < 10);
        let matte = Margin { grow_px: 12, feather_px: 8 }.matte(&painted, painted.size().bounds()).unwrap();
        assert_eq!(matte.as_bytes()[13], 255);
        assert!(matte.as_bytes()[10..24].windows(2).all(|pair| pair[0] >= pair[1] && pair[0] - pair[1] < 48));
        assert_eq!(matte.as_bytes()[22], 0);
    }
}
