//! Pictures made on the spot: a textured ground with one object on it. No two neighbouring pixels are equal by design, so
//! that a pixel in the wrong place is noticed.

use std::io::Cursor;

use image::{Delay, DynamicImage, Frame, ImageFormat, Rgb, RgbImage, RgbaImage, codecs::gif::GifEncoder};
use jpeg_encoder::{ColorType, SamplingFactor};

use crate::mouse::{Point, at};

/// The round thing on the ground that is to go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Object {
    /// Its middle.
    pub middle: Point,
    /// Its radius in pixels.
    pub radius: f64,
}

impl Object {
    /// Where it is in a scene of this size.
    pub fn in_scene(width: u32, height: u32) -> Self {
        let (width, height) = (f64::from(width), f64::from(height));
        Self { middle: at(width * 0.55, height * 0.5), radius: width.min(height) * 0.08 }
    }

    /// Whether a point of the picture is on it.
    pub fn covers(&self, point: Point) -> bool {
        (point.x - self.middle.x).hypot(point.y - self.middle.y) <= self.radius
    }

    /// A stroke across it, with some room on both sides.
    pub fn stroke(&self) -> [Point; 2] {
        let reach = self.radius * 0.6;
        [at(self.middle.x - reach, self.middle.y), at(self.middle.x + reach, self.middle.y)]
    }
}

/// A picture of this size.
pub fn scene(width: u32, height: u32) -> RgbImage {
    let object = Object::in_scene(width, height);
    RgbImage::from_fn(width, height, |x, y| {
        let (fx, fy) = (f64::from(x), f64::from(y));
        let inside = (fx - object.middle.x).hypot(fy - object.middle.y) <= object.radius;
        let grain = f64::from(hash(x, y) % 24);
        let wave = 30.0 * (fx / 17.0).sin() * (fy / 23.0).cos();
        let (red, green, blue) = if inside {
            (210.0, 40.0, 50.0)
        } else {
            (70.0 + 60.0 * fx / f64::from(width) + wave, 110.0 + wave, 60.0 + 80.0 * fy / f64::from(height))
        };
        Rgb([red + grain, green + grain, blue + grain].map(|value| value as u8))
    })
}

fn hash(x: u32, y: u32) -> u32 {
    let mixed = x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77);
    (mixed ^ (mixed >> 15)).wrapping_mul(0x2C1B_3C6D) >> 16
}

/// The file that a made picture's name stands for: `<width>x<height>.<png|jpg|webp|gif>`; a GIF has three frames.
pub fn file(name: &str) -> Option<Vec<u8>> {
    let (size, ending) = name.rsplit_once('.')?;
    let (width, height) = size.split_once('x')?;
    let picture = scene(width.parse().ok()?, height.parse().ok()?);
    match ending {
        "png" => encode(picture, ImageFormat::Png),
        "webp" => encode(picture, ImageFormat::WebP),
        "jpg" => {
            // As cameras and phones write it: half the colour.
            let mut bytes = Vec::new();
            let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
            encoder.set_sampling_factor(SamplingFactor::F_2_2);
            let (width, height) = (u16::try_from(picture.width()).ok()?, u16::try_from(picture.height()).ok()?);
            encoder.encode(&picture, width, height, ColorType::Rgb).ok()?;
            Some(bytes)
        }
        "gif" => animation(&picture),
        _ => None,
    }
}

/// A picture as a file.
pub fn encode(picture: impl Into<DynamicImage>, format: ImageFormat) -> Option<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).ok()?;
    Some(bytes.into_inner())
}

/// The scene, then the scene upside down, then left and right swapped.
fn animation(picture: &RgbImage) -> Option<Vec<u8>> {
    let frames = [picture.clone(), image::imageops::flip_vertical(picture), image::imageops::flip_horizontal(picture)];
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut bytes, 30);
    for frame in frames {
        let frame: RgbaImage = DynamicImage::from(frame).into_rgba8();
        encoder.encode_frame(Frame::from_parts(frame, 0, 0, Delay::from_numer_denom_ms(400, 1))).ok()?;
    }
    drop(encoder);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_size_and_format() {
        let picture = image::load_from_memory(&file("64x48.webp").unwrap()).unwrap();
        assert_eq!((picture.width(), picture.height()), (64, 48));
        assert!(file("64x48.txt").is_none());
        assert!(file("passwd").is_none());
    }
}
