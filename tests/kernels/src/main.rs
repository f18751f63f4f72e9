//! Tries each kernel with all its tiles on the fastest adapter, compares what it gives with its twin, and writes a table.
//!
//! `brushaway-kernels [--small] [--matrices] [--peak-f32 TFLOPS] [--peak-f16 TFLOPS]`: `--small` takes sizes that an adapter on
//! the processor can compute; `--matrices` tries the card's units for products of matrices too, which wgpu calls an experiment;
//! a peak is what the card's maker says, and the table then tells what part of it was reached.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what it is for")]

mod table;

use std::process::ExitCode;

use anyhow::{Result, bail};
use brushaway_kernels::card::{Card, CardError, Compiled, Experiments, Job};
use brushaway_kernels::kernel::Kernel;
use brushaway_kernels::problem::{Precision, Problem};
use brushaway_kernels::search::{Search, Verdict};
use brushaway_kernels::tiles::Tiles;
use brushaway_kernels::values::{Expected, inputs};
use lexopt::{Arg, Parser, ValueExt as _};

use table::Peaks;

/// How long a submission is to take: long beside what starts and ends it.
const SUBMISSION_SECONDS: f64 = 0.008;
/// A card that was idle is slow: so long it works before it is timed.
const WARM_UP_SECONDS: f64 = 0.03;
/// Submissions of which the middle one counts.
const SUBMISSIONS: usize = 5;
/// No submission computes more often than this.
const MOST_TIMES: f64 = 4000.0;

/// What was asked for.
#[derive(Debug, Default)]
struct Options {
    small: bool,
    matrices: bool,
    peaks: Peaks,
}

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options> {
    let mut options = Options::default();
    let mut parser = Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("small") => options.small = true,
            Arg::Long("matrices") => options.matrices = true,
            Arg::Long("peak-f32") => options.peaks.single = Some(parser.value()?.parse()?),
            Arg::Long("peak-f16") => options.peaks.half = Some(parser.value()?.parse()?),
            other => bail!(other.unexpected()),
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<()> {
    let card = Card::request(if options.matrices { Experiments::Matrices } else { Experiments::None })?;
    println!("{}\n", card.description());
    if options.matrices && !card.multiplies_matrices() {
        println!("This adapter has no products of matrices of 16 x 16, f16 to f32.\n");
    }
    if card.is_software() && !options.small {
        bail!("this adapter computes on the processor: only --small ends today");
    }
    let problems = if options.small { Problem::small_sizes() } else { Problem::true_sizes() };
    let mut bench = Bench { card, compiled: Vec::new() };
    let mut searches = Vec::new();
    for precision in Precision::ALL {
        if !bench.card.supports(precision) {
            println!("This adapter has no {}.\n", precision.name());
            continue;
        }
        for problem in &problems {
            searches.push(bench.search(problem, precision)?);
        }
    }
    println!("{}", table::of(&searches, &options.peaks));
    let wrong: usize = searches.iter().map(Search::wrong).sum();
    if wrong > 0 {
        bail!("{wrong} answers were wrong");
    }
    Ok(())
}

/// A card, and the kernels that it has compiled: some problems share one.
struct Bench {
    card: Card,
    compiled: Vec<(Kernel, Compiled)>,
}

impl Bench {
    fn search(&mut self, problem: &Problem, precision: Precision) -> Result<Search> {
        let inputs = inputs(problem, precision);
        let expected = Expected::sampled(problem, &inputs);
        let loaded = self.card.load(problem, precision, &inputs)?;
        let mut search = Search::new(*problem, precision);
        let with_matrices = precision == Precision::Half && self.card.multiplies_matrices();
        let more = if with_matrices { Tiles::with_matrices(problem.operator) } else { &[] };
        for &tiles in Tiles::candidates(problem.operator).iter().chain(more) {
            if !tiles.suits(problem, self.card.room()) {
                continue;
            }
            let compiled =
                self.compiled(&Kernel { operator: problem.operator, precision, epilogue: problem.epilogue, tiles });
            let tried = compiled.and_then(|compiled| {
                let job = Job::new(problem, &tiles, &loaded, &compiled);
                let error = expected.error_of(&self.card.compute(&job)?);
                if error > precision.tolerance() {
                    return Ok(Verdict::Wrong(error));
                }
                Ok(Verdict::Took(self.time(&job)?))
            });
            let verdict = match tried {
                Ok(verdict) => verdict,
                Err(lost @ CardError::Lost(_)) => return Err(lost.into()),
                Err(other) => Verdict::Refused(other.to_string()),
            };
            eprintln!("{}", table::line(&search, &tiles, &verdict));
            search.note(tiles, verdict);
        }
        Ok(search)
    }

    fn compiled(&mut self, kernel: &Kernel) -> Result<Compiled, CardError> {
        if let Some((_, compiled)) = self.compiled.iter().find(|(known, _)| known == kernel) {
            return Ok(compiled.clone());
        }
        let compiled = self.card.compile(kernel)?;
        self.compiled.push((*kernel, compiled.clone()));
        Ok(compiled)
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
