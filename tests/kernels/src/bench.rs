//! A card at work: kernels are compiled, then tried one after the other.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::Result;
use brushaway_kernels::card::{Card, CardError, Compiled, Job};
use brushaway_kernels::kernel::Kernel;
use brushaway_kernels::problem::{Precision, Problem};
use brushaway_kernels::search::{Search, Verdict};
use brushaway_kernels::tiles::Tiles;
use brushaway_kernels::values::{Expected, inputs};

use crate::table;

/// How long a submission is to take: long beside what starts and ends it.
const SUBMISSION_SECONDS: f64 = 0.008;
/// A card that was idle is slow: so long it works before it is timed.
const WARM_UP_SECONDS: f64 = 0.03;
/// Submissions of which the middle one counts.
const SUBMISSIONS: usize = 5;
/// No submission computes more often than this.
const MOST_TIMES: f64 = 4000.0;

/// A kernel, and what the driver made of it.
type Built = (Kernel, Result<Compiled, CardError>);

/// A card, and all kernels that the problems need: some share one.
pub(crate) struct Bench<'a> {
    card: &'a Card,
    built: Vec<Built>,
}

impl<'a> Bench<'a> {
    /// Compiles what `problems` need.
    pub(crate) fn new(card: &'a Card, problems: &[(Problem, Precision)]) -> Self {
        let mut kernels: Vec<Kernel> = Vec::new();
        for (problem, precision) in problems {
            for kernel in tiles(card, problem, *precision).map(|tiles| kernel(problem, *precision, tiles)) {
                if !kernels.contains(&kernel) {
                    kernels.push(kernel);
                }
            }
        }
        Self { card, built: build(card, &kernels) }
    }

    /// Tries all tiles that suit a problem. What came of each is written as it comes.
    ///
    /// # Errors
    /// If the problem finds no room on the card, or the card stops answering.
    pub(crate) fn search(&self, problem: &Problem, precision: Precision) -> Result<Search> {
        let inputs = inputs(problem, precision);
        let expected = Expected::sampled(problem, &inputs);
        let loaded = self.card.load(problem, precision, &inputs)?;
        let mut search = Search::new(*problem, precision);
        for tiles in tiles(self.card, problem, precision) {
            let kernel = kernel(problem, precision, tiles);
            let verdict = match self.built.iter().find(|(known, _)| *known == kernel) {
                Some((_, Ok(compiled))) => {
                    let job = Job::new(problem, &tiles, &loaded, compiled);
                    match self.trial(&job, &expected, precision) {
                        Err(lost @ CardError::Lost(_)) => return Err(lost.into()),
                        tried => tried.unwrap_or_else(|refusal| Verdict::Refused(refusal.to_string())),
                    }
                }
                Some((_, Err(refusal))) => Verdict::Refused(refusal.to_string()),
                None => Verdict::Refused("its compiler broke".to_owned()),
            };
            table::tell(&search, &tiles, &verdict);
            search.note(tiles, verdict);
        }
        Ok(search)
    }

    fn trial(&self, job: &Job<'_>, expected: &Expected, precision: Precision) -> Result<Verdict, CardError> {
        let error = expected.error_of(&self.card.compute(job)?);
        if error > precision.tolerance() {
            return Ok(Verdict::Wrong(error));
        }
        Ok(Verdict::Took(self.time(job)?))
    }

    /// Seconds of one computation.
    fn time(&self, job: &Job<'_>) -> Result<f64, CardError> {
        let (mut once, mut spent) = (self.card.seconds(job, 1)?, 0.0);
        while spent < WARM_UP_SECONDS {
            let times = times_in(SUBMISSION_SECONDS, once);
            let took = self.card.seconds(job, times)?;
            once = took / f64::from(times);
            // A clock that stands still would keep us here.
            spent += took.max(SUBMISSION_SECONDS / 8.0);
        }
        let times = times_in(SUBMISSION_SECONDS, once);
        let all: Result<Vec<f64>, CardError> = (0..SUBMISSIONS).map(|_| self.card.seconds(job, times)).collect();
        let mut all = all?;
        all.sort_by(f64::total_cmp);
        Ok(all.get(SUBMISSIONS / 2).copied().unwrap_or(f64::INFINITY) / f64::from(times))
    }
}

/// How many computations of `once` seconds fill `seconds`.
fn times_in(seconds: f64, once: f64) -> u32 {
    (seconds / once.max(1e-9)).clamp(1.0, MOST_TIMES) as u32
}

/// All tiles that suit a problem on a card.
fn tiles(card: &Card, problem: &Problem, precision: Precision) -> impl Iterator<Item = Tiles> {
    let with_matrices = precision == Precision::Half && card.multiplies_matrices();
    let more = if with_matrices { Tiles::with_matrices(problem.operator) } else { &[] };
    let (problem, room) = (*problem, card.room());
    let all = Tiles::candidates(problem.operator).iter().chain(more);
    all.copied().filter(move |tiles| tiles.suits(&problem, room))
}

const fn kernel(problem: &Problem, precision: Precision, tiles: Tiles) -> Kernel {
    Kernel { operator: problem.operator, precision, epilogue: problem.epilogue, tiles }
}

/// With all of the processor's threads: a driver takes up to seconds for a kernel whose loops are written out.
fn build(card: &Card, kernels: &[Kernel]) -> Vec<Built> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut built = Vec::new();
        while let Some(kernel) = kernels.get(next.fetch_add(1, Ordering::Relaxed)) {
            built.push((*kernel, card.compile(kernel)));
        }
        built
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    })
}
