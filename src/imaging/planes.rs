//! Between pictures of bytes and planes of floats.

use crate::{
    image::{Image, ShapeError},
    tensor::{Rgb, Unit},
};

/// The colours of a picture, 0 to 255 becoming 0 to 1. Alpha is left out.
///
/// # Errors
/// None in practice; [`ShapeError`] stands for a defect in here.
pub fn from_image(image: &Image) -> Result<Rgb<Unit>, ShapeError> {
    let area = image.size().area();
    let mut data = vec![0.0; 3 * area];
    for (c, plane) in data.chunks_exact_mut(area).enumerate() {
        for (value, pixel) in plane.iter_mut().zip(image.as_bytes().as_chunks::<4>().0) {
            *value = f32::from(pixel[c]) / 255.0;
        }
    }
    Rgb::from_vec(image.size(), data)
}

/// The picture with these colours, rounded, and with this alpha for each pixel; opaque if there is none.
///
/// # Errors
/// [`ShapeError`] unless there is one alpha for each pixel.
pub fn into_image(planes: &Rgb<Unit>, alpha: Option<&[u8]>) -> Result<Image, ShapeError> {
    let size = planes.size();
    let mut data = vec![u8::MAX; size.area() * Image::CHANNELS];
    let pixels = data.as_chunks_mut::<4>().0;
    for c in 0..3 {
        for (pixel, &value) in pixels.iter_mut().zip(planes.plane(c)) {
            // Half up; the cast cuts what is out of range.
            pixel[c] = (value * 255.0 + 0.5) as u8;
        }
    }
    if let Some(alpha) = alpha {
        if alpha.len() != size.area() {
            return Err(ShapeError { expected: size.area(), actual: alpha.len() });
        }
        for (pixel, &alpha) in pixels.iter_mut().zip(alpha) {
            pixel[3] = alpha;
        }
    }
    Image::from_rgba(size, data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;

    #[test]
    fn every_byte_survives_the_way_there_and_back() {
        let size = Size::new(16, 16).unwrap();
        let image = Image::from_rgba(size, (0..=255).flat_map(|v| [v, 255 - v, v / 2, v]).collect()).unwrap();
        let alpha: Vec<u8> = (0..=255).collect();
        assert_eq!(into_image(&from_image(&image).unwrap(), Some(&alpha)).unwrap(), image);
        assert!(into_image(&from_image(&image).unwrap(), Some(&alpha[1..])).is_err());
    }
}
