//! Why a model did not come, in words for the person.

use brushaway::{
    protocol::{Action, Fault},
    store::{Remedy, StoreError},
};

fn message(error: &StoreError) -> &'static str {
    match error {
        StoreError::Offline { .. } => "fault_store_offline",
        StoreError::CutShort { .. } => "fault_store_cut",
        StoreError::Stalled => "fault_store_stalled",
        StoreError::NotFound => "fault_store_not_found",
        StoreError::Forbidden { .. } => "fault_store_forbidden",
        StoreError::RangeRefused => "fault_store_range",
        StoreError::TooMany => "fault_store_too_many",
        StoreError::Server { .. } => "fault_store_server",
        StoreError::WrongLength { .. } => "fault_store_length",
        StoreError::WrongDigest { .. } => "fault_store_digest",
        StoreError::NotAModel { .. } => "fault_store_not_model",
        StoreError::Listing { .. } => "fault_store_listing",
        StoreError::QuotaFull { .. } => "fault_store_full",
        StoreError::Disk { .. } => "fault_store_disk",
        StoreError::Unreadable { .. } => "fault_store_unreadable",
        StoreError::Paused | StoreError::Cancelled => "fault_bug",
    }
}

const fn action(remedy: Remedy) -> Action {
    match remedy {
        // Who made room tries again.
        Remedy::Retry | Remedy::FreeSpace => Action::Retry,
        Remedy::ChooseMirror => Action::ChooseMirror,
        Remedy::OpenFile => Action::OpenFile,
        Remedy::None => Action::Adjust,
    }
}

/// Why a download failed.
pub(crate) fn of_download(error: &StoreError) -> Fault {
    Fault::new(message(error), action(error.remedy()), error)
}

/// Why a file that was here is not good any more.
pub(crate) fn of_check(error: &StoreError) -> Fault {
    match error {
        StoreError::WrongDigest { .. } => Fault::new("fault_store_decayed", Action::Retry, error),
        error => of_download(error),
    }
}

/// Why a chosen file was not taken.
pub(crate) fn of_file(error: &StoreError) -> Fault {
    let message = match error {
        StoreError::WrongDigest { .. } | StoreError::WrongLength { .. } | StoreError::NotAModel { .. } => {
            "fault_store_other_file"
        }
        error => message(error),
    };
    Fault::new(message, action(error.remedy_for_file()), error)
}

/// A chosen file is none of the model's.
pub(crate) fn of_strange_file(len_bytes: u64) -> Fault {
    Fault::new("fault_store_other_file", Action::OpenFile, format!("no file of the model has {len_bytes} bytes"))
}
