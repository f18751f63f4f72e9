use jpeg_encoder::{QuantizationTableType, SamplingFactor};

use super::*;
use crate::geometry::Size;

const CHROMAS: [Chroma; 4] = [Chroma::Full, Chroma::HalvedAcross, Chroma::HalvedDown, Chroma::Halved];

/// Slopes, waves and grain: about as hard for coders as a photograph.
fn photograph(width: u32, height: u32) -> Image {
    let pixel = |x: u32, y: u32| {
        let wave = ((x as f32 / 17.0).sin() + (y as f32 / 11.0).cos()) * 40.0;
        let grain = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(2_246_822_519)).wrapping_mul(3_266_489_917) >> 28;
        let base = 110.0 + wave + grain as f32;
        [base, 200.0 - base * 0.5, 40.0 + y as f32 * 150.0 / height as f32, 255.0].map(|value| value as u8)
    };
    let data = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect();
    Image::from_rgba(Size::new(width, height).unwrap(), data).unwrap()
}

fn read(file: &[u8]) -> Raw {
    decode(file, Limits::default()).unwrap()
}

fn written(image: &Image, quality: JpegQuality) -> Vec<u8> {
    encode(image, quality, &Colour::SRGB, &Kept::default()).unwrap()
}

/// What is written when a file is read and nothing is changed.
fn again(file: &[u8]) -> Vec<u8> {
    let Raw { width, height, data, jpeg_quality, .. } = read(file);
    let image = Image::from_rgba(Size::new(width, height).unwrap(), data).unwrap();
    written(&image, jpeg_quality.unwrap())
}

/// The mean difference of the colours.
fn difference(one: &[u8], other: &[u8]) -> f64 {
    let (one, other) = (read(one).data, read(other).data);
    let sum: u64 = one.iter().zip(&other).map(|(one, other)| u64::from(one.abs_diff(*other))).sum();
    sum as f64 / (one.len() as f64 * 0.75)
}

/// As other programs may write.
fn foreign(image: &Image, set: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 85);
    set(&mut encoder);
    let (width, height) = image.size().into();
    encoder.encode(image.as_bytes(), width as u16, height as u16, ColorType::Rgba).unwrap();
    out
}

#[test]
fn the_quality_of_a_file_is_read_back() {
    for percent in [20, 49, 50, 60, 75, 90, 95, 100] {
        for chroma in CHROMAS {
            let quality = JpegQuality::new(percent, chroma);
            let header = Header::read(&written(&photograph(67, 43), quality));
            let read = header.quality().unwrap();
            assert!(read.percent().abs_diff(percent) <= 1, "{read:?} of {quality:?}");
            assert_eq!((read.chroma(), header.components.len(), header.complete), (chroma, 3, true));
        }
    }
}

#[test]
fn a_file_that_is_written_again_is_as_large_and_looks_the_same() {
    let source = photograph(401, 267);
    for percent in [60, 75, 90, 95] {
        for chroma in CHROMAS {
            let file = written(&source, JpegQuality::new(percent, chroma));
            let second = again(&file);
            let growth = second.len() as f64 / file.len() as f64;
            assert!((0.97..1.03).contains(&growth), "{percent} {chroma:?}: {growth}");
            // Half as many samples of colour are made more of and fewer again, which softens them a little.
            let most = if chroma == Chroma::Full { 0.3 } else { 1.2 };
            let change = difference(&file, &second);
            assert!(change < most, "{percent} {chroma:?}: {change}");
        }
    }
}

#[test]
fn steps_that_no_percent_describes_are_kept() {
    // Flat ones, as some encoders choose; coarser in colour.
    let custom = |step| QuantizationTableType::Custom(Box::new(std::array::from_fn(|at| step + at as u16 / 9)));
    let file = foreign(&photograph(200, 120), |encoder| {
        encoder.set_quantization_tables(custom(5), custom(11));
        encoder.set_sampling_factor(SamplingFactor::F_1_1);
    });
    let quality = Header::read(&file).quality().unwrap();
    let second = again(&file);
    assert_eq!(Header::read(&second).quality(), Some(quality));
    assert!(difference(&file, &second) < 0.3);
    assert!(second.len().abs_diff(file.len()) * 50 < file.len());
}

