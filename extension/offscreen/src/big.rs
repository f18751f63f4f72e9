//! A model that the person downloaded: read from disk, kept warm, given back.

use brushaway::{
    models::{FileSpec, Graphs, InferError, LatentDiffusion, ModelId, ModelSpec, Network, SinglePass},
    onnx::{RewriteOptions, rewrite},
    protocol::{Action, Fault},
    store::{self, SplitOptions},
};
use brushaway_browser::{
    clock,
    models::{Graph, OrtSession},
    store::{CacheDisk, wanted},
};

use web_sys::Blob;

use crate::{
    faults,
    model::{Place, catalog},
};

/// A model beside the built-in one, ready.
pub(crate) struct Big {
    pub(crate) spec: ModelSpec,
    pub(crate) painter: Painter,
}

/// How it fills.
pub(crate) enum Painter {
    /// In one run.
    SinglePass(SinglePass<OrtSession>),
    /// Step by step, from a draft.
    Diffusion(Box<LatentDiffusion<OrtSession>>),
}

impl Big {
    /// Loads a model that is on disk. Its weights go from there to the runtime; the graphs alone are read whole.
    pub(crate) async fn load(id: &ModelId, place: &Place) -> Result<Self, Fault> {
        let started = clock::now_millis();
        let spec = catalog().await?.find(&id.0).cloned().ok_or_else(|| Fault::bug(format!("no model {id}")))?;
        if !spec.may_run_on(place.kind()) {
            return Err(Fault::new(
                "fault_model_place",
                Action::Adjust,
                format!("{id} does not run on {:?}", place.kind()),
            ));
        }
        let disk = CacheDisk::open().await.map_err(faults::of_reading)?;
        let session = async |file, rows| session(file, RewriteOptions { rows }, &disk, place).await;
        let painter = match &spec.network {
            Network::SinglePass { file, contract } => {
                Painter::SinglePass(SinglePass::new(session(file, Some(1)).await?, (**contract).clone()))
            }
            Network::LatentDiffusion { files, contract } => {
                let graphs = Graphs {
                    encoder: session(&files.encoder, Some(1)).await?,
                    // Two rows with guidance, one without.
                    denoiser: session(&files.denoiser, None).await?,
                    decoder: session(&files.decoder, Some(1)).await?,
                };
                Painter::Diffusion(Box::new(LatentDiffusion::new(graphs, (**contract).clone())))
            }
        };
        log::info!("model={} sessions_millis={:.0}", spec.id, clock::now_millis() - started);
        Ok(Self { spec, painter })
    }
}

async fn session(
    file: &FileSpec,
    options: RewriteOptions,
    disk: &CacheDisk,
    place: &Place,
) -> Result<OrtSession, Fault> {
    let started = clock::now_millis();
    let key = wanted(file, None)?.key;
    let stored = store::find(disk, &key).await.map_err(faults::of_reading)?;
    let stored = stored.ok_or_else(|| Fault::new("fault_model_missing", Action::Adjust, &key))?;
    let split = store::split(&stored, SplitOptions::new(Graph::WEIGHTS), disk).await.map_err(faults::of_reading)?;
    let weights = disk.blob(&stored).await.map_err(faults::of_reading)?;
    let weights = Some(&weights).filter(|_| split.tensors > 0);
    let split_millis = clock::now_millis() - started;
    let session = rewritten(&split.graph, weights, options, file, place).await;
    let session = match session {
        Some(session) => Ok(session),
        None => place.session(Graph { model: &split.graph, weights }).await,
    };
    let session = session.map_err(|error| Fault::new("fault_model_load", Action::Retry, error))?;
    log::info!(
        "file={} split_millis={split_millis:.0} graph_bytes={} external_bytes={} session_millis={:.0}",
        file.path,
        split.graph.len(),
        split.external_bytes,
        clock::now_millis() - started - split_millis,
    );
    Ok(session)
}

/// A session of the graph rewritten; none if it cannot be, for then the graph can still run as it came.
async fn rewritten(
    graph: &[u8],
    weights: Option<&Blob>,
    options: RewriteOptions,
    file: &FileSpec,
    place: &Place,
) -> Option<OrtSession> {
    let started = clock::now_millis();
    let rewritten =
        rewrite(graph, options).inspect_err(|error| log::warn!("file={} not rewritten: {error}", file.path));
    let rewritten = rewritten.ok()?;
    log::info!(
        "file={} rewrite_millis={:.0} nodes_before={} nodes_after={}",
        file.path,
        clock::now_millis() - started,
        rewritten.nodes_before,
        rewritten.nodes_after,
    );
    let session: Result<_, InferError> = place.session(Graph { model: &rewritten.graph, weights }).await;
    session.inspect_err(|error| log::warn!("file={} runs as it came, not rewritten: {error}", file.path)).ok()
}
