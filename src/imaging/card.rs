//! The port to a graphics card: what of the steps after the network it may do instead of the processor.
//!
//! The processor's code is the specification of each, and what is used without a card or when one fails.

use futures_util::future::LocalBoxFuture;

use crate::image::Image;

/// Numbers that describe a patch.
pub const LOOKS: usize = 32;

/// What a patch looks like, in numbers whose squared differences are those of its pixels.
pub type Looks = [f32; LOOKS];

/// A graphics card that does parts of the steps after the network.
///
/// Answers are those of the processor but for the last bits of a float, and for which of two patches is chosen that are as near
/// as that.
pub trait Card {
    /// Whether handing so much over is worth the way there and back. If not, it is not asked.
    fn takes(&self, work: Work) -> bool;

    /// Stretches a membrane: see [`super::membrane::stretch`].
    fn stretch<'a>(&'a self, sheet: Sheet<'a>) -> LocalBoxFuture<'a, Result<Vec<[f32; 3]>, CardError>>;

    /// For each patch of the fill the known one that looks most like it, by its index; the lowest of those that are as near.
    fn nearest<'a>(&'a self, search: Search<'a>) -> LocalBoxFuture<'a, Result<Vec<u32>, CardError>>;

    /// Lays grain on a smooth fill: see [`super::texture::Grain::paint`].
    fn lay<'a>(&'a self, laying: Laying<'a>) -> LocalBoxFuture<'a, Result<Image, CardError>>;
}

/// A step, and how much of it there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// [`Card::stretch`], which takes as much for each tile.
    Tone,
    /// [`Card::nearest`].
    Search,
    /// [`Card::lay`].
    Grain {
        /// Pixels of the picture to be painted.
        pixels: usize,
    },
}

/// A card, if there is one and it takes the work.
pub(super) fn for_work(card: Option<&dyn Card>, work: Work) -> Option<&dyn Card> {
    card.filter(|card| card.takes(work))
}

/// Why a card did not do a step. The processor does it then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// More than it takes at once.
    #[error("{what} of {needed} is more than the {limit} that the card takes")]
    TooLarge {
        /// Bytes of a buffer, or workgroups.
        what: &'static str,
        /// For this step.
        needed: u64,
        /// Of the card.
        limit: u64,
    },
    /// It would not compile or run a kernel.
    #[error("the card refused: {0}")]
    Refused(String),
    /// What it computed could not be read: a device that was lost, as a rule.
    #[error("the card does not answer: {0}")]
    Lost(String),
    /// It answered with something else than was asked for.
    #[error("the card gave {actual} values where {expected} were asked for")]
    Answer {
        /// Values that were asked for.
        expected: usize,
        /// Values that came, or could be used.
        actual: usize,
    },
}

/// Values to be stretched over, `width` wide, row by row, and how much each is worth (at least 0).
#[derive(Debug, Clone, Copy)]
pub struct Sheet<'a> {
    /// Three for each cell.
    pub values: &'a [[f32; 3]],
    /// One for each cell.
    pub weights: &'a [f32],
    /// Cells in a row.
    pub width: usize,
}

/// Patches to be looked for, and where.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// Patches that may be found; at least one.
    pub known: &'a [Looks],
    /// Patches of the fill.
    pub queries: &'a [Looks],
}

/// Grain to be laid, and on what.
#[derive(Debug)]
pub struct Laying<'a> {
    /// What gets the grain.
    pub smooth: &'a Image,
    /// The part of the picture that lends it, RGBA, a row for each of `rows`, a pixel for each of `columns`.
    pub sharp: Vec<u8>,
    /// The structure of that part, red, green, blue and nothing, row by row.
    pub low: Vec<[f32; 4]>,
    /// Width and height of the structure.
    pub low_size: (usize, usize),
    /// For each column of `sharp`, where it lies in the structure.
    pub columns: &'a [Line],
    /// For each row of `sharp`, where it lies in the structure.
    pub rows: &'a [Line],
    /// For each column, then for each row, of `smooth`: the columns, or rows, of patches that lie over it.
    pub spans: Vec<Span>,
    /// A grid of patches, row by row.
    pub patches: Vec<LaidPatch>,
    /// Patches in a row of them.
    pub across: usize,
    /// How much a patch counts along one axis, from its corner on.
    pub window: Vec<f32>,
}

/// A column or row of a picture that is enlarged from another.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// The column or row of the other one before it.
    pub low: u32,
    /// How far it is from there to the next, in `[0, 1)`.
    pub share: f32,
}

/// A run of columns or rows of patches.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// The first one.
    pub first: u32,
    /// The one after the last.
    pub end: u32,
}

/// A patch of the fill, and where its grain comes from, in pixels of the picture.
#[derive(Debug, Clone, Copy, Default)]
pub struct LaidPatch {
    /// Column and row of its corner, counted from those of the fill; one that lies before them is that many less than 2³².
    pub to: [u32; 2],
    /// Column and row of the lending patch's corner.
    pub from: [u32; 2],
    /// How much stronger the grain is laid on than it was found; 0 if there is no such patch.
    pub gain: f32,
}

/// What a card answers, if there is one and it does the step. If it does not the log says why, and the processor is to do it.
pub(super) async fn tried<T>(
    step: &str,
    answer: Option<LocalBoxFuture<'_, Result<T, CardError>>>,
    is_fit: impl FnOnce(&T) -> Result<(), CardError>,
) -> Option<T> {
    match answer?.await.and_then(|answer| is_fit(&answer).map(|()| answer)) {
        Ok(answer) => {
            log::debug!("step={step} on the card");
            Some(answer)
        }
        Err(error) => {
            log::warn!("step={step} on the processor: {error}");
            None
        }
    }
}

/// Whether as many values came as were asked for.
pub(super) const fn as_many(expected: usize, actual: usize) -> Result<(), CardError> {
    if actual == expected { Ok(()) } else { Err(CardError::Answer { expected, actual }) }
}
