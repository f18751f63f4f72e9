//! Doing a job: its turn, its model, its stages.

use std::{cell::RefCell, rc::Rc};

use brushaway::{
    engine::{self, EngineError, JobOptions, Outcome, Patch},
    image::Image,
    imaging::card::Card,
    mask::Mask,
    models::{Backend, Drafted, InferError, Inpainter, ModelId, Network},
    protocol::{CpuReason, EngineReport, EngineStatus, Event, Fault, PrecisionReport},
    settings::IDLES,
};
use brushaway_browser::{bus, clock, task};

use crate::{
    big::{self, Big, Painter},
    desk::Desk,
    job::{RunningJob, Stopped},
    model::{self, Loaded, Wish},
};

/// After so long without an editor or a panel it does so too: whoever closed one by mistake opens it again sooner.
const ALONE_MILLIS: u32 = 30 * 1000;

/// The models that are loaded.
#[derive(Default)]
pub(crate) struct Models {
    pub(crate) built_in: Option<Loaded>,
    big: Option<Big>,
    /// Jobs so far, so that whoever waits for idleness knows whether there was another one.
    jobs: u32,
}

impl Desk {
    /// Loads the built-in model while the person is still painting.
    pub(crate) fn warm_up(self: &Rc<Self>) {
        let this = Rc::clone(self);
        task::spawn("warm up", async move {
            let ready = {
                let mut models = this.models.lock().await;
                this.ensure(&mut models.built_in, this.wish).await
            };
            // Not earlier: nobody asks for models before there is a picture, and both would share the processor.
            if let Err(fault) = this.store() {
                log::error!("{fault}");
            }
            ready
        });
    }

    /// Prepares the graphs of a model that has just come, if it is known where they will run. No job waits for it that was
    /// asked for before.
    pub(crate) fn prepare(self: &Rc<Self>, id: ModelId) {
        let this = Rc::clone(self);
        task::spawn("prepare a model", async move {
            let mut number = 0;
            loop {
                // Given back after each graph, so that jobs need not wait for all of them.
                let models = this.models.lock().await;
                let Some(built_in) = &models.built_in else { return Ok::<_, Fault>(()) };
                if !big::prepare(&id, &built_in.place, number).await? {
                    return Ok(());
                }
                number += 1;
            }
        });
    }

    /// Waits for the job's turn and does it.
    pub(crate) async fn work(
        self: &Rc<Self>,
        job: &RunningJob,
        source: &Image,
        mask: &Mask,
    ) -> Result<Outcome, Stopped> {
        let mut models = self.models.lock().await;
        // What came while another job kept the processor busy is heard first: it may cancel this one.
        clock::sleep_millis(0).await;
        if job.is_cancelled() {
            return Err(Stopped::Cancelled);
        }
        models.jobs += 1;
        let result = match self.attempt(&mut models, self.wish, job, source, mask).await {
            // A driver that was reset, a computer that slept: everything on the device is gone, and a new one may do.
            Err(Attempt::Engine(EngineError::Infer(InferError::DeviceLost { reason }))) => {
                log::warn!("the device was lost, once more: {reason}");
                *models = Models { jobs: models.jobs, ..Models::default() };
                job.note("note_device_lost");
                self.attempt(&mut models, self.wish, job, source, mask).await
            }
            result => result,
        };
        let result = match result {
            Err(Attempt::Engine(EngineError::Infer(InferError::OutOfMemory { reason, .. })))
                if models.big.is_some() =>
            {
                log::warn!("out of memory, once more without the model that was kept: {reason}");
                models.big = None;
                // Sessions let go of their memory in turns of their own.
                clock::sleep_millis(0).await;
                job.note("note_memory");
                self.attempt(&mut models, self.wish, job, source, mask).await
            }
            result => result,
        };
        let result = match result {
            Err(Attempt::Engine(EngineError::Infer(error))) if self.may_fall_back(&models, job) => {
                log::warn!("WebGPU failed, going on with the processor: {error}");
                *models = Models { jobs: models.jobs, ..Models::default() };
                self.fall_back(&mut models, error.to_string()).await.map_err(Stopped::Failed)?;
                self.attempt(&mut models, Wish::Cpu, job, source, mask).await
            }
            result => result,
        };
        if models.big.is_some() {
            self.give_back_later(models.jobs, job.tuning.idle_minutes);
        }
        result.map_err(|attempt| match attempt {
            Attempt::Fault(fault) => Stopped::Failed(fault),
            Attempt::Engine(error) => error.into(),
        })
    }

