//! JPEG, with what its header tells beyond the picture.

mod header;
mod quality;

use image::metadata::Orientation;
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, EncodingError};
use zune_jpeg::{
    JpegDecoder,
    errors::DecodeErrors,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use self::header::Header;
pub use self::quality::{Chroma, JpegQuality};
use super::{
    DecodeError, EncodeError, Format,
    decode::{Limits, Raw},
};
use crate::image::Image;

/// Reads a JPEG.
pub(super) fn decode(bytes: &[u8], limits: Limits) -> Result<Raw, DecodeError> {
    let header = Header::read(bytes);
    // Without the profile that such files carry, the colours would be guesswork.
    if header.components.len() == 4 {
        return Err(DecodeError::Cmyk);
    }
    // The decoder makes wrong colours of such files, and doesn't say so (zune-image, issues 422 and 448).
    if header.is_baseline_in_several_scans {
        let what = "brightness and colour in scans of their own".to_owned();
        return Err(DecodeError::Unsupported { format: Format::Jpeg, what });
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
    // Three components without a transform are red, green and blue. The decoder first calls Adobe's so CMYK, and adds no
    // alpha to either.
    let is_rgb =
        header.components.len() == 3 && matches!(decoder.input_colorspace(), Some(ColorSpace::RGB | ColorSpace::CMYK));
    if is_rgb {
        decoder.set_options(options.jpeg_set_out_colorspace(ColorSpace::RGB));
    }
    let mut data = decoder.decode().map_err(failed)?;
    if is_rgb {
        data = data.as_chunks::<3>().0.iter().flat_map(|&[red, green, blue]| [red, green, blue, u8::MAX]).collect();
    }
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
    let mut encoder = Encoder::new(&mut out, quality.percent());
    let [brightness, colour] = quality.tables();
    encoder.set_quantization_tables(brightness, colour);
    encoder.set_sampling_factor(quality.chroma().sampling());
    // By itself the encoder takes the colour of one pixel for all of them, which frays coloured edges.
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
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

#[cfg(test)]
mod tests;
