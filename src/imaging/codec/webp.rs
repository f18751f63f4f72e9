//! What the `image` crate does not check of a WebP.

use super::{DecodeError, Format, decode::Limits};

/// Bytes of a frame's header in an animation, before its own chunks.
const FRAME_HEADER: usize = 16;

/// Whether each chunk lies wholly inside the file (RIFF; RFC 9649, section 2.3).
///
/// For metadata the decoder takes memory for as many bytes as a chunk claims, up to 4 GiB, before it looks whether they
/// are there.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    chunks(bytes.get(12..).unwrap_or_default()).all(|chunk| chunk.is_whole)
}

/// Refuses a coded picture that is empty, too large, or of another size than the frame it is for, whatever the file's own
/// header says: the decoder believes the picture, and panics if it does not fit.
pub(super) fn check_coded_size(bytes: &[u8], limits: Limits) -> Result<(), DecodeError> {
    for chunk in chunks(bytes.get(12..).unwrap_or_default()) {
        let coded = match &chunk.name {
            b"VP8 " | b"VP8L" => chunk.coded_size(),
            b"ANMF" => {
                let Some((header, within)) = chunk.body.split_first_chunk::<FRAME_HEADER>() else { return Ok(()) };
                let side = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], 0]) + 1;
                // The decoder takes what follows an alpha channel for the picture, whatever its name is.
                let coded = chunks(within).find_map(|chunk| chunk.coded_size());
                if coded.is_some_and(|coded| coded != (side(6), side(9))) {
                    return Err(damaged("a frame of another size than its picture"));
                }
                coded
            }
            _ => continue,
        };
        return match coded {
            Some((0, _) | (_, 0)) => Err(damaged("a picture without pixels")),
            Some((width, height)) => limits.check(width, height),
            None => Ok(()),
        };
    }
    Ok(())
}

/// Says of a file whose pixels are all opaque that there is no transparency in it, where its encoder was given four channels. For
/// decoders that is a hint (RFC 9649, sections 2.7 and 3.4).
pub(super) fn mark_opaque(bytes: &mut [u8]) {
    const TRANSPARENT: u8 = 0x10;
    let mut rest = bytes.get_mut(12..).unwrap_or_default();
    while let Some((head, body)) = rest.split_first_chunk_mut::<8>() {
        let [n, a, m, e, len @ ..] = *head;
        let flags = match &[n, a, m, e] {
            b"VP8X" => body.first_mut(),
            // After a byte that is always the same and 28 bits of width and height.
            b"VP8L" => body.get_mut(4),
            _ => None,
        };
        if let Some(flags) = flags {
            *flags &= !TRANSPARENT;
        }
        let len = u32::from_le_bytes(len) as usize;
        rest = body.get_mut(len.checked_next_multiple_of(2).unwrap_or(len)..).unwrap_or_default();
    }
}

fn damaged(reason: &str) -> DecodeError {
    DecodeError::Damaged { format: Format::WebP, reason: reason.to_owned() }
}

/// A part of a file.
struct Chunk<'a> {
    name: [u8; 4],
    /// What of it is there.
    body: &'a [u8],
    is_whole: bool,
}

impl Chunk<'_> {
    /// Width and height of the picture that it holds (RFC 6386, section 9.1; RFC 9649, section 3.4).
    fn coded_size(&self) -> Option<(u32, u32)> {
        match (&self.name, self.body) {
            (_, [_, _, _, 0x9d, 0x01, 0x2a, a, b, c, d, ..]) => {
                let side = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
                Some((side(*a, *b), side(*c, *d)))
            }
            (b"VP8L", [0x2f, a, b, c, d, ..]) => {
                let bits = u32::from_le_bytes([*a, *b, *c, *d]);
                Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
            }
            _ => None,
        }
    }
}

/// The chunks that follow each other in `rest`.
fn chunks(mut rest: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    std::iter::from_fn(move || {
        let [n, a, m, e, len @ ..] = rest else { return None };
        let (len, body) = len.split_first_chunk::<4>()?;
        let len = u32::from_le_bytes(*len) as usize;
        // Chunks begin at even places; the last one's filling is often missing.
        rest = body.get(len.checked_next_multiple_of(2).unwrap_or(len)..).unwrap_or_default();
        let is_whole = len <= body.len();
        Some(Chunk { name: [*n, *a, *m, *e], body: &body[..len.min(body.len())], is_whole })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(claimed: u32) -> Vec<u8> {
        [b"RIFF\0\0\0\0WEBPEXIF", &claimed.to_le_bytes()[..], b"abc"].concat()
    }

    #[test]
    fn a_chunk_ends_within_its_file() {
        assert!(is_whole(&file(3)));
        assert!(!is_whole(&file(4)));
        assert!(!is_whole(&file(u32::MAX)));
    }

    #[test]
    fn four_channels_without_transparency_are_said_to_be_three() {
        let (width, height) = (7, 5);
        let colours: Vec<[u8; 3]> = (0..width * height).map(|at| [at as u8, 200, 7 * at as u8]).collect();
        for exif in [vec![], b"II*\0".to_vec()] {
            let pixels: Vec<u8> = colours.iter().flat_map(|&[red, green, blue]| [red, green, blue, 255]).collect();
            let mut file = Vec::new();
            let mut encoder = image_webp::WebPEncoder::new(&mut file);
            encoder.set_exif_metadata(exif);
            encoder.encode(&pixels, width, height, image_webp::ColorType::Rgba8).unwrap();
            let transparent =
                |file: &[u8]| image_webp::WebPDecoder::new(std::io::Cursor::new(file)).unwrap().has_alpha();
            assert!(transparent(&file));
            mark_opaque(&mut file);
            assert!(!transparent(&file));
            let mut found = vec![0; colours.len() * 3];
            image_webp::WebPDecoder::new(std::io::Cursor::new(&file)).unwrap().read_image(&mut found).unwrap();
            assert_eq!(found, colours.concat());
        }
    }

    #[test]
    fn a_coded_picture_has_pixels_and_not_too_many() {
        let limits = Limits { max_pixels: 1_000, ..Limits::default() };
        let still = |width: u8, height: u8| {
            [b"RIFF\0\0\0\0WEBPVP8 \x0a\0\0\0\x10\x05\0\x9d\x01\x2a", &[width, 0, height, 0][..]].concat()
        };
        assert!(check_coded_size(&still(9, 5), limits).is_ok());
        assert!(matches!(check_coded_size(&still(9, 0), limits), Err(DecodeError::Damaged { .. })));
        let large = check_coded_size(&still(100, 100), limits);
        assert!(matches!(large, Err(DecodeError::TooLarge { width: 100, height: 100, .. })), "{large:?}");
        let animated = |width: u8, height: u8| {
            let header = [0, 0, 0, 0, 0, 0, 8, 0, 0, 4, 0, 0, 0, 0, 0, 0];
            let frame = [&header, &still(width, height)[12..]].concat();
            [b"RIFF\0\0\0\0WEBPANMF", &(frame.len() as u32).to_le_bytes()[..], &frame].concat()
        };
        assert!(check_coded_size(&animated(9, 5), limits).is_ok());
        for (width, height) in [(9, 0), (9, 6), (64, 5)] {
            assert!(matches!(check_coded_size(&animated(width, height), limits), Err(DecodeError::Damaged { .. })));
        }
        let lossless = b"RIFF\0\0\0\0WEBPVP8L\x05\0\0\0\x2f\xff\xff\xff\x0f";
        assert!(matches!(check_coded_size(lossless, limits), Err(DecodeError::TooLarge { width: 16_384, .. })));
    }
}
