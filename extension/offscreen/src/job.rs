//! One job: progress out, cancellation in.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use brushaway::{
    engine::{EngineError, Outcome, Stage},
    models::{Cancelled, Run},
    protocol::{Event, Fault, JobId, JobReport, StageTime, ToClient},
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
    is_cancelled: Cell<bool>,
    started_millis: Cell<f64>,
    stages: RefCell<Vec<StageTime>>,
    last_step: Cell<(usize, f64)>,
    runs_millis: Cell<f64>,
}

impl RunningJob {
    pub(crate) fn new(id: JobId, client: Rc<Client>) -> Self {
        let started_millis = Cell::new(clock::now_millis());
        Self {
            id,
            client,
            is_cancelled: Cell::default(),
            started_millis,
            stages: RefCell::default(),
            last_step: Cell::default(),
            runs_millis: Cell::default(),
        }
    }

    /// The job's turn has come.
    pub(crate) fn begin(&self) {
        self.started_millis.set(clock::now_millis());
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
        JobReport {
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
        // Models report right before and right after each run.
        let now = clock::now_millis();
        let (before, since) = self.last_step.replace((done, now));
        if done > before {
            self.runs_millis.set(self.runs_millis.get() + now - since);
        }
        self.tell(Event::Progress { job: self.id, done, total });
        Ok(())
    }
}
