use image::{
    Delay, DynamicImage, ExtendedColorType, Frame, ImageEncoder as _, ImageFormat, RgbaImage,
    codecs::{gif::GifEncoder, png::PngEncoder},
};

use super::*;
use crate::{geometry::Size, image::Image};

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

/// 255 colours: as many as a GIF keeps, beside the one that is transparent.
fn few_colours() -> Image {
    picture(15, 17, false)
}

fn files() -> Vec<(Format, Vec<u8>)> {
    let image = few_colours();
    vec![
        (Format::Png, file(&image, ImageFormat::Png)),
        (Format::Jpeg, encode(&image, Format::Jpeg, JpegQuality::default()).unwrap()),
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

#[test]
fn every_format_is_recognised_and_read() {
    for (format, bytes) in files() {
        let decoded = read(&bytes).unwrap();
        assert_eq!((decoded.format, decoded.animated, decoded.depth_reduced), (format, false, false));
        let tolerance = if format == Format::Jpeg { 12 } else { 0 };
        assert!(distance(&decoded.image, &few_colours()) <= tolerance, "{format:?}");
    }
}

#[test]
fn what_is_written_is_read_back() {
    for transparent in [false, true] {
        let image = picture(50, 31, transparent);
        for format in [Format::Png, Format::WebP, Format::Gif, Format::Bmp] {
            let decoded = read(&encode(&image, format, JpegQuality::default()).unwrap()).unwrap();
            assert_eq!((decoded.format, decoded.image), (format.output(), image.clone()));
        }
    }
}

#[test]
fn transparency_is_laid_over_white_in_a_jpeg() {
    let clear = Image::filled(Size::square(16).unwrap(), [200, 0, 0, 0]);
    let decoded = read(&encode(&clear, Format::Jpeg, JpegQuality::default()).unwrap()).unwrap();
    assert!(distance(&decoded.image, &Image::filled(clear.size(), [255; 4])) <= 1);
}

#[test]
fn a_colour_profile_survives_and_so_does_the_quality() {
    let profile: Vec<u8> = (0..=255).cycle().take(3_000).collect();
    let image = picture(40, 30, false);
    let quality = JpegQuality::new(83, Chroma::Halved);
    for format in [Format::Png, Format::Jpeg, Format::WebP] {
        let decoded = read(&encode_with_profile(&image, format, quality, Some(&profile)).unwrap()).unwrap();
        assert_eq!(decoded.icc_profile.as_deref(), Some(&profile[..]), "{format:?}");
        let of_file = decoded.jpeg_quality.map(|quality| (quality.percent(), quality.chroma()));
        assert_eq!(of_file, (format == Format::Jpeg).then_some((83, Chroma::Halved)));
    }
}

#[test]
fn a_turned_photograph_is_turned_back() {
    let upright = picture(48, 24, false);
    // The camera was held so that "rotate 90 degrees clockwise" (6) makes it right.
    let turned =
        DynamicImage::ImageRgba8(RgbaImage::from_raw(48, 24, upright.as_bytes().to_vec()).unwrap()).rotate270();
    let stored = Image::from_rgba(Size::new(24, 48).unwrap(), turned.into_rgba8().into_raw()).unwrap();
    let jpeg = encode(&stored, Format::Jpeg, JpegQuality::default()).unwrap();
    let exif =
        [b"Exif\0\0II*\0\x08\0\0\0\x01\0".as_slice(), b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0", b"\0\0\0\0"].concat();
    let marker = [&[0xff, 0xe1], &(exif.len() as u16 + 2).to_be_bytes()[..], &exif].concat();
    let bytes = [&jpeg[..2], &marker, &jpeg[2..]].concat();
    assert!(distance(&read(&bytes).unwrap().image, &upright) <= 12);
}

#[test]
fn sixteen_bits_are_reduced_and_said_so() {
    let values: Vec<u8> = (0..4 * 4 * 3_u16).flat_map(|v| (v * 1_300).to_ne_bytes()).collect();
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(&values, 4, 4, ExtendedColorType::Rgb16).unwrap();
    let decoded = read(&bytes).unwrap();
    assert!(decoded.depth_reduced);
    assert!(decoded.image.as_bytes()[4].abs_diff((3 * 1_300 / 257) as u8) <= 1);
}

#[test]
fn of_an_animation_the_first_frame_is_read() {
    let mut bytes = Vec::new();
    let frame = |v| {
        Frame::from_parts(RgbaImage::from_pixel(9, 5, [v, 0, 9, 255].into()), 0, 0, Delay::from_numer_denom_ms(50, 1))
    };
    GifEncoder::new(&mut bytes).encode_frames([frame(200), frame(10)]).unwrap();
    let decoded = read(&bytes).unwrap();
    assert!(decoded.animated);
    assert!(distance(&decoded.image, &Image::filled(Size::new(9, 5).unwrap(), [200, 0, 9, 255])) <= 4);
}

#[test]
fn an_animated_png_is_recognised() {
    let png = file(&picture(9, 5, false), ImageFormat::Png);
    // "acTL": two frames, played for ever, after the header (8 + 25 bytes).
    let control = chunk(*b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    let decoded = read(&[&png[..33], &control, &png[33..]].concat()).unwrap();
    assert!(decoded.animated);
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

/// The start of a PNG of this size, with next to nothing behind it.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let header = chunk(*b"IHDR", &[&size[..], &[8, 6, 0, 0, 0]].concat());
    [b"\x89PNG\r\n\x1a\n".as_slice(), &header, &chunk(*b"IDAT", &[0x78, 1])].concat()
}

#[test]
fn a_header_that_asks_for_too_much_is_refused_before_memory_is_taken() {
    let bombs = [
        png_header(10_000, 10_000),
        png_header(2_000_000_000, 2_000_000_000),
        [b"GIF89a\xff\xff\xff\xff\0\0\0".as_slice(), b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x08"].concat(),
        bmp_header(100_000, 100_000),
    ];
    for bomb in &bombs {
        let refused = read(bomb);
        assert!(matches!(refused, Err(DecodeError::TooLarge { .. } | DecodeError::Damaged { .. })), "{refused:?}");
    }
    assert!(matches!(read(&bombs[0]), Err(DecodeError::TooLarge { width: 10_000, height: 10_000, .. })));
    assert!(bombs[1..3].iter().all(|bomb| matches!(read(bomb), Err(DecodeError::TooLarge { .. }))));
}

fn bmp_header(width: i32, height: i32) -> Vec<u8> {
    let mut bytes = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bytes.extend([width.to_le_bytes(), height.to_le_bytes()].concat());
    bytes.extend([1, 0, 24, 0]);
    bytes.extend([0; 24]);
    bytes
}

#[test]
fn a_jpeg_is_checked_by_its_header_too() {
    let jpeg = encode(&picture(64, 64, false), Format::Jpeg, JpegQuality::default()).unwrap();
    let limits = Limits { max_pixels: 64 * 63, ..Limits::default() };
    assert!(matches!(decode(&jpeg, limits), Err(DecodeError::TooLarge { width: 64, height: 64, .. })));
    assert!(decode(&jpeg, Limits { max_pixels: 64 * 64, ..limits }).is_ok());
}

#[test]
fn a_cut_file_is_an_error() {
    for (format, bytes) in files() {
        for len in [bytes.len() / 2, bytes.len() * 3 / 4, 40.min(bytes.len() / 2)] {
            let cut = read(&bytes[..len]);
            assert!(
                matches!(cut, Err(DecodeError::Truncated { .. } | DecodeError::Damaged { .. })),
                "{format:?} of {len}: {cut:?}"
            );
        }
    }
}

#[test]
fn what_is_no_picture_is_named() {
    assert!(matches!(read(b""), Err(DecodeError::Empty)));
    for text in [b"<svg xmlns='http://www.w3.org/2000/svg'/>".as_slice(), b"\0\0\0 ftypavif", b"hello", &[0xff]] {
        assert!(matches!(read(text), Err(DecodeError::UnknownFormat)));
    }
}

#[test]
fn cmyk_is_refused_by_name() {
    let mut bytes = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
    encoder.encode(&[128; 8 * 8 * 4], 8, 8, jpeg_encoder::ColorType::Cmyk).unwrap();
    let refused = read(&bytes).unwrap_err();
    assert!(matches!(refused, DecodeError::Cmyk) && refused.to_string().contains("CMYK"));
}

#[test]
fn grey_files_are_read() {
    let mut bytes = Vec::new();
    jpeg_encoder::Encoder::new(&mut bytes, 95).encode(&[77; 24 * 8], 24, 8, jpeg_encoder::ColorType::Luma).unwrap();
    let decoded = read(&bytes).unwrap();
    assert!(distance(&decoded.image, &Image::filled(Size::new(24, 8).unwrap(), [77, 77, 77, 255])) <= 1);
}

#[test]
fn a_side_too_long_for_a_jpeg_is_an_error() {
    let long = Image::filled(Size::new(70_000, 1).unwrap(), [9, 9, 9, 255]);
    let refused = encode(&long, Format::Jpeg, JpegQuality::default());
    assert!(matches!(refused, Err(EncodeError::TooLarge { width: 70_000, .. })));
    assert!(encode(&long, Format::Png, JpegQuality::default()).is_ok());
}

/// No damage to a file may do worse than an error.
#[test]
fn damaged_files_never_panic() {
    let mut seed = 0x9e37_79b9_u32;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        seed as usize % below
    };
    let limits = Limits { max_pixels: 1_000_000, ..Limits::default() };
    for (_, bytes) in files() {
        for _ in 0..1_500 {
            let mut damaged = bytes.clone();
            for _ in 0..=random(4) {
                let at = random(damaged.len());
                damaged[at] = random(256) as u8;
            }
            damaged.truncate(1 + random(bytes.len() * 2));
            drop(decode(&damaged, limits));
        }
    }
}
