//! Tries each kernel with all its tiles on the fastest adapter, compares what it gives with its twin, and writes a table.
//!
//! `brushaway-kernels [--small] [--matrices] [--peak-f32 TFLOPS] [--peak-f16 TFLOPS]`: `--small` takes sizes that an adapter on
//! the processor can compute; `--matrices` tries the card's units for products of matrices too, which wgpu calls an experiment;
//! a peak is what the card's maker says, and the table then tells what part of it was reached.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what it is for")]

mod bench;
mod table;

use std::process::ExitCode;

use anyhow::{Result, bail};
use brushaway_kernels::card::{Card, Experiments};
use brushaway_kernels::problem::{Precision, Problem};
use brushaway_kernels::search::Search;
use lexopt::{Arg, Parser, ValueExt as _};

use bench::Bench;
use table::Peaks;

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
    let sizes = if options.small { Problem::small_sizes() } else { Problem::true_sizes() };
    let mut problems = Vec::new();
    for precision in Precision::ALL {
        if card.supports(precision) {
            problems.extend(sizes.iter().map(|problem| (*problem, precision)));
        } else {
            println!("This adapter has no {}.\n", precision.name());
        }
    }
    let bench = Bench::new(&card, &problems);
    let (mut searches, mut failure) = (Vec::new(), Ok(()));
    for (problem, precision) in &problems {
        match bench.search(problem, *precision) {
            Ok(search) => searches.push(search),
            Err(error) => {
                failure = Err(error);
                break;
            }
        }
    }
    // What was found before it failed is worth telling all the same.
    println!("{}", table::of(&searches, &options.peaks));
    failure?;
    let wrong: usize = searches.iter().map(Search::wrong).sum();
    if wrong > 0 {
        bail!("{wrong} answers were wrong");
    }
    Ok(())
}
