//! What a person did to a picture, as the editor tells it step by step.

use std::collections::HashMap;

use brushaway::{
    engine::ParkedLayers,
    protocol::{BlobId, Change, PastStep},
};
use web_sys::Blob;

/// All steps, those that were taken back behind the others.
#[derive(Debug, Clone, Default)]
pub(crate) struct Past {
    steps: Vec<PastStep>,
    done: usize,
    /// The masks that steps name. The browser keeps their bytes.
    files: HashMap<BlobId, Blob>,
}

impl Past {
    /// What was told: the steps behind the first `known` ones are these, and `done` of all are done.
    pub(crate) fn learn(&mut self, known: usize, steps: Vec<PastStep>, done: usize, files: HashMap<BlobId, Blob>) {
        self.steps.truncate(known);
        self.steps.extend(steps);
        self.done = done.min(self.steps.len());
        self.files.extend(files);
        let named = |id: &BlobId| self.steps.iter().any(|step| matches!(step, PastStep::Mask(of) if of == id));
        self.files.retain(|id, _| named(id));
    }

    pub(crate) fn steps(&self) -> &[PastStep] {
        &self.steps
    }

    pub(crate) const fn done(&self) -> usize {
        self.done
    }

    #[cfg(target_arch = "wasm32")]
    pub(crate) fn file(&self, id: &BlobId) -> Option<&Blob> {
        self.files.get(id)
    }

    /// The steps as the picture's real changes tell them. An editor that was closed in the middle of a change had no time to
    /// tell of it, and may remember one that went with an engine before this one; what is marked now holds all the same.
    pub(crate) fn agree(&mut self, changes: &ParkedLayers) {
        let is_change = |step: &PastStep| matches!(step, PastStep::Changed(_));
        let count = |steps: &[PastStep]| steps.iter().filter(|step| is_change(step)).count();
        let (done, undone) = self.steps.split_at(self.done);
        if (count(done), count(undone)) == (changes.done(), changes.undone()) {
            return;
        }
        let first_mark = done.iter().rposition(is_change).map_or(0, |at| at + 1);
        let mut steps = vec![PastStep::Changed(Change::Kept); changes.done()];
        steps.extend_from_slice(&done[first_mark..]);
        (self.done, self.steps) = (steps.len(), steps);
    }
}

#[cfg(test)]
mod tests {
    use brushaway::{
        engine::{Layer, Layers},
        geometry::{Point, Size},
        image::Image,
        mask::{Mark, Stroke, Tool},
    };

    use super::*;

    fn mark(x: u8) -> PastStep {
        PastStep::Mark(Mark::Stroke(Stroke::new(Tool::Brush, 4.0, vec![Point::new(f32::from(x), 0.0)])))
    }

    const KEPT: PastStep = PastStep::Changed(Change::Kept);

    fn past(steps: Vec<PastStep>, done: usize) -> Past {
        let mut past = Past::default();
        past.learn(0, steps, done, HashMap::new());
        past
    }

    /// So many changes in a picture, and so many that were taken back.
    fn changes(done: usize, undone: usize) -> ParkedLayers {
        let mut picture = Image::filled(Size::square(4).unwrap(), [0; 4]);
        let mut layers = Layers::default();
        (0..done + undone).for_each(|_| layers.push(&mut picture, &Layer::default()));
        (0..undone).for_each(|_| drop(layers.undo(&mut picture)));
        layers.into_parked(&mut picture)
    }

    #[test]
    fn only_what_is_new_is_told() {
        let mut past = past(vec![mark(1), mark(2), mark(3)], 3);
        past.learn(3, Vec::new(), 2, HashMap::new());
        assert_eq!((past.steps().len(), past.done()), (3, 2));
        past.learn(2, vec![mark(4)], 3, HashMap::new());
        assert_eq!((past.steps(), past.done()), ([mark(1), mark(2), mark(4)].as_slice(), 3));
        past.learn(9, Vec::new(), 9, HashMap::new());
        assert_eq!(past.done(), 3, "no more is done than there is");
    }

    #[test]
    fn what_agrees_stays() {
        let steps = vec![mark(1), KEPT, mark(2), mark(3), KEPT];
        let mut told = past(steps.clone(), 3);
        told.agree(&changes(1, 1));
        assert_eq!((told.steps(), told.done()), (steps.as_slice(), 3));
    }

    #[test]
    fn changes_that_were_not_told_are_there_and_marks_stay() {
        let mut untold = past(vec![mark(1), KEPT, mark(2), mark(3)], 3);
        untold.agree(&changes(2, 0));
        assert_eq!((untold.steps(), untold.done()), ([KEPT, KEPT, mark(2)].as_slice(), 3));
        let mut forgotten = past(vec![mark(1), KEPT, mark(2)], 3);
        forgotten.agree(&changes(0, 0));
        assert_eq!((forgotten.steps(), forgotten.done()), ([mark(2)].as_slice(), 1));
    }
}
