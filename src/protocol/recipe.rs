//! How a picture is to be written.

use serde::{Deserialize, Serialize};

/// How a picture is to be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// A file format's short name as in `ImageInfo::formats`.
    pub format: String,
    /// How much a JPEG keeps, 1 to 100 in the scale of the Independent JPEG Group. None is as much as the picture's own
    /// file, with its own tables if it is a JPEG. PNG and WebP are written without loss whatever stands here.
    pub quality: Option<u8>,
    /// What else stands in the file.
    pub beside: Beside,
}

impl Recipe {
    /// The usual way to write a file of this format.
    pub fn of(format: impl Into<String>) -> Self {
        Self { format: format.into(), quality: None, beside: Beside::default() }
    }
}

/// What stands in a file beside its picture: camera, date, author, place. What the colours mean always stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beside {
    /// All that the picture's own file told but where it was taken.
    #[default]
    WithoutPlace,
    /// All that it told.
    All,
    /// Nothing.
    Nothing,
}
