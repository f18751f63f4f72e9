//! Laying a fill over a picture.

use std::sync::LazyLock;

use crate::{
    geometry::Rect,
    image::{Image, ShapeError},
    mask::Matte,
};

/// Blends `fill` over `rect` of `source`, which must lie inside it, as strongly as `matte` says.
///
/// Returns what `rect` looks like then. Where the matte is 0 the pixel is the source's, bit by bit; where it is 255 it is
/// the fill's. In between, light is mixed, as a lens out of focus does it: mixed as they are coded, values of a bright and
/// a dark side would give a rim that is darker than both sides make it look. And colours are weighted by their alpha, so
/// that the colour of a transparent pixel, which nobody sees, does not bleed in.
///
/// Values are taken to be coded as in sRGB (IEC 61966-2-1), which has the curve of Display P3 and nearly that of others.
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

/// Light for each value, 65,535 being all of it: fine enough that every value comes back.
static LIGHT: LazyLock<[u16; 256]> = LazyLock::new(|| {
    std::array::from_fn(|value| {
        let value = value as f32 / 255.0;
        let light = if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) };
        (light * 65_535.0).round() as u16
    })
});

/// The other way round: the nearest value for each light.
static VALUE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let light = &*LIGHT;
    let mut value = 0_usize;
    let nearest = |at: u32| {
        while value < 255 && u32::from(light[value]) + u32::from(light[value + 1]) <= 2 * at {
            value += 1;
        }
        value as u8
    };
    (0..=u32::from(u16::MAX)).map(nearest).collect()
});

/// Moves `pixel` towards `fill` by `share` of 255.
fn mix_opaque(pixel: &mut [u8], fill: &[u8], share: u8) {
    let (over, under) = (u32::from(share), u32::from(u8::MAX - share));
    let (light, values) = (&*LIGHT, &**VALUE);
    for (value, &fill) in pixel[..3].iter_mut().zip(fill) {
        let sum = u32::from(light[usize::from(*value)]) * under + u32::from(light[usize::from(fill)]) * over;
        *value = values[((sum + 127) / 255) as usize];
    }
}

/// As [`mix_opaque`], where colours count as much as their alpha.
fn mix(pixel: &mut [u8], fill: &[u8], share: u8) {
    let over = u32::from(share) * u32::from(fill[3]);
    let under = u32::from(u8::MAX - share) * u32::from(pixel[3]);
    let total = over + under;
    let (light, values) = (&*LIGHT, &**VALUE);
    for (value, &fill) in pixel[..3].iter_mut().zip(fill) {
        let light = |value: u8| u64::from(light[usize::from(value)]);
        let sum = light(*value) * u64::from(under) + light(fill) * u64::from(over) + u64::from(total / 2);
        // Nothing is seen where there is no alpha at all.
        *value = sum.checked_div(u64::from(total)).map_or(*value, |mean| values[mean as usize]);
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
    fn light_is_mixed() {
        // Half the light of white is coded as 188, not as 128.
        assert_eq!(blend([0, 0, 0, 255], [255, 255, 255, 255], 128)[..3], [188, 188, 188]);
        for value in 0..=255 {
            assert_eq!(blend([value; 4], [value, value, value, 255], 99)[0], value);
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
