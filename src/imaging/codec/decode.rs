//! From the bytes of a file to a picture.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, ImageError, RgbaImage,
    codecs::{bmp::BmpDecoder, gif::GifDecoder, webp::WebPDecoder},
    error::LimitErrorKind,
};

use super::{Colour, Format, JpegQuality, Metadata, avif, gif, jpeg, png, webp};
use crate::{geometry::Size, image::Image};

/// What a file may ask for before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Width times height. A picture is checked against this before memory is taken for its pixels.
    pub max_pixels: u64,
    /// What a decoder may take for itself beside the picture, in bytes per allowed pixel.
    pub decoder_bytes_per_pixel: u64,
}

impl Default for Limits {
    /// 100 megapixels, and room to decode them at 16 bits a channel: a job on the largest picture then takes 1.5 GB
    /// (`tests/memory.rs`) of the 4 that wasm can address.
    fn default() -> Self {
        Self { max_pixels: 100_000_000, decoder_bytes_per_pixel: 8 }
    }
}

/// A picture out of a file.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// The picture, the right way up: an EXIF orientation has been applied.
    pub image: Image,
    /// The file's format.
    pub format: Format,
    /// There were more frames; this is the first.
    pub animated: bool,
    /// There were more than 8 bits a channel; they were rounded to 8.
    pub depth_reduced: bool,
    /// What the values mean.
    pub colour: Colour,
    /// What the file tells beside its picture.
    pub metadata: Metadata,
    /// Of a JPEG: about how hard it was compressed.
    pub jpeg_quality: Option<JpegQuality>,
}

/// Why a file gave no picture.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// Not a PNG, JPEG, WebP, GIF or BMP.
    #[error("not a PNG, JPEG, WebP, GIF or BMP file")]
    UnknownFormat,
    /// More pixels than allowed.
    #[error("{width} x {height} pixels are more than the {max_pixels} allowed")]
    TooLarge {
        /// In the file's header.
        width: u32,
        /// In the file's header.
        height: u32,
        /// [`Limits::max_pixels`].
        max_pixels: u64,
    },
    /// The decoder needed more memory than allowed.
    #[error("decoding this {format:?} file needs more memory than allowed")]
    TooMuchMemory {
        /// The file's format.
        format: Format,
    },
    /// The file ends before the picture does.
    #[error("the {format:?} file is cut off")]
    Truncated {
        /// The file's format.
        format: Format,
    },
    /// A JPEG in the colours of print. What they look like is told only by the profile of a press.
    #[error("this Jpeg file has CMYK colours, which are for print: save it with RGB colours first")]
    Cmyk,
    /// A correct file of a kind that is not supported.
    #[error("this kind of {format:?} file is not supported: {what}")]
    Unsupported {
        /// The file's format.
        format: Format,
        /// What about it, in the decoder's words.
        what: String,
    },
    /// The file breaks the rules of its format.
    #[error("the {format:?} file is damaged: {reason}")]
    Damaged {
        /// The file's format.
        format: Format,
        /// The decoder's own words.
        reason: String,
    },
}

/// Reads a file: its first frame, if it has several.
///
/// Kept as they are: alpha, and colour values (no conversion to sRGB; see [`Colour`]).
///
/// # Errors
/// [`DecodeError`]. No file makes it panic, and none makes it take memory for more pixels than `limits` allow.
pub fn decode(bytes: &[u8], limits: Limits) -> Result<Decoded, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    let format = Format::of(bytes).ok_or(DecodeError::UnknownFormat)?;
    let failed = |error| cause(format, error);
    let input = Cursor::new(bytes);
    let raw = match format {
        Format::Jpeg => jpeg::decode(bytes, limits)?,
        Format::Png => png::decode(bytes, limits)?,
        Format::WebP => {
            webp::check_coded_size(bytes, limits)?;
            let decoder = WebPDecoder::new(input).map_err(failed)?;
            let animated = decoder.has_animation();
            Raw { animated, ..raw(decoder, format, limits, webp::is_whole(bytes))? }
        }
        Format::Gif => {
            let decoder = GifDecoder::new(input).map_err(failed)?;
            Raw { animated: gif::is_animated(bytes), ..raw(decoder, format, limits, true)? }
        }
        Format::Bmp => raw(BmpDecoder::new(input).map_err(failed)?, format, limits, true)?,
    };
    raw.into_decoded(format)
}

