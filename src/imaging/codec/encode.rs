//! From a picture to the bytes of a file.

use image::{
    ExtendedColorType, ImageEncoder, ImageError,
    codecs::{
        png::{CompressionType, FilterType, PngEncoder},
        webp::WebPEncoder,
    },
};

use super::{Format, JpegQuality, jpeg};
use crate::image::Image;

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
        /// The format that was to be written.
        format: Format,
    },
    /// The encoder refused.
    #[error("cannot write a {format:?} file: {reason}")]
    Encoder {
        /// The format that was to be written.
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
    let mut out = Vec::new();
    match format.output() {
        Format::Jpeg => return jpeg::encode(image, quality, icc_profile),
        Format::WebP => write(WebPEncoder::new_lossless(&mut out), image, Format::WebP, icc_profile)?,
        Format::Png | Format::Gif | Format::Bmp => {
            let encoder = PngEncoder::new_with_quality(&mut out, CompressionType::Fast, FilterType::Adaptive);
            write(encoder, image, Format::Png, icc_profile)?;
        }
    }
    Ok(out)
}

/// Writes with alpha only if there is any transparency.
fn write(
    mut encoder: impl ImageEncoder,
    image: &Image,
    format: Format,
    icc_profile: Option<&[u8]>,
) -> Result<(), EncodeError> {
    let (width, height) = image.size().into();
    let failed = |error| match error {
        ImageError::Parameter(_) | ImageError::Limits(_) => EncodeError::TooLarge { width, height, format },
        error => EncodeError::Encoder { format, reason: error.to_string() },
    };
    if let Some(profile) = icc_profile {
        encoder.set_icc_profile(profile.to_vec()).map_err(|error| failed(ImageError::Unsupported(error)))?;
    }
    if image.has_transparency() {
        encoder.write_image(image.as_bytes(), width, height, ExtendedColorType::Rgba8).map_err(failed)
    } else {
        encoder.write_image(&opaque(image), width, height, ExtendedColorType::Rgb8).map_err(failed)
    }
}

/// The colours alone.
fn opaque(image: &Image) -> Vec<u8> {
    let mut rgb = vec![0; image.size().area() * 3];
    for (out, [red, green, blue, _]) in rgb.as_chunks_mut::<3>().0.iter_mut().zip(image.as_bytes().as_chunks::<4>().0) {
        *out = [*red, *green, *blue];
    }
    rgb
}
