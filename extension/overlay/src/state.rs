//! All that the editor shows, and what happens to it: a pure reducer. Components translate, the controller acts.

use std::rc::Rc;

use brushaway::{
    engine::Stage,
    geometry::Point,
    mask::Tool,
    protocol::{CpuReason, EngineReport, JobId, Tuning},
};
use yew::Reducible;

use crate::{
    comparing::Comparing,
    improving::Improving,
    instrument::Instrument,
    painting::{Painting, Step},
    pen::Brush,
    saving::Saving,
    strip::Strip,
    view::View,
};

mod action;
mod heard;
mod phase;
mod preferences;
mod results;

pub use self::{
    action::Action,
    phase::{Ask, Job, Phase, Picture, Progress},
};

/// The smallest and the largest brush, as radius in image pixels.
pub const RADIUS: std::ops::RangeInclusive<f32> = 2.0..=600.0;

/// The editor.
#[expect(clippy::struct_excessive_bools, reason = "facts that are independent of each other")]
#[derive(Debug, Clone, PartialEq)]
pub struct Editor {
    /// How far it is.
    pub phase: Phase,
    /// What is painted.
    pub painting: Painting,
    /// What a press on the picture does.
    pub instrument: Instrument,
    /// Radius of the next stroke in image pixels.
    pub radius: f32,
    /// How much of it is hard, 0 to 1.
    pub hardness: f32,
    /// What the engine does.
    pub job: Job,
    /// Best stage of the result on screen.
    pub result: Option<Stage>,
    /// The result on screen is of the paint as it is now, not of an earlier job.
    pub is_result_current: bool,
    /// What the engine runs on, once known.
    pub engine: Option<EngineReport>,
    /// The source shows instead of the result.
    pub is_comparing: bool,
    /// Something would be lost by closing.
    pub is_dirty: bool,
    /// The person is asked whether to close.
    pub is_closing: bool,
    /// A file is being encoded.
    pub is_saving: bool,
    /// The last thing worth a sentence.
    pub notice: Option<String>,
    /// Bigger models, and the results to choose from.
    pub improving: Improving,
    /// Which part of the picture is seen.
    pub view: View,
    /// Where the keyboard's cursor is, in image pixels, while the keyboard is used.
    pub caret: Option<Point>,
    /// The menu of the mask is open.
    pub is_in_mask_menu: bool,
    /// The list of keys is open.
    pub is_helping: bool,
    /// The list of steps is open.
    pub is_in_history: bool,
    /// How wide the edge of the fill fades, in pixels; none leaves it to the engine.
    pub feather_px: Option<u32>,
    /// How the picture and its result are looked at together.
    pub comparing: Comparing,
    /// The pictures of the tab.
    pub strip: Strip,
    /// How the picture is to be saved.
    pub saving: Saving,
    /// Whether the page shows the result; none if there is no page that could.
    pub is_put: Option<bool>,
    next_job: u32,
}

impl Default for Editor {
    fn default() -> Self {
        Self {
            phase: Phase::Opening,
            painting: Painting::default(),
            instrument: Instrument::Paint(Tool::Brush),
            radius: 24.0,
            hardness: 1.0,
            job: Job::Idle,
            result: None,
            is_result_current: false,
            engine: None,
            is_comparing: false,
            is_dirty: false,
            is_closing: false,
            is_saving: false,
            notice: None,
            improving: Improving::default(),
            view: View::default(),
            caret: None,
            is_in_mask_menu: false,
            is_helping: false,
            is_in_history: false,
            feather_px: None,
            comparing: Comparing::default(),
            strip: Strip::default(),
            saving: Saving::default(),
            is_put: None,
            next_job: 0,
        }
    }
}

impl Editor {
    /// The picture, once there is one.
    pub const fn picture(&self) -> Option<&Picture> {
        match &self.phase {
            Phase::Ready(picture) => Some(picture),
            _ => None,
        }
    }

    /// The job that is running.
    pub const fn running(&self) -> Option<JobId> {
        match self.job {
            Job::Running { id, .. } => Some(id),
            _ => None,
        }
    }

