//! Grain for a smooth fill.
//!
//! A small network paints structure well and grain badly: its fill looks out of focus. The picture around the hole has
//! the right grain. So the fill is cut into overlapping patches, and each gets the grain of the known patch that looks
//! most like it once both are blurred: a blurred query would otherwise find blurred patches. The idea of guiding the
//! search by a smooth picture is that of image analogies (Hertzmann and others, 2001).
//!
//! Where the tile is a shrunk part of the picture, the search stays at the tile's scale, but grain is taken and laid at
//! the picture's own: enlarging a fill gives no grain, and the picture has it.

mod bands;
mod descriptor;
mod enlarged;
mod field;
mod grain;
mod holes;
mod lay;
mod matching;
mod patches;
mod search;
mod strength;
#[cfg(test)]
mod tests;

use serde::Deserialize;

pub use self::grain::{Grain, GrainError};
use crate::{
    image::ShapeError,
    mask::Mask,
    tensor::{Rgb, Unit},
};

/// Side of a patch, in pixels of the tile.
const PATCH: usize = 11;

/// Parameters of the texture step ([`add_texture`]).
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextureStep {
    /// Standard deviation of the Gaussian that splits structure from grain, in pixels of the tile.
    pub low_pass_sigma_px: f32,
    /// Share of the network's own grain that stays, in `[0, 1]`.
    pub kept_detail: f32,
}

/// Gives `fill` the grain that `source` has around the hole.
///
/// `fill` is the whole tile as the network repainted it, `source` the tile as it was, of which only what `mask` leaves
/// counts. Returns the whole tile; outside of the hole it is `fill`. Returns `fill` as it is if there is too little
/// known to take grain from.
///
/// # Errors
/// [`ShapeError`] unless all three are of one size.
pub fn add_texture(
    fill: &Rgb<Unit>,
    source: &Rgb<Unit>,
    mask: &Mask,
    step: TextureStep,
) -> Result<Rgb<Unit>, ShapeError> {
    let Some(grain) = Grain::find(fill, source, mask, step)? else { return Ok(fill.clone()) };
    let mut out = grain.smooth(fill, mask);
    grain.add_to(&mut out, mask);
    Ok(out)
}
