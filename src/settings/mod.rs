//! What a person can set: the values, what they are when nobody set them, and which of them make sense.

mod stored;

use serde::{Deserialize, Serialize};

pub use self::stored::{Loss, Reading, VERSION};
use crate::{
    models::{ModelId, SamplerKind},
    protocol::{Beside, ModelReport, ModelsReport, Tuning},
};

/// Everything that a person can set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    /// The model that improves; none takes the first one that is here.
    pub model: Option<ModelId>,
    /// Whether the built-in model starts as soon as the brush is lifted.
    pub run_on_lift: bool,
    /// How the engine works.
    #[serde(flatten)]
    pub tuning: Tuning,
    /// Where the numbers of variants come from.
    pub seed: SeedMode,
    /// The format that a picture is saved in.
    pub format: Format,
    /// How much a JPEG keeps, in percent; none is as much as the picture's own file.
    pub quality: Option<u8>,
    /// What else stands in a saved file.
    pub metadata: Beside,
    /// Light or dark.
    pub theme: Theme,
    /// The language of all texts, in the words of `lang`; none is the browser's.
    pub language: Option<String>,
    /// Another hub with the models' files, without a slash at its end.
    pub mirror: Option<String>,
}

/// Where the numbers of variants come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeedMode {
    /// One after another from this one on, for each mask anew: the same mask gives the same variants.
    From(u32),
    /// By chance.
    Chance,
}

/// The format that a picture is saved in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// The picture's own, if it can be written.
    #[default]
    AsPicture,
    /// PNG.
    Png,
    /// JPEG.
    Jpg,
    /// WebP.
    Webp,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the computer has it.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// Languages that there are texts in, in the words of `lang`. `tests/locales` holds them to the folders.
pub const LANGUAGES: [&str; 8] = ["ar", "de", "en", "es", "fr", "ja", "pt-BR", "zh-CN"];

/// Qualities of a JPEG that can be chosen. Below these there is no picture left to speak of.
pub const QUALITIES: std::ops::RangeInclusive<u8> = 10..=100;

/// Soft edges that can be chosen, in pixels.
pub const FEATHERS: std::ops::RangeInclusive<u32> = 0..=64;

/// Sampling steps that can be chosen.
pub const STEPS: std::ops::RangeInclusive<u32> = 1..=100;

/// Guidance scales that can be chosen.
pub const GUIDANCES: std::ops::RangeInclusive<f32> = 1.0..=12.0;

/// Numbers of variants that can be begun from.
pub const SEEDS: std::ops::RangeInclusive<u32> = 0..=999_999;

/// Minutes that a model may be kept without work.
pub const IDLES: std::ops::RangeInclusive<u32> = 1..=120;

impl Settings {
    /// The model that does the improving: the chosen one if it is here, else the first that is.
    pub fn improver<'a>(&self, models: &'a ModelsReport) -> Option<&'a ModelReport> {
        let usable = || models.big().filter(|model| model.is_usable());
        usable().find(|model| Some(&model.id) == self.model.as_ref()).or_else(|| usable().next())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: None,
            run_on_lift: true,
            tuning: Tuning::default(),
            seed: SeedMode::default(),
            format: Format::default(),
            quality: None,
            metadata: Beside::default(),
            theme: Theme::default(),
            language: None,
            mirror: None,
        }
    }
}

impl Default for SeedMode {
    fn default() -> Self {
        Self::From(1)
    }
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::AsPicture, Self::Png, Self::Jpg, Self::Webp];

    /// The short name of the file format; none for the picture's own.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::AsPicture => None,
            Self::Png => Some("png"),
            Self::Jpg => Some("jpg"),
            Self::Webp => Some("webp"),
        }
    }
}

impl Theme {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// As the pages' style sheets call it; none leaves it to the computer.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

impl SamplerKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ddim, Self::DpmSolver, Self::DpmSolverKarras, Self::UniPc];
}

/// The address of a hub as it is stored: without spaces around it and slashes at its end. None if it is no address that
/// a browser would fetch from.
pub fn mirror_address(typed: &str) -> Option<String> {
    let address = typed.trim().trim_end_matches('/');
    let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let is_address = !host.is_empty() && !host.starts_with('/') && !address.contains(char::is_whitespace);
    is_address.then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_is_an_address() {
        assert_eq!(mirror_address(" https://hub.example/ ").as_deref(), Some("https://hub.example"));
        assert_eq!(mirror_address("http://127.0.0.1:80/a").as_deref(), Some("http://127.0.0.1:80/a"));
        for typed in ["", "hub.example", "javascript:alert(1)", "https://", "https:///x", "https://a b"] {
            assert_eq!(mirror_address(typed), None, "{typed:?}");
        }
    }
}