    /// What is in the hand.
    pub const fn brush(&self) -> Brush {
        Brush { instrument: self.instrument, radius: self.radius, hardness: self.hardness }
    }

    /// How the engine is to work: as it is set, with the edge that was chosen here.
    pub const fn tuning(&self) -> Tuning {
        Tuning { feather_px: self.feather_px, ..self.improving.settings.tuning }
    }

    /// A number for the next job.
    pub const fn next_job(&self) -> JobId {
        JobId(self.next_job)
    }

    /// Whether something lies over the picture and wants an answer first.
    pub const fn is_asking(&self) -> bool {
        self.is_closing
            || self.is_helping
            || self.improving.is_open
            || self.saving.is_open
            || self.strip.batch.is_some()
    }

    /// Whether there is a finished result to keep.
    pub const fn can_keep(&self) -> bool {
        self.result.is_some() && matches!(self.job, Job::Done(_))
    }

    /// Whether a bigger model can work on the mask now, or be had for it.
    pub fn can_improve(&self) -> bool {
        let is_new = self.improving.model().is_none_or(|model| !self.improving.is_exhausted(model));
        matches!(self.phase, Phase::Ready(_)) && !self.painting.is_blank() && self.running().is_none() && is_new
    }

    /// Whether closing would lose something of this picture or of another one of the tab.
    pub fn would_lose(&self) -> bool {
        self.is_dirty || self.strip.has_unsaved()
    }

    /// Whether something is marked that was never made into a result.
    pub fn has_open_marks(&self) -> bool {
        self.result.is_none() && !self.painting.is_blank()
    }

    /// Whether there is something to look under.
    pub const fn can_compare(&self) -> bool {
        self.result.is_some()
    }

    /// Whether the picture can be saved and copied now: only if the engine has what is on the screen.
    pub const fn can_export(&self) -> bool {
        let is_settled = match self.job {
            Job::Running { .. } => false,
            Job::Done(_) => true,
            Job::Idle | Job::Failed(_) | Job::Cancelled => self.result.is_none(),
        };
        matches!(self.phase, Phase::Ready(_)) && !self.is_saving && is_settled
    }

    /// Why the processor does the work, if it does.
    pub fn cpu_reason(&self) -> Option<&CpuReason> {
        self.engine.as_ref()?.cpu_reason.as_ref()
    }

    fn open(&mut self, picture: Picture) {
        // A brush that covers a face in a typical photo: a fortieth of the longer side.
        let radius = picture.size.longer_side() as f32 / 40.0;
        let engine = self.engine.take();
        let next_job = self.next_job;
        let mut improving = std::mem::take(&mut self.improving);
        improving.forget();
        let strip = std::mem::take(&mut self.strip);
        let (instrument, hardness, feather_px) = (self.instrument, self.hardness, self.feather_px);
        let is_in_history = self.is_in_history;
        let phase = Phase::Ready(picture);
        let radius = clamp(radius);
        *self = Self {
            phase,
            instrument,
            radius,
            hardness,
            engine,
            improving,
            is_in_history,
            feather_px,
            strip,
            next_job,
            ..Self::default()
        };
        self.saving.prefer(&self.improving.settings);
    }

    /// After a change of the mask: the result on screen stays until a better one comes, unless nothing is marked.
    fn repainted(&mut self) {
        self.notice = None;
        self.is_comparing = false;
        self.comparing.leave();
        self.improving.forget();
        if self.painting.is_blank() {
            self.job = Job::Idle;
            self.result = None;
            self.is_dirty = self.painting.changes() > 0;
        }
    }
}

fn clamp(radius: f32) -> f32 {
    radius.clamp(*RADIUS.start(), *RADIUS.end())
}

