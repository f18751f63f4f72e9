//! One job: progress out, cancellation in.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use brushaway::{
    engine::{EngineError, JobOptions, Outcome, Stage},
    geometry::Size,
    imaging::softness::Softness,
    models::{Cancelled, ModelId, ModelSpec, Run},
    protocol::{Event, Fault, JobId, JobReport, StageTime, StartJob, ToClient, Tuning},
};
use brushaway_browser::{bus::Client, clock};

use crate::faults;

/// Why a job has no result.
pub(crate) enum Stopped {
    /// Nobody wants it any more.
    Cancelled,
    /// It could not be done.
    Failed(Fault),
}

impl From<EngineError> for Stopped {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Cancelled(_) => Self::Cancelled,
            error => Self::Failed(faults::of_job(&error)),
        }
    }
}

/// What a running job hears from and tells to the outside.
pub(crate) struct RunningJob {
    pub(crate) id: JobId,
    pub(crate) client: Rc<Client>,
    /// The model that was asked for; none is the built-in one.
    pub(crate) model: Option<ModelId>,
    seed: u32,
    pub(crate) tuning: Tuning,
    /// What of the result is held back, where a brush was soft.
    pub(crate) softness: RefCell<Option<Rc<Softness>>>,
    /// Name of the model that does it, and whether a seed matters to it.
    doer: RefCell<(String, bool)>,
    is_cancelled: Cell<bool>,
    started_millis: Cell<f64>,
    stages: RefCell<Vec<StageTime>>,
    last_step: Cell<(usize, f64)>,
    /// The first step that took its whole time, and when it was over.
    measured_from: Cell<Option<(usize, f64)>>,
    last_look: Cell<f64>,
    runs_millis: Cell<f64>,
    /// What each model run took.
    laps_millis: RefCell<Vec<f64>>,
}

/// Between two looks at an unfinished fill.
const LOOK_MILLIS: f64 = 300.0;

impl RunningJob {
    pub(crate) fn new(call: &StartJob, client: Rc<Client>) -> Self {
        let started_millis = Cell::new(clock::now_millis());
        Self {
            id: call.job,
            client,
            model: call.model.clone(),
            seed: call.seed,
            tuning: call.tuning,
            softness: RefCell::default(),
            doer: RefCell::default(),
            is_cancelled: Cell::default(),
            started_millis,
            stages: RefCell::default(),
            last_step: Cell::default(),
            measured_from: Cell::default(),
            last_look: Cell::default(),
            runs_millis: Cell::default(),
            laps_millis: RefCell::default(),
        }
    }

    /// How the job is to be done, whatever model does it.
    pub(crate) fn options(&self, spec: &ModelSpec, size: Size) -> JobOptions {
        self.tuning.job(JobOptions { texture: spec.texture, ..JobOptions::default() }, size)
    }

    /// How far around what was marked the result reaches, in pixels, in a picture of this size.
    pub(crate) fn reach_px(&self, size: Size) -> u32 {
        self.tuning.job(JobOptions::default(), size).margin(size).grow_px
    }

    /// The model is there: from now on the time counts.
    pub(crate) fn begin(&self, spec: &ModelSpec) {
        self.doer.replace((spec.name.clone(), spec.has_seeds()));
        self.started_millis.set(clock::now_millis());
        self.last_step.take();
        self.measured_from.take();
        self.laps_millis.take();
    }

    /// Tells the person something.
    pub(crate) fn note(&self, message: &str) {
        self.tell(Event::Note { job: self.id, message: message.to_owned() });
    }

    /// Until the last step, if those to come take as long as those that were measured. The first one is of another kind.
    fn seconds_left(&self, done: usize, total: usize, now: f64) -> Option<f64> {
        let Some((first, since)) = self.measured_from.get() else {
            if done > 0 {
                self.measured_from.set(Some((done, now)));
            }
            return None;
        };
        let steps = done.checked_sub(first).filter(|steps| *steps > 0)?;
        Some((now - since) / 1000.0 / steps as f64 * (total - done) as f64)
    }

    pub(crate) fn cancel(&self) {
        self.is_cancelled.set(true);
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.is_cancelled.get()
    }

    /// Since the job's turn came.
    fn millis(&self) -> f64 {
        clock::now_millis() - self.started_millis.get()
    }

    /// Notes when a stage was reached; of several tiles the last one counts.
    pub(crate) fn reached(&self, stage: Stage) {
        let mut stages = self.stages.borrow_mut();
        stages.retain(|reached| reached.stage != stage);
        stages.push(StageTime { stage, millis: self.millis() });
    }

    /// Sums the job up, for the client and for the log.
    pub(crate) fn report(&self, outcome: &Outcome) -> JobReport {
        let stage = |wanted: Stage| {
            let stages = self.stages.borrow();
            let reached = stages.iter().find(|reached| reached.stage == wanted);
            reached.map_or_else(|| "-".to_owned(), |reached| format!("{:.1}", reached.millis))
        };
        log::info!(
            "job runs_millis={:.1} preview_millis={} network_millis={} textured_millis={} total_millis={:.1} parts={}",
            self.runs_millis.get(),
            stage(Stage::Preview),
            stage(Stage::Network),
            stage(Stage::Textured),
            self.millis(),
            outcome.patches.len(),
        );
        let laps = self.laps_millis.borrow();
        if laps.len() > 2 {
            // Of a model of many steps: the encoder, the steps, the decoder.
            let laps: Vec<String> = laps.iter().map(|millis| format!("{millis:.1}")).collect();
            log::info!("steps laps_millis={}", laps.join(","));
        }
        let (model, has_seed) = self.doer.borrow().clone();
        JobReport {
            model,
            seed: has_seed.then_some(self.seed),
            backend: outcome.backend,
            parts: outcome.patches.len(),
            stages: self.stages.borrow().clone(),
            total_millis: self.millis(),
        }
    }

    pub(crate) fn tell(&self, event: Event) {
        self.client.tell(&ToClient::Event(event));
    }
}

impl Run for RunningJob {
    fn step(&self, done: usize, total: usize) -> Result<(), Cancelled> {
        if self.is_cancelled.get() {
            return Err(Cancelled);
        }
        if total == 0 {
            return Ok(()); // It only asks.
        }
        // Models report right before and right after each run.
        let now = clock::now_millis();
        let (before, since) = self.last_step.replace((done, now));
        if done > before {
            self.runs_millis.set(self.runs_millis.get() + now - since);
            self.laps_millis.borrow_mut().push(now - since);
        }
        let seconds_left = self.seconds_left(done, total, now);
        self.tell(Event::Progress { job: self.id, done, total, seconds_left });
        Ok(())
    }

    fn seed(&self) -> u64 {
        u64::from(self.seed)
    }

    fn wants_look(&self) -> bool {
        let now = clock::now_millis();
        let is_time = now - self.last_look.get() > LOOK_MILLIS;
        if is_time {
            self.last_look.set(now);
        }
        is_time
    }
}
