//! What the values of a picture's pixels mean.

use super::{Format, png::PngColour};

/// What the values of a picture's pixels mean, as its file says it. Values are never converted: give this back to `encode`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Colour {
    /// The colour profile (ICC); none means sRGB.
    pub icc_profile: Option<Vec<u8>>,
    /// The file has one channel for all colours. What is written has one too where the format can, whatever a fill is made
    /// of: some model's tint has no place in a grey picture, and the profile may be one of grey values alone.
    pub grey: bool,
    /// What a PNG can say instead of a profile.
    pub(super) png: PngColour,
}

/// The kind of values that a profile is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Values {
    Grey,
    Rgb,
    Cmyk,
    Unknown,
}

impl Values {
    /// Reads a profile's header (ICC.1:2022, table 17: data colour space).
    fn of(profile: &[u8]) -> Self {
        match profile.get(16..20) {
            Some(b"GRAY") => Self::Grey,
            Some(b"RGB ") => Self::Rgb,
            Some(b"CMYK") => Self::Cmyk,
            _ => Self::Unknown,
        }
    }
}

impl Colour {
    /// sRGB, in colour.
    pub const SRGB: Self = Self { icc_profile: None, grey: false, png: PngColour::NONE };

    /// Whether a file of this format is written with one channel.
    pub(super) fn is_grey_in(&self, format: Format) -> bool {
        let is_for_colours = self.icc_profile.as_deref().is_some_and(|profile| Values::of(profile) == Values::Rgb);
        self.grey
            && match format {
                // A grey JPEG may have a profile for colours; viewers make colours of it first. A PNG may not.
                Format::Jpeg => true,
                Format::Png | Format::Gif | Format::Bmp => !is_for_colours,
                Format::WebP => false,
            }
    }

    /// The profile that a file of this format gets.
    pub(super) fn profile_in(&self, format: Format) -> Option<&[u8]> {
        let profile = self.icc_profile.as_deref()?;
        let fits = match Values::of(profile) {
            Values::Grey => self.is_grey_in(format),
            Values::Rgb | Values::Unknown => true,
            Values::Cmyk => false,
        };
        if !fits {
            log::warn!("the colour profile is left out: it isn't for the values of a {format:?} file");
        }
        fits.then_some(profile)
    }

    /// Forgets a profile that is for other values than the file's: of such a PNG, viewers don't take it either.
    pub(super) fn without_misfit(mut self) -> Self {
        let misfit = if self.grey { Values::Rgb } else { Values::Grey };
        self.icc_profile.take_if(|profile| [misfit, Values::Cmyk].contains(&Values::of(profile)));
        self
    }
}
