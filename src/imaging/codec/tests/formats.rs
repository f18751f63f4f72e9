//! Which files are read, and what is written.

use image::{Delay, Frame, codecs::gif::GifEncoder};

use super::*;
use crate::mask::Mask;

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
fn a_mask_as_a_bitmap_shows_the_same_pixels() {
    for (width, height) in [(1, 1), (7, 3), (32, 2), (33, 5), (100, 61)] {
        let mask = Mask::from_fn(Size::new(width, height).unwrap(), |x, y| (x * 7 + y * 13) % 5 < 2);
        let image = read(&mask.to_bitmap()).unwrap().image;
        let red: Vec<u8> = image.as_bytes().chunks(4).map(|pixel| pixel[0]).collect();
        assert_eq!(Mask::from_coverage(image.size(), &red).unwrap(), mask, "{width} x {height}");
    }
}

#[test]
fn what_is_written_is_read_back() {
    for transparent in [false, true] {
        let image = picture(50, 31, transparent);
        for format in [Format::Png, Format::WebP, Format::Gif, Format::Bmp] {
            let decoded = read(&plain(&image, format)).unwrap();
            assert_eq!((decoded.format, decoded.image), (format.output(), image.clone()));
        }
    }
}

#[test]
fn transparency_is_laid_over_white_in_a_jpeg() {
    let clear = Image::filled(Size::square(16).unwrap(), [200, 0, 0, 0]);
    let decoded = read(&plain(&clear, Format::Jpeg)).unwrap();
    assert!(distance(&decoded.image, &Image::filled(clear.size(), [255; 4])) <= 1);
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
    let decoded = read(&with_chunks(&png, &[control])).unwrap();
    assert!(decoded.animated);
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
    let refused = encode(&long, &EncodeOptions::new(Format::Jpeg));
    assert!(matches!(refused, Err(EncodeError::TooLarge { width: 70_000, .. })));
    assert!(matches!(encode(&long, &EncodeOptions::new(Format::WebP)), Err(EncodeError::TooLarge { .. })));
    assert!(encode(&long, &EncodeOptions::new(Format::Png)).is_ok());
}

/// 32 x 16 pixels, blue above red, as libwebp 1.5 writes them with loss at quality 80.
const LOSSY: &str = "524946464a00000057454250565038203e0000005003009d012a200010003e6d2a9145a422a19804004006c4b400588d403f\
                     000044264000feee4c3fc129ffa4d9e269c8623bff8b391de5a1fb86164d8000";
/// The same with the left half nearly transparent.
const LOSSY_WITH_ALPHA: &str = "524946467400000057454250565038580a000000100000001f00000f0000414c5048100000000110121017fd3f23\
                                ca5a444c00d9fc17565038203e0000005003009d012a200010003e6d2a9145a422a19804004006c4b400588d403f\
                                000044264000feee4c3fc129ffa4d9e269c8623bff8b391de5a1fb86164d8000";

/// Two frames of one colour, without loss, by the same program.
const ANIMATED: &str = "524946468800000057454250565038580a00000002000000070000070000414e494d06000000000000000000414e4d462a00\
                        0000000000000000070000070000320000025650384c110000002f07c001000750852257abff8188e87f0000414e4d462a00\
                        0000000000000000070000070000320000005650384c110000002f07c001000750e42a54abff8188e87f0000";

fn from_hexadecimal(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().map(|digit| digit.to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

#[test]
fn of_an_animated_webp_the_first_frame_is_read() {
    let decoded = read(&from_hexadecimal(ANIMATED)).unwrap();
    assert!(decoded.animated);
    assert_eq!(decoded.image, Image::filled(Size::square(8).unwrap(), [200, 10, 90, 255]));
}

#[test]
fn a_lossy_webp_is_read_and_written_without_more_loss() {
    for (hexadecimal, alpha) in [(LOSSY, 255), (LOSSY_WITH_ALPHA, 80)] {
        let decoded = read(&from_hexadecimal(hexadecimal)).unwrap();
        for (at, pixel) in decoded.image.as_bytes().as_chunks::<4>().0.iter().enumerate() {
            let (x, y) = (at % 32, at / 32);
            assert_eq!(pixel[3], if x < 16 { alpha } else { 255 });
            // Colours are blurred where they meet.
            let expected = if y < 8 { [30, 90, 200] } else { [200, 60, 30] };
            assert!(y.abs_diff(8) < 2 || pixel.iter().zip(expected).all(|(is, should)| is.abs_diff(should) <= 8));
        }
        let again = read(&saved(&decoded, Format::WebP, MetadataPolicy::default())).unwrap();
        assert_eq!(again.image, decoded.image);
    }
}

#[test]
fn random_pictures_come_back_bit_by_bit() {
    let mut random = Random(7);
    for case in 0..120 {
        let (width, height) = (1 + random.below(40) as u32, 1 + random.below(40) as u32);
        let size = Size::new(width, height).unwrap();
        // Some of few colours, some grey, some opaque: encoders choose other ways for those.
        let (step, grey, opaque) = (1 + random.below(3) * 60, random.below(3) == 0, random.below(2) == 0);
        let mut value = || (random.below(256) / step * step) as u8;
        let pixels = (0..size.area()).flat_map(|_| {
            let pixel = [value(), value(), value(), value()];
            let pixel = if grey { [pixel[0], pixel[0], pixel[0], pixel[3]] } else { pixel };
            if opaque { [pixel[0], pixel[1], pixel[2], 255] } else { pixel }
        });
        let image = Image::from_rgba(size, pixels.collect()).unwrap();
        let colour = Colour { grey, ..Colour::SRGB };
        // Colours under full transparency stay too.
        for format in [Format::Png, Format::WebP] {
            let options = EncodeOptions { colour: &colour, ..EncodeOptions::new(format) };
            let decoded = read(&encode(&image, &options).unwrap()).unwrap();
            assert_eq!((decoded.image, decoded.format), (image.clone(), format), "case {case}");
        }
        let jpeg =
            read(&encode(&image, &EncodeOptions { colour: &colour, ..EncodeOptions::new(Format::Jpeg) }).unwrap());
        let jpeg = jpeg.unwrap();
        assert_eq!((jpeg.image.size(), jpeg.colour), (size, colour), "case {case}");
    }
}
