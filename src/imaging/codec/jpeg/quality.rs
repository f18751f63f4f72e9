//! How much of a picture a JPEG keeps.

use jpeg_encoder::{QuantizationTableType, SamplingFactor};

/// How much of the colour a JPEG keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chroma {
    /// For each pixel (4:4:4).
    Full,
    /// For each two pixels side by side (4:2:2).
    HalvedAcross,
    /// For each two pixels one above the other (4:4:0): mostly a 4:2:2 that was turned.
    HalvedDown,
    /// For each two by two pixels (4:2:0): smaller, and softer at coloured edges.
    Halved,
}

impl Chroma {
    /// Of a file that has so many samples of brightness, across and down, for one of colour.
    ///
    /// Sparser colour than 4:2:0 is rare, and becomes that.
    pub(super) const fn from_ratios(across: u8, down: u8) -> Self {
        match (across, down) {
            (0 | 1, 0 | 1) => Self::Full,
            (2, 0 | 1) => Self::HalvedAcross,
            (0 | 1, 2) => Self::HalvedDown,
            _ => Self::Halved,
        }
    }

    /// In the encoder's terms.
    pub(super) const fn sampling(self) -> SamplingFactor {
        match self {
            Self::Full => SamplingFactor::F_1_1,
            Self::HalvedAcross => SamplingFactor::F_2_1,
            Self::HalvedDown => SamplingFactor::F_1_2,
            Self::Halved => SamplingFactor::F_2_2,
        }
    }
}

/// By how much each of the 64 frequencies of a block is divided, in rows from the lowest one on.
pub(super) type Steps = [u8; 64];

/// How much of a picture a JPEG keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JpegQuality {
    percent: u8,
    chroma: Chroma,
    /// A file's own steps, of brightness and of colour; else those that go with `percent`.
    steps: Option<[Steps; 2]>,
}

impl JpegQuality {
    /// `percent` is in the scale of the Independent JPEG Group and is taken into 1 to 100.
    pub fn new(percent: u8, chroma: Chroma) -> Self {
        Self { percent: percent.clamp(1, 100), chroma, steps: None }
    }

    /// That of a file with these steps, of brightness and of colour. A picture that is written with the very steps that
    /// it came with loses next to nothing a second time, whoever chose them.
    pub(super) fn of_steps(steps: [Steps; 2], chroma: Chroma) -> Self {
        Self { percent: percent(&steps[0]), chroma, steps: Some(steps) }
    }

    /// 1 to 100; of a file, an estimate from its steps.
    pub const fn percent(self) -> u8 {
        self.percent
    }

    /// How much of the colour is kept.
    pub const fn chroma(self) -> Chroma {
        self.chroma
    }

    /// In the encoder's terms, of brightness and of colour.
    pub(super) fn tables(self) -> [QuantizationTableType; 2] {
        self.steps.map_or([QuantizationTableType::Default, QuantizationTableType::Default], |steps| {
            steps.map(|steps| QuantizationTableType::Custom(Box::new(steps.map(u16::from))))
        })
    }
}

impl Default for JpegQuality {
    /// 92 and full colour: the second compression of an already compressed photograph is then not seen.
    fn default() -> Self {
        Self::new(92, Chroma::Full)
    }
}

/// Sum of the luminance table that ITU-T T.81 suggests (annex K, table K.1), the one scaled by nearly all encoders.
const SUGGESTED_SUM: u32 = 3_688;

/// The quality, in the scale of the Independent JPEG Group, of a file with these steps of brightness.
fn percent(steps: &Steps) -> u8 {
    let sum: u32 = steps.iter().map(|&step| u32::from(step)).sum();
    let scale = sum * 100 / SUGGESTED_SUM;
    // The scale: 5000 / quality percent below 50, 200 - 2 * quality from there on (libjpeg, jcparam.c).
    if scale > 100 { 5_000 / scale } else { (200 - scale) / 2 }.clamp(1, 100) as u8
}
