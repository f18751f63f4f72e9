//! Erasing what a mask covers.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use super::{
    Plan, PlannedTile,
    detail::DetailPlan,
    progress::{Progress, Runs, WholeRun},
    tile::{self, Prepared},
};
use crate::{
    geometry::{Rect, Size},
    image::{Image, ShapeError},
    imaging::{
        card::Card,
        composite::composite,
        feather::Margin,
        morphology::dilate,
        resize::ResizeError,
        texture::{GrainError, TextureStep},
    },
    mask::{Mask, Matte},
    models::{Backend, Cancelled, InferError, Inpainter, Run},
    tensor::{Rgb, Unit},
};

/// How a job is done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JobOptions {
    /// Whether a quick look at the model's smallest tile comes first.
    pub preview: bool,
    /// The texture step after the network; none leaves the network's fill as it is.
    pub texture: Option<TextureStep>,
    /// Whether a model that samples begins from what was there, to restore it, instead of erasing it.
    pub from_source: bool,
    /// How far the hole reaches beyond what was painted, in pixels; none chooses by the size of the picture.
    pub grow_px: Option<u32>,
    /// How wide the outer part of that margin is in which the fill fades into the picture, in pixels; none chooses.
    pub feather_px: Option<u32>,
    /// How much of the surroundings the model is shown, as a share of the usual.
    pub context: f32,
    /// Whether a model that samples adds detail to a fill that had to be enlarged, in tiles of the picture's own scale.
    pub detail: bool,
}

impl Default for JobOptions {
    fn default() -> Self {
        Self {
            preview: false,
            texture: None,
            from_source: false,
            grow_px: None,
            feather_px: None,
            context: 1.0,
            detail: true,
        }
    }
}

impl JobOptions {
    /// The same, but the fill fades over so many pixels, if any are named, in a picture of this size. The hole reaches far
    /// enough beyond what was painted that what was painted is replaced wholly.
    #[must_use]
    pub fn with_feather(self, size: Size, feather_px: Option<u32>) -> Self {
        let Some(px) = feather_px else { return self };
        Self { grow_px: Some(self.margin(size).grow_px.max(px)), feather_px, ..self }
    }

    /// The margin around what was painted in a picture of this size.
    ///
    /// What is erased has a soft edge, a halo of sharpening and compression, often a shadow; hands leave a gap. All that
    /// grows with the picture: 6 pixels in one of a megapixel, 25 in one of 12.
    pub fn margin(&self, size: Size) -> Margin {
        let grow_px = self.grow_px.unwrap_or_else(|| (size.longer_side() / 160).clamp(4, 32));
        let feather_px = self.feather_px.unwrap_or(grow_px * 2 / 3).min(grow_px);
        Margin { grow_px, feather_px }
    }
}

/// How far a patch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// A quick look: the network at its smallest tile, or in the midst of its steps.
    Preview,
    /// The network at its best tile.
    Network,
    /// With the grain of the picture, or detail in its own scale.
    Textured,
}

/// A part of the picture as it looks without the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// How far it has come.
    pub stage: Stage,
    /// Where it goes in the picture.
    pub rect: Rect,
    /// The picture in `rect`, blended: to be pasted, whatever stage was pasted there before.
    pub pixels: Image,
}

/// What a job has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The last patch of each part that changed. They share no pixel.
    pub patches: Vec<Patch>,
    /// Where the model really ran.
    pub backend: Backend,
}

impl Outcome {
    /// Pastes all patches into the picture that the job was about.
    pub fn apply(&self, image: &mut Image) {
        for patch in &self.patches {
            image.paste(&patch.pixels, patch.rect.x, patch.rect.y);
        }
    }
}

