//! Which tiles are best for a problem: what was tried, and what came of it.

use crate::problem::{Precision, Problem};
use crate::tiles::Tiles;

/// What came of a try.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It gave the right answer in so many seconds.
    Took(f64),
    /// It gave a wrong answer: off by so much at worst, see [`Expected::error_of`](crate::values::Expected::error_of).
    Wrong(f64),
    /// The card would not run it, in its own words.
    Refused(String),
}

/// Some tiles, and what came of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// What was tried.
    pub tiles: Tiles,
    /// What came of it.
    pub verdict: Verdict,
}

/// All tries of a problem.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// What is computed.
    pub problem: Problem,
    /// What values are stored as.
    pub precision: Precision,
    trials: Vec<Trial>,
}

impl Search {
    /// Nothing was tried yet.
    pub const fn new(problem: Problem, precision: Precision) -> Self {
        Self { problem, precision, trials: Vec::new() }
    }

    /// Notes a try.
    pub fn note(&mut self, tiles: Tiles, verdict: Verdict) {
        self.trials.push(Trial { tiles, verdict });
    }

    /// In the order in which they were made.
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// The tiles that gave the right answer soonest, and in how many seconds.
    pub fn best(&self) -> Option<(Tiles, f64)> {
        let right = self.trials.iter().filter_map(|trial| match trial.verdict {
            Verdict::Took(seconds) => Some((trial.tiles, seconds)),
            Verdict::Wrong(_) | Verdict::Refused(_) => None,
        });
        right.min_by(|(_, one), (_, other)| one.total_cmp(other))
    }

    /// Tries that gave a wrong answer.
    pub fn wrong(&self) -> usize {
        self.trials.iter().filter(|trial| matches!(trial.verdict, Verdict::Wrong(_))).count()
    }

    /// Work in so many seconds, in TFLOP/s.
    pub fn teraflops(&self, seconds: f64) -> f64 {
        self.problem.flop() / seconds / 1e12
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Operator;

    fn tried(verdicts: &[Verdict]) -> Search {
        let mut search = Search::new(Problem::new(Operator::Pointwise, 1, 4, 4, 4), Precision::Single);
        for (tiles, verdict) in Tiles::candidates(Operator::Pointwise).iter().zip(verdicts) {
            search.note(*tiles, verdict.clone());
        }
        search
    }

    #[test]
    fn the_soonest_right_answer_is_best() {
        let (slow, fast) = (Verdict::Took(2.0), Verdict::Took(1.0));
        let search = tried(&[slow, Verdict::Refused("no".to_owned()), fast, Verdict::Wrong(0.5)]);
        assert_eq!(search.best(), Some((Tiles::candidates(Operator::Pointwise)[2], 1.0)));
        assert_eq!((search.trials().len(), search.wrong()), (4, 1));
    }

    #[test]
    fn wrong_answers_are_never_best() {
        assert_eq!(tried(&[Verdict::Wrong(1.0), Verdict::Refused(String::new())]).best(), None);
        assert_eq!(tried(&[]).best(), None);
    }

    #[test]
    fn speed_is_work_by_time() {
        // 2 x 4 x 4 for each of 16 pixels.
        assert!((tried(&[]).teraflops(1e-9) - 0.512).abs() < 1e-9);
    }
}
