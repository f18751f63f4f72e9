//! Planes of floats whose type says what range the values are in.

use std::marker::PhantomData;

use crate::{geometry::Size, image::ShapeError};

/// Values lie in `[0, 1]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unit {}

/// Values lie in `[-1, 1]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Signed {}

/// `C` planes of `f32`: shape `[1, C, height, width]`, row-major, values in the range `R`.
#[derive(Debug, Clone, PartialEq)]
pub struct Planes<const C: usize, R> {
    size: Size,
    data: Vec<f32>,
    range: PhantomData<R>,
}

/// Red, green and blue planes.
pub type Rgb<R> = Planes<3, R>;

impl<const C: usize, R> Planes<C, R> {
    /// Takes over `data`.
    ///
    /// # Errors
    /// [`ShapeError`] unless `data` has `C * size.area()` values.
    pub fn from_vec(size: Size, data: Vec<f32>) -> Result<Self, ShapeError> {
        let expected = C * size.area();
        if data.len() != expected {
            return Err(ShapeError { expected, actual: data.len() });
        }
        Ok(Self { size, data, range: PhantomData })
    }

    /// Width and height of each plane.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// All values, plane after plane.
    pub fn as_slice(&self) -> &[f32] {
        &self.data
    }

    /// All values, plane after plane.
    pub fn into_vec(self) -> Vec<f32> {
        self.data
    }

    /// All values, to write to. Keep them in the range that the type names.
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        &mut self.data
    }

    /// Plane `c`, row by row; `c < C`.
    pub fn plane(&self, c: usize) -> &[f32] {
        let area = self.size.area();
        &self.data[c * area..(c + 1) * area]
    }

    fn map<S>(mut self, f: impl Fn(f32) -> f32) -> Planes<C, S> {
        for value in &mut self.data {
            *value = f(*value);
        }
        Planes { size: self.size, data: self.data, range: PhantomData }
    }
}

impl<const C: usize> Planes<C, Unit> {
    /// From `[0, 1]` to `[-1, 1]`, the range that variational autoencoders are trained on.
    #[must_use]
    pub fn into_signed(self) -> Planes<C, Signed> {
        self.map(|v| v * 2.0 - 1.0)
    }
}

impl<const C: usize> Planes<C, Signed> {
    /// From `[-1, 1]` to `[0, 1]`, clamped.
    #[must_use]
    pub fn into_unit(self) -> Planes<C, Unit> {
        self.map(|v| (v * 0.5 + 0.5).clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_convert_there_and_back() {
        let size = Size::new(2, 1).unwrap();
        let unit = Planes::<1, Unit>::from_vec(size, vec![0.0, 0.75]).unwrap();
        assert_eq!(unit.clone().into_signed().as_slice(), [-1.0, 0.5]);
        assert_eq!(unit.clone().into_signed().into_unit(), unit);
        assert!(Planes::<3, Unit>::from_vec(size, vec![0.0; 5]).is_err());
    }
}
