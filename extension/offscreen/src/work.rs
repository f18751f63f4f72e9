//! Doing a job: its turn, its model, its stages.

use std::{cell::RefCell, rc::Rc};

use brushaway::{
    engine::{self, EngineError, JobOptions, Outcome, Patch},
    image::Image,
    mask::Mask,
    models::{Backend, Inpainter as _},
    protocol::{CpuReason, EngineReport, EngineStatus, Event, Fault},
};
use brushaway_browser::{bus, clock, task};

use crate::{
    desk::Desk,
    job::{RunningJob, Stopped},
    model::{self, Loaded, Wish},
};

impl Desk {
    /// Loads the model while the person is still painting.
    pub(crate) fn warm_up(self: &Rc<Self>) {
        let this = Rc::clone(self);
        task::spawn("warm up", async move {
            let mut model = this.model.lock().await;
            this.ensure(&mut model, this.wish).await
        });
    }

    /// Waits for the job's turn and does it.
    pub(crate) async fn work(&self, job: &RunningJob, source: &Image, mask: &Mask) -> Result<Outcome, Stopped> {
        let mut model = self.model.lock().await;
        // What came while another job kept the processor busy is heard first: it may cancel this one.
        clock::sleep_millis(0).await;
        if job.is_cancelled() {
            return Err(Stopped::Cancelled);
        }
        self.ensure(&mut model, self.wish).await.map_err(Stopped::Failed)?;
        job.begin();
        match erase(&mut model, job, source, mask).await {
            Err(EngineError::Infer(error)) if self.may_fall_back(model.as_ref()) => {
                log::warn!("WebGPU failed, going on with the processor: {error}");
                *model = None;
                self.fall_back(&mut model, error.to_string()).await.map_err(Stopped::Failed)?;
                Ok(erase(&mut model, job, source, mask).await?)
            }
            result => Ok(result?),
        }
    }

    /// Loads the model unless it is there.
    async fn ensure(&self, model: &mut Option<Loaded>, wish: Wish) -> Result<(), Fault> {
        if model.is_some() {
            return Ok(());
        }
        match model::load(wish).await {
            Ok(loaded) => {
                self.announce(loaded.report.clone());
                *model = Some(loaded);
                Ok(())
            }
            Err(fault) => {
                let status = EngineStatus::Failed(fault.clone());
                self.announce(EngineReport { status, adapter: None, cpu_reason: None });
                Err(fault)
            }
        }
    }

    fn may_fall_back(&self, model: Option<&Loaded>) -> bool {
        let backend = model.map(|loaded| loaded.inpainter.backend());
        self.wish == Wish::Auto && backend == Some(Backend::WebGpu)
    }

    /// Goes on with the processor, and says so.
    async fn fall_back(&self, model: &mut Option<Loaded>, reason: String) -> Result<(), Fault> {
        self.ensure(model, Wish::Cpu).await?;
        if let Some(loaded) = model {
            loaded.report.cpu_reason = Some(CpuReason::Failed(reason));
            self.announce(loaded.report.clone());
        }
        Ok(())
    }
}

async fn erase(
    model: &mut Option<Loaded>,
    job: &RunningJob,
    source: &Image,
    mask: &Mask,
) -> Result<Outcome, EngineError> {
    let Some(loaded) = model else { return Err(EngineError::NoTileSide) };
    let options = JobOptions {
        // Where the network takes milliseconds a draft would only flicker.
        preview: loaded.inpainter.backend() != Backend::WebGpu,
        texture: loaded.spec.texture,
        ..JobOptions::default()
    };
    let failed = RefCell::new(None);
    let mut show = |patch: Patch| {
        if let Err(fault) = send(job, &patch) {
            failed.replace(Some(fault));
        }
    };
    let outcome = engine::erase(source, mask, &mut loaded.inpainter, &options, job, &mut show).await;
    if let Some(fault) = failed.into_inner() {
        log::error!("show a patch: {fault}");
    }
    outcome
}

/// Sends a patch to the screen. A cancelled job shows nothing more.
fn send(job: &RunningJob, patch: &Patch) -> Result<(), Fault> {
    if job.is_cancelled() {
        return Ok(());
    }
    job.reached(patch.stage);
    let pixels = job.client.blobs().send_bytes(patch.pixels.as_bytes(), "").map_err(bus::fault)?;
    job.tell(Event::Patch { job: job.id, stage: patch.stage, rect: patch.rect, pixels });
    Ok(())
}
