//! Jobs of this editor: started, stopped, taken off the screen.

use std::rc::Rc;

use brushaway::protocol::{CancelJob, Event, JobId, MaskSource, ModelReport, StartJob};
use brushaway_browser::bus;

use crate::{
    controller::{Controller, Heard},
    state::{Action, Editor},
};

impl Controller {
    /// Has the engine erase what is painted, with `model` if one is given and else with the built-in one; an earlier job is
    /// superseded.
    pub(crate) fn run(self: &Rc<Self>, editor: &Editor, model: Option<(&ModelReport, u32)>) {
        let (job, painting, tuning) = (editor.next_job(), &editor.painting, editor.tuning());
        self.want(job);
        if model.is_none() {
            self.shown.set(None);
        }
        self.surface.expect_new_result();
        self.tell(Action::Start(job, model.map(|(model, _)| model.name.clone())));
        let (model, seed) = model.map(|(model, seed)| (model.id.clone(), seed)).unzip();
        let seed = seed.unwrap_or_default();
        let marks = painting.marks().map(|mark| (**mark).clone()).collect();
        let base = painting.base().map(|mask| mask.file.clone());
        self.spawn("start a job", async move |this| {
            let started = async {
                let (engine, image) = this.image().await?;
                this.tell_past(&engine, image).await?;
                let base = base.map(|file| engine.blobs().send(&file)).transpose().map_err(bus::fault)?;
                engine.ask(StartJob { job, image, mask: MaskSource { base, marks }, model, seed, tuning }).await
            };
            if let Err(fault) = started.await {
                this.hear(Heard::Event(Event::Failed { job, fault }));
            }
            Ok(())
        });
    }

    /// Stops the job. If there was a result of the same mask before, it shows again.
    pub(crate) fn cancel(self: &Rc<Self>, job: JobId) {
        self.tell(Action::Cancel);
        let shown = self.shown.get();
        self.drop_result(Some(job));
        self.shown.set(shown);
        self.show_again(job);
    }

    /// Shows the result that was there before a job, if there was one.
    pub(crate) fn show_again(self: &Rc<Self>, job: JobId) -> bool {
        let before = self.shown.get().filter(|shown| *shown != job);
        if let Some(before) = before {
            self.choose(before);
        }
        before.is_some()
    }

    fn abandon(self: &Rc<Self>, job: JobId) {
        self.wanted.set(None);
        self.spawn("cancel a job", async move |this| {
            let engine = this.engine.borrow().clone();
            match engine {
                Some(engine) => engine.ask(CancelJob { job }).await,
                // It went with the engine.
                None => Ok(()),
            }
        });
    }

    /// Takes the result off the screen, and the job that works on it with it.
    pub(crate) fn drop_result(self: &Rc<Self>, running: Option<JobId>) {
        self.wanted.set(None);
        self.shown.set(None);
        if let Err(error) = self.surface.clear_result() {
            log::error!("{error}");
        }
        if let Some(job) = running {
            self.abandon(job);
        }
    }
}
