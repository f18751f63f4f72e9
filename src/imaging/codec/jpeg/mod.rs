//! JPEG, with what its header tells beyond the picture.

mod header;
mod quality;

use std::borrow::Cow;

use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, EncodingError, PixelDensity, PixelDensityUnit};
use zune_jpeg::{
    JpegDecoder,
    errors::DecodeErrors,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use self::header::{EXIF, Header, RESOURCES, XMP};
pub use self::quality::{Chroma, JpegQuality};
use super::{
    Colour, DecodeError, EncodeError, Format,
    decode::{Limits, Raw},
    encode::brightness,
    metadata::{Kept, to_resources},
};
use crate::image::Image;

/// Bytes that a segment's length of 16 bits, which counts itself, leaves.
const LONGEST_SEGMENT: usize = 65_533;

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
    let colour = Colour { icc_profile: decoder.icc_profile(), grey: header.components.len() == 1, ..Colour::SRGB };
    let jpeg_quality = header.quality();
    Ok(Raw { width, height, data, colour, metadata: header.into_metadata(), jpeg_quality, ..Raw::default() })
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
pub(super) fn encode(
    image: &Image,
    quality: JpegQuality,
    colour: &Colour,
    kept: &Kept,
) -> Result<Vec<u8>, EncodeError> {
    let (width, height) = image.size().into();
    let too_large = EncodeError::TooLarge { width, height, format: Format::Jpeg };
    let (Ok(columns), Ok(rows)) = (u16::try_from(width), u16::try_from(height)) else { return Err(too_large) };
    let failed = |error: EncodingError| EncodeError::Encoder { format: Format::Jpeg, reason: error.to_string() };
    let mut out = Vec::with_capacity(image.size().area() / 4);
    let mut encoder = Encoder::new(&mut out, quality.percent());
    let [of_brightness, of_colour] = quality.tables();
    encoder.set_quantization_tables(of_brightness, of_colour);
    encoder.set_sampling_factor(quality.chroma().sampling());
    // By itself the encoder takes the colour of one pixel for all of them, which frays coloured edges.
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    if let Some(density) = kept.density {
        let unit = if density.is_in_metre { PixelDensityUnit::Inches } else { PixelDensityUnit::PixelAspectRatio };
        encoder.set_density(PixelDensity { density: density.in_inch(), unit });
    }
    for (application, data) in segments(kept) {
        encoder.add_app_segment(application, data).map_err(failed)?;
    }
    if let Some(profile) = colour.profile_in(Format::Jpeg) {
        encoder.add_icc_profile(profile).map_err(failed)?;
    }
    let opaque = if image.has_transparency() { Cow::Owned(over_white(image)) } else { image.as_bytes().into() };
    if colour.is_grey_in(Format::Jpeg) {
        let grey: Vec<u8> = opaque.as_chunks::<4>().0.iter().copied().map(brightness).collect();
        encoder.encode(&grey, columns, rows, ColorType::Luma).map_err(failed)?;
    } else {
        encoder.encode(&opaque, columns, rows, ColorType::Rgba).map_err(failed)?;
    }
    Ok(out)
}

/// Metadata as a JPEG holds it, each with the number of its marker. What is too long is left out: writing it in several
/// segments is not for all readers.
fn segments(kept: &Kept) -> Vec<(u8, Vec<u8>)> {
    let exif = kept.exif.as_deref().map(|tiff| (1, [EXIF, tiff].concat()));
    let xmp = kept.xmp.as_deref().map(|packet| (1, [XMP, packet.as_bytes()].concat()));
    let iptc = kept.iptc.as_deref().map(|datasets| (13, [RESOURCES, &to_resources(datasets)].concat()));
    let mut segments: Vec<_> = [exif, xmp, iptc].into_iter().flatten().collect();
    segments.retain(|(_, data)| {
        let fits = data.len() <= LONGEST_SEGMENT;
        if !fits {
            log::warn!("{} bytes of metadata are left out: a JPEG's segment doesn't hold so many", data.len());
        }
        fits
    });
    segments
}

/// The colours as they look over white.
fn over_white(image: &Image) -> Vec<u8> {
    let over = |value: u8, alpha: u32| ((u32::from(value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
    let pixels = image.as_bytes().as_chunks::<4>().0.iter();
    let flat = |&[red, green, blue, alpha]: &[u8; 4]| {
        let [red, green, blue] = [red, green, blue].map(|value| over(value, alpha.into()));
        [red, green, blue, u8::MAX]
    };
    pixels.flat_map(flat).collect()
}

#[cfg(test)]
mod tests;
