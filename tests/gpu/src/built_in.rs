//! The model that ships inside the extension, on the graphics card and on the processor of the same machine.

use brushaway::models::{BackendKind, Catalog, Inpainter as _, Network, Session, SinglePass, SinglePassContract, Tile};
use brushaway_browser::{
    clock,
    models::{Gpu, Graph, OrtSession, Place, SizedSession, load_runtime},
};

use crate::{
    BuiltIn, Report,
    page::Failed,
    port,
    ways::{Unwatched, tile},
};

/// Runs on the processor are slow, and alike.
const PROCESSOR_RUNS: usize = 5;

/// Fills a tile on either, as often as is asked for.
pub(crate) async fn run(runs: usize, origin: &str, gpu: Gpu, report: &mut Report) -> Result<(), Failed> {
    let catalog = Catalog::shipped().map_err(Failed::of("catalogue"))?;
    let (bytes, contract) = shipped(&catalog, origin).await?;
    let threads = load_runtime(&format!("{origin}/ort/")).await.map_err(Failed::of("runtime"))?;
    let tile = tile()?;
    let on = async |place: Place, runs| {
        let started = clock::now_millis();
        let session = SizedSession::new(&bytes, &place).await.map_err(Failed::of("session"))?;
        filled(SinglePass::new(session, contract.clone()), &tile, runs, started).await
    };
    let started = clock::now_millis();
    let session = OrtSession::on_gpu(Graph::from(bytes.as_slice()), &gpu).await.map_err(Failed::of("session"))?;
    let (_, unrecorded_millis) = filled(SinglePass::new(session, contract.clone()), &tile, runs, started).await?;
    let (on_card, gpu_millis) = on(Place::Gpu(gpu), runs).await?;
    let (on_processor, cpu_millis) = on(Place::Cpu { threads }, PROCESSOR_RUNS).await?;
    let apart = on_card.iter().zip(&on_processor).map(|(one, other)| (one - other).abs());
    report.built_in = Some(BuiltIn {
        unrecorded_millis,
        expected: expected(&catalog, &gpu_millis[1..]),
        gpu_millis,
        cpu_millis,
        threads,
        levels_apart: apart.fold(0.0, f32::max) * 255.0,
    });
    Ok(())
}

/// A session of it: in the extension it is there before any other.
pub(crate) async fn session(origin: &str, place: &Place) -> Result<SizedSession, Failed> {
    let catalog = Catalog::shipped().map_err(Failed::of("catalogue"))?;
    let (bytes, _) = shipped(&catalog, origin).await?;
    SizedSession::new(&bytes, place).await.map_err(Failed::of("session"))
}

/// Its file and its contract.
async fn shipped<'a>(catalog: &'a Catalog, origin: &str) -> Result<(Vec<u8>, &'a SinglePassContract), Failed> {
    let spec = catalog.built_in().ok_or_else(|| Failed("no built-in model".to_owned()))?;
    let (file, contract) = spec.single_pass().ok_or_else(|| Failed("another kind of model".to_owned()))?;
    Ok((port::file(&format!("{origin}/{}", file.path)).await?.to_vec(), contract))
}

/// The fill, and how long each run took; the first one is one more, and counts from when the model was `started`.
async fn filled(
    mut model: SinglePass<impl Session>,
    tile: &Tile,
    runs: usize,
    mut started: f64,
) -> Result<(Vec<f32>, Vec<f64>), Failed> {
    let mut laps = Vec::new();
    loop {
        let fill = model.fill(tile, &Unwatched).await.map_err(Failed::of("fill"))?.into_vec();
        laps.push(clock::now_millis() - started);
        if laps.len() > runs {
            return Ok((fill, laps));
        }
        started = clock::now_millis();
    }
}

/// What the panel's test would say of the model that samples, in milliseconds a picture of its own steps.
fn expected(catalog: &Catalog, gpu_millis: &[f64]) -> Option<f64> {
    let mut laps = gpu_millis.to_vec();
    laps.sort_by(f64::total_cmp);
    let middle = laps.get(laps.len() / 2)?;
    catalog.models.iter().find_map(|model| match &model.network {
        Network::LatentDiffusion { contract, .. } => {
            let time = model.relative_time?;
            Some(1000.0 * time.seconds(BackendKind::Gpu, middle / 1000.0, contract.defaults.sampler.steps))
        }
        Network::SinglePass { .. } => None,
    })
}
