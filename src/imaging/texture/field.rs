//! Planes of floats that are laid out for wide arithmetic.

use crate::geometry::Rect;

/// Values that are worked on at once: 64 bytes, four registers of wasm's SIMD.
pub(super) const LANES: usize = 16;

/// A part of a plane. Rows are padded to whole [`LANES`], so that no loop needs a remainder.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) width: usize,
    pub(super) height: usize,
    /// From the start of a row to the next one's.
    pub(super) stride: usize,
    pub(super) data: Vec<f32>,
}

impl Field {
    pub(super) fn zeroed(width: usize, height: usize) -> Self {
        let stride = width.next_multiple_of(LANES);
        Self { width, height, stride, data: vec![0.0; stride * height] }
    }

    /// Copies `rect` out of a plane that is `plane_width` wide, each value through `change`, called with its index in
    /// the plane.
    pub(super) fn cut(plane: &[f32], plane_width: usize, rect: Rect, change: impl Fn(usize, f32) -> f32) -> Self {
        let mut field = Self::zeroed(rect.size.width() as usize, rect.size.height() as usize);
        for y in 0..field.height {
            let start = (rect.y as usize + y) * plane_width + rect.x as usize;
            let from = &plane[start..start + field.width];
            for (i, (out, &value)) in field.row_mut(y).iter_mut().zip(from).enumerate() {
                *out = change(start + i, value);
            }
        }
        field
    }

    /// Row `y` without its padding.
    pub(super) fn row(&self, y: usize) -> &[f32] {
        &self.data[y * self.stride..][..self.width]
    }

    /// As [`Field::row`], to write to.
    pub(super) fn row_mut(&mut self, y: usize) -> &mut [f32] {
        &mut self.data[y * self.stride..][..self.width]
    }

    /// Row `y` with its padding.
    pub(super) fn lanes(&self, y: usize) -> &[[f32; LANES]] {
        self.data[y * self.stride..][..self.stride].as_chunks().0
    }

    /// As [`Field::lanes`], to write to.
    pub(super) fn lanes_mut(&mut self, y: usize) -> &mut [[f32; LANES]] {
        self.data[y * self.stride..][..self.stride].as_chunks_mut().0
    }

    /// Replaces each value by `change` of it and of the value at the same place in `other`, of the same size.
    pub(super) fn merge(&mut self, other: &Self, change: impl Fn(f32, f32) -> f32) {
        for (value, &other) in self.data.iter_mut().zip(&other.data) {
            *value = change(*value, other);
        }
    }
}