/// Why nothing was erased.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Nothing was painted.
    #[error("nothing is painted")]
    EmptyMask,
    /// Mask and picture are not of one size.
    #[error("the mask is {mask:?}, the picture {image:?}")]
    MaskSize {
        /// Of the picture.
        image: Size,
        /// Of the mask.
        mask: Size,
    },
    /// Nothing would be left to tell what belongs into the hole.
    #[error("the mask covers the whole picture; something of it must stay")]
    WholeImage,
    /// Longer than any square that can be cut out.
    #[error(
        "a picture of {longer_side} pixels is too long; at most {} can be worked on",
        crate::imaging::crop::Square::MAX_SIDE
    )]
    TooLong {
        /// Of the picture, in pixels.
        longer_side: u32,
    },
    /// The model takes no tile.
    #[error("the model names no tile that can be cut out")]
    NoTileSide,
    /// The person, or a newer job, no longer wants this one.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The model failed.
    #[error(transparent)]
    Infer(InferError),
    /// A tile could not be brought to size.
    #[error(transparent)]
    Resize(#[from] ResizeError),
    /// Grain could not be laid on.
    #[error(transparent)]
    Grain(#[from] GrainError),
    /// The parts of a tile do not fit each other.
    #[error("a tile does not fit: {0}")]
    Shape(#[from] ShapeError),
}

impl From<InferError> for EngineError {
    fn from(error: InferError) -> Self {
        match error {
            InferError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            error => Self::Infer(error),
        }
    }
}

/// Erases from `source` what `mask` covers.
///
/// `on_patch` hears of every stage as soon as it is there; what it got last for a part is also in the outcome. Every
/// pixel that is further from the mask than the margin is the source's, bit by bit. `run` is asked between all steps
/// whether to go on, and told about the model's runs, of which there are one or two a tile, and some more where detail is
/// added. Tone and grain are matched by `card`, or by the processor if there is none or it fails.
///
/// # Errors
/// [`EngineError`]; [`EngineError::Cancelled`] if `run` asked to stop.
pub async fn erase(
    source: &Image,
    mask: &Mask,
    inpainter: &mut dyn Inpainter,
    card: Option<&dyn Card>,
    options: &JobOptions,
    run: &dyn Run,
    on_patch: &mut dyn FnMut(Patch),
) -> Result<Outcome, EngineError> {
    let mut job = Job::new(source, mask, &*inpainter, options, run)?;
    job.card = card;
    if options.preview {
        for planned in job.plan.tiles.clone() {
            if planned.side > job.preview_side {
                let (prepared, fill) = job.fill(&planned, job.preview_side, inpainter, on_patch).await?;
                on_patch(job.patch(Stage::Preview, &prepared.fill_of_hole(&fill, &planned)?, &planned)?);
            }
        }
    }
    let mut patches = Vec::new();
    for planned in job.plan.tiles.clone() {
        let (prepared, fill) = job.fill(&planned, planned.side, inpainter, on_patch).await?;
        let mut patch = job.patch(Stage::Network, &prepared.fill_of_hole(&fill, &planned)?, &planned)?;
        on_patch(patch.clone());
        if let Some(detailed) = job.add_detail(&planned, &fill, inpainter, on_patch).await? {
            patch = detailed;
            on_patch(patch.clone());
        } else if let Some(step) = options.texture {
            job.check()?;
            let textured = prepared.textured_hole(card, &fill, &planned, (source, &job.hole), step).await?;
            patch = match textured {
                Some(textured) => job.patch(Stage::Textured, &textured, &planned)?,
                None => Patch { stage: Stage::Textured, ..patch },
            };
            on_patch(patch.clone());
        }
        patches.push(patch);
        job.check()?;
    }
    Ok(Outcome { patches, backend: inpainter.backend() })
}

/// What the steps of one job share.
pub(super) struct Job<'a> {
    pub(super) source: &'a Image,
    pub(super) painted: &'a Mask,
    pub(super) hole: Mask,
    margin: Margin,
    plan: Plan,
    preview_side: u32,
    from_source: bool,
    /// What is known around the last hole: the quick look and the fill both show it.
    known: Option<(PlannedTile, Image)>,
    /// The matte of the last patch: a hole is blended two or three times.
    matte: RefCell<Option<(Rect, Matte)>>,
    adds_detail: bool,
    /// What matches tone and grain, if it is not the processor.
    pub(super) card: Option<&'a dyn Card>,
    pub(super) progress: Progress<'a>,
}

impl<'a> Job<'a> {
    fn new(
        source: &'a Image,
        painted: &'a Mask,
        inpainter: &dyn Inpainter,
        options: &JobOptions,
        run: &'a dyn Run,
    ) -> Result<Self, EngineError> {
        let size = source.size();
        if painted.size() != size {
            return Err(EngineError::MaskSize { image: size, mask: painted.size() });
        }
        if size.longer_side() > crate::imaging::crop::Square::MAX_SIDE {
            return Err(EngineError::TooLong { longer_side: size.longer_side() });
        }
        match painted.count() {
            0 => return Err(EngineError::EmptyMask),
            count if count == size.area() => return Err(EngineError::WholeImage),
            _ => {}
        }
        let mut margin = options.margin(size);
        let mut hole = dilate(painted, margin.grow_px);
        // What was left free on purpose must not be lost to the margin.
        while hole.count() == size.area() {
            margin = Margin { grow_px: margin.grow_px / 2, feather_px: margin.feather_px / 2 };
            hole = dilate(painted, margin.grow_px);
        }
        let spec = inpainter.spec();
        let preview_side = spec.sides.first().copied().filter(|&side| side > 0).ok_or(EngineError::NoTileSide)?;
        let plan = Plan::new(&hole, spec, options.context);
        let previews = plan.tiles.iter().filter(|tile| options.preview && tile.side > preview_side).count();
        let detail_steps = inpainter.detail_steps().filter(|_| options.detail);
        let details = plan.tiles.iter().filter_map(|planned| DetailPlan::new(planned, size));
        let detail = if detail_steps.is_some() { details.map(|plan| plan.tiles().len()).sum() } else { 0 };
        let total = Runs { whole: plan.tiles.len() + previews, detail };
        Ok(Self {
            source,
            painted,
            hole,
            margin,
            plan,
            preview_side,
            from_source: options.from_source,
            known: None,
            matte: RefCell::default(),
            adds_detail: detail_steps.is_some(),
            card: None,
            progress: Progress::new(run, total, detail_steps.unwrap_or_default()),
        })
    }

    /// How detail is added to what a hole was filled with, if it is.
    pub(super) fn detail_plan(&self, planned: &PlannedTile) -> Option<DetailPlan> {
        DetailPlan::new(planned, self.source.size()).filter(|_| self.adds_detail)
    }

    /// Learns whether to go on.
    pub(super) fn check(&self) -> Result<(), EngineError> {
        Ok(self.progress.check()?)
    }

    /// Runs the model on a tile brought to `side`.
    async fn fill(
        &mut self,
        planned: &PlannedTile,
        side: u32,
        inpainter: &mut dyn Inpainter,
        on_patch: &mut dyn FnMut(Patch),
    ) -> Result<(Prepared, Rgb<Unit>), EngineError> {
        self.check()?;
        let known = match self.known.take() {
            Some((of, known)) if of == *planned => known,
            _ => tile::known(self.source, self.painted, planned)?,
        };
        let mut prepared = Prepared::new(self.source, (self.painted, &self.hole), planned, &known, side)?;
        self.known = Some((*planned, known));
        if self.from_source {
            prepared.begin_from(self.source, planned)?;
        }
        let look = RefCell::new(|picture: Rgb<Unit>| {
            // It is only a look: one that cannot be shown is none.
            let shown = prepared.accept_look(picture).and_then(|fill| prepared.fill_of_hole(&fill, planned));
            if let Ok(patch) = shown.and_then(|fill| self.patch(Stage::Preview, &fill, planned)) {
                on_patch(patch);
            }
        });
        let fill = inpainter.fill(&prepared.tile, &WholeRun { progress: &self.progress, look: &look }).await?;
        if fill.size() != prepared.tile.size() {
            let expected = prepared.tile.size().area();
            return Err(ShapeError { expected, actual: fill.size().area() }.into());
        }
        let fill = prepared.accept(fill, self.card).await?;
        self.progress.done.whole += 1;
        self.check()?;
        Ok((prepared, fill))
    }

    /// Blends what a hole is filled with into the picture.
    pub(super) fn patch(&self, stage: Stage, fill: &Image, planned: &PlannedTile) -> Result<Patch, EngineError> {
        let rect = planned.hole;
        let kept = self.matte.take();
        let matte = match kept {
            Some((of, matte)) if of == rect => matte,
            _ => self.margin.matte(self.painted, rect)?,
        };
        let pixels = composite(self.source, fill, &matte, rect)?;
        self.matte.replace(Some((rect, matte)));
        Ok(Patch { stage, rect, pixels })
    }
}
