//! What the editor can be in the midst of.

use brushaway::{
    geometry::Size,
    protocol::{Fault, JobId, JobReport},
};

/// How far the editor is.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// Nothing to show yet.
    Opening,
    /// A tab of its own, waiting for a file.
    Empty,
    /// The page would not give the picture; the person decides how to get it.
    Asking(Ask),
    /// There is a picture.
    Ready(Picture),
    /// There will be none.
    Failed(Fault),
}

/// What the person is asked before a picture from another site can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Whose leave is needed.
    pub host: String,
    /// Why the permission did not help, once it was given.
    pub refused: Option<String>,
    /// Whether the picture's place on the page is known, so that a screenshot can be cut.
    pub can_capture: bool,
    /// The person named the picture by its address: there is no page around it.
    pub is_named: bool,
}

/// The picture in the editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its file's name without the extension.
    pub name: String,
    /// Full resolution.
    pub size: Size,
    /// Formats that it can be saved in, its own first.
    pub formats: Vec<String>,
    /// Keys of sentences that the person should know.
    pub notes: Vec<&'static str>,
}

/// What the engine does for this editor.
#[derive(Debug, Clone, PartialEq)]
pub enum Job {
    /// Nothing.
    Idle,
    /// It works.
    Running {
        /// On what.
        id: JobId,
        /// How far it is; not known before its first step.
        progress: Option<Progress>,
        /// The model, if it is not the built-in one.
        improver: Option<String>,
    },
    /// It is done.
    Done(JobReport),
    /// It could not.
    Failed(Fault),
    /// The person stopped it.
    Cancelled,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Model runs that are over.
    pub done: usize,
    /// All of them.
    pub total: usize,
    /// Until the last one is over, if anybody can tell.
    pub seconds_left: Option<f64>,
}
