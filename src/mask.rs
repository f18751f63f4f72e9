//! Which pixels go (a [`Mask`]), how strongly they are replaced (a [`Matte`]), and what a hand paints (a [`Stroke`]) or
//! encloses (an [`Area`]).

mod area;
mod file;
mod stroke;

pub use self::{area::Area, stroke::Stroke};

use memchr::{memchr, memrchr};
use serde::{Deserialize, Serialize};

use crate::{
    geometry::{Rect, Size},
    image::ShapeError,
};

/// Which pixels to fill. Binary: every byte is [`Mask::KEEP`] or [`Mask::FILL`]. A soft mask is a [`Matte`].
#[derive(Clone, PartialEq, Eq)]
pub struct Mask {
    size: Size,
    data: Box<[u8]>,
}

/// How much of the fill shows at each pixel: 0 = the source as it was, 255 = the fill alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Matte {
    size: Size,
    data: Box<[u8]>,
}

/// What a stroke or an area does to the mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// Marks pixels to be filled.
    Brush,
    /// Takes pixels out of the mask again.
    Eraser,
}

/// One thing that a person does to a mask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Painted.
    Stroke(Stroke),
    /// Enclosed.
    Area(Area),
}

impl Mark {
    /// What it does.
    pub const fn tool(&self) -> Tool {
        match self {
            Self::Stroke(stroke) => stroke.tool,
            Self::Area(area) => area.tool,
        }
    }
}

impl Tool {
    /// What it makes of a pixel.
    const fn value(self) -> u8 {
        match self {
            Self::Brush => Mask::FILL,
            Self::Eraser => Mask::KEEP,
        }
    }
}

impl Mask {
    /// Leave this pixel as it is.
    pub const KEEP: u8 = 0;
    /// Fill this pixel.
    pub const FILL: u8 = 255;

    /// Nothing to fill.
    pub fn empty(size: Size) -> Self {
        Self { size, data: vec![Self::KEEP; size.area()].into() }
    }

    /// Fills where `coverage` is at least half (128 of 255), one byte a pixel.
    ///
    /// # Errors
    /// [`ShapeError`] unless there is one byte for each pixel.
    pub fn from_coverage(size: Size, coverage: &[u8]) -> Result<Self, ShapeError> {
        if coverage.len() != size.area() {
            return Err(ShapeError { expected: size.area(), actual: coverage.len() });
        }
        let data = coverage.iter().map(|&value| if value < 128 { Self::KEEP } else { Self::FILL }).collect();
        Ok(Self { size, data })
    }

    /// Fills what `fill` says of each pixel, called with column and row.
    pub fn from_fn(size: Size, mut fill: impl FnMut(u32, u32) -> bool) -> Self {
        let (width, height) = size.into();
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let data = pixels.map(|(x, y)| if fill(x, y) { Self::FILL } else { Self::KEEP }).collect();
        Self { size, data }
    }

    /// Width and height.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// One byte a pixel, each [`Mask::KEEP`] or [`Mask::FILL`].
    pub fn as_bytes(&self) -> &[u8] {
        &self.data
    }

    /// Row `y`, one byte a pixel.
    pub fn row(&self, y: u32) -> &[u8] {
        let width = self.size.width() as usize;
        &self.data[y as usize * width..][..width]
    }

    /// Row `y`, to be written. Whoever does writes only [`Mask::KEEP`] and [`Mask::FILL`].
    pub(crate) fn row_mut(&mut self, y: u32) -> &mut [u8] {
        let width = self.size.width() as usize;
        &mut self.data[y as usize * width..][..width]
    }

    /// Whether the pixel at column `x`, row `y` is to be filled. Nothing is outside the image.
    pub fn is_fill(&self, x: u32, y: u32) -> bool {
        x < self.size.width() && y < self.size.height() && self.row(y)[x as usize] == Self::FILL
    }

    /// Number of pixels to fill.
    pub fn count(&self) -> usize {
        self.data.iter().map(|&value| usize::from(value == Self::FILL)).sum()
    }

    /// The smallest rectangle around all pixels to fill; nothing if there are none.
    pub fn bounds(&self) -> Option<Rect> {
        self.bounds_within(self.size.bounds())
    }

    /// As [`Mask::bounds`], looking only inside `rect`, which must lie inside the mask.
    pub fn bounds_within(&self, rect: Rect) -> Option<Rect> {
        let (mut left, mut right) = (u32::MAX, 0);
        let (mut top, mut bottom) = (u32::MAX, 0);
        for y in rect.y..rect.bottom() {
            let row = &self.row(y)[rect.x as usize..rect.right() as usize];
            let Some(first) = memchr(Self::FILL, row) else { continue };
            let last = memrchr(Self::FILL, row).unwrap_or(first);
            left = left.min(rect.x + first as u32);
            right = right.max(rect.x + last as u32 + 1);
            top = top.min(y);
            bottom = y + 1;
        }
        Rect::between(left, top, right, bottom)
    }

    /// Copies out `rect`, which must lie inside the mask.
    #[must_use]
    pub fn cropped(&self, rect: Rect) -> Self {
        let columns = rect.x as usize..rect.right() as usize;
        let data = (rect.y..rect.bottom()).flat_map(|y| &self.row(y)[columns.clone()]).copied().collect();
        Self { size: rect.size, data }
    }

    /// Applies a stroke or an area.
    pub fn apply_mark(&mut self, mark: &Mark) {
        match mark {
            Mark::Stroke(stroke) => self.apply(stroke),
            Mark::Area(area) => self.apply_area(area),
        }
    }

    /// Applies strokes and areas in their order.
    pub fn apply_marks<'a>(&mut self, marks: impl IntoIterator<Item = &'a Mark>) {
        marks.into_iter().for_each(|mark| self.apply_mark(mark));
    }

    /// Adds what `other` fills.
    ///
    /// # Errors
    /// [`ShapeError`] unless both have the same size.
    pub fn unite(&mut self, other: &Self) -> Result<(), ShapeError> {
        if other.size != self.size {
            return Err(ShapeError { expected: self.size.area(), actual: other.size.area() });
        }
        for (mine, theirs) in self.data.iter_mut().zip(&other.data) {
            *mine |= theirs;
        }
        Ok(())
    }
}

impl Matte {
    /// The fill alone where 255, the source alone where 0.
    ///
    /// # Errors
    /// [`ShapeError`] unless there is one byte for each pixel.
    pub fn from_bytes(size: Size, data: Vec<u8>) -> Result<Self, ShapeError> {
        if data.len() != size.area() {
            return Err(ShapeError { expected: size.area(), actual: data.len() });
        }
        Ok(Self { size, data: data.into() })
    }

    /// Width and height.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// One byte a pixel.
    pub fn as_bytes(&self) -> &[u8] {
        &self.data
    }

    /// Row `y`, one byte a pixel.
    pub fn row(&self, y: u32) -> &[u8] {
        let width = self.size.width() as usize;
        &self.data[y as usize * width..][..width]
    }
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mask").field("size", &self.size).field("fill", &self.count()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Matte {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Matte").field("size", &self.size).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size() -> Size {
        Size::new(64, 48).unwrap()
    }

    #[test]
    fn a_crop_shows_the_same_pixels() {
        let mask = Mask::from_fn(size(), |x, y| (x + y) % 3 == 0);
        let rect = Rect::between(5, 6, 20, 30).unwrap();
        let crop = mask.cropped(rect);
        assert!((0..24).all(|y| (0..15).all(|x| crop.is_fill(x, y) == mask.is_fill(x + 5, y + 6))));
    }
}