impl Reducible for Editor {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = Rc::unwrap_or_clone(self);
        match action {
            Action::Await => next.phase = Phase::Empty,
            Action::Ask(ask) => (next.phase, next.notice) = (Phase::Asking(ask), None),
            Action::Open(picture) => next.open(picture),
            Action::Describe(picture) => next.describe(picture),
            Action::Fail(fault) => next.phase = Phase::Failed(fault),
            Action::Choose(instrument) => next.choose(instrument),
            Action::Resize(radius) => next.radius = clamp(radius),
            Action::Draw(mark) => next.paint(|painting| painting.take(Step::Mark(mark))),
            Action::Import(mask) => next.paint(|painting| painting.take(Step::Picture(mask))),
            Action::Refine(mask) => next.paint(|painting| painting.retake(Step::Picture(mask))),
            Action::Clear => next.paint(Painting::clear),
            Action::Start(id, improver) => next.start(id, improver),
            Action::Cancel => {
                next.job = Job::Cancelled;
                next.result = None;
            }
            Action::Hear(event) => next.hear(event),
            Action::Lose(fault) => {
                next.engine = None;
                next.is_saving = false;
                // An idle engine that goes loses nothing: the next job starts it again.
                if next.running().is_some() || next.result.is_some() {
                    next.job = Job::Failed(fault);
                }
            }
            Action::Change(change) => next.paint(|painting| painting.take(Step::Changed(change))),
            Action::Jump(steps) => next.paint(|painting| painting.jump(steps)),
            Action::Resume { done, undone, job } => {
                next.paint(|painting| painting.resume(done, undone));
                next.is_dirty = next.painting.can_undo();
                if let Some(job) = job {
                    next.start(job, None);
                }
            }
            Action::Compare(is_comparing) => next.is_comparing = is_comparing,
            Action::Saving => next.is_saving = true,
            Action::Saved(sentence) => {
                next.notice = Some(sentence);
                next.is_dirty = false;
                next.is_saving = false;
            }
            Action::Tell(sentence) => {
                next.notice = Some(sentence);
                next.is_saving = false;
            }
            Action::Prefer(settings) => next.prefer(settings),
            Action::Offer(candidate) => next.improving.offer(candidate),
            Action::Show(job) => next.show(job),
            Action::Forget => {
                next.improving.forget();
                (next.job, next.result) = (Job::Idle, None);
            }
            other => next.look(&other),
        }
        Rc::new(next)
    }
}

impl Editor {
    /// What changes only what is seen, or what the next stroke or job will be like.
    fn look(&mut self, action: &Action) {
        match action {
            Action::Fit => self.view = View::default(),
            Action::Zoom(factor, at, frame) => self.view = self.view.zoomed(*factor, *at, *frame),
            Action::Pan(by, frame) => self.view = self.view.panned(*by, *frame),
            Action::Shelve(is_open) => (self.improving.is_open, self.notice) = (*is_open, None),
            Action::Steer(caret) => self.caret = *caret,
            Action::Close => self.is_closing = true,
            Action::Stay => self.is_closing = false,
            Action::MaskMenu(is_open) => self.is_in_mask_menu = *is_open,
            Action::Help(is_helping) => self.is_helping = *is_helping,
            Action::History(is_open) => self.is_in_history = *is_open,
            Action::Harden(hardness) => self.hardness = hardness.clamp(0.0, 1.0),
            Action::Feather(feather_px) => self.feather_px = *feather_px,
            _ => self.hand_on(action),
        }
    }

    fn start(&mut self, id: JobId, improver: Option<String>) {
        // One that comes back was counted by another editor.
        self.next_job = self.next_job.max(id.0 + 1);
        self.is_result_current = improver.is_some();
        self.job = Job::Running { id, progress: None, improver };
    }

    fn paint(&mut self, change: impl FnOnce(&mut Painting)) {
        change(&mut self.painting);
        self.repainted();
    }

    fn show(&mut self, job: JobId) {
        self.improving.shown = Some(job);
        if let Some(shown) = self.improving.shown() {
            self.job = Job::Done(shown.report.clone());
            self.result = Some(Stage::Textured);
            self.is_result_current = true;
        }
    }
}

#[cfg(test)]
mod tests;
