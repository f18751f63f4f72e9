//! How many steps a sampler needs: error against the exact solution of a known problem, and against 200 steps of a small
//! network of the same kind as the big one. [docs/steps.md](../../docs/steps.md) says what came out.
//!
//! `steps` alone does the first, `steps GRAPHS PHOTOS OUT` the second: the graphs of `train/steps/export.py`, and pictures
//! `NAME_img.png` with masks `NAME_mask.png`. `steps detail GRAPHS PHOTOS OUT` measures
//! the second pass over large holes. It prints tables in Markdown and writes fills to `OUT`.
#![expect(clippy::print_stdout, reason = "what it prints is its result")]

mod detail;
#[path = "../../tests/known_field/mod.rs"]
#[expect(dead_code, reason = "tests use the closed form")]
mod known_field;
mod network;

use std::{collections::HashMap, env, error::Error, path::PathBuf};

use brushaway::models::{
    Catalog, GuidedInterval, LatentContract, Network, NoiseSchedule, Sampler, SamplerKind, SamplerOptions,
    standard_normal,
};
use known_field::{Asking, KnownField};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Numbers of steps that are compared.
const STEPS: [u32; 8] = [4, 6, 8, 10, 12, 16, 20, 30];
/// Of the exact problem.
const SEEDS: u64 = 8;
/// What the big model was published with.
const PUBLISHED: SamplerOptions = SamplerOptions { kind: SamplerKind::Ddim, steps: 20, strength: 0.99 };
/// Guidance is given here; the others leave it out where there is much noise, where there is little, or at both ends.
const INTERVALS: [(&str, u32, u32); 6] = [
    ("always", 0, 999),
    ("up to 800", 0, 800),
    ("up to 600", 0, 600),
    ("from 200", 200, 999),
    ("from 400", 400, 999),
    ("200 to 800", 200, 800),
];

fn main() -> Outcome<()> {
    let contract = contract()?;
    let folders: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    match &folders[..] {
        [] => {
            exact(&contract.schedule);
            Ok(())
        }
        [graphs, photos, out] => network::study(&contract, graphs, photos, out),
        [detail, graphs, photos, out] if detail.as_os_str() == "detail" => {
            detail::study(&contract, graphs, photos, out)
        }
        _ => Err("usage: steps [[detail] GRAPHS PHOTOS OUT]".into()),
    }
}

/// Of the only model that samples.
fn contract() -> Outcome<LatentContract> {
    let catalog = Catalog::shipped()?;
    let contract = catalog.models.into_iter().find_map(|model| match model.network {
        Network::LatentDiffusion { contract, .. } => Some(*contract),
        Network::SinglePass { .. } => None,
    });
    contract.ok_or_else(|| "the catalogue has no model that samples".into())
}

/// All of a sampler's steps, from the noisiest timestep that it knows.
const fn whole(kind: SamplerKind, steps: u32) -> SamplerOptions {
    SamplerOptions { kind, steps, strength: 1.0 }
}

/// Errors on the known problem: root mean squares over the seeds, in deviations of a cell.
fn exact(schedule: &NoiseSchedule) {
    let mut known = Known { field: KnownField::new(), solutions: HashMap::new(), schedule };
    let always = Asking { guidance: 2.0, guided: GuidedInterval::default(), is_certain: false };
    println!("### The known problem\n\nError (and grain) with guidance 2, {SEEDS} seeds.\n");
    print_head("steps", &SamplerKind::ALL.map(|kind| kind.to_string()));
    for steps in STEPS {
        let cells = SamplerKind::ALL.map(|kind| known.measure(whole(kind, steps), always).shown());
        print_row(&steps.to_string(), &cells);
    }
    println!("\nThe first step left out, as it was published (DDIM, 20):\n");
    print_head("steps", &SamplerKind::ALL.map(|kind| kind.to_string()));
    for steps in [8, 10, 12, PUBLISHED.steps] {
        let cells =
            SamplerKind::ALL.map(|kind| known.measure(SamplerOptions { kind, steps, ..PUBLISHED }, always).shown());
        print_row(&format!("{} of {steps}", steps - 1), &cells);
    }
    println!();
    let kinds = [SamplerKind::DpmSolver, SamplerKind::DpmSolverKarras, SamplerKind::UniPc];
    println!("Guidance in an interval, 10 steps: error against the same interval's solution; rows.\n");
    print_head("interval", &kinds.map(|kind| kind.to_string()));
    for (name, from, to) in INTERVALS {
        let asking = Asking { guided: GuidedInterval { from, to }, ..always };
        let cells = kinds.map(|kind| {
            let measured = known.measure(whole(kind, 10), asking);
            format!("{:.3}; {}", measured.error, measured.rows)
        });
        print_row(name, &cells);
    }
    println!();
}

struct Measured {
    error: f64,
    /// Power of the finer half, as a share of the solution's.
    grain: f64,
    rows: usize,
}

/// The problem, with the solutions that were computed already.
struct Known<'a> {
    field: KnownField,
    solutions: HashMap<(u32, u32, u32, u64), Vec<f64>>,
    schedule: &'a NoiseSchedule,
}

impl Known<'_> {
    fn measure(&mut self, options: SamplerOptions, asking: Asking) -> Measured {
        let Self { field, solutions, schedule } = self;
        let begins = Sampler::new(options, schedule).timesteps().first().copied().unwrap_or_default();
        let (mut square, mut grain, mut all_grain, mut rows) = (0.0, 0.0, 0.0, 0);
        for seed in 0..SEEDS {
            let noise = standard_normal(seed, field.len());
            let (sampled, took) = field.sampled(options, schedule, &noise, asking);
            let key = (begins, asking.guided.from, asking.guided.to, seed);
            let solution = solutions.entry(key).or_insert_with(|| field.solution(begins, schedule, &noise, asking));
            square += field.distance(&sampled, solution).powi(2);
            grain += field.grain(&sampled);
            all_grain += field.grain(solution);
            rows = took;
        }
        Measured { error: (square / SEEDS as f64).sqrt(), grain: grain / all_grain, rows }
    }
}

impl Measured {
    fn shown(&self) -> String {
        format!("{:.3} ({:.2})", self.error, self.grain)
    }
}

fn print_head(first: &str, names: &[String]) {
    print_row(first, names);
    println!("|{}", " --- |".repeat(names.len() + 1));
}

fn print_row(first: &str, cells: &[String]) {
    println!("| {first} | {} |", cells.join(" | "));
}
