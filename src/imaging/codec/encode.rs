//! From a picture to the bytes of a file.

use image_webp::{ColorType, WebPEncoder};

use super::{Colour, Format, JpegQuality, Metadata, MetadataPolicy, jpeg, metadata::Kept, png};
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

/// How to write a picture, and what to write beside it. With what `decode` told, the file comes back as it was.
#[derive(Debug, Clone, Copy)]
pub struct EncodeOptions<'a> {
    /// [`Format::output`] of it is written.
    pub format: Format,
    /// How much a JPEG keeps. PNG and WebP keep all.
    pub quality: JpegQuality,
    /// What the values mean.
    pub colour: &'a Colour,
    /// What the file told beside its picture.
    pub metadata: &'a Metadata,
    /// What becomes of that.
    pub policy: MetadataPolicy,
}

impl EncodeOptions<'static> {
    /// Of a picture that came from nowhere: its colours are meant as sRGB, and there is nothing to tell.
    pub fn new(format: Format) -> Self {
        static SRGB: Colour = Colour::SRGB;
        static NOTHING: Metadata = Metadata::NONE;
        let quality = JpegQuality::default();
        Self { format, quality, colour: &SRGB, metadata: &NOTHING, policy: MetadataPolicy::default() }
    }
}

/// Writes a file.
///
/// PNG is compressed quickly rather than well, WebP without loss. JPEG has no transparency: such pixels are laid over
/// white. WebP has no place for the IPTC's datasets, and a JPEG none for more than 64 KiB of a kind of metadata.
///
/// # Errors
/// [`EncodeError`] if the format cannot hold a picture of this size.
pub fn encode(image: &Image, options: &EncodeOptions<'_>) -> Result<Vec<u8>, EncodeError> {
    let format = options.format.output();
    let kept = options.metadata.kept(options.policy, image.size());
    let is_grey = options.colour.is_grey_in(format);
    match format {
        Format::Jpeg => jpeg::encode(image, options.quality, options.colour, &kept),
        Format::WebP => webp(Channels::of(image, is_grey), image, options.colour, kept),
        Format::Png | Format::Gif | Format::Bmp => {
            png::encode(Channels::of(image, is_grey), image, options.colour, kept)
        }
    }
}

/// The channels that there must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channels {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
}

impl Channels {
    /// Has alpha only if there is any transparency.
    fn of(image: &Image, is_grey: bool) -> Self {
        match (is_grey, image.has_transparency()) {
            (true, false) => Self::Grey,
            (true, true) => Self::GreyAlpha,
            (false, false) => Self::Rgb,
            (false, true) => Self::Rgba,
        }
    }

    /// How many.
    const fn count(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }

    /// Appends these of some pixels, which are RGBA.
    pub(super) fn take(self, pixels: &[u8], out: &mut Vec<u8>) {
        let pixels = pixels.as_chunks::<4>().0.iter().copied();
        out.reserve(pixels.len() * self.count());
        match self {
            Self::Grey => out.extend(pixels.map(brightness)),
            Self::GreyAlpha => out.extend(pixels.flat_map(|pixel| [brightness(pixel), pixel[3]])),
            Self::Rgb => out.extend(pixels.flat_map(|[red, green, blue, _]| [red, green, blue])),
            Self::Rgba => out.extend(pixels.flatten()),
        }
    }
}

/// The one value of a pixel in a grey picture. Where its colours are equal, it is theirs; a fill's tint is weighed as JPEG
/// does it (ITU-T T.871, section 7).
pub(super) fn brightness([red, green, blue, _]: [u8; 4]) -> u8 {
    ((299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue) + 500) / 1_000) as u8
}

/// Writes a WebP, without loss.
fn webp(channels: Channels, image: &Image, colour: &Colour, kept: Kept) -> Result<Vec<u8>, EncodeError> {
    let (width, height) = image.size().into();
    let kind = match channels {
        Channels::Grey => ColorType::L8,
        Channels::GreyAlpha => ColorType::La8,
        // It makes four channels of three in any case: as they are it can read them where they lie.
        Channels::Rgb | Channels::Rgba => ColorType::Rgba8,
    };
    if kept.iptc.is_some() {
        log::warn!("IPTC is left out: a WebP has no place for it");
    }
    let mut taken = Vec::new();
    let values = if matches!(channels, Channels::Rgb | Channels::Rgba) {
        image.as_bytes()
    } else {
        channels.take(image.as_bytes(), &mut taken);
        &taken
    };
    let mut out = Vec::new();
    let mut encoder = WebPEncoder::new(&mut out);
    encoder.set_icc_profile(colour.profile_in(Format::WebP).unwrap_or_default().to_vec());
    encoder.set_exif_metadata(kept.exif.unwrap_or_default());
    encoder.set_xmp_metadata(kept.xmp.unwrap_or_default().into_bytes());
    encoder.encode(values, width, height, kind).map_err(|error| match error {
        image_webp::EncodingError::InvalidDimensions => EncodeError::TooLarge { width, height, format: Format::WebP },
        error => EncodeError::Encoder { format: Format::WebP, reason: error.to_string() },
    })?;
    if channels == Channels::Rgb {
        super::webp::mark_opaque(&mut out);
    }
    Ok(out)
}
