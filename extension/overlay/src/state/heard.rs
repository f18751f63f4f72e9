//! What the engine says, taken in.

use brushaway::protocol::{EngineStatus, Event};
use brushaway_ui::t;

use super::{Editor, Job, Progress};

impl Editor {
    pub(super) fn hear(&mut self, event: Event) {
        match event {
            Event::Engine(report) => {
                if let (EngineStatus::Failed(fault), Some(_)) = (&report.status, self.running()) {
                    self.job = Job::Failed(fault.clone());
                }
                self.engine = Some(report);
            }
            Event::Models(report) => self.improving.shelf = Some(Ok(report)),
            Event::NoModels(fault) => self.improving.shelf = Some(Err(fault)),
            Event::Progress { job, done, total, seconds_left } => {
                if let Job::Running { id, progress, .. } = &mut self.job
                    && *id == job
                {
                    *progress = Some(Progress { done, total, seconds_left });
                }
            }
            Event::Note { job, message } if self.running() == Some(job) => self.notice = Some(t!(&message)),
            Event::Patch { job, stage, .. } if self.running() == Some(job) => {
                self.result = Some(stage);
                self.is_result_current = true;
                self.is_dirty = true;
            }
            Event::Finished { job, report } if self.running() == Some(job) => self.job = Job::Done(report),
            Event::Failed { job, fault } if self.running() == Some(job) => {
                self.job = Job::Failed(fault);
                self.result = None;
            }
            Event::Cancelled { job } if self.running() == Some(job) => self.job = Job::Cancelled,
            // Of a job that is no longer wanted, or drawn by the controller.
            _ => {}
        }
    }
}
