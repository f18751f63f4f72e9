//! How far a job has come, over all its runs of a model.

use std::cell::{Cell, RefCell};

use crate::{
    models::{Cancelled, Run},
    tensor::{Rgb, Unit},
};

/// Runs of a model, by what they are for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Runs {
    /// That fill a tile from nothing.
    pub(super) whole: usize,
    /// That add detail to what is there.
    pub(super) detail: usize,
}

/// What of a job is done, told to whoever runs it.
///
/// A model of many steps counts them all, a model of one step counts runs.
pub(super) struct Progress<'a> {
    pub(super) run: &'a dyn Run,
    pub(super) done: Runs,
    total: Runs,
    /// Steps that a whole run reports; 1 until one has.
    whole_steps: Cell<usize>,
    /// Steps that a run for detail reports.
    detail_steps: usize,
}

impl<'a> Progress<'a> {
    pub(super) const fn new(run: &'a dyn Run, total: Runs, detail_steps: usize) -> Self {
        Self { run, done: Runs { whole: 0, detail: 0 }, total, whole_steps: Cell::new(1), detail_steps }
    }

    /// Learns between two runs whether to go on.
    pub(super) fn check(&self) -> Result<(), Cancelled> {
        if self.total.detail == 0 {
            return self.run.step(self.done.whole, self.total.whole);
        }
        self.run.step(self.steps(self.done), self.steps(self.total))
    }

    fn steps(&self, runs: Runs) -> usize {
        runs.whole * self.whole_steps.get() + runs.detail * self.detail_steps
    }

    /// Passes on what a whole run reports.
    fn whole_step(&self, done: usize, total: usize) -> Result<(), Cancelled> {
        if total == 0 {
            // One that cannot count yet only asks.
            return self.run.step(0, 0);
        }
        self.whole_steps.set(total);
        self.run.step(self.steps(self.done) + done, self.steps(self.total))
    }

    /// Passes on what a run for detail reports.
    fn detail_step(&self, done: usize) -> Result<(), Cancelled> {
        self.run.step(self.steps(self.done) + done.min(self.detail_steps), self.steps(self.total))
    }
}

/// One whole run's part of a job.
pub(super) struct WholeRun<'a, F> {
    pub(super) progress: &'a Progress<'a>,
    pub(super) look: &'a RefCell<F>,
}

impl<F: FnMut(Rgb<Unit>)> Run for WholeRun<'_, F> {
    fn step(&self, done: usize, total: usize) -> Result<(), Cancelled> {
        self.progress.whole_step(done, total)
    }

    fn seed(&self) -> u64 {
        self.progress.run.seed()
    }

    fn wants_look(&self) -> bool {
        self.progress.run.wants_look()
    }

    fn look(&self, picture: Rgb<Unit>) {
        (self.look.borrow_mut())(picture);
    }
}

/// One run for detail. What it looks like in between is not shown.
pub(super) struct DetailRun<'a> {
    pub(super) progress: &'a Progress<'a>,
}

impl Run for DetailRun<'_> {
    fn step(&self, done: usize, _total: usize) -> Result<(), Cancelled> {
        self.progress.detail_step(done)
    }

    /// Each tile has noise of its own, or neighbours would look alike.
    fn seed(&self) -> u64 {
        self.progress.run.seed() ^ ((self.progress.done.detail as u64 + 1) << 32)
    }
}