#[test]
fn steps_of_sixteen_bits_are_read() {
    let file = written(&photograph(16, 16), JpegQuality::new(30, Chroma::Full));
    let at = file.windows(4).position(|bytes| bytes == [0xff, 0xdb, 0, 67]).unwrap();
    let wide: Vec<u8> = file[at + 5..at + 69].iter().flat_map(|&step| [0, step]).collect();
    let same = [&file[..at], &[0xff, 0xdb, 0, 131, 0x10], &wide, &file[at + 69..]].concat();
    assert_eq!(Header::read(&same), Header::read(&file));
}

#[test]
fn sparser_colour_than_we_write_becomes_the_sparsest() {
    let image = photograph(64, 64);
    for (sampling, chroma) in [(SamplingFactor::F_4_1, Chroma::Halved), (SamplingFactor::F_1_2, Chroma::HalvedDown)] {
        let file = foreign(&image, |encoder| encoder.set_sampling_factor(sampling));
        assert_eq!(Header::read(&file).quality().unwrap().chroma(), chroma);
    }
}

#[test]
fn the_colour_of_all_pixels_counts_where_it_is_halved() {
    let stripes = (0..64 * 64).flat_map(|i| if i % 2 == 0 { [250, 20, 20, 255] } else { [20, 20, 250, 255] }).collect();
    let stripes = Image::from_rgba(Size::square(64).unwrap(), stripes).unwrap();
    let purple = read(&written(&stripes, JpegQuality::new(95, Chroma::Halved))).data;
    let (red, blue) = purple
        .as_chunks::<4>()
        .0
        .iter()
        .fold((0, 0), |(red, blue), pixel| (red + u32::from(pixel[0]), blue + u32::from(pixel[2])));
    assert!(red.abs_diff(blue) * 10 < red, "{red} {blue}");
}

#[test]
fn progressive_files_are_read() {
    let image = photograph(203, 77);
    for (sampling, chroma) in [(SamplingFactor::F_1_1, Chroma::Full), (SamplingFactor::F_2_2, Chroma::Halved)] {
        let plain = foreign(&image, |encoder| encoder.set_sampling_factor(sampling));
        let progressive = foreign(&image, |encoder| {
            encoder.set_sampling_factor(sampling);
            encoder.set_progressive(true);
        });
        assert_eq!(Header::read(&progressive).quality(), Header::read(&plain).quality());
        assert_eq!(Header::read(&plain).quality().unwrap().chroma(), chroma);
        assert!(difference(&plain, &progressive) < 0.01);
    }
}

#[test]
fn files_that_the_decoder_would_spoil_are_refused() {
    let file = foreign(&photograph(88, 88), |encoder| {
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder.set_optimized_huffman_tables(true);
    });
    let refused = decode(&file, Limits::default());
    assert!(matches!(&refused, Err(DecodeError::Unsupported { what, .. }) if what.contains("scans")), "{refused:?}");
}

#[test]
fn red_green_and_blue_are_taken_as_they_are() {
    let grey = Image::filled(Size::square(16).unwrap(), [90, 90, 90, 255]);
    let file = written(&grey, JpegQuality::default());
    // Adobe's marker: no transform of colours. What was brightness is red then.
    let marker = [&[0xff, 0xee, 0, 14], b"Adobe\0\x64\0\0\0\0\0".as_slice()].concat();
    let pixels = read(&[&file[..2], &marker, &file[2..]].concat()).data;
    assert!(pixels.as_chunks::<4>().0.iter().all(|&[red, green, blue, alpha]| {
        red.abs_diff(90) <= 1 && green.abs_diff(128) <= 1 && blue.abs_diff(128) <= 1 && alpha == 255
    }));
}

#[test]
fn a_missing_end_marker_alone_is_no_fault() {
    let file = written(&photograph(67, 43), JpegQuality::default());
    assert!(decode(&file[..file.len() - 2], Limits::default()).is_ok());
    let cut = decode(&file[..file.len() / 2], Limits::default());
    assert!(matches!(cut, Err(DecodeError::Truncated { format: Format::Jpeg })), "{cut:?}");
}

#[test]
fn headers_of_any_length_are_read_without_a_panic() {
    let file = written(&photograph(67, 43), JpegQuality::default());
    for len in 0..file.len() {
        let header = Header::read(&file[..len]);
        assert!(!header.complete);
    }
}
