//! What the editor does with bigger models and with several results.

use std::rc::Rc;

use brushaway::{
    models::ModelId,
    protocol::{ChooseResult, DescribeModels, Fault, JobId, JobReport},
};
use brushaway_browser::{bus, settings};
use brushaway_ui::{ModelWish, fulfil, loss_words};

use crate::{
    controller::{Controller, Heard},
    improving::Candidate,
    state::Action,
};

impl Controller {
    /// Reads what the person set, and again whenever they change it.
    pub(crate) fn recall(self: &Rc<Self>) {
        self.spawn("read the settings", async move |this| {
            let reading = settings::read().await.map_err(bus::fault)?;
            if let Some(loss) = &reading.loss {
                this.tell(Action::Tell(loss_words(loss)));
                // Said once: from now on they are such as can be read.
                settings::write(&reading.settings).await.map_err(bus::fault)?;
            }
            this.tell(Action::Prefer(reading.settings));
            Ok(())
        });
        let controller = Rc::downgrade(self);
        let changed = move || {
            let Some(controller) = controller.upgrade() else { return };
            controller.spawn("read the settings", async move |this| {
                this.tell(Action::Prefer(settings::read().await.map_err(bus::fault)?.settings));
                Ok(())
            });
        };
        settings::Watch::new(changed).forever();
    }

    /// Does what the person wants of a model.
    pub(crate) fn wish(self: &Rc<Self>, model: ModelId, wish: ModelWish) {
        self.spawn("see to a model", async move |this| fulfil(&*this.engine().await?, model, wish).await);
    }

    /// Asks again which models there are; the answer comes as an event.
    pub(crate) fn describe_models(self: &Rc<Self>) {
        self.spawn("list the models", async move |this| this.engine().await?.ask(DescribeModels {}).await.map(drop));
    }

    /// Brings an earlier result of the mask back.
    pub(crate) fn choose(self: &Rc<Self>, job: JobId) {
        self.want(job);
        self.showing(job);
        self.surface.expect_new_result();
        self.spawn("choose a result", async move |this| {
            let (engine, image) = this.image().await?;
            match engine.ask(ChooseResult { image, job }).await {
                // Behind its patches, which come as events.
                Ok(()) => this.hear(Heard::Tell(Action::Show(job))),
                Err(fault) => {
                    this.drop_result(None);
                    this.tell(Action::Forget);
                    return Err::<(), Fault>(fault);
                }
            }
            Ok(())
        });
    }

    /// A job is done: its result is one to choose from.
    pub(crate) fn offer(&self, job: JobId, report: &JobReport) {
        self.showing(job);
        match self.surface.thumbnail() {
            Ok(thumbnail) => self.tell(Action::Offer(Candidate { job, report: report.clone(), thumbnail })),
            Err(error) => log::error!("{error}"),
        }
    }
}
