//! What becomes of results: looked at, saved, handed on.

use super::{Action, Editor, Phase, Picture};
use crate::instrument::Instrument;

impl Editor {
    /// The person is about to paint: what is looked at together would be in the way.
    pub(super) fn choose(&mut self, instrument: Instrument) {
        self.instrument = instrument;
        self.comparing.leave();
    }

    /// More is known of the picture; its own format may be another one than was thought.
    pub(super) fn describe(&mut self, picture: Picture) {
        self.phase = Phase::Ready(picture);
        self.saving.renew();
    }

    /// Takes in what is about results. All else is done elsewhere.
    pub(super) fn hand_on(&mut self, action: &Action) {
        match action {
            Action::Comparing(compare) => self.comparing.take(*compare),
            Action::Strip(change) => {
                self.strip.take(change.clone(), self.is_dirty);
            }
            Action::Save(save) => self.saving.take(save.clone()),
            Action::Put(is_put) => self.is_put = *is_put,
            Action::Handed => (self.is_dirty, self.is_saving) = (false, false),
            _ => {}
        }
    }
}
