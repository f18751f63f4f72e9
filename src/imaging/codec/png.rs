//! PNG, with what stands beside the picture.

use std::{
    borrow::Cow,
    io::{Cursor, Write as _},
};

use png::{
    BitDepth, CodingIndependentCodePoints, ColorType, Compression, Decoder, DecodingError, Encoder, EncodingError,
    Filter, Info, PixelDimensions, ScaledFloat, SourceChromaticities, SrgbRenderingIntent, Transformations, Unit,
    chunk::ChunkType,
    text_metadata::{ITXtChunk, TEXtChunk},
};

use super::{
    Colour, DecodeError, EncodeError, Format,
    decode::{Limits, Raw},
    encode::Channels,
    metadata::{Density, Kept, Metadata, from_resources, to_resources},
};
use crate::image::Image;

/// The keyword of an XMP packet (XMP specification part 3, section 1.1.5).
const XMP: &str = "XML:com.adobe.xmp";
/// The keywords of IPTC's datasets, as text; `ImageMagick` began it, `ExifTool` reads it. The first one is written.
const IPTC: [&str; 2] = ["Raw profile type iptc", "Raw profile type 8bim"];
/// Bytes in a line of such a text.
const LINE: usize = 36;

/// What a PNG can say of its colours without a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PngColour {
    intent: Option<SrgbRenderingIntent>,
    gamma: Option<ScaledFloat>,
    chromaticities: Option<SourceChromaticities>,
    code_points: Option<CodingIndependentCodePoints>,
}

impl PngColour {
    pub(super) const NONE: Self = Self { intent: None, gamma: None, chromaticities: None, code_points: None };

    /// By code points (ITU-T H.273) of primaries and transfer characteristics, for RGB values of the full range.
    pub(super) const fn of_code_points(color_primaries: u8, transfer_function: u8) -> Self {
        let code_points = CodingIndependentCodePoints {
            color_primaries,
            transfer_function,
            matrix_coefficients: 0,
            is_video_full_range_image: true,
        };
        Self { code_points: Some(code_points), ..Self::NONE }
    }
}

/// Bytes that the decoder may take for the profile and texts, which may inflate a thousandfold.
const BESIDE: usize = 64 << 20;
/// Bytes of a pixel at most, and how many rows the decoder holds.
const ROW_BYTES_PER_PIXEL: usize = 8 * 4;

/// Reads a PNG; of an animation, the picture that stands first.
pub(super) fn decode(bytes: &[u8], limits: Limits) -> Result<Raw, DecodeError> {
    let mut decoder = Decoder::new(Cursor::new(bytes));
    // The decoder takes a first buffer while it reads what follows the header.
    let (width, height) = decoder.read_header_info().map_err(cause)?.size();
    limits.check(width, height)?;
    decoder.set_limits(png::Limits { bytes: BESIDE.saturating_add(width as usize * ROW_BYTES_PER_PIXEL) });
    // Palettes, few bits and transparent colours become channels of 8 bits.
    decoder.set_transformations(Transformations::EXPAND);
    let mut reader = decoder.read_info().map_err(cause)?;
    let len = reader.output_buffer_size().ok_or(DecodeError::TooMuchMemory { format: Format::Png })?;
    let mut data = vec![0; len];
    let frame = reader.next_frame(&mut data).map_err(cause)?;
    let depth_reduced = frame.bit_depth == BitDepth::Sixteen;
    if depth_reduced {
        data = data.as_chunks::<2>().0.iter().map(|&value| rounded(u16::from_be_bytes(value))).collect();
    }
    let data = match frame.color_type {
        ColorType::Grayscale => data.into_iter().flat_map(|grey| [grey, grey, grey, u8::MAX]).collect(),
        ColorType::GrayscaleAlpha => {
            data.as_chunks::<2>().0.iter().flat_map(|&[grey, alpha]| [grey, grey, grey, alpha]).collect()
        }
        ColorType::Rgb => {
            data.as_chunks::<3>().0.iter().flat_map(|&[red, green, blue]| [red, green, blue, u8::MAX]).collect()
        }
        ColorType::Rgba => data,
        ColorType::Indexed => return Err(damaged("a palette that was not applied")),
    };
    // The picture is there: what is missing or damaged behind it is only text.
    if let Err(error) = reader.finish() {
        log::debug!("behind the picture of a PNG: {error}");
    }
    let info = reader.info();
    let grey = matches!(frame.color_type, ColorType::Grayscale | ColorType::GrayscaleAlpha);
    Ok(Raw {
        width,
        height,
        data,
        colour: colour(info, grey),
        metadata: metadata(info),
        animated: info.animation_control.is_some(),
        depth_reduced,
        ..Raw::default()
    })
}

/// 16 bits to the nearest of 8.
const fn rounded(value: u16) -> u8 {
    ((value as u32 + 128) / 257) as u8
}

fn colour(info: &Info<'_>, grey: bool) -> Colour {
    let png = PngColour {
        intent: info.srgb,
        gamma: info.gama_chunk,
        chromaticities: info.chrm_chunk,
        code_points: info.coding_independent_code_points,
    };
    let icc_profile = info.icc_profile.as_deref().map(<[u8]>::to_vec);
    Colour { icc_profile, grey, png }.without_misfit()
}

