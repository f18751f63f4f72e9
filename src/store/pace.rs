//! How fast bytes come, and when the last one will be there.

use std::collections::VecDeque;

/// Over how long speed is averaged: long enough that a number can be read, short enough that it tells of a change.
const WINDOW_MILLIS: f64 = 8000.0;

/// Less than this says nothing.
const LEAST_MILLIS: f64 = 500.0;

/// Speed and time left of a transfer. Knows no clock: the caller tells the time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pace {
    /// Time in milliseconds and bytes there, oldest first.
    samples: VecDeque<(f64, u64)>,
}

impl Pace {
    /// A transfer of which nothing is known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Learns that `done_bytes` are there at `now_millis`. Where either goes back, something new has begun.
    pub fn add(&mut self, now_millis: f64, done_bytes: u64) {
        if self.samples.back().is_some_and(|&(millis, bytes)| now_millis < millis || done_bytes < bytes) {
            self.samples.clear();
        }
        self.samples.push_back((now_millis, done_bytes));
        // One sample from before the window stays, else a slow transfer would have no speed.
        while self.samples.get(1).is_some_and(|&(millis, _)| millis <= now_millis - WINDOW_MILLIS) {
            self.samples.pop_front();
        }
    }

    /// Forgets the past, after a pause or when another phase begins.
    pub fn restart(&mut self) {
        self.samples.clear();
    }

    /// Bytes per second lately; none before there is something to tell it from.
    pub fn bytes_per_second(&self) -> Option<f64> {
        let (&(first_millis, first_bytes), &(last_millis, last_bytes)) = (self.samples.front()?, self.samples.back()?);
        let millis = last_millis - first_millis;
        (millis >= LEAST_MILLIS).then(|| (last_bytes - first_bytes) as f64 * 1000.0 / millis)
    }

    /// Seconds until `total_bytes` are there; none if nobody can tell, as while nothing comes.
    pub fn seconds_left(&self, total_bytes: u64) -> Option<f64> {
        let speed = self.bytes_per_second().filter(|speed| *speed >= 1.0)?;
        let &(_, done_bytes) = self.samples.back()?;
        Some(total_bytes.saturating_sub(done_bytes) as f64 / speed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fed(samples: &[(f64, u64)]) -> Pace {
        let mut pace = Pace::new();
        for &(millis, bytes) in samples {
            pace.add(millis, bytes);
        }
        pace
    }

    fn check(samples: &[(f64, u64)], speed: Option<f64>, left: Option<f64>) {
        let pace = fed(samples);
        assert_eq!((pace.bytes_per_second(), pace.seconds_left(10_000)), (speed, left), "{samples:?}");
    }

    #[test]
    fn speed_is_told_when_there_is_something_to_tell_it_from() {
        check(&[], None, None);
        check(&[(0.0, 0)], None, None);
        check(&[(0.0, 0), (100.0, 500)], None, None);
        check(&[(0.0, 0), (1000.0, 500)], Some(500.0), Some(19.0));
        // What was there at the start did not come at this speed.
        check(&[(0.0, 9000), (1000.0, 9500)], Some(500.0), Some(1.0));
        check(&[(0.0, 9000), (1000.0, 10_000)], Some(1000.0), Some(0.0));
    }

    #[test]
    fn what_was_long_ago_does_not_count() {
        let mut samples: Vec<(f64, u64)> = (0..20).map(|second| (f64::from(second) * 1000.0, 0)).collect();
        assert_eq!(fed(&samples).seconds_left(10_000), None, "nothing comes");
        samples.extend((20..60).map(|second| (f64::from(second) * 1000.0, (second as u64 - 19) * 100)));
        assert_eq!(fed(&samples).bytes_per_second(), Some(100.0));
        assert!(fed(&samples).samples.len() < 12, "memory is bounded");
    }

    #[test]
    fn a_new_beginning_is_noticed() {
        check(&[(0.0, 8000), (1000.0, 9000), (2000.0, 100), (3000.0, 200)], Some(100.0), Some(98.0));
        check(&[(5000.0, 100), (1000.0, 200)], None, None);
        let mut pace = fed(&[(0.0, 0), (1000.0, 1000)]);
        pace.restart();
        assert_eq!(pace, Pace::new());
    }

    #[test]
    fn one_slow_chunk_still_has_a_speed() {
        check(&[(0.0, 0), (20_000.0, 2000)], Some(100.0), Some(80.0));
    }
}
