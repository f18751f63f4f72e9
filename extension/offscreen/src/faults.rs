//! What went wrong, in words for the person.

use brushaway::{
    engine::EngineError,
    imaging::codec::{DecodeError, EncodeError},
    models::InferError,
    protocol::{Action, Fault},
};

/// Why a file could not be opened.
pub(crate) fn of_decoding(error: &DecodeError) -> Fault {
    let message = match error {
        // What the browser can read nevertheless, it converts when it hears this.
        DecodeError::Empty | DecodeError::UnknownFormat | DecodeError::Cmyk | DecodeError::Unsupported { .. } => {
            "fault_not_image"
        }
        DecodeError::TooLarge { .. } => "fault_too_large",
        DecodeError::TooMuchMemory { .. } => "fault_memory",
        DecodeError::Truncated { .. } | DecodeError::Damaged { .. } => "fault_damaged",
    };
    Fault::new(message, Action::Close, error)
}

/// Why a result could not be written.
pub(crate) fn of_encoding(error: &EncodeError) -> Fault {
    Fault::new("fault_encode", Action::Adjust, error)
}

/// Why a job failed. Cancelled jobs have no fault; the caller sorts them out.
pub(crate) fn of_job(error: &EngineError) -> Fault {
    let (message, action) = match error {
        EngineError::EmptyMask => ("fault_empty_mask", Action::Adjust),
        EngineError::WholeImage => ("fault_whole_image", Action::Adjust),
        EngineError::MaskSize { .. } => ("fault_mask_size", Action::Adjust),
        EngineError::TooLong { .. } => ("fault_too_large", Action::Adjust),
        EngineError::Infer(error) => return of_inference(error),
        EngineError::Cancelled(_)
        | EngineError::NoTileSide
        | EngineError::Resize(_)
        | EngineError::Shape(_)
        | EngineError::Grain(_) => ("fault_bug", Action::Retry),
    };
    Fault::new(message, action, error)
}

fn of_inference(error: &InferError) -> Fault {
    let message = match error {
        InferError::Runtime { .. } | InferError::DeviceLost { .. } => "fault_infer",
        InferError::OutOfMemory { .. } => return Fault::new("fault_model_memory", Action::Adjust, error),
        InferError::Cancelled(_) | InferError::Shape(_) | InferError::MissingOutput { .. } => "fault_bug",
    };
    Fault::new(message, Action::Retry, error)
}

/// Why no model can run.
pub(crate) fn of_start(detail: impl std::fmt::Display) -> Fault {
    Fault::new("fault_engine_start", Action::Retry, detail)
}

/// Why a downloaded model cannot be read.
pub(crate) fn of_reading(detail: impl std::fmt::Display) -> Fault {
    Fault::new("fault_model_unreadable", Action::Retry, detail)
}
