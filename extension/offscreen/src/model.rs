//! The model that jobs run on: loaded and warmed once, on the graphics card if there is a real one.

use brushaway::{
    geometry::Size,
    imaging::card::Card,
    mask::Mask,
    models::{
        BackendKind, Cancelled, Catalog, InferError, Inpainter as _, ModelSpec, Run, SinglePass, SinglePassContract,
        Tile,
    },
    protocol::{CpuReason, DeviceReport, EngineReport, EngineStatus, Fault},
    runtime::card::WgpuCard,
    tensor::Rgb,
};
use brushaway_browser::{
    chrome, clock,
    models::{Gpu, NoGpu, Place, SizedSession, load_runtime},
    package,
};

use crate::faults;

/// Which backend is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// The graphics card if there is a real one.
    Auto,
    /// WebGPU even if it is only software; no falling back.
    Gpu,
    /// The processor.
    Cpu,
}

impl Wish {
    /// By the name that the setting has; anything unknown is `Auto`.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "webgpu" => Self::Gpu,
            "wasm" => Self::Cpu,
            _ => Self::Auto,
        }
    }
}

/// The built-in model, ready, and what to say about it.
pub(crate) struct Loaded {
    pub(crate) inpainter: SinglePass<SizedSession>,
    pub(crate) spec: ModelSpec,
    pub(crate) report: EngineReport,
    pub(crate) place: Place,
    card: Option<WgpuCard>,
}

impl Loaded {
    /// What fills a tile, and what matches its tone and grain if that is not the processor.
    pub(crate) fn parts(&mut self) -> (&mut SinglePass<SizedSession>, Option<&dyn Card>) {
        (&mut self.inpainter, self.card.as_ref().map(|card| card as &dyn Card))
    }
}

/// What matches tone and grain where models run on a graphics card: it does what it is quicker at, or all if WebGPU is asked
/// for by name ([`Wish::Gpu`]).
async fn card(place: &Place, wish: Wish) -> Option<WgpuCard> {
    let Place::Gpu(gpu) = place else { return None };
    let card = gpu.card().await.map(|card| if wish == Wish::Gpu { card } else { card.only_worthwhile() });
    card.inspect_err(|error| log::warn!("tone and grain stay on the processor: {error}")).ok()
}

/// What there is to compute with.
fn device(place: &Place, threads: u32) -> DeviceReport {
    match place {
        Place::Gpu(gpu) => {
            DeviceReport { features: gpu.features(), max_buffer_bytes: Some(gpu.max_buffer_bytes()), threads }
        }
        Place::Cpu { .. } => DeviceReport { threads, ..DeviceReport::default() },
    }
}

/// The graphics adapter's name, if one is in use.
pub(crate) fn adapter(place: &Place) -> Option<String> {
    match place {
        Place::Gpu(gpu) => Some(gpu.adapter_name().to_owned()),
        Place::Cpu { .. } => None,
    }
}

/// All models, as the package has them.
pub(crate) async fn catalog() -> Result<Catalog, Fault> {
    let text = package::read("models/catalog.toml").await.map_err(faults::of_start)?;
    Catalog::parse(&String::from_utf8_lossy(&text)).map_err(faults::of_start)
}

/// Loads the built-in model.
pub(crate) async fn load(wish: Wish) -> Result<Loaded, Fault> {
    let started = clock::now_millis();
    let catalog = catalog().await?;
    let spec = catalog.built_in().cloned().ok_or_else(|| Fault::bug("no built-in model"))?;
    let threads = load_runtime(&chrome::package_url("ort/")).await.map_err(faults::of_start)?;
    let (file, contract) = spec.single_pass().ok_or_else(|| Fault::bug("the built-in model is of another kind"))?;
    let model = package::read(&file.path).await.map_err(faults::of_start)?;
    let (mut place, mut cpu_reason) = place(wish, threads).await?;
    let inpainter = match warm(&model, contract, &place).await {
        Err(error) if wish == Wish::Auto && place.kind() == BackendKind::Gpu => {
            log::warn!("WebGPU failed, going on with the processor: {error}");
            (place, cpu_reason) = (Place::Cpu { threads }, Some(CpuReason::Failed(error.to_string())));
            warm(&model, contract, &place).await
        }
        inpainter => inpainter,
    };
    let inpainter = inpainter.map_err(faults::of_start)?;
    let backend = inpainter.backend();
    log::info!("model={} backend={backend} ready_millis={:.0}", spec.id, clock::now_millis() - started);
    let device = device(&place, threads);
    let status = EngineStatus::Ready { backend };
    let report =
        EngineReport { adapter: adapter(&place), cpu_reason, device: Some(device), ..EngineReport::of(status) };
    let card = card(&place, wish).await;
    Ok(Loaded { inpainter, spec, report, place, card })
}

/// Where the model is to run, and why on the processor.
async fn place(wish: Wish, threads: u32) -> Result<(Place, Option<CpuReason>), Fault> {
    if wish == Wish::Cpu {
        return Ok((Place::Cpu { threads }, Some(CpuReason::Asked)));
    }
    let no_gpu = match Gpu::request(wish == Wish::Gpu).await {
        Ok(gpu) => return Ok((Place::Gpu(gpu), None)),
        Err(NoGpu::Software(_)) => CpuReason::SoftwareAdapter,
        Err(NoGpu::Missing(_)) => CpuReason::NoAdapter,
        Err(error @ NoGpu::Refused(_)) => CpuReason::Failed(error.to_string()),
    };
    if wish == Wish::Gpu {
        return Err(faults::of_start(format!("WebGPU was asked for: {no_gpu:?}")));
    }
    log::warn!("no WebGPU: {no_gpu:?}");
    Ok((Place::Cpu { threads }, Some(no_gpu)))
}

/// Nobody waits, and nobody cancels.
pub(crate) struct Undisturbed;

impl Run for Undisturbed {
    fn step(&self, _done: usize, _total: usize) -> Result<(), Cancelled> {
        Ok(())
    }
}

/// Loads the model and runs it on nothing, so that shaders are compiled and memory is there before the person lifts the brush.
///
/// On WebGPU shaders are compiled, and runs recorded, for each size of tile; on the processor the smallest one does.
async fn warm(
    graph: &[u8],
    contract: &SinglePassContract,
    place: &Place,
) -> Result<SinglePass<SizedSession>, InferError> {
    let mut inpainter = SinglePass::new(SizedSession::new(graph, place).await?, contract.clone());
    let mut sides = inpainter.spec().sides.clone();
    if place.kind() == BackendKind::Cpu {
        sides.truncate(1);
    }
    for side in sides {
        let Ok(size) = Size::square(side) else { continue };
        let image = Rgb::from_vec(size, vec![0.5; 3 * size.area()])?;
        let mask = Mask::from_fn(size, |x, y| x / 32 == 1 && y / 32 == 1);
        inpainter.fill(&Tile { image, mask, start: None }, &Undisturbed).await?;
    }
    Ok(inpainter)
}
