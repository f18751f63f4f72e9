//! The port that every model implements.

use futures_util::future::LocalBoxFuture;

use crate::{
    geometry::Size,
    image::ShapeError,
    mask::Mask,
    models::Backend,
    tensor::{Rgb, Unit},
};

/// A square cut-out of the picture, at a side that the model takes.
#[derive(Debug, Clone)]
pub struct Tile {
    /// Colours in `[0, 1]`. What the mask covers has no meaning.
    pub image: Rgb<Unit>,
    /// What to fill; as large as the image.
    pub mask: Mask,
    /// What a model that samples shall begin from. None begins from noise.
    pub start: Option<Start>,
}

/// A whole tile that a model which samples begins from.
#[derive(Debug, Clone)]
pub enum Start {
    /// A draft, or what was there: it gets as much noise as there is at the first step.
    Draft(Rgb<Unit>),
    /// Right but for its detail: it gets little noise, and only the last steps are taken.
    Blurred(Rgb<Unit>),
}

/// The tiles that a model takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileSpec {
    /// Sides in pixels, ascending and never empty. The last gives the best fill, the first the quickest.
    pub sides: Vec<u32>,
}

impl TileSpec {
    /// The side that gives the best fill, in pixels.
    pub fn best(&self) -> u32 {
        self.sides.last().copied().unwrap_or_default()
    }
}

/// The person, or a newer job, no longer wants this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// What a running job hears from and tells to the outside.
pub trait Run {
    /// Reports that `done` of `total` model runs are over, and learns whether to go on.
    ///
    /// # Errors
    /// [`Cancelled`] if the job is to stop here.
    fn step(&self, done: usize, total: usize) -> Result<(), Cancelled>;

    /// Where random numbers start. The same seed gives the same picture.
    fn seed(&self) -> u64 {
        0
    }

    /// Whether a look at an unfinished fill is welcome now.
    fn wants_look(&self) -> bool {
        false
    }

    /// Shows the whole tile as it will roughly look.
    fn look(&self, picture: Rgb<Unit>) {
        drop(picture);
    }
}

/// Why a model gave no fill.
#[derive(Debug, thiserror::Error)]
pub enum InferError {
    /// Asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Input or output has another shape than the contract says.
    #[error("the model's contract does not fit: {0}")]
    Shape(#[from] ShapeError),
    /// The output has no tensor of this name or element type.
    #[error("the model gave no {name} of the expected type")]
    MissingOutput {
        /// Name in the contract.
        name: String,
    },
    /// The runtime could not load or run the graph.
    #[error("{backend} failed: {reason}")]
    Runtime {
        /// Where it was to run.
        backend: Backend,
        /// The runtime's own words.
        reason: String,
    },
    /// There was not enough memory to go on.
    #[error("{backend} ran out of memory: {reason}")]
    OutOfMemory {
        /// Where it was to run.
        backend: Backend,
        /// The runtime's own words.
        reason: String,
    },
    /// The GPU was taken away (driver reset, sleep, another program).
    #[error("the GPU device was lost: {reason}")]
    DeviceLost {
        /// The browser's own words.
        reason: String,
    },
}

impl InferError {
    /// Sorts a failure by the words of the runtime or the browser, which is all that they give.
    pub fn of_words(backend: Backend, reason: String) -> Self {
        /// Of C++, of WebAssembly's memory, of arrays, of devices.
        const OUT_OF_MEMORY: [&str; 6] = [
            "bad_alloc",
            "out of memory",
            "failed to allocate",
            "memory access out of bounds",
            "allocation failed",
            "max buffer size",
        ];
        let words = reason.to_lowercase();
        if words.contains("device") && words.contains("lost") {
            Self::DeviceLost { reason }
        } else if OUT_OF_MEMORY.iter().any(|sign| words.contains(sign)) {
            Self::OutOfMemory { backend, reason }
        } else {
            Self::Runtime { backend, reason }
        }
    }
}

/// Fills the hole of one tile. Knows nothing of pages, crops, caches or GPUs.
pub trait Inpainter {
    /// The tiles that this model takes.
    fn spec(&self) -> &TileSpec;

    /// Where its graphs really run.
    fn backend(&self) -> Backend;

    /// How many steps a run from a blurred start reports; none if this model can't begin from one.
    fn detail_steps(&self) -> Option<usize> {
        None
    }

    /// Returns the whole tile repainted, in `[0, 1]`; the engine keeps only what the mask covers.
    ///
    /// # Errors
    /// [`InferError`], with [`InferError::Cancelled`] when `run` asked to stop.
    fn fill<'a>(&'a mut self, tile: &'a Tile, run: &'a dyn Run) -> LocalBoxFuture<'a, Result<Rgb<Unit>, InferError>>;
}

impl Tile {
    /// Width and height.
    pub const fn size(&self) -> Size {
        self.mask.size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_runtimes_are_sorted_by_what_can_be_done() {
        let of = |words: &str| InferError::of_words(Backend::WebGpu, words.to_owned());
        for words in ["Exp node. Status Message: std::bad_alloc", "RangeError: Array buffer allocation failed"] {
            assert!(matches!(of(words), InferError::OutOfMemory { .. }), "{words}");
        }
        assert!(matches!(of("Device was lost: out of memory"), InferError::DeviceLost { .. }));
        assert!(matches!(of("Tensor shape is too large"), InferError::Runtime { .. }));
    }
}
