//! What the `image` crate does not tell about a file.

use super::JpegQuality;

/// What stands in front of a JPEG's pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct JpegHeader {
    /// Number of colour components: 1 is grey, 3 is colour, 4 is CMYK. 0 if the file does not get so far.
    pub(super) components: u8,
    /// About how hard it was compressed.
    pub(super) quality: Option<JpegQuality>,
    /// Its end is there.
    pub(super) complete: bool,
}

/// Reads the markers of a JPEG up to its first scan (ITU-T T.81, annex B).
pub(super) fn jpeg(bytes: &[u8]) -> JpegHeader {
    let mut header = JpegHeader::default();
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xff, marker, after @ ..] = rest {
        let (marker, after) = (*marker, after);
        // Fill bytes, and markers without a length.
        if marker == 0xff || marker == 0x01 || (0xd0..=0xd8).contains(&marker) {
            rest = &rest[if marker == 0xff { 1 } else { 2 }..];
            continue;
        }
        let [high, low, ..] = after else { break };
        let len = usize::from(u16::from_be_bytes([*high, *low]));
        let Some(segment) = after.get(2..len) else { break };
        match marker {
            // Start of frame, but for the tables and extensions among these numbers.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                header.components = segment.get(5).copied().unwrap_or_default();
            }
            0xdb => header.quality = header.quality.or_else(|| quality(segment)),
            // Start of scan: all that follows is data, in which an end marker cannot stand by chance.
            0xda => {
                header.complete = after.windows(2).any(|pair| pair == [0xff, 0xd9]);
                break;
            }
            _ => {}
        }
        rest = &after[len..];
    }
    header
}

/// Sum of the luminance table that ITU-T T.81 suggests (annex K, table K.1), the one scaled by nearly all encoders.
const SUGGESTED_SUM: u32 = 3_688;

/// The quality, in the scale of the Independent JPEG Group, of a file with this table of luminance steps.
fn quality(segment: &[u8]) -> Option<JpegQuality> {
    let [0, table @ ..] = segment else { return None };
    let sum: u32 = table.get(..64)?.iter().map(|&step| u32::from(step)).sum();
    let percent = sum * 100 / SUGGESTED_SUM;
    // The scale: 5000 / quality percent below 50, 200 - 2 * quality from there on (libjpeg, jcparam.c).
    let quality = if percent > 100 { 5_000 / percent } else { (200 - percent) / 2 };
    JpegQuality::new(quality.clamp(1, 100) as u8)
}

/// Whether a GIF has a second frame (`GIF89a` specification, section 16 and on).
pub(super) fn gif_is_animated(bytes: &[u8]) -> bool {
    gif_frames(bytes, 2).unwrap_or(false)
}

/// Whether there are `frames` image descriptors; nothing if the file ends before that is known.
fn gif_frames(bytes: &[u8], mut frames: u32) -> Option<bool> {
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let mut at = 13 + table(*bytes.get(10)?);
    loop {
        match bytes.get(at)? {
            // Image descriptor, its colour table, and the first byte of its data.
            0x2c => {
                frames -= 1;
                if frames == 0 {
                    return Some(true);
                }
                at += 10 + table(*bytes.get(at + 9)?) + 1;
            }
            // An extension and its label.
            0x21 => at += 2,
            _ => return Some(false),
        }
        while *bytes.get(at)? > 0 {
            at += usize::from(*bytes.get(at)?) + 1;
        }
        at += 1;
    }
}
