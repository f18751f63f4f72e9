//! What was found, as one table.

use std::fmt::Write as _;

use brushaway_kernels::problem::Precision;
use brushaway_kernels::search::{Search, Verdict};
use brushaway_kernels::tiles::Tiles;

/// What the card's maker says it can do, in TFLOP/s.
#[derive(Debug, Default)]
pub(crate) struct Peaks {
    /// With 32 bits.
    pub(crate) single: Option<f64>,
    /// With 16 bits.
    pub(crate) half: Option<f64>,
}

impl Peaks {
    const fn of(&self, precision: Precision) -> Option<f64> {
        match precision {
            Precision::Single => self.single,
            Precision::Half => self.half,
        }
    }
}

/// The best of each search, in the words of `docs/kernels.md`.
pub(crate) fn of(searches: &[Search], peaks: &Peaks) -> String {
    let mut table = "| operator | shape | values | best tiles | time | TFLOP/s | of the peak |\n".to_owned();
    table.push_str("| --- | --- | --- | --- | --- | --- | --- |\n");
    for search in searches {
        let name = search.problem.operator.name();
        let (shape, precision) = (search.problem.shape(), search.precision.name());
        let found = search.best().map_or_else(
            || "none worked | | | ".to_owned(),
            |(tiles, seconds)| {
                let speed = search.teraflops(seconds);
                let part = peaks.of(search.precision).map(|peak| format!("{:.0}%", speed / peak * 100.0));
                format!("{tiles} | {:.1} µs | {speed:.1} | {}", seconds * 1e6, part.unwrap_or_default())
            },
        );
        // Writing into a `String` can't fail.
        writeln!(table, "| {name} | {shape} | {precision} | {found} |").unwrap_or_default();
    }
    table
}

/// Writes one try, for those who wait.
pub(crate) fn tell(search: &Search, tiles: &Tiles, verdict: &Verdict) {
    let result = match verdict {
        Verdict::Took(seconds) => format!("{:.1} µs, {:.2} TFLOP/s", seconds * 1e6, search.teraflops(*seconds)),
        Verdict::Wrong(error) => format!("WRONG by {error:.1e}"),
        Verdict::Refused(reason) => format!("refused: {reason}"),
    };
    let Search { problem, precision, .. } = search;
    eprintln!("{} {}, {}: {tiles}: {result}", problem.operator.name(), problem.shape(), precision.name());
}

#[cfg(test)]
mod tests {
    use brushaway_kernels::problem::{Operator, Problem};

    use super::*;

    #[test]
    fn a_row_tells_the_best_and_its_part_of_the_peak() {
        let mut search = Search::new(Problem::new(Operator::Conv3x3, 2, 640, 640, 64), Precision::Single);
        let tiles = Tiles::candidates(Operator::Conv3x3);
        search.note(tiles[0], Verdict::Took(2e-3));
        search.note(tiles[2], Verdict::Took(1e-3));
        let nothing = Search::new(Problem::new(Operator::Position, 2, 1, 8, 16), Precision::Half);
        let table = of(&[search, nothing], &Peaks { single: Some(100.0), half: None });
        for row in [
            "| 3x3 convolution | 2 x 640 → 640 at 64 x 64 | f32 | 64 x 128 by 8, a thread 8 x 8 | 1000.0 µs | 60.4 | 60% |",
            "| position convolution | 2 x 1 → 8 at 16 x 16 | f16 | none worked | | |  |",
        ] {
            assert!(table.lines().any(|found| found == row), "{row} is not in\n{table}");
        }
    }
}
