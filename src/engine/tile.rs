//! What a model sees of the picture, and how its fill comes back.

use super::{EngineError, PlannedTile};

use crate::{
    geometry::Size,
    image::Image,
    imaging::{
        card::Card,
        crop::Square,
        planes,
        resize::{self, Window},
        seam,
        spread::spread,
        texture::{Grain, TextureStep},
    },
    mask::Mask,
    models::{Start, Tile},
    tensor::{Rgb, Unit},
};

/// The largest rectangle, in pixels, in which grain is laid pixel by pixel. A larger one would need hundreds of megabytes;
/// its grain is laid on fewer pixels and enlarged.
const MOST_GRAIN_PX: f32 = 6_000_000.0;

/// A tile, and what the model does not get to see of it.
#[derive(Debug)]
pub(super) struct Prepared {
    /// For the model. Of the rim between what was painted and the hole it has the colours, which no model looks at.
    pub(super) tile: Tile,
    /// What was painted.
    painted: Mask,
    /// Alpha that the fill is to have, one a pixel; none if it is to be opaque.
    alpha: Option<Vec<u8>>,
}

impl Prepared {
    /// Brings what lies under a planned square to `side` pixels; `known` is what [`known`] made of it.
    ///
    /// Of a picture with transparency, the colours of transparent pixels (which nobody sees, and which are black in many
    /// files) are replaced by those around them, and the fill gets the alpha of its surroundings: something erased from
    /// an opaque part leaves it opaque, something erased from a transparent part leaves nothing.
    pub(super) fn new(
        source: &Image,
        (painted, hole): (&Mask, &Mask),
        planned: &PlannedTile,
        known: &Image,
        side: u32,
    ) -> Result<Self, EngineError> {
        let tile_size = Size::square(side).ok().ok_or(EngineError::NoTileSide)?;
        let mask = resize::shrink_mask(hole, planned.square, tile_size);
        if mask.count() == tile_size.area() {
            return Err(EngineError::WholeImage);
        }
        let mut known = if known.size() == tile_size {
            known.clone()
        } else {
            let whole = Window::scaled(known.size().bounds(), known.size(), known.size());
            resize::resample(known, whole, tile_size)?
        };
        // Alpha says here how much was known. Where nothing was hole, less than all means transparent.
        let is_clear = |(pixel, &hole): (&[u8; 4], &u8)| hole == Mask::KEEP && pixel[3] < resize::KNOWN - 5;
        let pixels = known.as_bytes().as_chunks::<4>().0;
        let alpha = if pixels.iter().zip(mask.as_bytes()).any(is_clear) && source.has_transparency() {
            spread_colours(&mut known);
            let alpha = resize::shrink_known(&alpha_as_grey(source), hole, planned.square, tile_size)?;
            Some(spread_alpha(&alpha, &mask))
        } else {
            None
        };
        let image = planes::from_image(&known)?;
        let painted = resize::shrink_mask(painted, planned.square, tile_size);
        Ok(Self { tile: Tile { image, mask, start: None }, painted, alpha })
    }

    /// Has a model that samples begin from what is in the picture now.
    pub(super) fn begin_from(&mut self, source: &Image, planned: &PlannedTile) -> Result<(), EngineError> {
        let nothing = Mask::empty(source.size());
        let whole = resize::shrink_known(source, &nothing, planned.square, self.tile.size())?;
        self.tile.start = Some(Start::Draft(planes::from_image(&whole)?));
        Ok(())
    }

    /// Keeps of a model's output what the mask covers, and makes it meet the picture in the same tone.
    pub(super) async fn accept(&self, mut fill: Rgb<Unit>, card: Option<&dyn Card>) -> Result<Rgb<Unit>, EngineError> {
        self.keep_known(&mut fill);
        let Tile { image, mask, .. } = &self.tile;
        seam::match_tone_by(card, &mut fill, image, (mask, &self.painted)).await?;
        Ok(fill)
    }

    /// As [`Prepared::accept`], of a look in the midst of a run, when nobody can wait for a card.
    pub(super) fn accept_look(&self, mut fill: Rgb<Unit>) -> Result<Rgb<Unit>, EngineError> {
        self.keep_known(&mut fill);
        seam::match_tone(&mut fill, &self.tile.image, &self.tile.mask, &self.painted)?;
        Ok(fill)
    }

    /// Puts the picture in place of all that the mask does not cover.
    pub(super) fn keep_known(&self, fill: &mut Rgb<Unit>) {
        let mask = self.tile.mask.as_bytes();
        for (fill, known) in
            fill.as_mut_slice().chunks_exact_mut(mask.len()).zip(self.tile.image.as_slice().chunks_exact(mask.len()))
        {
            for ((fill, known), &hole) in fill.iter_mut().zip(known).zip(mask) {
                *fill = if hole == Mask::FILL { *fill } else { *known };
            }
        }
    }

