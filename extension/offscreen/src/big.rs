//! A model that the person downloaded: read from disk, kept warm, given back.

use brushaway::{
    models::{
        FileSpec, FixedRows, Graphs, InferError, LatentContract, LatentDiffusion, ModelId, ModelSpec, Network,
        Session as _, SinglePass, Tensor, TensorData,
    },
    onnx::{Derived, RewriteOptions, rewrite},
    protocol::{Action, Fault},
    store::{self, DiskError, SplitOptions, StoredFile},
};
use brushaway_browser::{
    clock,
    models::{Gpu, Graph, OrtSession},
    store::{CacheDisk, LongerBlob, Rows, wanted},
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
    SinglePass(Box<SinglePass<OrtSession>>),
    /// Step by step, from a draft.
    Diffusion(Box<LatentDiffusion<FixedRows<OrtSession>>>),
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
        let session = async |file| Published::open(file, &disk).await?.session(Some(1), place).await;
        let painter = match &spec.network {
            Network::SinglePass { file, contract } => {
                Painter::SinglePass(Box::new(SinglePass::new(session(file).await?, (**contract).clone())))
            }
            Network::LatentDiffusion { files, contract } => {
                let graphs = Graphs {
                    encoder: FixedRows::new(session(&files.encoder).await?, None),
                    denoiser: Published::open(&files.denoiser, &disk).await?.denoiser(contract, place).await?,
                    decoder: FixedRows::new(session(&files.decoder).await?, None),
                };
                Painter::Diffusion(Box::new(LatentDiffusion::new(graphs, (**contract).clone())))
            }
        };
        log::info!("model={} sessions_millis={:.0}", spec.id, clock::now_millis() - started);
        Ok(Self { spec, painter })
    }
}

/// With guidance the denoiser sees each latent twice.
const GUIDED_ROWS: usize = 2;

/// Two runs on the same inputs may differ by as much of the largest value.
const SAME: f32 = 1e-3;

/// A file on disk as a graph beside its weights.
struct Published<'a> {
    disk: &'a CacheDisk,
    stored: StoredFile,
    graph: Vec<u8>,
    weights: Option<Blob>,
}

/// A graph that may run: what was published, or what became of it.
struct Ready {
    graph: Vec<u8>,
    weights: Option<Blob>,
}

impl Ready {
    fn graph(&self) -> Graph<'_> {
        Graph { model: &self.graph, weights: self.weights.as_ref() }
    }
}

impl<'a> Published<'a> {
    async fn open(file: &FileSpec, disk: &'a CacheDisk) -> Result<Self, Fault> {
        let started = clock::now_millis();
        let key = wanted(file, None)?.key;
        let stored = store::find(disk, &key).await.map_err(faults::of_reading)?;
        let stored = stored.ok_or_else(|| Fault::new("fault_model_missing", Action::Adjust, &key))?;
        let split = store::split(&stored, SplitOptions::new(Graph::WEIGHTS), disk).await.map_err(faults::of_reading)?;
        let weights = disk.blob(&stored).await.map_err(faults::of_reading)?;
        log::info!(
            "file={key} split_millis={:.0} graph_bytes={} external_bytes={}",
            clock::now_millis() - started,
            split.graph.len(),
            split.external_bytes,
        );
        let weights = Some(weights).filter(|_| split.tensors > 0);
        Ok(Self { disk, stored, graph: split.graph, weights })
    }

    /// A session of the graph rewritten, or as it came if that cannot be.
    async fn session(&self, rows: Option<u32>, place: &Place) -> Result<OrtSession, Fault> {
        let started = clock::now_millis();
        let rewritten = match self.rewritten(rows).await {
            Some(ready) => {
                place.session(ready.graph()).await.inspect_err(|error| self.warn("not rewritten", error)).ok()
            }
            None => None,
        };
        let session = if let Some(session) = rewritten {
            session
        } else {
            let graph = Graph { model: &self.graph, weights: self.weights.as_ref() };
            let failed = |error| Fault::new("fault_model_load", Action::Retry, error);
            place.session(graph).await.map_err(failed)?
        };
        log::info!("file={} session_millis={:.0}", self.stored.key, clock::now_millis() - started);
        Ok(session)
    }

