//! A picture in memory.

use crate::geometry::{Rect, Size};

/// The data does not have as many values as the shape asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{actual} values where the shape asks for {expected}")]
pub struct ShapeError {
    /// Values that the shape asks for.
    pub expected: usize,
    /// Values that were given.
    pub actual: usize,
}

/// Pixels as RGBA, eight bits each, straight (not premultiplied) alpha, row by row from the top.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    size: Size,
    data: Vec<u8>,
}

impl Image {
    /// Bytes per pixel.
    pub const CHANNELS: usize = 4;

    /// Takes over `data`, four bytes a pixel.
    ///
    /// # Errors
    /// [`ShapeError`] unless `data` has `4 * size.area()` bytes.
    pub fn from_rgba(size: Size, data: Vec<u8>) -> Result<Self, ShapeError> {
        let expected = size.area() * Self::CHANNELS;
        if data.len() != expected {
            return Err(ShapeError { expected, actual: data.len() });
        }
        Ok(Self { size, data })
    }

    /// One colour all over.
    pub fn filled(size: Size, rgba: [u8; 4]) -> Self {
        Self { size, data: rgba.repeat(size.area()) }
    }

    /// Width and height.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// All bytes, RGBA.
    pub fn as_bytes(&self) -> &[u8] {
        &self.data
    }

    /// All bytes, RGBA, to write to.
    pub fn as_bytes_mut(&mut self) -> &mut [u8] {
        &mut self.data
    }

    /// Gives the bytes away.
    pub fn into_bytes(self) -> Vec<u8> {
        self.data
    }

    /// The bytes of row `y` within the columns of `rect`, which must lie inside the image.
    pub fn row(&self, rect: Rect, y: u32) -> &[u8] {
        let range = self.row_range(rect, y);
        &self.data[range]
    }

    /// As [`Image::row`], to write to.
    pub fn row_mut(&mut self, rect: Rect, y: u32) -> &mut [u8] {
        let range = self.row_range(rect, y);
        &mut self.data[range]
    }

    fn row_range(&self, rect: Rect, y: u32) -> std::ops::Range<usize> {
        debug_assert!(self.size.bounds().contains(rect), "{rect:?} outside {:?}", self.size);
        let start = (y as usize * self.size.width() as usize + rect.x as usize) * Self::CHANNELS;
        start..start + rect.size.width() as usize * Self::CHANNELS
    }

    /// Copies out `rect`, which must lie inside the image.
    #[must_use]
    pub fn cropped(&self, rect: Rect) -> Self {
        let mut data = Vec::with_capacity(rect.size.area() * Self::CHANNELS);
        for y in rect.y..rect.bottom() {
            data.extend_from_slice(self.row(rect, y));
        }
        Self { size: rect.size, data }
    }

    /// Copies `patch` in with its top left at (`x`, `y`); what hangs over the edge is left out.
    pub fn paste(&mut self, patch: &Self, x: u32, y: u32) {
        let Some(target) = (Rect { x, y, size: patch.size }).intersection(self.size.bounds()) else { return };
        for row in target.y..target.bottom() {
            let from = patch.row(Rect { x: 0, y: 0, size: target.size }, row - y);
            self.row_mut(target, row).copy_from_slice(from);
        }
    }

    /// Whether any pixel is not fully opaque.
    pub fn has_transparency(&self) -> bool {
        // Blocks without a branch, which vectorise: most pictures are opaque and are looked at to their end.
        let is_opaque = |block: &[[u8; 4]]| block.iter().fold(u8::MAX, |all, pixel| all & pixel[3]) == u8::MAX;
        !self.data.as_chunks().0.chunks(1024).all(is_opaque)
    }
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Image").field("size", &self.size).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasting_a_crop_back_changes_nothing() {
        let size = Size::new(7, 5).unwrap();
        let image = Image::from_rgba(size, (0..140).collect()).unwrap();
        let rect = Rect::between(2, 1, 6, 4).unwrap();
        let mut copy = image.clone();
        copy.paste(&image.cropped(rect), rect.x, rect.y);
        assert_eq!(copy, image);
    }

    #[test]
    fn a_patch_over_the_edge_is_cut() {
        let mut image = Image::filled(Size::new(4, 4).unwrap(), [0; 4]);
        image.paste(&Image::filled(Size::new(3, 3).unwrap(), [9; 4]), 2, 3);
        assert_eq!(image.as_bytes().iter().map(|&v| u32::from(v == 9)).sum::<u32>(), 2 * 4);
    }
}
