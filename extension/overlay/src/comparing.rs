//! Ways to look at what a result changed.

use brushaway::{engine::Stage, protocol::JobId};

use crate::state::Editor;

/// A way to look at the picture and its result together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The picture before a divider, the result behind it.
    Split,
    /// The picture and the result, seen alike.
    Beside,
    /// The pixels that are not the same.
    Changes,
}

impl Look {
    /// As the page's attributes name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Split => "split",
            Self::Beside => "beside",
            Self::Changes => "changes",
        }
    }
}

/// Everything about looking at a picture and its result together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparing {
    look: Option<Look>,
    /// Where the divider is, as a share of the picture's frame from its left edge, in [0, 1].
    pub divider: f64,
    /// How many pixels are not the same, and of how many; none until they are counted.
    pub counted: Option<Counted>,
}

/// How much of a picture is not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Pixels of which any value differs.
    pub changed: u64,
    /// All pixels.
    pub total: u64,
}

impl Counted {
    /// In percent, and with how many digits: a small change must not read as none.
    pub fn percent(self) -> (f64, usize) {
        let percent = self.changed as f64 * 100.0 / self.total.max(1) as f64;
        let digits = match percent {
            0.0 => 0,
            ..0.1 => 3,
            ..1.0 => 2,
            _ => 1,
        };
        (percent, digits)
    }
}

impl Default for Comparing {
    fn default() -> Self {
        Self { look: None, divider: 0.5, counted: None }
    }
}

/// What happens to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Compare {
    /// The person looks so, or paints again.
    Look(Option<Look>),
    /// The divider goes to this share of the frame.
    Divide(f64),
    /// The pixels were counted.
    Count(Counted),
}

impl Comparing {
    /// What is seen if there is a result to see.
    pub const fn look(&self) -> Option<Look> {
        self.look
    }

    /// Takes in what happens.
    pub fn take(&mut self, compare: Compare) {
        match compare {
            Compare::Look(look) => {
                if look != Some(Look::Changes) {
                    self.counted = None;
                }
                self.look = look;
            }
            Compare::Divide(share) => self.divider = share.clamp(0.0, 1.0),
            Compare::Count(counted) => self.counted = Some(counted),
        }
    }

    /// The picture is painted on again; the divider stays for the next time.
    pub const fn leave(&mut self) {
        self.look = None;
        self.counted = None;
    }
}

/// What the pixels on the screen depend on: while it is the same, they are.
pub type Pixels = (Option<Stage>, Option<JobId>, usize);

impl Editor {
    /// How the picture and its result are looked at together; none while there is no result.
    pub fn looking(&self) -> Option<Look> {
        self.comparing.look().filter(|_| self.can_compare())
    }

    /// What the result's pixels depend on.
    pub fn pixels(&self) -> Pixels {
        (self.result, self.improving.shown, self.painting.changes())
    }
}

/// Steps of the divider: by an arrow key, and by a page key or with Shift.
const STEPS: [f64; 2] = [0.01, 0.1];

/// Where a key puts the divider; none if it is not one of its keys.
pub fn divider_after(key: &str, shift: bool, divider: f64) -> Option<f64> {
    let step = STEPS[usize::from(shift)];
    let share = match key {
        "ArrowLeft" | "ArrowDown" => divider - step,
        "ArrowRight" | "ArrowUp" => divider + step,
        "PageDown" => divider - STEPS[1],
        "PageUp" => divider + STEPS[1],
        "Home" => 0.0,
        "End" => 1.0,
        _ => return None,
    };
    Some(share.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_divider_stays_in_the_frame() {
        let mut comparing = Comparing::default();
        for (share, expected) in [(0.2, 0.2), (-3.0, 0.0), (7.0, 1.0)] {
            comparing.take(Compare::Divide(share));
            assert!((comparing.divider - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn keys_move_the_divider() {
        for (key, shift, expected) in [
            ("ArrowLeft", false, Some(0.49)),
            ("ArrowRight", false, Some(0.51)),
            ("ArrowUp", true, Some(0.6)),
            ("PageDown", false, Some(0.4)),
            ("Home", false, Some(0.0)),
            ("End", true, Some(1.0)),
            ("b", false, None),
        ] {
            let moved = divider_after(key, shift, 0.5);
            assert_eq!(moved.is_some(), expected.is_some(), "{key}");
            assert!(moved.zip(expected).is_none_or(|(a, b)| (a - b).abs() < 1e-12), "{key}: {moved:?}");
        }
        assert_eq!(divider_after("ArrowLeft", true, 0.03), Some(0.0));
    }

    #[test]
    fn a_count_is_of_the_look_that_asked_for_it() {
        let mut comparing = Comparing::default();
        comparing.take(Compare::Look(Some(Look::Changes)));
        comparing.take(Compare::Count(Counted { changed: 5, total: 10 }));
        comparing.take(Compare::Look(Some(Look::Split)));
        assert_eq!((comparing.look(), comparing.counted), (Some(Look::Split), None));
        comparing.take(Compare::Divide(0.3));
        comparing.leave();
        assert_eq!(comparing, Comparing { look: None, divider: 0.3, counted: None });
    }

    #[test]
    fn a_small_change_does_not_read_as_none() {
        let counted = |changed, total| Counted { changed, total }.percent();
        assert_eq!(counted(0, 100), (0.0, 0));
        assert_eq!(counted(1, 2), (50.0, 1));
        assert_eq!(counted(2, 1000), (0.2, 2));
        assert_eq!(counted(1, 10_000).1, 3);
    }
}
