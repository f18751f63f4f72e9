//! Waiting on a state. Nothing here waits for a time to pass; the time is only the end of patience.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::bail;

/// For what a browser does at once, on a machine that is busy.
pub const SOON: Duration = Duration::from_secs(20);
/// For a job of the built-in model on two slow cores, its loading included.
pub const JOB: Duration = Duration::from_mins(2);

const STEP: Duration = Duration::from_millis(15);

/// A clock that was started.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "native code only, and the one clock of this crate")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// Seconds since the start.
    pub fn seconds(self) -> f64 {
        self.elapsed().as_secs_f64()
    }
}

/// Asks `probe` until it answers.
///
/// # Errors
/// Names `what` when `patience` is over; passes on what `probe` fails with.
pub fn until<T>(
    what: &str,
    patience: Duration,
    mut probe: impl FnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let watch = Stopwatch::start();
    loop {
        if let Some(found) = probe()? {
            return Ok(found);
        }
        if watch.elapsed() > patience {
            bail!("waited {} s for {what}", patience.as_secs());
        }
        thread::sleep(STEP);
    }
}

/// The pace of a hand: time between two steps of a pointer. Browsers merge faster moves into one.
pub fn hand() {
    thread::sleep(STEP);
}
