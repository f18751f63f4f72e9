//! What stands in front of a JPEG's pixels.

use super::quality::{Chroma, JpegQuality, Steps};
use crate::imaging::codec::metadata::{Density, Metadata, from_resources};

/// What segments of metadata begin with (CIPA DC-008, section 4.7.2; XMP specification part 3, section 1.1.3; Adobe
/// Photoshop File Formats Specification; ITU-T T.871, section 10.1).
pub(super) const EXIF: &[u8] = b"Exif\0\0";
pub(super) const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const JFIF: &[u8] = b"JFIF\0";
pub(super) const RESOURCES: &[u8] = b"Photoshop 3.0\0";

/// What a JPEG's markers tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Header {
    /// One is grey, three are colour, four are CMYK; none if the file does not get so far.
    pub(super) components: Vec<Component>,
    /// It is not progressive, and its first scan doesn't hold all components.
    pub(super) is_baseline_in_several_scans: bool,
    /// Its end is there.
    pub(super) complete: bool,
    tables: [Option<Steps>; 4],
    /// Of several segments of a kind, the first: so do viewers.
    exif: Option<Vec<u8>>,
    xmp: Option<Vec<u8>>,
    /// Adobe's resources, which may be longer than a segment.
    resources: Vec<u8>,
    density: Option<Density>,
}

/// A plane of a JPEG.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Component {
    /// Samples across and down for each of the sparsest component's.
    sampling: (u8, u8),
    /// Which table its steps are in.
    table: u8,
}

impl Header {
    /// Reads the markers of a JPEG up to its first scan (ITU-T T.81, annex B).
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut header = Self::default();
        let mut is_progressive = false;
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
                    header.components = components(segment);
                    is_progressive = matches!(marker, 0xc2 | 0xc6 | 0xca | 0xce);
                }
                0xdb => header.read_tables(segment),
                0xe0 | 0xe1 | 0xed => header.read_metadata(segment),
                // Start of scan: all that follows is data, in which an end marker cannot stand by chance.
                0xda => {
                    let in_scan = usize::from(segment.first().copied().unwrap_or_default());
                    header.is_baseline_in_several_scans = !is_progressive && in_scan < header.components.len();
                    header.complete = after.windows(2).any(|pair| pair == [0xff, 0xd9]);
                    break;
                }
                _ => {}
            }
            rest = &after[len..];
        }
        header
    }

    /// Reads quantisation tables, of which a segment may hold several.
    fn read_tables(&mut self, mut segment: &[u8]) {
        while let [kind, rest @ ..] = segment {
            let is_wide = kind >> 4 != 0;
            let Some((values, rest)) = rest.split_at_checked(if is_wide { 128 } else { 64 }) else { return };
            let mut steps = [0; 64];
            for (at, &place) in ZIGZAG.iter().enumerate() {
                // The encoder has no wider steps; such coarse ones are hardly ever seen.
                steps[usize::from(place)] =
                    if is_wide && values[at * 2] > 0 { u8::MAX } else { values[if is_wide { at * 2 + 1 } else { at }] };
            }
            if let Some(table) = self.tables.get_mut(usize::from(kind & 15)) {
                *table = Some(steps);
            }
            segment = rest;
        }
    }

    fn read_metadata(&mut self, segment: &[u8]) {
        if let Some(tiff) = segment.strip_prefix(EXIF) {
            self.exif.get_or_insert_with(|| tiff.to_vec());
        } else if let Some(packet) = segment.strip_prefix(XMP) {
            self.xmp.get_or_insert_with(|| packet.to_vec());
        } else if let Some(resources) = segment.strip_prefix(RESOURCES) {
            self.resources.extend_from_slice(resources);
        } else if let Some(jfif) = segment.strip_prefix(JFIF) {
            self.density = Density::of_jfif(jfif);
        }
    }

    /// What the file tells beside its picture.
    pub(super) fn into_metadata(self) -> Metadata {
        Metadata::new(self.exif, self.xmp, from_resources(&self.resources).map(<[u8]>::to_vec))
            .with_density(self.density)
    }

    /// How hard the file was compressed.
    pub(super) fn quality(&self) -> Option<JpegQuality> {
        let table = |component: &Component| self.tables.get(usize::from(component.table)).copied().flatten();
        let brightness = self.components.first()?;
        let colour = self.components.get(1).unwrap_or(brightness);
        let ratio = |one: u8, other: u8| one.checked_div(other).unwrap_or(1);
        let (across, down) = brightness.sampling;
        let chroma = Chroma::from_ratios(ratio(across, colour.sampling.0), ratio(down, colour.sampling.1));
        Some(JpegQuality::of_steps([table(brightness)?, table(colour)?], chroma))
    }
}

/// The components in a frame's header.
fn components(segment: &[u8]) -> Vec<Component> {
    let count = usize::from(segment.get(5).copied().unwrap_or_default());
    let each = segment.get(6..).unwrap_or_default().as_chunks::<3>().0.iter().take(count);
    each.map(|&[_, sampling, table]| Component { sampling: (sampling >> 4, sampling & 15), table }).collect()
}

/// Where in a block, row by row, the values stand that files hold from the lowest frequency to the highest (ITU-T T.81,
/// figure A.6).
#[rustfmt::skip]
const ZIGZAG: [u8; 64] = [
     0,  1,  8, 16,  9,  2,  3, 10, 17, 24, 32, 25, 18, 11,  4,  5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13,  6,  7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];
