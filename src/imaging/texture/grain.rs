//! Grain that was found for a hole.

use super::{
    PATCH, TextureStep,
    bands::Gaussian,
    enlarged::Enlarged,
    field::Field,
    holes::Holes,
    lay::{Detail, lay},
    matching::{Match, Matching},
};
use crate::{
    geometry::Rect,
    image::{Image, ShapeError},
    imaging::{
        card::{Card, Work, as_many, for_work, tried},
        crop::Square,
        planes,
        resize::{ResizeError, Window, resample},
    },
    mask::Mask,
    tensor::{Rgb, Unit},
};

/// From one known patch to the next, in pixels.
const KNOWN_STRIDE: usize = 3;

/// How far from the hole grain is taken, in pixels of the tile: further away light and focus are others.
const REACH: usize = 80;

/// With fewer known patches within reach, all of the tile is searched.
const FEW: usize = 500;

/// With fewer known patches in all, there is no grain to take.
const TOO_FEW: usize = 50;

/// Grain for a hole: for each patch of the fill, where in the tile its grain comes from.
#[derive(Debug)]
pub struct Grain {
    /// The part of the tile that is worked on; all places are relative to it.
    region: Rect,
    step: TextureStep,
    matches: Vec<Match>,
    low_fill: [Field; 3],
    low_known: [Field; 3],
    high: [Field; 3],
}

