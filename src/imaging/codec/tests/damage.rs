//! Files that are cut off, damaged, or made to do harm.

use super::{
    samples::{exif, iptc, profile, xmp},
    *,
};

/// The start of a PNG of this size, with next to nothing behind it.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let header = chunk(*b"IHDR", &[&size[..], &[8, 6, 0, 0, 0]].concat());
    [b"\x89PNG\r\n\x1a\n".as_slice(), &header, &chunk(*b"IDAT", &[0x78, 1])].concat()
}

#[test]
fn a_header_that_asks_for_too_much_is_refused_before_memory_is_taken() {
    let bombs = [
        png_header(10_001, 10_000),
        png_header(2_000_000_000, 2_000_000_000),
        [b"GIF89a\xff\xff\xff\xff\0\0\0".as_slice(), b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x08"].concat(),
        bmp_header(100_000, 100_000),
    ];
    for bomb in &bombs {
        let refused = read(bomb);
        assert!(matches!(refused, Err(DecodeError::TooLarge { .. } | DecodeError::Damaged { .. })), "{refused:?}");
    }
    assert!(matches!(read(&bombs[0]), Err(DecodeError::TooLarge { width: 10_001, height: 10_000, .. })));
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
    let jpeg = plain(&picture(64, 64, false), Format::Jpeg);
    let limits = Limits { max_pixels: 64 * 63, ..Limits::default() };
    assert!(matches!(decode(&jpeg, limits), Err(DecodeError::TooLarge { width: 64, height: 64, .. })));
    assert!(decode(&jpeg, Limits { max_pixels: 64 * 64, ..limits }).is_ok());
}

/// Files of all kinds, with all that can stand beside a picture.
fn full_files() -> Vec<(Format, Vec<u8>)> {
    let metadata = Metadata::new(Some(exif(6)), Some(xmp().into_bytes()), Some(iptc()));
    let colour = Colour { icc_profile: Some(profile(*b"RGB ")), ..Colour::SRGB };
    let full = |format| {
        let options = EncodeOptions {
            colour: &colour,
            metadata: &metadata,
            policy: MetadataPolicy::KeepAll,
            ..EncodeOptions::new(format)
        };
        (format, encode(&picture(33, 21, format == Format::WebP), &options).unwrap())
    };
    let mut all = files();
    all.extend(WRITTEN.map(full));
    all
}

#[test]
fn a_cut_file_is_an_error() {
    let mut random = Random(0x9e37_79b9);
    for (format, bytes) in full_files() {
        // Of a JPEG the mark at its end may be missing, of a PNG and a WebP what stands behind the picture.
        let picture_end = (0..bytes.len()).rev().find(|&len| read(&bytes[..len]).is_err()).unwrap();
        assert!(picture_end * 10 > bytes.len() * 4, "{format:?}: {picture_end} of {}", bytes.len());
        for _ in 0..200 {
            let len = 8 + random.below(picture_end - 8);
            let cut = read(&bytes[..len]);
            let is_named = matches!(
                cut,
                Err(DecodeError::Truncated { .. } | DecodeError::Damaged { .. } | DecodeError::UnknownFormat)
            );
            assert!(is_named, "{format:?} of {len}: {cut:?}");
        }
    }
}

/// No damage to a file may do worse than an error, and what is read can be written.
#[test]
fn damaged_files_never_panic() {
    let mut random = Random(0x9e37_79b9);
    let limits = Limits { max_pixels: 1_000_000, ..Limits::default() };
    for (_, bytes) in full_files() {
        for _ in 0..1_000 {
            let mut damaged = bytes.clone();
            for _ in 0..=random.below(4) {
                let at = random.below(damaged.len());
                damaged[at] = random.below(256) as u8;
            }
            damaged.truncate(1 + random.below(bytes.len() * 2));
            let Ok(decoded) = decode(&damaged, limits) else { continue };
            if decoded.image.size().area() < 10_000 {
                saved(&decoded, decoded.format, MetadataPolicy::KeepAll);
            }
        }
    }
}

/// A PNG of one pixel with something beside it.
fn png_with(set: impl FnOnce(&mut ::png::Info<'_>)) -> Vec<u8> {
    let mut out = Vec::new();
    let mut info = ::png::Info::with_size(1, 1);
    set(&mut info);
    let mut encoder = ::png::Encoder::with_info(&mut out, info).unwrap();
    encoder.set_color(::png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[1, 2, 3]).unwrap();
    writer.finish().unwrap();
    out
}

#[test]
fn what_inflates_without_end_is_left_out() {
    let mut text = ::png::text_metadata::ITXtChunk::new("XML:com.adobe.xmp", " ".repeat(64 << 20));
    text.compressed = true;
    let with_text = png_with(|info| info.utf8_text.push(text));
    let with_profile = png_with(|info| info.icc_profile = Some(vec![0; 80 << 20].into()));
    for file in [with_text, with_profile] {
        assert!(file.len() < 8 << 20);
        let decoded = read(&file).unwrap();
        assert!(decoded.metadata.is_empty() && decoded.colour == Colour::SRGB);
    }
}

#[test]
fn a_chunk_of_a_webp_that_claims_gigabytes_takes_none() {
    let metadata = Metadata::new(Some(exif(1)), None, None);
    let options =
        EncodeOptions { metadata: &metadata, policy: MetadataPolicy::KeepAll, ..EncodeOptions::new(Format::WebP) };
    let mut file = encode(&picture(9, 5, false), &options).unwrap();
    let at = file.windows(4).position(|name| name == b"EXIF").unwrap();
    file[at + 4..at + 8].copy_from_slice(&[0xff; 4]);
    let decoded = read(&file).unwrap();
    assert!(decoded.metadata.is_empty());
    assert_eq!(decoded.image, picture(9, 5, false));
}

#[test]
fn what_no_program_writes_so_long_is_refused() {
    let text = || ::png::text_metadata::TEXtChunk::new("Comment", " ".repeat(40 << 20));
    let refused = read(&png_with(|info| info.uncompressed_latin1_text = vec![text(), text()]));
    assert!(matches!(refused, Err(DecodeError::TooMuchMemory { format: Format::Png })), "{refused:?}");
}
