//! Whole files in and out.

mod damage;
mod depths;
mod fidelity;
mod formats;
pub(super) mod samples;
mod shown;

use image::{DynamicImage, ImageFormat, RgbaImage};

use super::*;
use crate::{geometry::Size, image::Image};

/// The formats that are written.
const WRITTEN: [Format; 3] = [Format::Jpeg, Format::Png, Format::WebP];

/// Soft colours, so that JPEG keeps them, with the corners all different.
fn picture(width: u32, height: u32, transparent: bool) -> Image {
    let pixel = |x: u32, y: u32| {
        let alpha = if transparent && x < width / 2 { 40 } else { 255 };
        [(x * 200 / width) as u8, (y * 180 / height) as u8, 90, alpha]
    };
    let data = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect();
    Image::from_rgba(Size::new(width, height).unwrap(), data).unwrap()
}

/// A file as the `image` crate writes it.
fn file(image: &Image, format: ImageFormat) -> Vec<u8> {
    let (width, height) = image.size().into();
    let pixels = RgbaImage::from_raw(width, height, image.as_bytes().to_vec()).unwrap();
    let mut out = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageRgba8(pixels).write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// A file with nothing beside the picture.
fn plain(image: &Image, format: Format) -> Vec<u8> {
    encode(image, &EncodeOptions::new(format)).unwrap()
}

/// What is saved when a file was opened and nothing was painted.
fn saved(decoded: &Decoded, format: Format, policy: MetadataPolicy) -> Vec<u8> {
    let options = EncodeOptions {
        format,
        quality: decoded.jpeg_quality.unwrap_or_default(),
        colour: &decoded.colour,
        metadata: &decoded.metadata,
        policy,
    };
    encode(&decoded.image, &options).unwrap()
}

/// 255 colours: as many as a GIF keeps, beside the one that is transparent.
fn few_colours() -> Image {
    picture(15, 17, false)
}

fn files() -> Vec<(Format, Vec<u8>)> {
    let image = few_colours();
    vec![
        (Format::Png, file(&image, ImageFormat::Png)),
        (Format::Jpeg, plain(&image, Format::Jpeg)),
        (Format::WebP, file(&image, ImageFormat::WebP)),
        (Format::Gif, file(&image, ImageFormat::Gif)),
        (Format::Bmp, file(&image, ImageFormat::Bmp)),
    ]
}

fn read(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    decode(bytes, Limits::default())
}

/// The largest difference of any value.
fn distance(a: &Image, b: &Image) -> u8 {
    assert_eq!(a.size(), b.size());
    a.as_bytes().iter().zip(b.as_bytes()).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

/// A PNG chunk with its checksum.
fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind[..], data].concat();
    let mut crc = u32::MAX;
    for byte in &body {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    [&(data.len() as u32).to_be_bytes()[..], &body, &(!crc).to_be_bytes()].concat()
}

/// Puts chunks behind the header of a PNG (8 + 25 bytes).
fn with_chunks(png: &[u8], chunks: &[Vec<u8>]) -> Vec<u8> {
    [&png[..33], &chunks.concat(), &png[33..]].concat()
}

/// Data as zlib holds it without compressing it.
fn stored(data: &[u8]) -> Vec<u8> {
    let (low, high) = data.iter().fold((1_u32, 0_u32), |(low, high), &byte| {
        let low = (low + u32::from(byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    let len = data.len() as u16;
    let head = [&[0x78, 1, 1][..], &len.to_le_bytes(), &(!len).to_le_bytes()].concat();
    [&head, data, &(high << 16 | low).to_be_bytes()].concat()
}

/// Numbers that look random, the same each time (xorshift).
pub(super) struct Random(pub(super) u32);

impl Random {
    /// Changes up to six bytes, mostly to the ends of ranges, where mistakes are.
    pub(super) fn damage(&mut self, bytes: &mut [u8]) {
        for _ in 0..=self.below(6) {
            let at = self.below(bytes.len());
            bytes[at] = [0, 1, 0x7f, 0x80, 0xff, self.below(256) as u8][self.below(6)];
        }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as usize % limit
    }
}
