//! What has been painted, step by step: cheap to clone, easy to undo, made into pixels where they are needed.

use std::rc::Rc;

use brushaway::mask::{Mark, Tool};

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A stroke or an area.
    Mark(Rc<Mark>),
    /// A whole mask in place of all before.
    Picture(Rc<MaskPicture>),
    /// Nothing is marked any more.
    Nothing,
}

/// All steps, with those that were undone.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Painting {
    steps: Vec<Step>,
    undone: Vec<Step>,
    revision: u32,
}

/// A mask as a picture, bright where something is to go.
#[derive(Debug, Clone, PartialEq)]
pub struct MaskPicture {
    /// The file.
    pub file: web_sys::Blob,
    /// The same, decoded.
    pub image: web_sys::HtmlImageElement,
}

impl Painting {
    /// The steps in their order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The mask that marks are made on, if there is one.
    pub fn base(&self) -> Option<&Rc<MaskPicture>> {
        match self.steps.get(self.base_at()?) {
            Some(Step::Picture(picture)) => Some(picture),
            _ => None,
        }
    }

    /// What was marked since then.
    pub fn marks(&self) -> impl Iterator<Item = &Rc<Mark>> {
        let first = self.base_at().map_or(0, |at| at + 1);
        self.steps[first..].iter().filter_map(|step| match step {
            Step::Mark(mark) => Some(mark),
            Step::Picture(_) | Step::Nothing => None,
        })
    }

    /// The last step that makes all before it void.
    fn base_at(&self) -> Option<usize> {
        self.steps.iter().rposition(|step| !matches!(step, Step::Mark(_)))
    }

    /// Differs after every change.
    pub const fn revision(&self) -> u32 {
        self.revision
    }

    /// Whether nothing can be marked: no mask and no mark but those that take out.
    pub fn is_blank(&self) -> bool {
        self.base().is_none() && self.marks().all(|mark| mark.tool() == Tool::Eraser)
    }

    /// Whether there is something to take back.
    pub fn can_undo(&self) -> bool {
        !self.steps.is_empty()
    }

    /// Whether something was taken back.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Takes a step; what was undone is forgotten.
    pub fn take(&mut self, step: Step) {
        self.undone.clear();
        self.steps.push(step);
        self.revision += 1;
    }

    /// Takes a step in place of the last one.
    pub fn retake(&mut self, step: Step) {
        self.steps.pop();
        self.take(step);
    }

    /// Takes the last step back.
    pub fn undo(&mut self) {
        self.undone.extend(self.steps.pop());
        self.revision += 1;
    }

    /// Takes the last undone step again.
    pub fn redo(&mut self) {
        self.steps.extend(self.undone.pop());
        self.revision += 1;
    }

    /// Marks nothing any more, which can be taken back like any other step.
    pub fn clear(&mut self) {
        if !self.is_blank() {
            self.take(Step::Nothing);
        }
    }

    /// Starts afresh after a result was kept.
    pub fn forget(&mut self) {
        *self = Self { revision: self.revision + 1, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use brushaway::{geometry::Point, mask::Stroke};

    use super::*;

    fn dot(tool: Tool, x: f32) -> Step {
        Step::Mark(Rc::new(Mark::Stroke(Stroke::new(tool, 8.0, vec![Point::new(x, 0.0)]))))
    }

    fn after(steps: impl IntoIterator<Item = Step>) -> Painting {
        let mut painting = Painting::default();
        steps.into_iter().for_each(|step| painting.take(step));
        painting
    }

    #[test]
    fn a_new_step_forgets_what_was_undone() {
        let mut painting = after([dot(Tool::Brush, 1.0)]);
        painting.undo();
        painting.take(dot(Tool::Brush, 2.0));
        painting.redo();
        assert_eq!(painting.steps(), [dot(Tool::Brush, 2.0)]);
    }

    #[test]
    fn redo_brings_steps_back_in_their_order() {
        let mut painting = after([dot(Tool::Brush, 1.0), dot(Tool::Brush, 2.0)]);
        let before = painting.steps().to_vec();
        painting.undo();
        painting.undo();
        painting.redo();
        painting.redo();
        assert_eq!(painting.steps(), before);
    }

    #[test]
    fn clearing_is_one_step() {
        let mut painting = after([dot(Tool::Brush, 1.0), dot(Tool::Brush, 2.0)]);
        painting.clear();
        assert!(painting.is_blank() && painting.can_undo());
        assert_eq!(painting.marks().count(), 0);
        painting.undo();
        assert_eq!(painting.marks().count(), 2);
        painting.redo();
        painting.clear();
        assert_eq!(painting.steps().len(), 3, "nothing cannot be cleared");
    }

    #[test]
    fn marks_count_from_the_last_fresh_start() {
        let painting = after([dot(Tool::Brush, 1.0), Step::Nothing, dot(Tool::Brush, 2.0)]);
        assert_eq!(painting.marks().count(), 1);
        assert!(!painting.is_blank());
    }

    #[test]
    fn a_step_can_be_replaced() {
        let mut painting = after([dot(Tool::Brush, 1.0), dot(Tool::Brush, 2.0)]);
        painting.retake(dot(Tool::Brush, 3.0));
        assert_eq!(painting.steps(), [dot(Tool::Brush, 1.0), dot(Tool::Brush, 3.0)]);
    }

    #[test]
    fn the_eraser_alone_marks_nothing() {
        assert!(after([dot(Tool::Eraser, 1.0)]).is_blank());
    }

    #[test]
    fn every_change_has_its_own_revision() {
        let mut painting = Painting::default();
        let mut seen = vec![painting.revision()];
        painting.take(dot(Tool::Brush, 1.0));
        seen.push(painting.revision());
        painting.undo();
        seen.push(painting.revision());
        painting.redo();
        seen.push(painting.revision());
        painting.clear();
        seen.push(painting.revision());
        seen.dedup();
        assert_eq!(seen.len(), 5);
    }
}
