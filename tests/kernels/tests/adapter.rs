//! Each kernel beside its twin, on whatever adapter this machine has: one on the processor will do.
#![expect(clippy::print_stderr, reason = "says what was not tried")]

use brushaway_kernels::card::{Card, CardError, Experiments, Job};
use brushaway_kernels::kernel::Kernel;
use brushaway_kernels::problem::{Precision, Problem};
use brushaway_kernels::tiles::Tiles;
use brushaway_kernels::values::{Expected, inputs};

fn check(card: &Card, problem: &Problem, precision: Precision, all_tiles: &[Tiles]) -> Result<(), CardError> {
    let inputs = inputs(problem, precision);
    let expected = Expected::all(problem, &inputs);
    let loaded = card.load(problem, precision, &inputs)?;
    let suiting = all_tiles.iter().filter(|tiles| tiles.suits(problem, card.room()));
    for &tiles in suiting {
        let Problem { operator, epilogue, .. } = *problem;
        let compiled = card.compile(&Kernel { operator, precision, epilogue, tiles })?;
        let output = card.compute(&Job::new(problem, &tiles, &loaded, &compiled))?;
        let error = expected.error_of(&output);
        assert!(error <= precision.tolerance(), "{problem:?}, {precision:?}, {tiles}: {error:.1e}");
    }
    Ok(())
}

#[test]
fn kernels_give_what_their_twins_do() -> Result<(), CardError> {
    let card = match Card::request(Experiments::None) {
        Ok(card) => card,
        Err(error) => {
            eprintln!("kernels are not compared with their twins: {error}");
            return Ok(());
        }
    };
    for problem in Problem::small_sizes() {
        // A driver on the processor takes a second or so for each kernel: with 16 bits the sums are the same.
        let all_tiles = Tiles::candidates(problem.operator);
        check(&card, &problem, Precision::Single, all_tiles)?;
        if card.supports(Precision::Half) {
            check(&card, &problem, Precision::Half, all_tiles.get(..2).unwrap_or_default())?;
        }
    }
    Ok(())
}

#[test]
fn time_is_told() -> Result<(), CardError> {
    let Ok(card) = Card::request(Experiments::None) else {
        eprintln!("no adapter: nothing is timed");
        return Ok(());
    };
    let problem = Problem::small_sizes()[0];
    let loaded = card.load(&problem, Precision::Single, &inputs(&problem, Precision::Single))?;
    let tiles = Tiles::candidates(problem.operator)[2];
    let Problem { operator, epilogue, .. } = problem;
    let compiled = card.compile(&Kernel { operator, precision: Precision::Single, epilogue, tiles })?;
    let job = Job::new(&problem, &tiles, &loaded, &compiled);
    for times in [1, 3] {
        // How much of it is the card's own business; that it is a time is ours.
        let seconds = card.seconds(&job, times)?;
        assert!(seconds.is_finite() && seconds >= 0.0, "{times} times take {seconds} s");
    }
    Ok(())
}