fn metadata(info: &Info<'_>) -> Metadata {
    let exif = info.exif_metadata.as_deref().map(<[u8]>::to_vec);
    let density = info.pixel_dims.map(|PixelDimensions { xppu, yppu, unit }| Density {
        across: xppu,
        down: yppu,
        is_in_metre: unit == Unit::Meter,
    });
    Metadata::new(exif, xmp(info), iptc(info)).with_density(density)
}

fn xmp(info: &Info<'_>) -> Option<Vec<u8>> {
    let mut text = info.utf8_text.iter().find(|text| text.keyword == XMP)?.clone();
    text.decompress_text().ok()?;
    text.get_text().ok().map(String::into_bytes)
}

fn iptc(info: &Info<'_>) -> Option<Vec<u8>> {
    let compressed = info.compressed_latin1_text.iter().find(|text| IPTC.contains(&text.keyword.as_str()));
    let text = match compressed {
        Some(text) => {
            let mut text = text.clone();
            text.decompress_text().ok()?;
            text.get_text().ok()?
        }
        None => info.uncompressed_latin1_text.iter().find(|text| IPTC.contains(&text.keyword.as_str()))?.text.clone(),
    };
    let bytes = from_hexadecimal(&text)?;
    Some(from_resources(&bytes).map(<[u8]>::to_vec).unwrap_or(bytes))
}

/// Takes a text apart that has a name, a length, and bytes in hexadecimal, each in lines of their own.
fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let (_name, rest) = text.trim_start().split_once('\n')?;
    let (len, digits) = rest.trim_start().split_once('\n')?;
    let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_hexdigit).collect();
    let value = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default() as u8;
    let bytes: Vec<u8> = digits.as_chunks::<2>().0.iter().map(|&[high, low]| value(high) << 4 | value(low)).collect();
    (len.trim().parse() == Ok(bytes.len())).then_some(bytes)
}

/// The other way round.
fn to_hexadecimal(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    let mut text = format!("\niptc\n{:8}\n", bytes.len());
    for line in bytes.chunks(LINE) {
        text.extend(line.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
        text.push('\n');
    }
    text
}

/// Bytes of compressed data that are written at once.
const STREAMED: usize = 64 << 10;

/// Writes a PNG. It is compressed quickly rather than well.
pub(super) fn encode(channels: Channels, image: &Image, colour: &Colour, kept: Kept) -> Result<Vec<u8>, EncodeError> {
    let size = image.size();
    let failed = |error: EncodingError| EncodeError::Encoder { format: Format::Png, reason: error.to_string() };
    let mut info = Info::with_size(size.width(), size.height());
    info.color_type = match channels {
        Channels::Grey => ColorType::Grayscale,
        Channels::GreyAlpha => ColorType::GrayscaleAlpha,
        Channels::Rgb => ColorType::Rgb,
        Channels::Rgba => ColorType::Rgba,
    };
    info.icc_profile = colour.profile_in(Format::Png).map(Cow::Borrowed);
    info.srgb = colour.png.intent.filter(|_| info.icc_profile.is_none());
    info.source_gamma = colour.png.gamma;
    info.source_chromaticities = colour.png.chromaticities;
    info.pixel_dims = kept.density.map(|Density { across, down, is_in_metre }| PixelDimensions {
        xppu: across,
        yppu: down,
        unit: if is_in_metre { Unit::Meter } else { Unit::Unspecified },
    });
    info.exif_metadata = kept.exif.map(Cow::Owned);
    info.utf8_text.extend(kept.xmp.map(|packet| ITXtChunk::new(XMP, packet)));
    let datasets = kept.iptc.map(|datasets| to_hexadecimal(&to_resources(&datasets)));
    info.uncompressed_latin1_text.extend(datasets.map(|text| TEXtChunk::new(IPTC[0], text)));

    let mut out = Vec::new();
    let mut encoder = Encoder::with_info(&mut out, info).map_err(failed)?;
    encoder.set_compression(Compression::Fast);
    encoder.set_filter(Filter::Adaptive);
    let mut writer = encoder.write_header().map_err(failed)?;
    if let Some(points) = colour.png.code_points {
        let CodingIndependentCodePoints { color_primaries, transfer_function, matrix_coefficients, .. } = points;
        let full_range = u8::from(points.is_video_full_range_image);
        let data = [color_primaries, transfer_function, matrix_coefficients, full_range];
        writer.write_chunk(ChunkType(*b"cICP"), &data).map_err(failed)?;
    }
    // Row by row: as a whole, the values and what the filters make of them would be two more copies of the picture.
    let mut stream = writer.stream_writer_with_size(STREAMED).map_err(failed)?;
    let mut row = Vec::new();
    for y in 0..size.height() {
        row.clear();
        channels.take(image.row(size.bounds(), y), &mut row);
        stream.write_all(&row).map_err(|error| failed(error.into()))?;
    }
    stream.finish().map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(out)
}

fn damaged(reason: &str) -> DecodeError {
    DecodeError::Damaged { format: Format::Png, reason: reason.to_owned() }
}

/// The library's error by what it means to a person.
fn cause(error: DecodingError) -> DecodeError {
    match error {
        DecodingError::LimitsExceeded => DecodeError::TooMuchMemory { format: Format::Png },
        DecodingError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::Truncated { format: Format::Png }
        }
        error => damaged(&error.to_string()),
    }
}
