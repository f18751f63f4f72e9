//! Pixels in, pixels out: what the engine does to a picture around a model's run.

pub mod card;
#[cfg(feature = "codecs")]
pub mod codec;
pub mod composite;
pub mod crop;
pub mod feather;
pub mod membrane;
pub mod morphology;
pub mod planes;
pub mod resize;
pub mod seam;
pub mod selection;
pub mod softness;
pub mod spread;
pub mod texture;
