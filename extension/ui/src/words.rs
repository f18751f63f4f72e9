//! Texts in the person's language.

use brushaway::{models::Backend, protocol::CpuReason};
use brushaway_browser::chrome;

/// The text for `key`, with `$1`, `$2`... replaced. Components use [`crate::t!`].
pub fn text(key: &str, values: &[&str]) -> String {
    chrome::message(key, values)
}

/// Where the model ran, for people. These are names, the same in every language.
pub fn backend_words(backend: Backend) -> String {
    backend.to_string()
}

/// Why the processor is used, if a person would want to know.
pub fn cpu_reason_words(reason: &CpuReason) -> String {
    let key = match reason {
        CpuReason::NoAdapter => "note_cpu_no_adapter",
        CpuReason::SoftwareAdapter => "note_cpu_software",
        CpuReason::Asked => "note_cpu_asked",
        CpuReason::Failed(_) => "note_cpu_failed",
    };
    text(key, &[])
}