    /// As [`Prepared::fill_of_hole`], with the grain of the picture; none if there is too little to take it from.
    pub(super) async fn textured_hole(
        &self,
        card: Option<&dyn Card>,
        fill: &Rgb<Unit>,
        planned: &PlannedTile,
        (source, hole): (&Image, &Mask),
        step: TextureStep,
    ) -> Result<Option<Image>, EngineError> {
        let Tile { image, mask, .. } = &self.tile;
        let Some(grain) = Grain::find_by(card, fill, image, mask, step).await? else { return Ok(None) };
        let Some(there) = planned.square.locate(planned.hole) else { return Err(EngineError::NoTileSide) };
        let tile = (fill, mask, self.alpha.as_deref());
        let shrinking = (MOST_GRAIN_PX / planned.hole.size.area() as f32).sqrt();
        if shrinking >= 1.0 {
            return Ok(Some(grain.paint_by(card, tile, (source, planned.square), there).await?));
        }
        // Painted somewhat smaller than the picture is, and enlarged the rest of the way.
        let side = ((planned.square.side() as f32 * shrinking) as u32).max(mask.size().width());
        let reduced = Size::square(side).ok().ok_or(EngineError::NoTileSide)?;
        let sharp = resize::shrink_known(source, hole, planned.square, reduced)?;
        let window = Window::scaled(there, planned.square.size(), reduced);
        let around = window.whole(reduced);
        let all = Square::around(reduced.bounds(), side, reduced);
        let painted = grain.paint_by(card, tile, (&sharp, all), around).await?;
        Ok(Some(resize::resample(&painted, window.within(around), there.size)?))
    }

    /// What the model's fill looks like over the hole, in the picture's own scale.
    pub(super) fn fill_of_hole(&self, fill: &Rgb<Unit>, planned: &PlannedTile) -> Result<Image, EngineError> {
        let image = planes::into_image(fill, self.alpha.as_deref())?;
        let Some(there) = planned.square.locate(planned.hole) else {
            return Err(EngineError::NoTileSide);
        };
        if image.size() == planned.square.size() {
            return Ok(image.cropped(there));
        }
        let window = Window::scaled(there, planned.square.size(), image.size());
        Ok(resize::resample(&image, window, there.size)?)
    }
}

/// What is known under a planned square, at the side that the model sees best.
pub(super) fn known(source: &Image, painted: &Mask, planned: &PlannedTile) -> Result<Image, EngineError> {
    let size = Size::square(planned.side).ok().ok_or(EngineError::NoTileSide)?;
    Ok(resize::shrink_known(source, painted, planned.square, size)?)
}

/// Gives pixels of which nothing is seen the colours around them.
fn spread_colours(image: &mut Image) {
    let width = image.size().width() as usize;
    let pixels = image.as_bytes().as_chunks::<4>().0;
    let mut colours: Vec<[f32; 3]> = pixels.iter().map(|&[r, g, b, _]| [r, g, b].map(f32::from)).collect();
    let weights: Vec<f32> =
        pixels.iter().map(|pixel| (f32::from(pixel[3]) / f32::from(resize::KNOWN)).min(1.0)).collect();
    spread(&mut colours, &weights, width);
    for (pixel, colour) in image.as_bytes_mut().as_chunks_mut::<4>().0.iter_mut().zip(&colours) {
        for (value, &colour) in pixel.iter_mut().zip(colour) {
            *value = (colour + 0.5) as u8;
        }
    }
}

/// An opaque picture whose grey is the alpha of another.
fn alpha_as_grey(image: &Image) -> Image {
    let mut grey = image.clone();
    for pixel in grey.as_bytes_mut().as_chunks_mut::<4>().0 {
        let alpha = pixel[3];
        *pixel = [alpha, alpha, alpha, u8::MAX];
    }
    grey
}

/// The grey around the hole, spread into it.
fn spread_alpha(grey: &Image, hole: &Mask) -> Vec<u8> {
    let width = grey.size().width() as usize;
    let mut alpha: Vec<[f32; 1]> = grey.as_bytes().as_chunks::<4>().0.iter().map(|p| [f32::from(p[0])]).collect();
    let weights: Vec<f32> = hole.as_bytes().iter().map(|&hole| if hole == Mask::FILL { 0.0 } else { 1.0 }).collect();
    spread(&mut alpha, &weights, width);
    alpha.iter().map(|&[value]| (value + 0.5) as u8).collect()
}
