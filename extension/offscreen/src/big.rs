//! A model that the person downloaded: read from disk, kept warm, given back.

use brushaway::{
    models::{FileSpec, Graphs, LatentDiffusion, ModelId, ModelSpec, Network, SinglePass},
    onnx::{Derived, RewriteOptions, rewrite},
    protocol::{Action, Fault},
    store::{self, DiskError, SplitOptions, StoredFile},
};
use brushaway_browser::{
    clock,
    models::{Graph, OrtSession},
    store::{CacheDisk, LongerBlob, wanted},
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
        let session = async |file, rows| session(file, rows, &disk, place).await;
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

async fn session(file: &FileSpec, rows: Option<u32>, disk: &CacheDisk, place: &Place) -> Result<OrtSession, Fault> {
    let started = clock::now_millis();
    let key = wanted(file, None)?.key;
    let stored = store::find(disk, &key).await.map_err(faults::of_reading)?;
    let stored = stored.ok_or_else(|| Fault::new("fault_model_missing", Action::Adjust, &key))?;
    let split = store::split(&stored, SplitOptions::new(Graph::WEIGHTS), disk).await.map_err(faults::of_reading)?;
    let weights = disk.blob(&stored).await.map_err(faults::of_reading)?;
    let split_millis = clock::now_millis() - started;
    let graph = Graph { model: &split.graph, weights: Some(&weights).filter(|_| split.tensors > 0) };
    let session = match rewritten(graph, rows, &stored, disk, place).await {
        Some(session) => Ok(session),
        None => place.session(graph).await,
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
    graph: Graph<'_>,
    rows: Option<u32>,
    stored: &StoredFile,
    disk: &CacheDisk,
    place: &Place,
) -> Option<OrtSession> {
    let started = clock::now_millis();
    let warn =
        |error: &dyn std::fmt::Display| log::warn!("file={} runs as it came, not rewritten: {error}", stored.key);
    let options = RewriteOptions { location: Graph::WEIGHTS, file_bytes: stored.len_bytes, rows };
    let rewritten = rewrite(graph.model, options).inspect_err(|error| warn(error)).ok()?;
    let weights = match graph.weights.filter(|_| !rewritten.derived.is_empty()) {
        Some(weights) => {
            let weights = with_derived(weights, &rewritten.derived, stored, disk).await;
            Some(weights.inspect_err(|error| warn(error)).ok()?)
        }
        None => graph.weights.cloned(),
    };
    log::info!(
        "file={} rewrite_millis={:.0} nodes_before={} nodes_after={} derived={}",
        stored.key,
        clock::now_millis() - started,
        rewritten.nodes_before,
        rewritten.nodes_after,
        rewritten.derived.len(),
    );
    let graph = Graph { model: &rewritten.graph, weights: weights.as_ref() };
    place.session(graph).await.inspect_err(|error| warn(error)).ok()
}

/// The file of the weights, and after it what is derived from them, computed piece by piece.
async fn with_derived(
    weights: &Blob,
    derived: &[Derived],
    stored: &StoredFile,
    disk: &CacheDisk,
) -> Result<Blob, DiskError> {
    let mut longer = LongerBlob::of(weights);
    for derived in derived {
        for piece in derived.pieces() {
            longer.push(&derived.compute(&stored.read(disk, piece).await?))?;
        }
    }
    longer.finish()
}
