//! What this machine can do: measured when somebody asks, and by the jobs that it did.

use std::rc::Rc;

use brushaway::{
    geometry::Size,
    mask::Mask,
    models::{Backend, Catalog, Inpainter as _, Network, Tile},
    protocol::{Estimate, Fault, Precision, RunReport, TestReport},
    tensor::Rgb,
};
use brushaway_browser::{clock, models::Place, platform};
use serde::{Deserialize, Serialize};

use crate::{
    desk::Desk,
    faults,
    model::{Undisturbed, adapter, catalog},
};

/// A test ends after so long, once there were enough runs.
const TEST_MILLIS: f64 = 6000.0;

/// The fewest and the most runs of a test, after one that does not count.
const TEST_RUNS: std::ops::RangeInclusive<usize> = 3..=15;

/// Where this document keeps how long jobs took.
const RUNS: &str = "runs";

/// How long the last job of each model took, as far as anybody remembers.
pub(crate) fn known_runs() -> Vec<RunReport> {
    platform::remembered(RUNS)
}

/// Remembers them.
pub(crate) fn keep_runs(runs: &[RunReport]) {
    platform::remember(RUNS, &runs);
}

/// Where it keeps with how many bits models compute.
const PRECISIONS: &str = "precisions";

/// A decision, and for what it was taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Decided {
    /// The file, the graphics adapter and the version of the extension: with another of them it is taken anew.
    of: [String; 3],
    precision: Precision,
}

fn of(place: &Place, file: &str) -> [String; 3] {
    // A hidden document cannot ask for the manifest; its version is this one.
    [file.to_owned(), adapter(place).unwrap_or_default(), env!("CARGO_PKG_VERSION").to_owned()]
}

/// With how many bits the graph in a file computes there, if that was decided before.
pub(crate) fn known_precision(place: &Place, file: &str) -> Option<Precision> {
    let of = of(place, file);
    platform::remembered::<Vec<Decided>>(PRECISIONS)
        .into_iter()
        .find(|decided| decided.of == of)
        .map(|decided| decided.precision)
}

/// Remembers it.
pub(crate) fn keep_precision(place: &Place, file: &str, precision: &Precision) {
    let mut kept: Vec<Decided> = platform::remembered(PRECISIONS);
    kept.retain(|decided| decided.of[0] != file);
    kept.push(Decided { of: of(place, file), precision: precision.clone() });
    platform::remember(PRECISIONS, &kept);
}

impl Desk {
    /// Runs the built-in model for some seconds, between jobs.
    pub(crate) async fn test(self: &Rc<Self>) -> Result<TestReport, Fault> {
        let catalog = catalog().await?;
        let mut models = self.models.lock().await;
        self.ensure(&mut models.built_in, self.wish).await?;
        let Some(built_in) = &mut models.built_in else { return Err(Fault::bug("no built-in model")) };
        let model = &mut built_in.inpainter;
        let tile = tile(model.spec().best())?;
        let started = clock::now_millis();
        let mut runs: Vec<f64> = Vec::new();
        model.fill(&tile, &Undisturbed).await.map_err(faults::of_start)?;
        while runs.len() < *TEST_RUNS.end()
            && (runs.len() < *TEST_RUNS.start() || clock::now_millis() - started < TEST_MILLIS)
        {
            let before = clock::now_millis();
            model.fill(&tile, &Undisturbed).await.map_err(faults::of_start)?;
            runs.push((clock::now_millis() - before) / 1000.0);
        }
        runs.sort_by(f64::total_cmp);
        let (backend, run_seconds) = (model.backend(), runs[runs.len() / 2]);
        log::info!("test backend={backend} runs={} run_millis={:.1}", runs.len(), run_seconds * 1000.0);
        Ok(TestReport {
            backend,
            run_seconds,
            runs: runs.len() as u32,
            estimates: estimates(&catalog, backend, run_seconds),
        })
    }
}

fn tile(side: u32) -> Result<Tile, Fault> {
    let square = Size::square(side).map_err(Fault::bug)?;
    let image = Rgb::from_vec(square, vec![0.5; 3 * square.area()]).map_err(Fault::bug)?;
    let (from, to) = (side / 3, side * 2 / 3);
    let mask = Mask::from_fn(square, |x, y| (from..to).contains(&x) && (from..to).contains(&y));
    Ok(Tile { image, mask, start: None })
}

fn estimates(catalog: &Catalog, backend: Backend, run_seconds: f64) -> Vec<Estimate> {
    let kind = backend.kind();
    let of = |model: &brushaway::models::ModelSpec| {
        let time = model.relative_time.filter(|_| model.may_run_on(kind))?;
        let steps = match &model.network {
            Network::LatentDiffusion { contract, .. } => contract.defaults.sampler.steps,
            Network::SinglePass { .. } => 0,
        };
        let seconds = time.seconds(kind, run_seconds, steps);
        Some(Estimate { model: model.id.clone(), name: model.name.clone(), seconds })
    };
    catalog.models.iter().filter_map(of).collect()
}
