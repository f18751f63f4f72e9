//! The one place where xtask speaks and looks at a clock.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line program answers on its output")]

use std::fmt::Display;
use std::time::{Duration, Instant};

/// Prints one line.
pub(crate) fn say(line: impl Display) {
    println!("{line}");
}

/// Prints a step that is about to begin.
pub(crate) fn heading(title: impl Display) {
    println!("\n== {title}");
}

/// Prints what went wrong, and what led to it.
pub(crate) fn complain(error: &anyhow::Error) {
    eprintln!("\nerror: {error:#}");
}

/// Measures from its creation on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "xtask never runs in a browser, where this clock panics")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Returns the time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Formats a duration for people: `0.42 s`, `3 min 07 s`.
pub(crate) fn spoken(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.2} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

/// Formats a size for people: `812 KB`, `16.76 MB`. Decimal, as download dialogs count.
pub(crate) fn size(bytes: usize) -> String {
    if bytes < 1_000_000 { format!("{} KB", bytes.div_ceil(1000)) } else { format!("{:.2} MB", bytes as f64 / 1e6) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_times_are_told_in_minutes() {
        assert_eq!(spoken(Duration::from_millis(420)), "0.42 s");
        assert_eq!(spoken(Duration::from_secs(187)), "3 min 07 s");
    }

    #[test]
    fn sizes_never_round_down_to_nothing() {
        assert_eq!(size(1), "1 KB");
        assert_eq!(size(16_758_545), "16.76 MB");
    }
}
