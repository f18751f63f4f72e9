//! Laying a fill over a picture.

use crate::{
    geometry::Rect,
    image::{Image, ShapeError},
    mask::Matte,
};

/// Blends `fill` over `rect` of `source`, which must lie inside it, as strongly as `matte` says.
///
/// Returns what `rect` looks like then. Where the matte is 0 the pixel is the source's, bit by bit; where it is 255 it is
/// the fill's. In between, colours are weighted by their alpha, so that the colour of a transparent pixel, which nobody
/// sees, does not bleed in.
///
/// # Errors
/// [`ShapeError`] unless fill and matte are as large as `rect`.
pub fn composite(source: &Image, fill: &Image, matte: &Matte, rect: Rect) -> Result<Image, ShapeError> {
    for actual in [fill.size(), matte.size()] {
        if actual != rect.size {
            return Err(ShapeError { expected: rect.size.area(), actual: actual.area() });
        }
    }
    let mut out = source.cropped(rect);
    let pixels = out.as_bytes_mut().chunks_exact_mut(Image::CHANNELS);
    let fills = fill.as_bytes().chunks_exact(Image::CHANNELS);
    for ((pixel, fill), &share) in pixels.zip(fills).zip(matte.as_bytes()) {
        match share {
            0 => {}
            u8::MAX => pixel.copy_from_slice(fill),
            _ if pixel[3] == u8::MAX && fill[3] == u8::MAX => mix_opaque(pixel, fill, share),
            _ => mix(pixel, fill, share),
        }
    }
    Ok(out)
}

/// Moves `pixel` towards `fill` by `share` of 255.
fn mix_opaque(pixel: &mut [u8], fill: &[u8], share: u8) {
    let (over, under) = (u32::from(share), u32::from(u8::MAX - share));
    for (value, &fill) in pixel.iter_mut().zip(fill) {
        *value = ((u32::from(*value) * under + u32::from(fill) * over + 127) / 255) as u8;
    }
}

/// As [`mix_opaque`], where colours count as much as their alpha.
fn mix(pixel: &mut [u8], fill: &[u8], share: u8) {
    let over = u32::from(share) * u32::from(fill[3]);
    let under = u32::from(u8::MAX - share) * u32::from(pixel[3]);
    let total = over + under;
    for (value, &fill) in pixel[..3].iter_mut().zip(fill) {
        let sum = u32::from(*value) * under + u32::from(fill) * over + total / 2;
        // Nothing is seen where there is no alpha at all.
        *value = sum.checked_div(total).map_or(*value, |mean| mean as u8);
    }
    pixel[3] = ((total + 127) / 255) as u8;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;

    /// One pixel of `source` under one of `fill`.
    fn blend(source: [u8; 4], fill: [u8; 4], share: u8) -> Vec<u8> {
        let size = Size::square(1).unwrap();
        let matte = Matte::from_bytes(size, vec![share]).unwrap();
        composite(&Image::filled(size, source), &Image::filled(size, fill), &matte, size.bounds()).unwrap().into_bytes()
    }

    #[test]
    fn the_ends_are_exact() {
        for value in 0..=255 {
            let (source, fill) = ([value, 3, 250, value], [9, value, 0, 255 - value]);
            assert_eq!(blend(source, fill, 0), source);
            assert_eq!(blend(source, fill, 255), fill);
        }
    }

    #[test]
    fn equal_pixels_stay_equal() {
        for share in 1..255 {
            assert_eq!(blend([200, 1, 77, 255], [200, 1, 77, 255], share), [200, 1, 77, 255]);
            assert_eq!(blend([200, 1, 77, 130], [200, 1, 77, 130], share), [200, 1, 77, 130]);
        }
    }

    #[test]
    fn the_colour_of_a_transparent_pixel_does_not_bleed_in() {
        assert_eq!(blend([0, 0, 0, 0], [180, 90, 10, 255], 128), [180, 90, 10, 128]);
        assert_eq!(blend([180, 90, 10, 255], [0, 0, 0, 0], 128), [180, 90, 10, 127]);
    }

    #[test]
    fn sizes_must_agree() {
        let (one, two) = (Size::square(1).unwrap(), Size::square(2).unwrap());
        let matte = Matte::from_bytes(one, vec![9]).unwrap();
        assert!(composite(&Image::filled(two, [0; 4]), &Image::filled(one, [0; 4]), &matte, two.bounds()).is_err());
    }
}
