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

    /// Models that have come since `before`: that were known then and could not be used.
    pub fn arrived_since<'a>(&'a self, before: &'a Self) -> impl Iterator<Item = &'a ModelId> {
        let was_missing = |id: &ModelId| before.find(id).is_some_and(|model| !model.is_usable());
        self.models.iter().filter(|model| model.is_usable()).map(|model| &model.id).filter(move |id| was_missing(id))
    }

    /// Models beyond the built-in one.
    pub fn big(&self) -> impl Iterator<Item = &ModelReport> {
        self.models.iter().filter(|model| model.state != ModelState::BuiltIn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(states: &[(&str, ModelState)]) -> ModelsReport {
        let model = |(id, state): &(&str, ModelState)| ModelReport {
            id: ModelId((*id).to_owned()),
            name: String::new(),
            licence: String::new(),
            host: None,
            len_bytes: 8,
            has_seeds: false,
            needs_gpu: false,
            state: state.clone(),
        };
        ModelsReport { models: states.iter().map(model).collect(), free_bytes: None }
    }

    fn under_way(phase: TransferPhase) -> Transfer {
        Transfer { phase, done_bytes: 4, bytes_per_second: None, seconds_left: None }
    }

    #[test]
    fn what_was_there_or_is_still_coming_has_not_arrived() {
        let coming = || ModelState::Coming(under_way(TransferPhase::Fetching));
        let checking = ModelState::Checking(under_way(TransferPhase::Checking));
        let before = report(&[
            ("built-in", ModelState::BuiltIn),
            ("comes", coming()),
            ("is late", coming()),
            ("was there", ModelState::Installed),
            ("was looked through", checking),
            ("was given", ModelState::Absent),
        ]);
        let now = report(&[
            ("built-in", ModelState::BuiltIn),
            ("comes", ModelState::Installed),
            ("is late", coming()),
            ("was there", ModelState::Installed),
            ("was looked through", ModelState::Installed),
            ("was given", ModelState::Installed),
            ("was not known", ModelState::Installed),
        ]);
        let arrived: Vec<&str> = now.arrived_since(&before).map(|id| id.0.as_str()).collect();
        assert_eq!(arrived, ["comes", "was given"]);
        assert_eq!(before.arrived_since(&before).count(), 0);
    }
}
