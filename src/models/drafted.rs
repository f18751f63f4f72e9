//! One model begins where another one ended.

use futures_util::future::LocalBoxFuture;

use crate::{
    mask::Mask,
    models::{Backend, Cancelled, InferError, Inpainter, Run, Start, Tile, TileSpec},
    tensor::{Rgb, Unit},
};

/// An [`Inpainter`] that starts from the fill of a quicker one.
///
/// A network that turns noise into pictures was trained on pictures that noise was added to. Begun from a draft it sees
/// just that, and nothing of the object that is to go.
#[derive(Debug)]
pub struct Drafted<'a, D, M> {
    /// Makes the draft; must take the other's best tile.
    pub draft: &'a mut D,
    /// Goes on from there.
    pub main: &'a mut M,
}

impl<D: Inpainter, M: Inpainter> Drafted<'_, D, M> {
    async fn run(&mut self, tile: &Tile, run: &dyn Run) -> Result<Rgb<Unit>, InferError> {
        if matches!(tile.start, Some(Start::Blurred(_))) {
            // That is more than a draft.
            return self.main.fill(tile, run).await;
        }
        let mut draft = self.draft.fill(tile, &First { run }).await?;
        let area = tile.size().area();
        for (draft, known) in draft.as_mut_slice().chunks_exact_mut(area).zip(tile.image.as_slice().chunks_exact(area))
        {
            for ((draft, &known), &hole) in draft.iter_mut().zip(known).zip(tile.mask.as_bytes()) {
                *draft = if hole == Mask::FILL { *draft } else { known };
            }
        }
        if run.wants_look() {
            run.look(draft.clone());
        }
        let tile = Tile { start: Some(Start::Draft(draft)), ..tile.clone() };
        self.main.fill(&tile, run).await
    }
}

impl<D: Inpainter, M: Inpainter> Inpainter for Drafted<'_, D, M> {
    fn spec(&self) -> &TileSpec {
        self.main.spec()
    }

    fn backend(&self) -> Backend {
        self.main.backend()
    }

    fn detail_steps(&self) -> Option<usize> {
        self.main.detail_steps()
    }

    fn fill<'a>(&'a mut self, tile: &'a Tile, run: &'a dyn Run) -> LocalBoxFuture<'a, Result<Rgb<Unit>, InferError>> {
        Box::pin(self.run(tile, run))
    }
}

/// The draft's part: nothing is counted yet, because nobody knows how many steps follow.
struct First<'a> {
    run: &'a dyn Run,
}

impl Run for First<'_> {
    fn step(&self, _done: usize, _total: usize) -> Result<(), Cancelled> {
        self.run.step(0, 0)
    }

    fn seed(&self) -> u64 {
        self.run.seed()
    }
}
