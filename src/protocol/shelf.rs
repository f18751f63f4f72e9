//! Models that can be had: what a person is told about them, and what can be done with them.

use serde::{Deserialize, Serialize};

use super::Fault;
use crate::models::ModelId;

/// All models, and the room that there is for more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelsReport {
    /// The built-in one first.
    pub models: Vec<ModelReport>,
    /// How much more would fit on the disk, in bytes, if the browser says.
    pub free_bytes: Option<u64>,
}

/// One model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelReport {
    /// Short name.
    pub id: ModelId,
    /// Name for people.
    pub name: String,
    /// SPDX expression.
    pub licence: String,
    /// The host that gives it away; none if it is in the package.
    pub host: Option<String>,
    /// All its files together.
    pub len_bytes: u64,
    /// Whether another seed gives another picture.
    pub has_seeds: bool,
    /// Whether it is never to run on the processor.
    pub needs_gpu: bool,
    /// Where it is.
    pub state: ModelState,
}

/// Where a model is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ModelState {
    /// In the package.
    BuiltIn,
    /// Not on this computer.
    Absent,
    /// On its way.
    Coming(Transfer),
    /// Begun, and left for later.
    Paused {
        /// Bytes that are here.
        done_bytes: u64,
    },
    /// It did not come.
    Failed {
        /// Bytes that are here.
        done_bytes: u64,
        /// Why, and what to do.
        fault: Fault,
    },
    /// On this computer, whole and checked.
    Installed,
    /// The same, and read once more to see whether it still is; it can be used meanwhile.
    Checking(Transfer),
}

/// A model on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transfer {
    /// What is being done.
    pub phase: TransferPhase,
    /// Bytes of all files that are here.
    pub done_bytes: u64,
    /// How fast it went lately; none before there is something to tell it from.
    pub bytes_per_second: Option<f64>,
    /// Until all is here, if it goes on like this.
    pub seconds_left: Option<f64>,
}

/// What is being done for a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferPhase {
    /// Another model comes first.
    Queued,
    /// What is here already is read again.
    Checking,
    /// Bytes come in.
    Fetching,
    /// The connection broke and will be taken up again.
    Waiting,
}

impl ModelReport {
    /// Whether jobs can run on it now.
    pub const fn is_usable(&self) -> bool {
        matches!(self.state, ModelState::BuiltIn | ModelState::Installed | ModelState::Checking(_))
    }

    /// Bytes that are on this computer.
    pub const fn done_bytes(&self) -> u64 {
        match &self.state {
            ModelState::Absent => 0,
            ModelState::BuiltIn | ModelState::Installed | ModelState::Checking(_) => self.len_bytes,
            ModelState::Coming(transfer) => transfer.done_bytes,
            ModelState::Paused { done_bytes } | ModelState::Failed { done_bytes, .. } => *done_bytes,
        }
    }
}

impl ModelsReport {
    /// The model of this name.
    pub fn find(&self, id: &ModelId) -> Option<&ModelReport> {
        self.models.iter().find(|model| model.id == *id)
    }

    /// Models beyond the built-in one.
    pub fn big(&self) -> impl Iterator<Item = &ModelReport> {
        self.models.iter().filter(|model| model.state != ModelState::BuiltIn)
    }
}