/// Grain could not be laid on at the picture's scale.
#[derive(Debug, thiserror::Error)]
pub enum GrainError {
    /// Something has another size than the tile or the part to be painted.
    #[error("grain does not fit: {0}")]
    Shape(#[from] ShapeError),
    /// The smooth fill could not be enlarged.
    #[error(transparent)]
    Resize(#[from] ResizeError),
}

impl Grain {
    /// Finds grain for `fill`: see [`super::add_texture`]. None if too little is known.
    ///
    /// # Errors
    /// [`ShapeError`] unless all are of one size.
    pub fn find(
        fill: &Rgb<Unit>,
        source: &Rgb<Unit>,
        mask: &Mask,
        step: TextureStep,
    ) -> Result<Option<Self>, ShapeError> {
        let sought = Sought::new(fill, source, mask, step)?;
        Ok(sought.map(|sought| sought.matched(None)))
    }

    /// As [`Grain::find`], but a card searches if there is one.
    ///
    /// # Errors
    /// [`ShapeError`] unless all are of one size.
    pub async fn find_by(
        card: Option<&dyn Card>,
        fill: &Rgb<Unit>,
        source: &Rgb<Unit>,
        mask: &Mask,
        step: TextureStep,
    ) -> Result<Option<Self>, ShapeError> {
        let Some(sought) = Sought::new(fill, source, mask, step)? else { return Ok(None) };
        let matching = &sought.matching;
        let answer = for_work(card, Work::Search).map(|card| card.nearest(matching.search()));
        let nearest = tried("search", answer, |nearest| matching.is_answered(nearest)).await;
        Ok(Some(sought.matched(nearest.as_deref())))
    }

    /// The fill with less of its own grain, where `mask` says.
    #[must_use]
    pub(super) fn smooth(&self, fill: &Rgb<Unit>, mask: &Mask) -> Rgb<Unit> {
        let mut out = fill.clone();
        let kept = self.step.kept_detail;
        self.change(&mut out, mask, &self.low_fill, |value, low| low + kept * (value - low));
        out
    }

    /// Adds the grain to a smoothed fill, where `mask` says.
    pub(super) fn add_to(&self, fill: &mut Rgb<Unit>, mask: &Mask) {
        let Field { width, height, .. } = self.low_fill[0];
        let whole = Detail { scale: 1.0, width, height, origin: (0, 0) };
        let grain = lay(&self.matches, &self.high, whole);
        self.change(fill, mask, &grain, |value, grain| (value + grain).clamp(0.0, 1.0));
    }

    /// Changes each value of the hole by what `fields` have at its place.
    fn change(&self, fill: &mut Rgb<Unit>, mask: &Mask, fields: &[Field; 3], change: impl Fn(f32, f32) -> f32) {
        let size = fill.size();
        for (plane, field) in fill.as_mut_slice().chunks_exact_mut(size.area()).zip(fields) {
            for y in 0..self.region.size.height() {
                let start = (self.region.y + y) as usize * size.width() as usize + self.region.x as usize;
                let hole = &mask.row(self.region.y + y)[self.region.x as usize..];
                for ((value, &other), &hole) in plane[start..].iter_mut().zip(field.row(y as usize)).zip(hole) {
                    if hole == Mask::FILL {
                        *value = change(*value, other);
                    }
                }
            }
        }
    }

    /// Paints the part `rect` of a square of `sharp` with the smoothed fill, enlarged, and grain in the scale of `sharp`.
    ///
    /// The tile, whose `fill`, `mask` and `alpha` are given, shows what is under `square`; `rect` is where in the square the
    /// hole is.
    ///
    /// # Errors
    /// [`GrainError`] if sizes do not fit.
    pub fn paint(
        &self,
        fill: &Rgb<Unit>,
        mask: &Mask,
        alpha: Option<&[u8]>,
        (sharp, square): (&Image, Square),
        rect: Rect,
    ) -> Result<Image, GrainError> {
        let mut out = self.enlarged(fill, mask, alpha, (square, rect))?;
        let high = Enlarged::new(sharp, square, &self.low_known, self.region, fill.size());
        self.lay_on(&mut out, &high, rect);
        Ok(out)
    }

    /// As [`Grain::paint`], but a card lays the grain if there is one.
    ///
    /// # Errors
    /// [`GrainError`] if sizes do not fit.
    pub async fn paint_by(
        &self,
        card: Option<&dyn Card>,
        (fill, mask, alpha): (&Rgb<Unit>, &Mask, Option<&[u8]>),
        (sharp, square): (&Image, Square),
        rect: Rect,
    ) -> Result<Image, GrainError> {
        let mut out = self.enlarged(fill, mask, alpha, (square, rect))?;
        let high = Enlarged::new(sharp, square, &self.low_known, self.region, fill.size());
        let pixels = out.size().area();
        let card = for_work(card, Work::Grain { pixels });
        let answer = card.map(|card| card.lay(high.laying(&self.matches, detail(&high, rect), &out)));
        let laid = tried("grain", answer, |laid| as_many(pixels, laid.size().area())).await;
        if let Some(laid) = laid {
            return Ok(laid);
        }
        self.lay_on(&mut out, &high, rect);
        Ok(out)
    }

    /// The smoothed fill under `rect` of a square, in the square's scale.
    fn enlarged(
        &self,
        fill: &Rgb<Unit>,
        mask: &Mask,
        alpha: Option<&[u8]>,
        (square, rect): (Square, Rect),
    ) -> Result<Image, GrainError> {
        let smooth = planes::into_image(&self.smooth(fill, mask), alpha)?;
        Ok(resample(&smooth, Window::scaled(rect, square.size(), smooth.size()), rect.size)?)
    }

    /// Lays grain on what is under `rect`.
    fn lay_on(&self, out: &mut Image, high: &Enlarged<'_>, rect: Rect) {
        let grain = lay(&self.matches, high, detail(high, rect));
        let width = rect.size.width() as usize;
        for (y, row) in out.as_bytes_mut().chunks_exact_mut(width * Image::CHANNELS).enumerate() {
            let pixels = row.as_chunks_mut::<4>().0;
            for (c, grain) in grain.iter().enumerate() {
                for (pixel, grain) in pixels.iter_mut().zip(grain.row(y)) {
                    // Half up; the cast cuts what is out of range.
                    pixel[c] = (f32::from(pixel[c]) + grain * 255.0 + 0.5) as u8;
                }
            }
        }
    }
}

/// Where the painted part begins, counted from where the region does.
fn detail(high: &Enlarged<'_>, rect: Rect) -> Detail {
    Detail {
        scale: high.scale(),
        width: rect.size.width() as usize,
        height: rect.size.height() as usize,
        origin: high.within_region(rect),
    }
}

/// Grain whose patches are not matched yet.
struct Sought {
    matching: Matching,
    region: Rect,
    step: TextureStep,
    low_fill: [Field; 3],
    low_known: [Field; 3],
    high: [Field; 3],
}

impl Sought {
    fn new(fill: &Rgb<Unit>, source: &Rgb<Unit>, mask: &Mask, step: TextureStep) -> Result<Option<Self>, ShapeError> {
        let size = mask.size();
        for other in [fill.size(), source.size()] {
            if other != size {
                return Err(ShapeError { expected: size.area(), actual: other.area() });
            }
        }
        let holes = Holes::new(mask);
        let mut known = holes.known(KNOWN_STRIDE, REACH);
        if known.len() < FEW {
            known = holes.known(KNOWN_STRIDE, size.longer_side() as usize);
        }
        let Some(hole) = mask.bounds().filter(|_| known.len() >= TOO_FEW) else { return Ok(None) };
        let gaussian = Gaussian::new(step.low_pass_sigma_px);
        let region = region(hole, &known, gaussian.radius(), mask);
        let width = size.width() as usize;
        let cut = |planes: &Rgb<Unit>, c: usize| Field::cut(planes.plane(c), width, region, |_, value| value);
        let low_fill = [0, 1, 2].map(|c| gaussian.blur(&cut(fill, c)));
        let is_known = |i: usize| f32::from(u8::from(mask.as_bytes()[i] == Mask::KEEP));
        let shown = Field::cut(source.plane(0), width, region, |i, _| is_known(i));
        let (low_known, high) = split_known(&gaussian, &shown, [0, 1, 2].map(|c| cut(source, c)));
        let matching = Matching::new(holes, &known, region, &low_fill, &low_known);
        Ok(Some(Self { matching, region, step, low_fill, low_known, high }))
    }

    fn matched(self, nearest: Option<&[u32]>) -> Grain {
        let Self { matching, region, step, low_fill, low_known, high } = self;
        Grain { region, step, matches: matching.matches(nearest, &high), low_fill, low_known, high }
    }
}

/// The part of a tile in which anything is read or written.
fn region(hole: Rect, known: &[(usize, usize)], radius: usize, mask: &Mask) -> Rect {
    let patch = |&(x, y): &(usize, usize)| {
        Rect::between(x as u32, y as u32, (x + PATCH) as u32, (y + PATCH) as u32).unwrap_or(hole)
    };
    let used = known.iter().map(patch).fold(hole.grown(PATCH as u32, mask.size()), Rect::union);
    used.grown(radius as u32, mask.size())
}

/// Structure and grain of what is known (`shown` is 1 there, else 0): the hole counts for nothing in the blur, and has
/// no grain.
fn split_known(gaussian: &Gaussian, shown: &Field, mut high: [Field; 3]) -> ([Field; 3], [Field; 3]) {
    let share = gaussian.blur(shown);
    let low = [0, 1, 2].map(|c| {
        high[c].merge(shown, |value, shown| value * shown);
        let mut low = gaussian.blur(&high[c]);
        low.merge(&share, |sum, share| sum / share.max(1e-3));
        high[c].merge(&low, |value, low| value - low);
        high[c].merge(shown, |value, shown| value * shown);
        low
    });
    (low, high)
}
