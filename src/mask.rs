//! Which pixels go (a [`Mask`]), how strongly they are replaced (a [`Matte`]), and what a hand paints (a [`Stroke`]) or
//! encloses (an [`Area`]).

mod area;

pub use self::area::Area;

use memchr::{memchr, memrchr};
use serde::{Deserialize, Serialize};

use crate::{
    geometry::{Point, Rect, Size},
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

/// One movement of a round tool: the area within `radius` of the line through `points`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stroke {
    /// What it does.
    pub tool: Tool,
    /// In image pixels.
    pub radius: f32,
    /// In image pixels, in the order drawn. One point makes a dot, none makes nothing.
    pub points: Vec<Point>,
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

    /// Applies a stroke: each pixel whose centre lies within the radius of the line is filled or kept.
    ///
    /// Strokes of non-finite points or radius leave the mask as it is.
    pub fn apply(&mut self, stroke: &Stroke) {
        let value = stroke.tool.value();
        // A point thinner than a pixel still marks the pixel it is in.
        let radius = stroke.radius.max(std::f32::consts::FRAC_1_SQRT_2);
        if !radius.is_finite() || !stroke.points.iter().all(|point| point.is_finite()) {
            return;
        }
        if let [point] = stroke.points[..] {
            self.apply_capsule(point, point, radius, value);
        }
        for ends in stroke.points.windows(2) {
            if let [from, to] = *ends {
                self.apply_capsule(from, to, radius, value);
            }
        }
    }

    /// Sets the pixels within `radius` of the segment between two points.
    fn apply_capsule(&mut self, from: Point, to: Point, radius: f32, value: u8) {
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        // No `mul_add` here: wasm has no such instruction and would call a slow function.
        let length_squared = dx * dx + dy * dy;
        let width = self.size.width() as usize;
        let columns = pixel_span(from.x.min(to.x) - radius, from.x.max(to.x) + radius, self.size.width());
        let rows = pixel_span(from.y.min(to.y) - radius, from.y.max(to.y) + radius, self.size.height());
        for y in rows {
            let py = y as f32 + 0.5 - from.y;
            let row = &mut self.data[y as usize * width..][..width];
            for x in columns.clone() {
                let px = x as f32 + 0.5 - from.x;
                let along =
                    if length_squared > 0.0 { ((px * dx + py * dy) / length_squared).clamp(0.0, 1.0) } else { 0.0 };
                let (ex, ey) = (px - along * dx, py - along * dy);
                if ex * ex + ey * ey <= radius * radius {
                    row[x as usize] = value;
                }
            }
        }
    }
}

/// The whole pixels between two coordinates, cut to `0..limit`.
fn pixel_span(from: f32, to: f32, limit: u32) -> std::ops::Range<u32> {
    // Float to integer casts saturate, so coordinates outside the image become its edges.
    let end = (to.ceil() as u32).min(limit);
    (from.floor() as u32).min(end)..end
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

    fn stroke(tool: Tool, radius: f32, points: &[(f32, f32)]) -> Stroke {
        Stroke { tool, radius, points: points.iter().map(|&(x, y)| Point::new(x, y)).collect() }
    }

    #[test]
    fn a_dot_covers_its_circle() {
        let mut mask = Mask::empty(size());
        mask.apply(&stroke(Tool::Brush, 10.0, &[(30.0, 20.0)]));
        assert_eq!(mask.bounds(), Rect::between(20, 10, 40, 30));
        let circle = std::f32::consts::PI * 100.0;
        assert!((mask.count() as f32 - circle).abs() < 12.0, "{} of {circle}", mask.count());
    }

    #[test]
    fn a_fast_movement_leaves_no_gap() {
        let mut mask = Mask::empty(size());
        mask.apply(&stroke(Tool::Brush, 2.0, &[(2.0, 24.0), (62.0, 24.0)]));
        assert!((2..62).all(|x| mask.is_fill(x, 24)));
    }

    #[test]
    fn the_eraser_undoes_the_brush() {
        let mut mask = Mask::empty(size());
        mask.apply(&stroke(Tool::Brush, 6.0, &[(10.0, 10.0), (50.0, 40.0)]));
        mask.apply(&stroke(Tool::Eraser, 6.0, &[(10.0, 10.0), (50.0, 40.0)]));
        assert_eq!(mask.bounds(), None);
    }

    #[test]
    fn strokes_outside_the_image_or_of_nonsense_do_nothing() {
        let mut mask = Mask::empty(size());
        mask.apply(&stroke(Tool::Brush, 5.0, &[(-100.0, -100.0), (-90.0, 500.0)]));
        mask.apply(&stroke(Tool::Brush, f32::NAN, &[(f32::INFINITY, 1.0)]));
        mask.apply(&stroke(Tool::Brush, 5.0, &[]));
        assert_eq!(mask.count(), 0);
    }

    #[test]
    fn the_thinnest_brush_marks_a_pixel() {
        let mut mask = Mask::empty(size());
        mask.apply(&stroke(Tool::Brush, 0.1, &[(5.9, 7.2)]));
        assert!(mask.is_fill(5, 7));
    }

    #[test]
    fn a_crop_shows_the_same_pixels() {
        let mask = Mask::from_fn(size(), |x, y| (x + y) % 3 == 0);
        let rect = Rect::between(5, 6, 20, 30).unwrap();
        let crop = mask.cropped(rect);
        assert!((0..24).all(|y| (0..15).all(|x| crop.is_fill(x, y) == mask.is_fill(x + 5, y + 6))));
    }
}
