//! What has been painted: vectors, not pixels. Cheap to clone, easy to undo, made into pixels where they are needed.

use std::rc::Rc;

use brushaway::mask::{Stroke, Tool};

/// Strokes over an optional imported mask, with those that were undone.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Painting {
    base: Option<Rc<ImportedMask>>,
    strokes: Vec<Rc<Stroke>>,
    undone: Vec<Rc<Stroke>>,
    revision: u32,
}

/// A mask that came as a file.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedMask {
    /// The file.
    pub file: web_sys::Blob,
    /// Its address in this page.
    pub object_url: String,
}

impl Painting {
    /// The strokes in the order painted.
    pub fn strokes(&self) -> &[Rc<Stroke>] {
        &self.strokes
    }

    /// The imported mask.
    pub fn base(&self) -> Option<&Rc<ImportedMask>> {
        self.base.as_ref()
    }

    /// Differs after every change.
    pub const fn revision(&self) -> u32 {
        self.revision
    }

    /// Whether nothing can be marked: no mask and no stroke of the brush.
    pub fn is_blank(&self) -> bool {
        self.base.is_none() && self.strokes.iter().all(|stroke| stroke.tool == Tool::Eraser)
    }

    /// Whether there is something to take back.
    pub fn can_undo(&self) -> bool {
        !self.strokes.is_empty() || self.base.is_some()
    }

    /// Whether something was taken back.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Adds a stroke; what was undone is forgotten.
    pub fn draw(&mut self, stroke: Rc<Stroke>) {
        self.undone.clear();
        self.strokes.push(stroke);
        self.revision += 1;
    }

    /// Starts over from a mask file.
    pub fn import(&mut self, mask: Rc<ImportedMask>) {
        *self = Self { base: Some(mask), revision: self.revision + 1, ..Self::default() };
    }

    /// Takes the last stroke back, or the imported mask if there is none.
    pub fn undo(&mut self) {
        match self.strokes.pop() {
            Some(stroke) => self.undone.push(stroke),
            None => self.base = None,
        }
        self.revision += 1;
    }

    /// Brings the last undone stroke back.
    pub fn redo(&mut self) {
        self.strokes.extend(self.undone.pop());
        self.revision += 1;
    }

    /// Starts afresh after a result was kept.
    pub fn forget(&mut self) {
        *self = Self { revision: self.revision + 1, ..Self::default() };
    }

    /// Takes everything back; `redo` brings it again, stroke by stroke.
    pub fn clear(&mut self) {
        self.undone.extend(self.strokes.drain(..).rev());
        self.base = None;
        self.revision += 1;
    }
}

#[cfg(test)]
mod tests {
    use brushaway::geometry::Point;

    use super::*;

    fn dot(tool: Tool, x: f32) -> Rc<Stroke> {
        Rc::new(Stroke { tool, radius: 8.0, points: vec![Point::new(x, 0.0)] })
    }

    #[test]
    fn a_new_stroke_forgets_what_was_undone() {
        let mut painting = Painting::default();
        painting.draw(dot(Tool::Brush, 1.0));
        painting.undo();
        painting.draw(dot(Tool::Brush, 2.0));
        painting.redo();
        assert_eq!(painting.strokes().len(), 1);
        assert_eq!(painting.strokes()[0], dot(Tool::Brush, 2.0));
    }

    #[test]
    fn redo_brings_strokes_back_in_their_order() {
        let mut painting = Painting::default();
        painting.draw(dot(Tool::Brush, 1.0));
        painting.draw(dot(Tool::Brush, 2.0));
        let before = painting.strokes().to_vec();
        painting.undo();
        painting.undo();
        painting.redo();
        painting.redo();
        assert_eq!(painting.strokes(), before);
    }

    #[test]
    fn cleared_strokes_can_be_redone() {
        let mut painting = Painting::default();
        painting.draw(dot(Tool::Brush, 1.0));
        painting.draw(dot(Tool::Brush, 2.0));
        painting.clear();
        assert!(painting.is_blank() && painting.can_redo());
        painting.redo();
        assert_eq!(painting.strokes()[0], dot(Tool::Brush, 1.0));
    }

    #[test]
    fn the_eraser_alone_marks_nothing() {
        let mut painting = Painting::default();
        painting.draw(dot(Tool::Eraser, 1.0));
        assert!(painting.is_blank());
    }

    #[test]
    fn every_change_has_its_own_revision() {
        let mut painting = Painting::default();
        let mut seen = vec![painting.revision()];
        painting.draw(dot(Tool::Brush, 1.0));
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
