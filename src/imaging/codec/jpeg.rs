//! JPEG, with what its header tells beyond the picture.

use image::metadata::Orientation;
use jpeg_encoder::{ColorType, Encoder, EncodingError, SamplingFactor};
use zune_jpeg::{
    JpegDecoder,
    errors::DecodeErrors,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use super::{
    DecodeError, EncodeError, Format,
    decode::{Limits, Raw},
};
use crate::image::Image;

/// How much of the colour a JPEG keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chroma {
    /// For each pixel (4:4:4).
    Full,
    /// For each two by two pixels (4:2:0): smaller, and softer at coloured edges.
    Halved,
}

/// How much of a picture a JPEG keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JpegQuality {
    percent: u8,
    chroma: Chroma,
}

impl JpegQuality {
    /// `percent` is in the scale of the Independent JPEG Group and is taken into 1 to 100.
    pub fn new(percent: u8, chroma: Chroma) -> Self {
        Self { percent: percent.clamp(1, 100), chroma }
    }

    /// 1 to 100.
    pub const fn percent(self) -> u8 {
        self.percent
    }

    /// How much of the colour is kept.
    pub const fn chroma(self) -> Chroma {
        self.chroma
    }
}

impl Default for JpegQuality {
    /// 92 and full colour: the second compression of an already compressed photograph is then not seen.
    fn default() -> Self {
        Self { percent: 92, chroma: Chroma::Full }
    }
}

/// Reads a JPEG.
pub(super) fn decode(bytes: &[u8], limits: Limits) -> Result<Raw, DecodeError> {
    let header = Header::read(bytes);
    // Without the profile that such files carry, the colours would be guesswork.
    if header.components == 4 {
        return Err(DecodeError::Unsupported { format: Format::Jpeg, what: "CMYK colours".to_owned() });
    }
    // Of a file without an end, what is missing would be grey: strictly read, that is an error.
    let options = DecoderOptions::default()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .set_strict_mode(!header.complete)
        .jpeg_set_out_colorspace(ColorSpace::RGBA);
    let failed = |error| if header.complete { cause(&error) } else { DecodeError::Truncated { format: Format::Jpeg } };
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|error| cause(&error))?;
    let info = decoder.info().ok_or_else(|| damaged("no size"))?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    limits.check(width, height)?;
    let data = decoder.decode().map_err(failed)?;
    let orientation = decoder.exif().and_then(|exif| Orientation::from_exif_chunk(exif));
    Ok(Raw {
        width,
        height,
        data,
        orientation: orientation.unwrap_or(Orientation::NoTransforms),
        icc_profile: decoder.icc_profile(),
        jpeg_quality: header.quality(),
        ..Raw::default()
    })
}

fn damaged(reason: &str) -> DecodeError {
    DecodeError::Damaged { format: Format::Jpeg, reason: reason.to_owned() }
}

/// The library's error by what it means to a person.
fn cause(error: &DecodeErrors) -> DecodeError {
    match error {
        DecodeErrors::Unsupported(what) => DecodeError::Unsupported { format: Format::Jpeg, what: format!("{what:?}") },
        DecodeErrors::ExhaustedData | DecodeErrors::IoErrors(_) => DecodeError::Truncated { format: Format::Jpeg },
        error => damaged(&format!("{error:?}")),
    }
}

/// Writes a JPEG. Transparent pixels are laid over white.
pub(super) fn encode(image: &Image, quality: JpegQuality, icc_profile: Option<&[u8]>) -> Result<Vec<u8>, EncodeError> {
    let (width, height) = image.size().into();
    let too_large = EncodeError::TooLarge { width, height, format: Format::Jpeg };
    let (Ok(columns), Ok(rows)) = (u16::try_from(width), u16::try_from(height)) else { return Err(too_large) };
    let failed = |error: EncodingError| EncodeError::Encoder { format: Format::Jpeg, reason: error.to_string() };
    let mut out = Vec::with_capacity(image.size().area() / 4);
    let mut encoder = Encoder::new(&mut out, quality.percent);
    encoder.set_sampling_factor(match quality.chroma {
        Chroma::Full => SamplingFactor::F_1_1,
        Chroma::Halved => SamplingFactor::F_2_2,
    });
    if let Some(profile) = icc_profile {
        encoder.add_icc_profile(profile).map_err(failed)?;
    }
    if image.has_transparency() {
        encoder.encode(&over_white(image), columns, rows, ColorType::Rgb).map_err(failed)?;
    } else {
        encoder.encode(image.as_bytes(), columns, rows, ColorType::Rgba).map_err(failed)?;
    }
    Ok(out)
}

