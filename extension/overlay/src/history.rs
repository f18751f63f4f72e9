//! The picture itself becomes another one: results are kept, the original is painted back, and both are undone.

use std::rc::Rc;

use brushaway::{
    mask::{Mark, Stroke},
    protocol::{self, Change, Fault},
};
use brushaway_browser::bus;
use brushaway_ui::t;

use crate::{
    controller::{Controller, Heard},
    painting::Travel,
    state::{Action, Editor},
};

impl Controller {
    /// Makes the result the picture.
    pub(crate) fn keep(self: &Rc<Self>) {
        self.spawn("keep a result", async move |this| {
            let _turn = this.masking.lock().await;
            this.keep_result().await?;
            this.tell(Action::Tell(t!("kept")));
            Ok(())
        });
    }

    async fn keep_result(self: &Rc<Self>) -> Result<(), Fault> {
        let (engine, image) = self.image().await?;
        self.remember();
        engine.ask(protocol::Keep { image }).await?;
        self.wanted.set(None);
        self.shown.set(None);
        self.surface.keep_result().map_err(bus::fault)?;
        self.changed(Change::Kept).await;
        Ok(())
    }

    /// Paints the original back along a stroke. A result on the screen is kept first, so that it can be painted into.
    pub(crate) fn restore(self: &Rc<Self>, editor: &Editor, stroke: Stroke) {
        let can_keep = editor.can_keep();
        let refusal = match (editor.running(), can_keep || editor.painting.changes() > 0) {
            (Some(_), _) => Some(t!("restore_wait")),
            (None, false) => Some(t!("restore_nothing")),
            (None, true) => None,
        };
        if let Some(refusal) = refusal {
            self.show_marks();
            return self.tell(Action::Tell(refusal));
        }
        self.spawn("paint the original back", async move |this| {
            let _turn = this.masking.lock().await;
            let restored = this.restored(can_keep, stroke).await;
            this.show_marks();
            if !restored? {
                this.tell(Action::Tell(t!("restore_nothing")));
            }
            Ok(())
        });
    }

    async fn restored(self: &Rc<Self>, can_keep: bool, stroke: Stroke) -> Result<bool, Fault> {
        if can_keep {
            self.keep_result().await?;
        }
        let (engine, image) = self.image().await?;
        self.remember();
        let is_changed = engine.ask(protocol::Restore { image, marks: vec![Mark::Stroke(stroke)] }).await?;
        if is_changed {
            self.changed(Change::Restored).await;
        }
        Ok(is_changed)
    }

    /// Remembers the picture in small, for the list of steps.
    pub(crate) fn remember(&self) {
        if let Err(error) = self.snapshots.take(&self.surface, self.kept.get(), false) {
            log::error!("{error}");
        }
    }

    /// The picture is another one: tells the state, behind its pixels, and waits until it knows.
    async fn changed(self: &Rc<Self>, change: Change) {
        let revision = self.painting.borrow().revision();
        self.repictured();
        self.kept.set(self.kept.get() + 1);
        self.hear(Heard::Tell(Action::Change(change)));
        self.wait_for_change(revision).await;
        if let Err(error) = self.snapshots.take(&self.surface, self.kept.get(), true) {
            log::error!("{error}");
        }
    }

    /// Goes back or forth in what was done. Marks are the state's; the picture itself is the engine's.
    pub(crate) fn travel(self: &Rc<Self>, editor: &Editor, travel: Travel) {
        let destination = editor.painting.destination(travel);
        if destination == editor.painting.steps().len() {
            return;
        }
        if editor.painting.crossed(destination).is_empty() {
            return self.tell(Action::Jump(destination));
        }
        self.spawn("go through the history", async move |this| {
            let _turn = this.masking.lock().await;
            let painting = this.painting.borrow().clone();
            let (here, destination) = (painting.steps().len(), painting.destination(travel));
            this.drop_result(this.wanted.get());
            this.remember();
            let mut reached = here;
            let outcome = async {
                for at in painting.crossed(destination) {
                    let (engine, image) = this.image().await?;
                    if destination < here {
                        engine.ask(protocol::Unkeep { image }).await?;
                        this.kept.set(this.kept.get().saturating_sub(1));
                    } else {
                        engine.ask(protocol::Rekeep { image }).await?;
                        this.kept.set(this.kept.get() + 1);
                    }
                    reached = at;
                }
                reached = destination;
                Ok(())
            };
            let outcome = outcome.await;
            this.repictured();
            // Behind the pixels, which come as events.
            this.hear(Heard::Tell(Action::Jump(reached)));
            this.wait_for_change(painting.revision()).await;
            outcome
        });
    }
}
