//! Sizes, points and rectangles in image pixels.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// Width and height of something that has pixels.
///
/// # Guarantees
/// Neither side is zero, and the area fits in `u32`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "(u32, u32)", into = "(u32, u32)")]
pub struct Size {
    width: NonZeroU32,
    height: NonZeroU32,
}

/// A size with an empty side, or with more pixels than `u32` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{width} x {height} is not a size")]
pub struct SizeError {
    width: u32,
    height: u32,
}

impl Size {
    /// Checks and builds a size.
    ///
    /// # Errors
    /// [`SizeError`] if a side is zero or the area exceeds `u32::MAX`.
    pub fn new(width: u32, height: u32) -> Result<Self, SizeError> {
        let error = SizeError { width, height };
        width.checked_mul(height).ok_or(error)?;
        Ok(Self { width: NonZeroU32::new(width).ok_or(error)?, height: NonZeroU32::new(height).ok_or(error)? })
    }

    /// A square.
    ///
    /// # Errors
    /// [`SizeError`] as for [`Size::new`].
    pub fn square(side: u32) -> Result<Self, SizeError> {
        Self::new(side, side)
    }

    /// Pixels from left to right.
    pub const fn width(self) -> u32 {
        self.width.get()
    }

    /// Pixels from top to bottom.
    pub const fn height(self) -> u32 {
        self.height.get()
    }

    /// The longer side, in pixels.
    pub fn longer_side(self) -> u32 {
        self.width().max(self.height())
    }

    /// Number of pixels.
    pub const fn area(self) -> usize {
        self.width() as usize * self.height() as usize
    }

    /// The whole of it as a rectangle at the origin.
    pub const fn bounds(self) -> Rect {
        Rect { x: 0, y: 0, size: self }
    }
}

impl TryFrom<(u32, u32)> for Size {
    type Error = SizeError;

    fn try_from((width, height): (u32, u32)) -> Result<Self, SizeError> {
        Self::new(width, height)
    }
}

impl From<Size> for (u32, u32) {
    fn from(size: Size) -> Self {
        (size.width(), size.height())
    }
}

/// A position in image pixels; the centre of the first pixel is at (0.5, 0.5).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Point {
    /// From the left edge, in pixels.
    pub x: f32,
    /// From the top edge, in pixels.
    pub y: f32,
}

impl Point {
    /// A point from its coordinates, in pixels.
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// Whether both coordinates are numbers.
    pub const fn is_finite(self) -> bool {
        self.x.is_finite() && self.y.is_finite()
    }
}

/// A rectangle of whole pixels with its origin at the top left of an image. Never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rect {
    /// First column.
    pub x: u32,
    /// First row.
    pub y: u32,
    /// Columns and rows.
    pub size: Size,
}

impl Rect {
    /// First column to the right of it.
    pub const fn right(self) -> u32 {
        self.x + self.size.width()
    }

    /// First row below it.
    pub const fn bottom(self) -> u32 {
        self.y + self.size.height()
    }

    /// The rectangle between two corners, the second one exclusive; nothing if that is empty.
    pub fn between(left: u32, top: u32, right: u32, bottom: u32) -> Option<Self> {
        let size = Size::new(right.checked_sub(left)?, bottom.checked_sub(top)?).ok()?;
        Some(Self { x: left, y: top, size })
    }

    /// What both cover.
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::between(
            self.x.max(other.x),
            self.y.max(other.y),
            self.right().min(other.right()),
            self.bottom().min(other.bottom()),
        )
    }

    /// The smallest rectangle that covers both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Self::between(x, y, self.right().max(other.right()), self.bottom().max(other.bottom())).unwrap_or(self)
    }

    /// Grown by `margin` pixels on each side, as far as `within` reaches.
    #[must_use]
    pub fn grown(self, margin: u32, within: Size) -> Self {
        Self::between(
            self.x.saturating_sub(margin),
            self.y.saturating_sub(margin),
            self.right().saturating_add(margin).min(within.width()),
            self.bottom().saturating_add(margin).min(within.height()),
        )
        .unwrap_or(self)
    }

    /// Whether `other` lies wholly inside.
    pub fn contains(self, other: Self) -> bool {
        self.intersection(other) == Some(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_never_empty_nor_too_large_to_count() {
        assert!(Size::new(0, 4).is_err());
        assert!(Size::new(4, 0).is_err());
        assert!(Size::new(65_536, 65_536).is_err());
        assert_eq!(Size::new(3, 4).unwrap().area(), 12);
    }

    #[test]
    fn a_grown_rectangle_stays_inside() {
        let within = Size::new(100, 50).unwrap();
        let rect = Rect::between(2, 3, 98, 40).unwrap();
        assert_eq!(rect.grown(20, within), within.bounds());
        assert!(within.bounds().contains(rect.grown(1, within)));
    }

    #[test]
    fn rectangles_that_only_touch_share_nothing() {
        let left = Rect::between(0, 0, 10, 10).unwrap();
        assert_eq!(left.intersection(Rect::between(10, 0, 20, 10).unwrap()), None);
        assert_eq!(left.union(Rect::between(12, 4, 20, 30).unwrap()), Rect::between(0, 0, 20, 30).unwrap());
    }
}
