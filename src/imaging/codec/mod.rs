//! Image files in and out. The only part that knows the crates that read and write them.

mod avif;
mod colour;
mod decode;
mod encode;
mod gif;
mod jpeg;
mod metadata;
mod png;
#[cfg(test)]
mod tests;
mod webp;

use serde::{Deserialize, Serialize};

pub use self::{
    colour::Colour,
    decode::{DecodeError, Decoded, Limits, decode, decode_shown},
    encode::{EncodeError, EncodeOptions, encode},
    jpeg::{Chroma, JpegQuality},
    metadata::{Metadata, MetadataPolicy},
};

/// A kind of image file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Portable Network Graphics, animated ones included.
    Png,
    /// JPEG, baseline or progressive.
    Jpeg,
    /// WebP, lossy or lossless.
    WebP,
    /// Graphics Interchange Format.
    Gif,
    /// Windows bitmap.
    Bmp,
}

impl Format {
    /// Its media type.
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Bmp => "image/bmp",
        }
    }

    /// The usual end of a file's name, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
            Self::Gif => "gif",
            Self::Bmp => "bmp",
        }
    }

    /// The format in which a picture of this format is written back.
    ///
    /// GIF would lose colours and BMP would only waste room: both become PNG. The others stay what they are.
    #[must_use]
    pub const fn output(self) -> Self {
        match self {
            Self::Jpeg => Self::Jpeg,
            Self::WebP => Self::WebP,
            Self::Png | Self::Gif | Self::Bmp => Self::Png,
        }
    }

    /// What the first bytes of a file say it is, whatever its name.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'B', b'M', ..] => Some(Self::Bmp),
            _ => None,
        }
    }
}
