//! The only kind of error that crosses contexts.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something went wrong: a sentence for the person, one thing to do about it, and words for the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Key of the sentence in `_locales`.
    pub message: String,
    /// What the person can do.
    pub action: Action,
    /// For the log and for bug reports.
    pub detail: String,
}

/// The button under a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Do the same again.
    Retry,
    /// Change what was painted or chosen; nothing to press.
    Adjust,
    /// Close the editor.
    Close,
    /// Get the file from another host.
    ChooseMirror,
    /// Choose a file that is on this computer already.
    OpenFile,
}

impl Fault {
    /// A fault with its sentence and its way out.
    pub fn new(message: &str, action: Action, detail: impl fmt::Display) -> Self {
        Self { message: message.to_owned(), action, detail: detail.to_string() }
    }

    /// Something that should not be possible.
    pub fn bug(detail: impl fmt::Display) -> Self {
        Self::new("fault_bug", Action::Retry, detail)
    }

    /// The engine went away in the middle of something.
    pub fn engine_lost(detail: impl fmt::Display) -> Self {
        Self::new("fault_engine_lost", Action::Retry, detail)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.message, self.detail)
    }
}

impl std::error::Error for Fault {}