/// The colours as they look over white.
fn over_white(image: &Image) -> Vec<u8> {
    let over = |value: u8, alpha: u32| ((u32::from(value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
    let pixels = image.as_bytes().as_chunks::<4>().0.iter();
    pixels.flat_map(|&[red, green, blue, alpha]| [red, green, blue].map(|value| over(value, alpha.into()))).collect()
}

/// What stands in front of a JPEG's pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Header {
    /// Number of colour components: 1 is grey, 3 is colour, 4 is CMYK. 0 if the file does not get so far.
    components: u8,
    /// The first component has more samples than the others.
    chroma_is_halved: bool,
    /// About how hard it was compressed.
    percent: Option<u8>,
    /// Its end is there.
    complete: bool,
}

impl Header {
    /// Reads the markers of a JPEG up to its first scan (ITU-T T.81, annex B).
    fn read(bytes: &[u8]) -> Self {
        let mut header = Self::default();
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
                    header.chroma_is_halved = segment.get(7).is_some_and(|&sampling| sampling > 0x11);
                }
                0xdb => header.percent = header.percent.or_else(|| percent(segment)),
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

    fn quality(self) -> Option<JpegQuality> {
        let chroma = if self.chroma_is_halved { Chroma::Halved } else { Chroma::Full };
        Some(JpegQuality::new(self.percent?, chroma))
    }
}

/// Sum of the luminance table that ITU-T T.81 suggests (annex K, table K.1), the one scaled by nearly all encoders.
const SUGGESTED_SUM: u32 = 3_688;

/// The quality, in the scale of the Independent JPEG Group, of a file with this table of luminance steps.
fn percent(segment: &[u8]) -> Option<u8> {
    let [0, table @ ..] = segment else { return None };
    let sum: u32 = table.get(..64)?.iter().map(|&step| u32::from(step)).sum();
    let scale = sum * 100 / SUGGESTED_SUM;
    // The scale: 5000 / quality percent below 50, 200 - 2 * quality from there on (libjpeg, jcparam.c).
    Some(if scale > 100 { 5_000 / scale } else { (200 - scale) / 2 }.clamp(1, 100) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;

    fn grey_slope() -> Image {
        let size = Size::new(67, 43).unwrap();
        Image::from_rgba(size, (0..67 * 43).flat_map(|i| [(i % 67) as u8 * 3, 90, (i / 67) as u8 * 5, 255]).collect())
            .unwrap()
    }

    #[test]
    fn the_quality_of_a_file_is_read_back() {
        for percent in [20, 49, 50, 75, 90, 95, 100] {
            for chroma in [Chroma::Full, Chroma::Halved] {
                let quality = JpegQuality::new(percent, chroma);
                let header = Header::read(&encode(&grey_slope(), quality, None).unwrap());
                let read = header.quality().unwrap();
                assert!(read.percent().abs_diff(percent) <= 1, "{read:?} of {quality:?}");
                assert_eq!((read.chroma(), header.components, header.complete), (chroma, 3, true));
            }
        }
    }

    #[test]
    fn a_missing_end_marker_alone_is_no_fault() {
        let file = encode(&grey_slope(), JpegQuality::default(), None).unwrap();
        assert!(decode(&file[..file.len() - 2], Limits::default()).is_ok());
        let cut = decode(&file[..file.len() / 2], Limits::default());
        assert!(matches!(cut, Err(DecodeError::Truncated { format: Format::Jpeg })), "{cut:?}");
    }

    #[test]
    fn headers_of_any_length_are_read_without_a_panic() {
        let file = encode(&grey_slope(), JpegQuality::default(), None).unwrap();
        for len in 0..file.len() {
            let header = Header::read(&file[..len]);
            assert!(!header.complete);
        }
    }
}
