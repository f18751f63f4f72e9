//! What has been painted, step by step: cheap to clone, easy to undo, made into pixels where they are needed.

use std::rc::Rc;

use brushaway::{
    mask::{Mark, Tool},
    protocol::Change,
};

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A stroke or an area.
    Mark(Rc<Mark>),
    /// A whole mask in place of all before.
    Picture(Rc<MaskPicture>),
    /// Nothing is marked any more.
    Nothing,
    /// The picture itself became another one. What was marked before is done with.
    Changed(Change),
}

/// A step of a list of all steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Travel {
    /// Before the last step.
    Back,
    /// Behind the first undone one.
    Forth,
    /// Behind so many steps.
    To(usize),
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
            Step::Picture(_) | Step::Nothing | Step::Changed(_) => None,
        })
    }

    /// All steps, those that were undone behind the others.
    pub fn all(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().chain(self.undone.iter().rev())
    }

    /// How often the picture itself became another one.
    pub fn changes(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::Changed(_))).count()
    }

    /// Behind how many steps a journey ends.
    pub fn destination(&self, travel: Travel) -> usize {
        match travel {
            Travel::Back => self.steps.len().saturating_sub(1),
            Travel::Forth => (self.steps.len() + 1).min(self.steps.len() + self.undone.len()),
            Travel::To(steps) => steps.min(self.steps.len() + self.undone.len()),
        }
    }

    /// The changes of the picture between here and `destination` in the order met, each as how many steps there are when it
    /// is behind.
    pub fn crossed(&self, destination: usize) -> Vec<usize> {
        let here = self.steps.len();
        let is_change = |at: &usize| matches!(self.all().nth(*at), Some(Step::Changed(_)));
        if destination < here {
            (destination..here).rev().filter(is_change).collect()
        } else {
            (here..destination).filter(is_change).map(|at| at + 1).collect()
        }
    }

    /// Takes steps back, or again, until there are so many.
    pub fn jump(&mut self, destination: usize) {
        while self.steps.len() > destination && self.can_undo() {
            self.undone.extend(self.steps.pop());
        }
        while self.steps.len() < destination && self.can_redo() {
            self.steps.extend(self.undone.pop());
        }
        self.revision += 1;
    }

    /// Puts what was done before in front of what there is. What was undone then can be done again if there is nothing yet.
    pub fn resume(&mut self, earlier: Vec<Step>, undone: Vec<Step>) {
        if self.is_untouched() {
            self.undone.extend(undone.into_iter().rev());
        }
        self.steps.splice(0..0, earlier);
        self.revision += 1;
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

    /// Whether nothing was ever done, or all of it was forgotten.
    pub fn is_untouched(&self) -> bool {
        !self.can_undo() && !self.can_redo()
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

    /// Marks nothing any more, which can be taken back like any other step.
    pub fn clear(&mut self) {
        if !self.is_blank() {
            self.take(Step::Nothing);
        }
    }
}

#[cfg(test)]
mod tests {
    use brushaway::{geometry::Point, mask::Stroke};

    use super::*;

    fn go(painting: &mut Painting, travel: Travel) {
        painting.jump(painting.destination(travel));
    }

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
        go(&mut painting, Travel::Back);
        painting.take(dot(Tool::Brush, 2.0));
        go(&mut painting, Travel::Forth);
        assert_eq!(painting.steps(), [dot(Tool::Brush, 2.0)]);
    }

    #[test]
    fn redo_brings_steps_back_in_their_order() {
        let mut painting = after([dot(Tool::Brush, 1.0), dot(Tool::Brush, 2.0)]);
        let before = painting.steps().to_vec();
        go(&mut painting, Travel::Back);
        go(&mut painting, Travel::Back);
        go(&mut painting, Travel::Forth);
        go(&mut painting, Travel::Forth);
        assert_eq!(painting.steps(), before);
    }

    #[test]
    fn clearing_is_one_step() {
        let mut painting = after([dot(Tool::Brush, 1.0), dot(Tool::Brush, 2.0)]);
        painting.clear();
        assert!(painting.is_blank() && painting.can_undo());
        assert_eq!(painting.marks().count(), 0);
        go(&mut painting, Travel::Back);
        assert_eq!(painting.marks().count(), 2);
        go(&mut painting, Travel::Forth);
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
    fn a_change_of_the_picture_ends_what_was_marked() {
        let mut painting = after([dot(Tool::Brush, 1.0), Step::Changed(Change::Kept)]);
        assert!(painting.is_blank() && painting.can_undo() && painting.changes() == 1);
        go(&mut painting, Travel::Back);
        assert_eq!((painting.marks().count(), painting.changes()), (1, 0));
    }

    #[test]
    fn a_journey_tells_which_changes_it_crosses() {
        let mut painting = after([
            dot(Tool::Brush, 1.0),
            Step::Changed(Change::Kept),
            dot(Tool::Brush, 2.0),
            Step::Changed(Change::Kept),
            Step::Changed(Change::Restored),
        ]);
        assert_eq!(painting.crossed(painting.destination(Travel::Back)), [4]);
        assert_eq!(painting.crossed(painting.destination(Travel::To(0))), [4, 3, 1]);
        painting.jump(1);
        assert_eq!((painting.marks().count(), painting.all().count()), (1, 5));
        assert_eq!(painting.crossed(painting.destination(Travel::Forth)), [2]);
        assert_eq!(painting.crossed(painting.destination(Travel::To(99))), [2, 4, 5]);
        painting.jump(99);
        assert_eq!(painting.changes(), 3);
        assert!(painting.crossed(5).is_empty());
    }

    #[test]
    fn what_was_done_before_comes_first() {
        let mut painting = after([dot(Tool::Brush, 3.0)]);
        painting.resume(vec![Step::Changed(Change::Kept), dot(Tool::Brush, 2.0)], vec![dot(Tool::Brush, 9.0)]);
        assert!(!painting.can_redo(), "what was undone then is not what comes next now");
        assert_eq!((painting.changes(), painting.marks().count()), (1, 2));
        go(&mut painting, Travel::Back);
        assert_eq!(painting.steps()[1..], [dot(Tool::Brush, 2.0)]);
    }

    #[test]
    fn every_change_has_its_own_revision() {
        let mut painting = Painting::default();
        let mut seen = vec![painting.revision()];
        painting.take(dot(Tool::Brush, 1.0));
        seen.push(painting.revision());
        go(&mut painting, Travel::Back);
        seen.push(painting.revision());
        go(&mut painting, Travel::Forth);
        seen.push(painting.revision());
        painting.clear();
        seen.push(painting.revision());
        seen.dedup();
        assert_eq!(seen.len(), 5);
    }
}
