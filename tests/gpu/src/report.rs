//! What a page tells whoever opened it.

use serde::{Deserialize, Serialize};

/// How a model is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// As its browser port does it: each published file in memory, the build of the runtime that is rewritten instead of
    /// suspended, all inputs and outputs of each step through the processor's memory.
    Port,
    /// The first load as the extension does it, which tries who runs the graphs; no pictures.
    First,
    /// As the extension does it from then on, with weights of 32 bits.
    Singles,
    /// As the extension does it with weights of 16 bits.
    Halves,
    /// Not the model that samples, but the one that ships inside the extension.
    BuiltIn,
    /// No model, but the steps after it: tone and grain, on the card and on the processor.
    Finish,
    /// Not to be timed: what rewritten graphs give beside published ones.
    Compared,
}

impl Way {
    /// All, in the order in which they are run: later ones compare themselves with the first.
    pub const ALL: [Self; 7] =
        [Self::Port, Self::First, Self::Singles, Self::Halves, Self::BuiltIn, Self::Finish, Self::Compared];

    /// The page and its query.
    pub const fn page(self) -> &'static str {
        match self {
            Self::Port => "page/port.html?way=port",
            Self::First => "page/here.html?way=first",
            Self::Singles => "page/here.html?way=singles",
            Self::Halves => "page/here.html?way=halves",
            Self::BuiltIn => "page/here.html?way=built_in",
            Self::Finish => "page/here.html?way=finish",
            Self::Compared => "page/here.html?way=compared",
        }
    }
}

/// All that a page found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Vendor and architecture of the graphics adapter.
    pub adapter: String,
    /// What it can do beyond the usual, of what matters here.
    pub features: Vec<String>,
    /// The browser's word for itself.
    pub browser: String,
    /// Files fetched into the browser's storage, if that was done; in milliseconds.
    pub stored_millis: Option<f64>,
    /// Encoder, denoiser, decoder: from the file to a session that has not run yet; in milliseconds. With a record, that is
    /// made and tried.
    pub sessions_millis: Vec<f64>,
    /// In so many steps, after one picture that does not count.
    pub pictures: Vec<Picture>,
    /// In as many steps as the extension takes unless told otherwise.
    pub default_pictures: Vec<Picture>,
    /// The same, each step through the processor, where steps otherwise stay on the card.
    pub through_processor: Vec<Picture>,
    /// How far outputs are from others.
    pub differences: Vec<Difference>,
    /// Of the model that ships inside the extension.
    pub built_in: Option<BuiltIn>,
    /// Of what follows the network.
    pub steps: Vec<Step>,
}

/// How long a step after the network takes, without its first run; in milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Which step, and of what size.
    pub what: String,
    /// Each run where the card does what it can.
    pub gpu_millis: Vec<f64>,
    /// Each run on the processor alone.
    pub cpu_millis: Vec<f64>,
    /// The most that a value of the two is apart, in levels of 255; none if the step gives no values.
    pub levels_apart: Option<f32>,
}

/// How the model that ships inside the extension runs, a tile of 512x512 a run, in milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct BuiltIn {
    /// Each run on the card, as the extension does it; the first one from the file on: session, shaders, record and trial.
    pub gpu_millis: Vec<f64>,
    /// The same without a record.
    pub unrecorded_millis: Vec<f64>,
    /// Each run on the processor.
    pub cpu_millis: Vec<f64>,
    /// That the processor had for it.
    pub threads: u32,
    /// The most that a pixel of the two is apart, in levels of 255.
    pub levels_apart: f32,
    /// What the panel's test would expect of the model that samples.
    pub expected: Option<f64>,
}

/// How long the parts of a picture took, in milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// From the tile to its fill.
    pub total: f64,
    /// Each run of the encoder.
    pub encoder: Vec<f64>,
    /// Each run of the denoiser.
    pub denoiser: Vec<f64>,
    /// Each run of the decoder.
    pub decoder: Vec<f64>,
}

/// How far something is from something else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// What from what.
    pub what: String,
    /// Root of the mean square of the differences, relative to that of the second; none if there are no numbers.
    pub relative: Option<f32>,
}
