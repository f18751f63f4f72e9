//! From a picture to the bytes of a file.

use image::{
    ExtendedColorType, ImageEncoder, ImageError,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
        webp::WebPEncoder,
    },
};

use super::Format;
use crate::image::Image;

/// How much of a picture a JPEG keeps, in the scale of the Independent JPEG Group: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct JpegQuality(u8);

impl JpegQuality {
    /// Takes 1 to 100.
    pub const fn new(quality: u8) -> Option<Self> {
        if quality >= 1 && quality <= 100 { Some(Self(quality)) } else { None }
    }

    /// 1 to 100.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for JpegQuality {
    /// 92: the second compression of an already compressed photograph is then not seen.
    fn default() -> Self {
        Self(92)
    }
}

/// Why a picture could not be written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// A side is longer than the format allows.
    #[error("{width} x {height} pixels are too many for a {format:?} file")]
    TooLarge {
        /// Pixels from left to right.
        width: u32,
        /// Pixels from top to bottom.
        height: u32,
        /// The format that was written.
        format: Format,
    },
    /// The encoder refused.
    #[error("cannot write a {format:?} file: {reason}")]
    Encoder {
        /// The format that was written.
        format: Format,
        /// The encoder's own words.
        reason: String,
    },
}

/// Writes a file in [`Format::output`] of `format`, its colours meant as sRGB.
///
/// As [`encode_with_profile`] with none.
///
/// # Errors
/// [`EncodeError`] if the format cannot hold a picture of this size.
pub fn encode(image: &Image, format: Format, quality: JpegQuality) -> Result<Vec<u8>, EncodeError> {
    encode_with_profile(image, format, quality, None)
}

/// Writes a file in [`Format::output`] of `format`, with the colour profile that the picture came with.
///
/// PNG is compressed quickly rather than well, WebP without loss. JPEG has no transparency: such pixels are laid over
/// white. `quality` is of JPEG alone.
///
/// # Errors
/// [`EncodeError`] if the format cannot hold a picture of this size.
pub fn encode_with_profile(
    image: &Image,
    format: Format,
    quality: JpegQuality,
    icc_profile: Option<&[u8]>,
) -> Result<Vec<u8>, EncodeError> {
    let format = format.output();
    let mut out = Vec::new();
    let profile = icc_profile.map(<[u8]>::to_vec);
    match format {
        Format::Jpeg => {
            let rgb = over_white(image);
            write(JpegEncoder::new_with_quality(&mut out, quality.get()), image, &rgb, format, profile)?;
        }
        Format::WebP => {
            write_either(WebPEncoder::new_lossless(&mut out), image, format, profile)?;
        }
        Format::Png | Format::Gif | Format::Bmp => {
            let encoder = PngEncoder::new_with_quality(&mut out, CompressionType::Fast, FilterType::Adaptive);
            write_either(encoder, image, format, profile)?;
        }
    }
    Ok(out)
}

/// Writes with alpha only if there is any transparency.
fn write_either(
    encoder: impl ImageEncoder,
    image: &Image,
    format: Format,
    profile: Option<Vec<u8>>,
) -> Result<(), EncodeError> {
    if image.has_transparency() {
        write(encoder, image, image.as_bytes(), format, profile)
    } else {
        write(encoder, image, &opaque(image), format, profile)
    }
}

/// Writes `bytes`, RGB or RGBA, of a picture as large as `image`.
fn write(
    mut encoder: impl ImageEncoder,
    image: &Image,
    bytes: &[u8],
    format: Format,
    profile: Option<Vec<u8>>,
) -> Result<(), EncodeError> {
    let (width, height) = image.size().into();
    let colour = if bytes.len() == image.as_bytes().len() { ExtendedColorType::Rgba8 } else { ExtendedColorType::Rgb8 };
    let failed = |error| match error {
        ImageError::Parameter(_) | ImageError::Limits(_) => EncodeError::TooLarge { width, height, format },
        error => EncodeError::Encoder { format, reason: error.to_string() },
    };
    if let Some(profile) = profile {
        encoder.set_icc_profile(profile).map_err(|error| failed(ImageError::Unsupported(error)))?;
    }
    encoder.write_image(bytes, width, height, colour).map_err(failed)
}

/// The colours alone.
fn opaque(image: &Image) -> Vec<u8> {
    image.as_bytes().as_chunks::<4>().0.iter().flat_map(|&[red, green, blue, _]| [red, green, blue]).collect()
}

/// The colours as they look over white.
fn over_white(image: &Image) -> Vec<u8> {
    if !image.has_transparency() {
        return opaque(image);
    }
    let over = |value: u8, alpha: u32| ((u32::from(value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
    let pixels = image.as_bytes().as_chunks::<4>().0.iter();
    pixels.flat_map(|&[red, green, blue, alpha]| [red, green, blue].map(|value| over(value, alpha.into()))).collect()
}