/// Reads `pixels`, a file that somebody else (a browser) made of the picture in `file`, its values unconverted, the right way
/// up. What `file` tells beside its picture is kept as [`decode`] does it, as far as it can be read, also of an AVIF, which
/// [`decode`] does not read.
///
/// # Errors
/// [`DecodeError`] of `pixels`.
pub fn decode_shown(pixels: &[u8], file: &[u8], limits: Limits) -> Result<Decoded, DecodeError> {
    if avif::is_avif(file) {
        let (colour, metadata) = avif::told(file);
        return Ok(Decoded { colour, metadata, ..decode(pixels, limits)? });
    }
    // Its picture goes before the other one comes.
    let told = decode(file, limits).ok().map(|told| (told.format, told.colour, told.metadata, told.jpeg_quality));
    let shown = decode(pixels, limits)?;
    Ok(match told {
        Some((format, colour, metadata, jpeg_quality)) => Decoded { format, colour, metadata, jpeg_quality, ..shown },
        None => shown,
    })
}

/// What all decoders give.
#[derive(Debug, Default)]
pub(super) struct Raw {
    pub(super) width: u32,
    pub(super) height: u32,
    /// RGBA, not yet turned.
    pub(super) data: Vec<u8>,
    pub(super) colour: Colour,
    pub(super) metadata: Metadata,
    pub(super) jpeg_quality: Option<JpegQuality>,
    pub(super) animated: bool,
    pub(super) depth_reduced: bool,
}

impl Raw {
    /// Turns the picture the right way up.
    fn into_decoded(self, format: Format) -> Result<Decoded, DecodeError> {
        let damaged = |reason: String| DecodeError::Damaged { format, reason };
        let Self { width, height, data, colour, metadata, jpeg_quality, animated, depth_reduced } = self;
        let pixels = RgbaImage::from_raw(width, height, data).ok_or_else(|| damaged("too few pixels".to_owned()))?;
        let mut picture = DynamicImage::ImageRgba8(pixels);
        picture.apply_orientation(metadata.orientation());
        let pixels = picture.into_rgba8();
        let size = Size::new(pixels.width(), pixels.height()).map_err(|error| damaged(error.to_string()))?;
        let image = Image::from_rgba(size, pixels.into_raw()).map_err(|error| damaged(error.to_string()))?;
        Ok(Decoded { image, format, animated, depth_reduced, colour, metadata, jpeg_quality })
    }
}

impl Limits {
    /// Refuses a size in a header.
    pub(super) fn check(self, width: u32, height: u32) -> Result<(), DecodeError> {
        if u64::from(width) * u64::from(height) > self.max_pixels {
            return Err(DecodeError::TooLarge { width, height, max_pixels: self.max_pixels });
        }
        Ok(())
    }

    /// These limits in the library's terms.
    fn for_decoder(self) -> image::Limits {
        let mut limits = image::Limits::default();
        limits.max_alloc = Some(self.max_pixels.saturating_mul(self.decoder_bytes_per_pixel));
        limits
    }
}

/// Checks the size in the header, then decodes. What stands beside the picture is only looked for if it is `trusted`.
fn raw(mut decoder: impl ImageDecoder, format: Format, limits: Limits, trusted: bool) -> Result<Raw, DecodeError> {
    let failed = |error| cause(format, error);
    let (width, height) = decoder.dimensions();
    limits.check(width, height)?;
    decoder.set_limits(limits.for_decoder()).map_err(failed)?;
    let (mut colour, mut metadata) = (Colour::SRGB, Metadata::NONE);
    if trusted {
        colour.icc_profile = decoder.icc_profile().ok().flatten();
        metadata = Metadata::new(decoder.exif_metadata().ok().flatten(), decoder.xmp_metadata().ok().flatten(), None);
    }
    let data = DynamicImage::from_decoder(decoder).map_err(failed)?.into_rgba8().into_raw();
    Ok(Raw { width, height, data, colour, metadata, ..Raw::default() })
}

/// The library's error by what it means to a person.
fn cause(format: Format, error: ImageError) -> DecodeError {
    match error {
        ImageError::Limits(error) => match error.kind() {
            LimitErrorKind::DimensionError => {
                DecodeError::Unsupported { format, what: "a side too long for this format".to_owned() }
            }
            _ => DecodeError::TooMuchMemory { format },
        },
        ImageError::Unsupported(error) => DecodeError::Unsupported { format, what: error.to_string() },
        ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::Truncated { format }
        }
        error if ends_early(&error) => DecodeError::Truncated { format },
        error => DecodeError::Damaged { format, reason: error.to_string() },
    }
}

/// Whether an end of file is at the bottom of an error.
fn ends_early(error: &ImageError) -> bool {
    let mut next = std::error::Error::source(error);
    while let Some(error) = next {
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|error| error.kind() == std::io::ErrorKind::UnexpectedEof) {
            return true;
        }
        next = error.source();
    }
    // The PNG and GIF decoders say it only in words.
    let words = error.to_string().to_lowercase();
    ["unexpected end of file", "unexpected eof", "end of file", "no more data"].iter().any(|end| words.contains(end))
}