    /// A session for the graph that runs once a step: recorded on a graphics card, and played again each step.
    async fn denoiser(&self, contract: &LatentContract, place: &Place) -> Result<FixedRows<OrtSession>, Fault> {
        if let Place::Gpu(gpu) = place {
            let started = clock::now_millis();
            match self.recorded(contract, gpu).await {
                Ok(session) => {
                    let took = clock::now_millis() - started;
                    log::info!("file={} recorded session_millis={took:.0}", self.stored.key);
                    return Ok(FixedRows::new(session, Some(GUIDED_ROWS)));
                }
                Err(error) => self.warn("not recorded", &error),
            }
        }
        // Two rows with guidance, one without.
        Ok(FixedRows::new(self.session(None, place).await?, None))
    }

    async fn recorded(&self, contract: &LatentContract, gpu: &Gpu) -> Result<OrtSession, NotRecorded> {
        let ready = self.rewritten(Some(GUIDED_ROWS as u32)).await.ok_or(NotRecorded::NotRewritten)?;
        let mut session = OrtSession::recorded_on_gpu(ready.graph(), gpu).await?;
        let recorded = session.run(contract.trial_inputs(GUIDED_ROWS)).await?;
        let played = session.run(contract.trial_inputs(GUIDED_ROWS)).await?;
        if is_same(&recorded, &played) { Ok(session) } else { Err(NotRecorded::Differs) }
    }

    fn warn(&self, what: &str, error: &dyn std::fmt::Display) {
        log::warn!("file={} {what}: {error}", self.stored.key);
    }

    /// The graph rewritten; none if it cannot be.
    async fn rewritten(&self, rows: Option<u32>) -> Option<Ready> {
        let started = clock::now_millis();
        let options = RewriteOptions { location: Graph::WEIGHTS, file_bytes: self.stored.len_bytes, rows };
        let rewritten = rewrite(&self.graph, options).inspect_err(|error| self.warn("not rewritten", error)).ok()?;
        let weights = match self.weights.as_ref().filter(|_| !rewritten.derived.is_empty()) {
            Some(weights) => {
                let longer = self.with_derived(weights, &rewritten.derived).await;
                Some(longer.inspect_err(|error| self.warn("not rewritten", error)).ok()?)
            }
            None => self.weights.clone(),
        };
        log::info!(
            "file={} rewrite_millis={:.0} nodes_before={} nodes_after={} derived={}",
            self.stored.key,
            clock::now_millis() - started,
            rewritten.nodes_before,
            rewritten.nodes_after,
            rewritten.derived.len(),
        );
        Some(Ready { graph: rewritten.graph, weights })
    }

    /// The file of the weights, and after it what is derived from them, computed piece by piece.
    async fn with_derived(&self, weights: &Blob, derived: &[Derived]) -> Result<Blob, DiskError> {
        let mut longer = LongerBlob::of(weights);
        for derived in derived {
            let mut rows = Rows::default();
            for piece in derived.pieces() {
                rows.push(&derived.compute(&self.stored.read(self.disk, piece).await?))?;
            }
            longer.append(rows);
        }
        longer.finish()
    }
}

/// Why a graph is not played from a record.
enum NotRecorded {
    NotRewritten,
    Refused(InferError),
    Differs,
}

impl From<InferError> for NotRecorded {
    fn from(error: InferError) -> Self {
        Self::Refused(error)
    }
}

impl std::fmt::Display for NotRecorded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotRewritten => f.write_str("it was not rewritten"),
            Self::Refused(error) => error.fmt(f),
            Self::Differs => f.write_str("played again it gave something else"),
        }
    }
}

/// Whether outputs are numbers, and the same up to rounding.
fn is_same(one: &[Tensor], other: &[Tensor]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|(one, other)| {
            let (TensorData::F32(one), TensorData::F32(other)) = (&one.data, &other.data) else { return false };
            let largest = one.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
            let is_close = |(one, other): (&f32, &f32)| (one - other).abs() <= SAME * largest;
            one.len() == other.len() && one.iter().zip(other).all(is_close)
        })
}