    async fn attempt(
        &self,
        models: &mut Models,
        wish: Wish,
        job: &RunningJob,
        source: &Image,
        mask: &Mask,
    ) -> Result<Outcome, Attempt> {
        self.ensure(&mut models.built_in, wish).await?;
        let Some(built_in) = &mut models.built_in else { return Err(EngineError::NoTileSide.into()) };
        let Some(id) = &job.model else {
            job.begin(&built_in.spec);
            let options = JobOptions {
                // Where the network takes milliseconds a draft would only flicker.
                preview: built_in.inpainter.backend() != Backend::WebGpu,
                ..job.options(&built_in.spec, source.size())
            };
            let (inpainter, card) = built_in.parts();
            return Ok(erase(inpainter, card, &options, job, (source, mask)).await?);
        };
        if models.big.as_ref().is_none_or(|big| big.spec.id != *id) {
            // Two big models at once may be more than there is memory for.
            models.big = None;
            let big = Big::load(id, &built_in.place).await?;
            if let Some(precision) = big.precision.clone() {
                self.decided(PrecisionReport { model: big.spec.name.clone(), precision });
            }
            models.big = Some(big);
        }
        let Some(Big { spec, painter, .. }) = &mut models.big else { return Err(EngineError::NoTileSide.into()) };
        job.begin(spec);
        let options = job.options(spec, source.size());
        let (draft, card) = built_in.parts();
        Ok(match painter {
            Painter::SinglePass(model) => erase(&mut **model, card, &options, job, (source, mask)).await?,
            Painter::Diffusion(main) => {
                if let Network::LatentDiffusion { contract, .. } = &spec.network {
                    main.options = job.tuning.diffusion(contract.defaults);
                }
                let mut model = Drafted { draft, main: &mut **main };
                erase(&mut model, card, &options, job, (source, mask)).await?
            }
        })
    }

    /// Lets a downloaded model go, because it is to be deleted or was idle for long.
    pub(crate) async fn give_back(&self, id: &ModelId) {
        let mut models = self.models.lock().await;
        if models.big.as_ref().is_some_and(|big| big.spec.id == *id) {
            models.big = None;
        }
    }

    /// After so many minutes without a job a downloaded model gives its memory back.
    fn give_back_later(self: &Rc<Self>, jobs: u32, minutes: u32) {
        let this = Rc::clone(self);
        task::spawn("give a model back", async move {
            clock::sleep_millis(minutes.clamp(*IDLES.start(), *IDLES.end()) * 60_000).await;
            let mut models = this.models.lock().await;
            if models.jobs == jobs && models.big.take().is_some() {
                log::info!("a model was idle and gave its memory back");
            }
            Ok::<(), Fault>(())
        });
    }

    /// Nobody is connected: a downloaded model gives its memory back unless somebody comes soon.
    pub(crate) fn give_back_if_alone(self: &Rc<Self>) {
        let this = Rc::clone(self);
        task::spawn("give a model back", async move {
            clock::sleep_millis(ALONE_MILLIS).await;
            if this.is_alone() && this.models.lock().await.big.take().is_some() {
                log::info!("nobody is here, and a model gave its memory back");
            }
            Ok::<(), Fault>(())
        });
    }

    /// Loads the built-in model unless it is there.
    pub(crate) async fn ensure(&self, model: &mut Option<Loaded>, wish: Wish) -> Result<(), Fault> {
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
                self.announce(EngineReport::of(status));
                Err(fault)
            }
        }
    }

    /// Only the built-in model: others would take minutes there, which nobody asked for.
    fn may_fall_back(&self, models: &Models, job: &RunningJob) -> bool {
        let backend = models.built_in.as_ref().map(|loaded| loaded.inpainter.backend());
        self.wish == Wish::Auto && backend == Some(Backend::WebGpu) && job.model.is_none()
    }

    /// Goes on with the processor, and says so.
    async fn fall_back(&self, models: &mut Models, reason: String) -> Result<(), Fault> {
        self.ensure(&mut models.built_in, Wish::Cpu).await?;
        if let Some(loaded) = &mut models.built_in {
            loaded.report.cpu_reason = Some(CpuReason::Failed(reason));
            self.announce(loaded.report.clone());
        }
        Ok(())
    }
}

/// Why there is no outcome.
enum Attempt {
    /// No model.
    Fault(Fault),
    /// The job failed.
    Engine(EngineError),
}

impl From<Fault> for Attempt {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<EngineError> for Attempt {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

async fn erase(
    model: &mut dyn Inpainter,
    card: Option<&dyn Card>,
    options: &JobOptions,
    job: &RunningJob,
    (source, mask): (&Image, &Mask),
) -> Result<Outcome, EngineError> {
    let softness = job.softness.borrow().clone();
    let held_back = |patch: Patch| -> Result<Patch, EngineError> {
        let Some(softness) = &softness else { return Ok(patch) };
        Ok(Patch { pixels: softness.hold_back(source, &patch.pixels, patch.rect)?, ..patch })
    };
    let failed = RefCell::new(None);
    let mut show = |patch: Patch| {
        let sent = held_back(patch).map_err(Fault::bug).and_then(|patch| send(job, &patch));
        if let Err(fault) = sent {
            failed.replace(Some(fault));
        }
    };
    let outcome = engine::erase(source, mask, model, card, options, job, &mut show).await;
    if let Some(fault) = failed.into_inner() {
        log::error!("show a patch: {fault}");
    }
    let Outcome { patches, backend } = outcome?;
    Ok(Outcome { patches: patches.into_iter().map(held_back).collect::<Result<_, _>>()?, backend })
}

/// Sends a patch to the screen. A cancelled job shows nothing more.
pub(crate) fn send(job: &RunningJob, patch: &Patch) -> Result<(), Fault> {
    if job.is_cancelled() {
        return Ok(());
    }
    job.reached(patch.stage);
    let pixels = job.client.blobs().send_bytes(patch.pixels.as_bytes(), "").map_err(bus::fault)?;
    job.tell(Event::Patch { job: job.id, stage: patch.stage, rect: patch.rect, pixels });
    Ok(())
}
