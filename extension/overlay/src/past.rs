//! What was done to a picture, told to the engine step by step, and taken up again when the picture is opened another time.

use std::rc::Rc;

use brushaway::protocol::{ChooseResult, Event, Fault, ImageId, JobId, JobReport, PastStep, Remember, Session};
use brushaway_browser::bus::{self, Engine};
use brushaway_ui::t;

use crate::{
    controller::{Controller, Heard},
    masks::opened,
    painting::Step,
    state::Action,
};

/// What the engine knows of what was done.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// To which picture; none if the engine knows nothing.
    image: Option<ImageId>,
    steps: Vec<Step>,
    done: usize,
}

impl Controller {
    /// Tells the engine what was done since it was told last, so that it comes back when the picture is opened again.
    pub(crate) async fn tell_past(&self, engine: &Engine, image: ImageId) -> Result<(), Fault> {
        let _turn = self.telling.lock().await;
        let painting = self.painting.borrow().clone();
        let (steps, done): (Vec<Step>, _) = (painting.all().cloned().collect(), painting.steps().len());
        let known = {
            let told = self.told.borrow();
            let is_told = told.image == Some(image);
            if is_told && told.steps == steps && told.done == done {
                return Ok(());
            }
            let same = told.steps.iter().zip(&steps).take_while(|(told, step)| told == step).count();
            if is_told { same } else { 0 }
        };
        let new = steps[known..].iter().map(|step| past_step(engine, step)).collect::<Result<_, _>>()?;
        engine.ask(Remember { image, known, steps: new, done }).await?;
        self.told.replace(Told { image: Some(image), steps, done });
        Ok(())
    }

    /// Tells the engine what was done, if it has the picture: one that does not have it remembers nothing of it.
    pub(crate) fn remember_past(self: &Rc<Self>) {
        if self.image.get().is_some() {
            self.spawn("tell what was done", async move |this| {
                let (engine, image) = this.image().await?;
                this.tell_past(&engine, image).await
            });
        }
    }

    /// Takes up what was done when the picture was open before. The engine has done it again already.
    pub(crate) async fn resume(self: &Rc<Self>, image: ImageId, session: Session) -> Result<(), Fault> {
        let engine = self.engine().await?;
        let mut steps = Vec::with_capacity(session.steps.len());
        for step in session.steps {
            steps.push(step_of(&engine, step).await?);
        }
        let done = session.done.min(steps.len());
        self.kept.set(steps[..done].iter().filter(|step| matches!(step, Step::Changed(_))).count());
        self.told.replace(Told { image: Some(image), steps: steps.clone(), done });
        // A mark that was made in the meantime wants a result of its own.
        let result = session.result.filter(|_| self.painting.borrow().is_untouched());
        if let Some((job, _)) = &result {
            self.returning.set(Some(*job));
            self.want(*job);
            self.surface.expect_new_result();
        }
        let job = result.as_ref().map(|(job, _)| *job);
        let undone = steps.split_off(done);
        // Behind the pixels, which come as events.
        self.hear(Heard::Tell(Action::Resume { done: steps, undone, job }));
        self.hear(Heard::Tell(Action::Tell(t!("note_resumed"))));
        if let Some((job, report)) = result {
            self.bring_back(&engine, image, job, report).await;
        }
        Ok(())
    }

    /// Has the result shown that was on the screen before, as if its job had just been done.
    async fn bring_back(&self, engine: &Engine, image: ImageId, job: JobId, report: JobReport) {
        let event = match engine.ask(ChooseResult { image, job }).await {
            Ok(()) => Event::Finished { job, report },
            Err(fault) => Event::Failed { job, fault },
        };
        self.hear(Heard::Event(event));
    }
}

fn past_step(engine: &Engine, step: &Step) -> Result<PastStep, Fault> {
    Ok(match step {
        Step::Mark(mark) => PastStep::Mark((**mark).clone()),
        Step::Picture(mask) => PastStep::Mask(engine.blobs().send(&mask.file).map_err(bus::fault)?),
        Step::Nothing => PastStep::Nothing,
        Step::Changed(change) => PastStep::Changed(*change),
    })
}

async fn step_of(engine: &Engine, step: PastStep) -> Result<Step, Fault> {
    Ok(match step {
        PastStep::Mark(mark) => Step::Mark(Rc::new(mark)),
        PastStep::Mask(file) => {
            let file = engine.blobs().take(&file).await.map_err(bus::fault)?;
            Step::Picture(Rc::new(opened(file).await.map_err(bus::fault)?))
        }
        PastStep::Nothing => Step::Nothing,
        PastStep::Changed(change) => Step::Changed(change),
    })
}
