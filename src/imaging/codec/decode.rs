//! From the bytes of a file to a picture.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, ImageError,
    codecs::{bmp::BmpDecoder, gif::GifDecoder, jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder},
    error::LimitErrorKind,
    metadata::Orientation,
};

use super::{Format, JpegQuality, sniff};
use crate::{
    geometry::Size,
    image::{Image, ShapeError},
};

/// What a file may ask for before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Width times height. A picture is checked against this before memory is taken for its pixels.
    pub max_pixels: u64,
    /// What a decoder may take for itself beside the picture, in bytes per allowed pixel.
    pub decoder_bytes_per_pixel: u64,
}

impl Default for Limits {
    /// 64 megapixels, and room to decode them at 16 bits a channel: a job on the largest picture then stays below the
    /// 4 GiB that wasm can address.
    fn default() -> Self {
        Self { max_pixels: 64_000_000, decoder_bytes_per_pixel: 8 }
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
    /// The colour profile (ICC) that the values are meant in; none means sRGB. Give it back to `encode`.
    pub icc_profile: Option<Vec<u8>>,
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
/// Kept as they are: alpha, and colour values (no conversion to sRGB; see [`Decoded::icc_profile`]).
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
    match format {
        Format::Png => {
            let decoder = PngDecoder::with_limits(input, allowed(limits)).map_err(failed)?;
            let animated = decoder.is_apng().map_err(failed)?;
            Ok(Decoded { animated, ..picture(decoder, format, limits)? })
        }
        Format::Jpeg => {
            let header = sniff::jpeg(bytes);
            // Without the profile that such files carry, the colours would be guesswork.
            if header.components == 4 {
                return Err(DecodeError::Unsupported { format, what: "CMYK colours".to_owned() });
            }
            if !header.complete {
                return Err(DecodeError::Truncated { format });
            }
            let decoder = JpegDecoder::new(input).map_err(failed)?;
            Ok(Decoded { jpeg_quality: header.quality, ..picture(decoder, format, limits)? })
        }
        Format::WebP => {
            let decoder = WebPDecoder::new(input).map_err(failed)?;
            let animated = decoder.has_animation();
            Ok(Decoded { animated, ..picture(decoder, format, limits)? })
        }
        Format::Gif => {
            let decoder = GifDecoder::new(input).map_err(failed)?;
            Ok(Decoded { animated: sniff::gif_is_animated(bytes), ..picture(decoder, format, limits)? })
        }
        Format::Bmp => picture(BmpDecoder::new(input).map_err(failed)?, format, limits),
    }
}

/// Our limits in the library's terms.
fn allowed(limits: Limits) -> image::Limits {
    let mut allowed = image::Limits::default();
    allowed.max_alloc = Some(limits.max_pixels.saturating_mul(limits.decoder_bytes_per_pixel));
    allowed
}

/// Checks the size in the header, then decodes.
fn picture(mut decoder: impl ImageDecoder, format: Format, limits: Limits) -> Result<Decoded, DecodeError> {
    let failed = |error| cause(format, error);
    let (width, height) = decoder.dimensions();
    let too_large = DecodeError::TooLarge { width, height, max_pixels: limits.max_pixels };
    if u64::from(width) * u64::from(height) > limits.max_pixels {
        return Err(too_large);
    }
    decoder.set_limits(allowed(limits)).map_err(failed)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let icc_profile = decoder.icc_profile().ok().flatten();
    let depth_reduced = decoder.color_type().bytes_per_pixel() > decoder.color_type().channel_count();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(failed)?;
    picture.apply_orientation(orientation);
    let pixels = picture.into_rgba8();
    let damaged = |reason: String| DecodeError::Damaged { format, reason };
    let size = Size::new(pixels.width(), pixels.height()).map_err(|error| damaged(error.to_string()))?;
    let image = Image::from_rgba(size, pixels.into_raw()).map_err(|error: ShapeError| damaged(error.to_string()))?;
    Ok(Decoded { image, format, animated: false, depth_reduced, icc_profile, jpeg_quality: None })
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
