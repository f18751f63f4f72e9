//! The model that jobs run on: loaded and warmed once, on the graphics card if there is a real one.

use brushaway::{
    geometry::Size,
    mask::Mask,
    models::{Backend, Cancelled, Catalog, InferError, Inpainter as _, ModelSpec, Run, SinglePass, Tile},
    protocol::{CpuReason, EngineReport, EngineStatus, Fault},
    tensor::Rgb,
};
use brushaway_browser::{
    chrome, clock,
    models::{Gpu, NoGpu, OrtSession, load_runtime},
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

/// A model that is ready, and what to say about it.
pub(crate) struct Loaded {
    pub(crate) inpainter: SinglePass<OrtSession>,
    pub(crate) spec: ModelSpec,
    pub(crate) report: EngineReport,
}

/// Loads the built-in model.
pub(crate) async fn load(wish: Wish) -> Result<Loaded, Fault> {
    let started = clock::now_millis();
    let catalog = Catalog::shipped().map_err(Fault::bug)?;
    let spec = catalog.built_in().cloned().ok_or_else(|| Fault::bug("no built-in model"))?;
    let threads = load_runtime(&chrome::package_url("ort/")).await.map_err(faults::of_start)?;
    let (file, contract) = spec.single_pass().ok_or_else(|| Fault::bug("the built-in model is of another kind"))?;
    let graph = package::read(&file.path).await.map_err(faults::of_start)?;
    let (session, adapter, cpu_reason) = session(wish, &graph, threads).await?;
    let mut inpainter = SinglePass::new(session, contract.clone());
    let (adapter, cpu_reason) = match warm_up(&mut inpainter).await {
        Ok(()) => (adapter, cpu_reason),
        Err(error) if wish == Wish::Auto && inpainter.backend() == Backend::WebGpu => {
            log::warn!("WebGPU failed, going on with the processor: {error}");
            let session = OrtSession::on_cpu(&graph, threads).await.map_err(faults::of_start)?;
            inpainter = SinglePass::new(session, contract.clone());
            warm_up(&mut inpainter).await.map_err(faults::of_start)?;
            (None, Some(CpuReason::Failed(error.to_string())))
        }
        Err(error) => return Err(faults::of_start(error)),
    };
    let backend = inpainter.backend();
    log::info!("model={} backend={backend} ready_millis={:.0}", spec.id, clock::now_millis() - started);
    let report = EngineReport { status: EngineStatus::Ready { backend }, adapter, cpu_reason };
    Ok(Loaded { inpainter, spec, report })
}

type Started = (OrtSession, Option<String>, Option<CpuReason>);

async fn session(wish: Wish, graph: &[u8], threads: u32) -> Result<Started, Fault> {
    let reason = if wish == Wish::Cpu {
        CpuReason::Asked
    } else {
        let no_gpu = match Gpu::request(wish == Wish::Gpu).await {
            Ok(gpu) => match OrtSession::on_gpu(graph, &gpu).await {
                Ok(session) => return Ok((session, Some(gpu.adapter_name().to_owned()), None)),
                Err(error) => CpuReason::Failed(error.to_string()),
            },
            Err(NoGpu::Software(_)) => CpuReason::SoftwareAdapter,
            Err(NoGpu::Missing(_)) => CpuReason::NoAdapter,
            Err(error @ NoGpu::Refused(_)) => CpuReason::Failed(error.to_string()),
        };
        if wish == Wish::Gpu {
            return Err(faults::of_start(format!("WebGPU was asked for: {no_gpu:?}")));
        }
        log::warn!("no WebGPU: {no_gpu:?}");
        no_gpu
    };
    let session = OrtSession::on_cpu(graph, threads).await.map_err(faults::of_start)?;
    Ok((session, None, Some(reason)))
}

struct Undisturbed;

impl Run for Undisturbed {
    fn step(&self, _done: usize, _total: usize) -> Result<(), Cancelled> {
        Ok(())
    }
}

/// Runs the model on nothing, so that shaders are compiled and memory is there before the person lifts the brush.
///
/// On WebGPU shaders are compiled for each size of tile; on the processor the smallest one does.
async fn warm_up(inpainter: &mut SinglePass<OrtSession>) -> Result<(), InferError> {
    let mut sides = inpainter.spec().sides.clone();
    if inpainter.backend() != Backend::WebGpu {
        sides.truncate(1);
    }
    for side in sides {
        let Ok(size) = Size::square(side) else { continue };
        let image = Rgb::from_vec(size, vec![0.5; 3 * size.area()])?;
        let mask = Mask::from_fn(size, |x, y| x / 32 == 1 && y / 32 == 1);
        inpainter.fill(&Tile { image, mask }, &Undisturbed).await?;
    }
    Ok(())
}
