//! A file on disk as a graph beside its weights, and sessions of it: rewritten, or as it came.

use std::cell::OnceCell;

use brushaway::{
    models::{FileSpec, InferError},
    onnx::Kernels,
    store::{self, DiskError, SplitError, SplitOptions, StoredFile},
};
use web_sys::Blob;

use super::{Graph, GraphSession, OrtSession, Place};
use crate::{
    clock,
    store::{CacheDisk, wanted},
};

/// Why there is no session of a stored graph.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is not on this computer.
    #[error("{key} is not here")]
    Missing {
        /// Its address.
        key: String,
    },
    /// Nothing tells where it should be.
    #[error("{0}")]
    Nowhere(String),
    /// It cannot be read.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// It is no graph.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// The runtime refuses it.
    #[error(transparent)]
    Refused(#[from] InferError),
}

/// A file on disk, whose graph is taken out when it is needed; the weights stay where they are.
#[derive(Debug)]
pub struct Published<'a> {
    pub(super) disk: &'a CacheDisk,
    pub(super) stored: StoredFile,
    parted: OnceCell<Ready>,
}

/// A graph that may run: what was published, or what became of it.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) graph: Vec<u8>,
    pub(super) weights: Option<Blob>,
}

impl Ready {
    pub(super) fn graph(&self) -> Graph<'_> {
        Graph { model: &self.graph, weights: self.weights.as_ref() }
    }
}

impl<'a> Published<'a> {
    /// Finds a file.
    ///
    /// # Errors
    /// [`LoadError`].
    pub async fn open(file: &FileSpec, disk: &'a CacheDisk) -> Result<Self, LoadError> {
        let key = wanted(file, None).map_err(|fault| LoadError::Nowhere(fault.detail))?.key;
        let stored = store::find(disk, &key).await?;
        let stored = stored.ok_or(LoadError::Missing { key })?;
        Ok(Self { disk, stored, parted: OnceCell::new() })
    }

    /// The graph as it came, beside its weights.
    pub(super) async fn parted(&self) -> Result<&Ready, LoadError> {
        if let Some(parted) = self.parted.get() {
            return Ok(parted);
        }
        let started = clock::now_millis();
        let split = store::split(&self.stored, SplitOptions::new(Graph::WEIGHTS), self.disk).await?;
        let weights = if split.tensors > 0 { Some(self.disk.blob(&self.stored).await?) } else { None };
        log::info!(
            "file={} split_millis={:.0} graph_bytes={} external_bytes={}",
            self.stored.key,
            clock::now_millis() - started,
            split.graph.len(),
            split.external_bytes,
        );
        Ok(self.parted.get_or_init(|| Ready { graph: split.graph, weights }))
    }

    /// What it is kept under.
    pub fn key(&self) -> &str {
        &self.stored.key
    }

    /// A session of the graph: by kernels of our own where they are better, else rewritten, or as it came if that cannot be.
    ///
    /// # Errors
    /// [`LoadError`] if the runtime takes it neither way, or it is no graph.
    pub async fn session(&self, rows: Option<u32>, place: &Place) -> Result<GraphSession, LoadError> {
        if let (Place::Gpu(gpu), Some(rows)) = (place, rows)
            && let Some(session) = self.own(rows, gpu, None).await
        {
            return Ok(session);
        }
        self.by_the_runtime(rows, place).await.map(GraphSession::from)
    }

    /// A session of the graph rewritten, or as it came if that cannot be.
    ///
    /// # Errors
    /// [`LoadError`] if the runtime takes it neither way, or it is no graph.
    pub async fn by_the_runtime(&self, rows: Option<u32>, place: &Place) -> Result<OrtSession, LoadError> {
        let started = clock::now_millis();
        let rewritten = match self.rewritten(rows, Kernels::Runtime).await {
            Some(ready) => {
                place.session(ready.graph()).await.inspect_err(|error| self.warn("not rewritten", error)).ok()
            }
            None => None,
        };
        let session = match rewritten {
            Some(session) => session,
            None => self.as_published(place).await?,
        };
        log::info!("file={} session_millis={:.0}", self.stored.key, clock::now_millis() - started);
        Ok(session)
    }

    /// A session of the graph as it came.
    ///
    /// # Errors
    /// [`LoadError`].
    pub async fn as_published(&self, place: &Place) -> Result<OrtSession, LoadError> {
        Ok(place.session(self.parted().await?.graph()).await?)
    }

    pub(super) fn warn(&self, what: &str, error: &dyn std::fmt::Display) {
        log::warn!("file={} {what}: {error}", self.stored.key);
    }
}
