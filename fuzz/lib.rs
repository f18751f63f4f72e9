//! What several targets do with their bytes.

use brushaway::imaging::codec::{Decoded, EncodeOptions, Format, Limits, MetadataPolicy, decode, decode_shown, encode};

/// Small, so that much is tried; no file may ask for more than this.
const LIMITS: Limits = Limits { max_pixels: 1 << 16, decoder_bytes_per_pixel: 8 };

/// A grey JPEG of one pixel.
const ONE_PIXEL: &[u8] = include_bytes!("one_pixel.jpg");

/// Decodes a file, writes it back, and decodes that. Where the format keeps all, all must be the same; and what is
/// written beside the picture does not change a second time.
pub fn there_and_back(bytes: &[u8]) {
    let Ok(first) = decode(bytes, LIMITS) else { return };
    assert!(first.image.size().area() as u64 <= LIMITS.max_pixels);
    for policy in [MetadataPolicy::KeepAll, MetadataPolicy::KeepWithoutPlace, MetadataPolicy::Strip] {
        let second = round(&first, policy);
        if second.format != Format::Jpeg {
            assert_eq!(first.image, second.image);
        }
        assert_eq!(first.image.size(), second.image.size());
        assert!(policy != MetadataPolicy::Strip || second.metadata.is_empty());
        let third = round(&second, policy);
        assert_eq!(second.metadata, third.metadata);
        assert_eq!(second.colour, third.colour);
    }
}

fn round(picture: &Decoded, policy: MetadataPolicy) -> Decoded {
    let options = EncodeOptions {
        format: picture.format,
        quality: picture.jpeg_quality.unwrap_or_default(),
        colour: &picture.colour,
        metadata: &picture.metadata,
        policy,
    };
    let file = encode(&picture.image, &options).expect("a small picture can be written");
    decode(&file, Limits { max_pixels: 1 << 17, ..LIMITS }).expect("what was written can be read")
}

/// As [`there_and_back`] with a small JPEG that has this in a segment of its own.
pub fn beside_a_jpeg(marker: u8, start: &[u8], content: &[u8]) {
    let len = 2 + start.len() + content.len();
    let Ok(len) = u16::try_from(len) else { return };
    there_and_back(&[&[0xff, 0xd8, 0xff, marker], &len.to_be_bytes()[..], start, content, &ONE_PIXEL[2..]].concat());
}

/// Takes what a file tells beside its picture, with the one pixel of a JPEG as what a browser made of it, writes it, and
/// reads it again.
pub fn beside_pixels(file: &[u8]) {
    let first = decode_shown(ONE_PIXEL, file, LIMITS).expect("the pixels can be read");
    let second = round(&Decoded { format: Format::Png, ..first.clone() }, MetadataPolicy::KeepAll);
    let third = round(&second, MetadataPolicy::KeepAll);
    assert_eq!(second.colour, third.colour);
    assert_eq!(second.metadata, third.metadata);
    assert_eq!(first.image.size(), second.image.size());
}
