//! What happens to the editor.

use std::rc::Rc;

use brushaway::{
    geometry::Point,
    mask::Mark,
    protocol::{Change, Event, Fault, JobId},
    settings::Settings,
};

use super::{Ask, Picture};
use crate::{
    comparing::Compare,
    improving::Candidate,
    instrument::Instrument,
    painting::{MaskPicture, Step},
    saving::Save,
    strip::StripChange,
    view::Frame,
};

/// What happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The editor waits for a file.
    Await,
    /// The page would not give the picture.
    Ask(Ask),
    /// A picture came.
    Open(Picture),
    /// The engine said more about it.
    Describe(Picture),
    /// No picture will come.
    Fail(Fault),
    /// The person chose what a press on the picture does.
    Choose(Instrument),
    /// The person chose a radius in image pixels.
    Resize(f32),
    /// The person chose how much of the brush is hard, 0 to 1.
    Harden(f32),
    /// The person finished a stroke or an area.
    Draw(Rc<Mark>),
    /// A whole mask takes the place of what was marked.
    Import(Rc<MaskPicture>),
    /// The same, but the last step with it: a selection was refined.
    Refine(Rc<MaskPicture>),
    /// The person starts over.
    Clear,
    /// A job was started, by a model that is not the built-in one if it has a name.
    Start(JobId, Option<String>),
    /// The person stopped the job.
    Cancel,
    /// The engine spoke.
    Hear(Event),
    /// The engine is gone, or did not take the job.
    Lose(Fault),
    /// The picture itself became another one.
    Change(Change),
    /// Steps were taken back, or again, until there were so many.
    Jump(usize),
    /// What was done when the picture was open before is done again.
    Resume {
        /// The steps that are done.
        done: Vec<Step>,
        /// Those that were undone even then.
        undone: Vec<Step>,
        /// The job whose result was on the screen and comes again.
        job: Option<JobId>,
    },
    /// The list of steps opens, or closes.
    History(bool),
    /// The source shows, or the result again.
    Compare(bool),
    /// A file is being encoded.
    Saving,
    /// The result was saved or copied; the sentence says where.
    Saved(String),
    /// Something is worth a sentence.
    Tell(String),
    /// All of the picture is seen.
    Fit,
    /// The picture is seen larger by a factor; a point of its frame stays where it is.
    Zoom(f64, (f64, f64), Frame),
    /// The picture is shifted by so many CSS pixels.
    Pan((f64, f64), Frame),
    /// The panel with the models opens, or closes.
    Shelve(bool),
    /// What the person set is known, or was changed.
    Prefer(Settings),
    /// A result of the mask is there to choose.
    Offer(Candidate),
    /// An earlier result of the mask shows again.
    Show(JobId),
    /// The results of the mask are gone.
    Forget,
    /// The keyboard's cursor is there now.
    Steer(Option<Point>),
    /// The menu of the mask opens, or closes.
    MaskMenu(bool),
    /// The list of keys opens, or closes.
    Help(bool),
    /// The person chose how wide the edge of the fill fades.
    Feather(Option<u32>),
    /// The person wants to leave.
    Close,
    /// The person stays after all.
    Stay,
    /// Something about looking at the picture and its result together.
    Comparing(Compare),
    /// Something about the pictures of the tab.
    Strip(StripChange),
    /// Something about saving.
    Save(Save),
    /// Whether the page shows the result; none if there is no page that could.
    Put(Option<bool>),
    /// The picture with its result is elsewhere, and the person saw where.
    Handed,
}
