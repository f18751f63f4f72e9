//! Texts in the person's language.

use brushaway::{models::Backend, protocol::CpuReason};
use brushaway_browser::chrome;

use crate::language::{isolated, number_words};

/// The text for `key`, with `$1`, `$2`... replaced. Components use [`crate::t!`].
pub fn text(key: &str, values: &[&str]) -> String {
    let values = isolated(values);
    chrome::message(key, &values.iter().map(String::as_str).collect::<Vec<_>>())
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

/// An amount of bytes, in the units that browsers and disks use: 1 MB is a million bytes.
pub fn bytes_words(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} KB", bytes.div_ceil(1000)),
        1_000_000..10_000_000 => format!("{} MB", number_words(bytes as f64 / 1e6, 1)),
        10_000_000..1_000_000_000 => format!("{} MB", (bytes + 500_000) / 1_000_000),
        _ => format!("{} GB", number_words(bytes as f64 / 1e9, 2)),
    }
}

/// A stretch of time, no more precise than anybody can tell.
pub fn duration_words(seconds: f64) -> String {
    let seconds = seconds.max(1.0).round() as u64;
    match seconds {
        0..60 => text("duration_seconds", &[&seconds.to_string()]),
        60..3600 => text("duration_minutes", &[&(seconds / 60).to_string(), &(seconds % 60).to_string()]),
        _ => text("duration_hours", &[&(seconds / 3600).to_string(), &(seconds % 3600 / 60).to_string()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_easy_to_read() {
        let words = [0, 999, 1000, 1_234_567, 12_345_678, 999_400_000, 1_241_534_740].map(bytes_words);
        assert_eq!(words, ["0 KB", "1 KB", "1 KB", "1.2 MB", "12 MB", "999 MB", "1.24 GB"]);
    }
}
