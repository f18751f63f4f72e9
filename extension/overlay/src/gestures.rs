//! Moving and zooming by hand: the middle button, a held space bar, two fingers.

use std::cell::{Cell, RefCell};

use web_sys::PointerEvent;

/// Moves a picture that is seen only in part.
#[derive(Debug, Default)]
pub struct Hand {
    /// The pointer that holds the picture, and where it was.
    held: Cell<Option<(i32, Place)>>,
    /// The fingers on the picture, and where they were.
    fingers: RefCell<Vec<(i32, Place)>>,
    /// The space bar is down.
    is_ready: Cell<bool>,
}

/// In CSS pixels of the window.
type Place = (f64, f64);

/// How the picture is to move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Motion {
    /// In CSS pixels.
    pub by: (f64, f64),
    /// How much larger, with `around` staying where it is; none if only one holds it.
    pub factor: Option<f64>,
    /// In CSS pixels of the window.
    pub around: (f64, f64),
}

/// The middle button moves the picture instead of painting on it.
const MIDDLE_BUTTON: i16 = 1;

impl Hand {
    /// The space bar went down or up: while it is down any press moves the picture.
    pub fn ready(&self, is_ready: bool) {
        self.is_ready.set(is_ready);
    }

    /// Whether a press would move the picture.
    pub fn is_ready(&self) -> bool {
        self.is_ready.get()
    }

    /// Takes hold, if the event means that. Whatever one finger began is to be dropped when a second one comes.
    pub fn grips(&self, event: &PointerEvent) -> bool {
        let (pointer, place) = (event.pointer_id(), place(event));
        if event.pointer_type() == "touch" {
            self.touched(pointer, place);
        }
        if event.button() == MIDDLE_BUTTON || self.is_ready.get() {
            // Else the browser begins to scroll by itself.
            event.prevent_default();
            self.held.set(Some((pointer, place)));
        }
        self.held.get().is_some() || self.is_pinching()
    }

    /// Whether two fingers are on the picture.
    pub fn is_pinching(&self) -> bool {
        self.fingers.borrow().len() > 1
    }

    /// How the picture is to move; none if it is not held.
    pub fn moves(&self, event: &PointerEvent) -> Option<Motion> {
        let (pointer, to) = (event.pointer_id(), place(event));
        if self.is_pinching() {
            return self.pinched(pointer, to);
        }
        let (_, from) = self.held.get().filter(|(held, _)| *held == pointer)?;
        self.held.set(Some((pointer, to)));
        Some(Motion { by: (to.0 - from.0, to.1 - from.1), factor: None, around: to })
    }

    /// Lets go. Says whether nothing holds the picture any more.
    pub fn lets_go(&self, event: &PointerEvent) -> bool {
        let pointer = event.pointer_id();
        self.held.set(self.held.get().filter(|(held, _)| *held != pointer));
        self.fingers.borrow_mut().retain(|(finger, _)| *finger != pointer);
        self.held.get().is_none() && !self.is_pinching()
    }

    fn touched(&self, pointer: i32, place: Place) {
        let mut fingers = self.fingers.borrow_mut();
        fingers.retain(|(finger, _)| *finger != pointer);
        if fingers.len() < 2 {
            fingers.push((pointer, place));
        }
    }

    /// One of two fingers moved: what was between them stays between them.
    fn pinched(&self, pointer: i32, to: Place) -> Option<Motion> {
        let mut fingers = self.fingers.borrow_mut();
        let [first, second] = &mut fingers[..] else { return None };
        let (moved, other) = if first.0 == pointer { (first, second) } else { (second, first) };
        if moved.0 != pointer {
            return None;
        }
        let span = |from: Place| (from.0 - other.1.0).hypot(from.1 - other.1.1).max(1.0);
        let middle = |from: Place| (f64::midpoint(from.0, other.1.0), f64::midpoint(from.1, other.1.1));
        let (before, after) = (moved.1, to);
        moved.1 = to;
        let (from, around) = (middle(before), middle(after));
        Some(Motion { by: (around.0 - from.0, around.1 - from.1), factor: Some(span(after) / span(before)), around })
    }
}

fn place(event: &PointerEvent) -> Place {
    (f64::from(event.client_x()), f64::from(event.client_y()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingers_that_part_enlarge_around_their_middle() {
        let hand = Hand::default();
        hand.touched(1, (100.0, 100.0));
        assert!(!hand.is_pinching());
        hand.touched(2, (200.0, 100.0));
        let motion = hand.pinched(2, (300.0, 100.0)).unwrap();
        assert_eq!(motion, Motion { by: (50.0, 0.0), factor: Some(2.0), around: (200.0, 100.0) });
        assert_eq!(hand.pinched(3, (0.0, 0.0)), None, "a third finger does nothing");
    }
}
