//! A file on disk as a graph beside its weights, and sessions of it: rewritten, or as it came.

use std::ops::Range;

use brushaway::{
    models::{FileSpec, InferError},
    onnx::{Derived, Floats, RewriteOptions, Rewritten, rewrite},
    store::{self, DiskError, SplitError, SplitOptions, StoredFile},
};
use web_sys::Blob;

use super::{Graph, OrtSession, Place};
use crate::{
    clock,
    store::{CacheDisk, LongerBlob, MadeBytes, Rows, wanted},
};

/// Where all of a file is needed, so much is read at once.
const AHEAD_BYTES: u64 = 16 << 20;

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

/// A file on disk as a graph beside its weights.
#[derive(Debug)]
pub struct Published<'a> {
    disk: &'a CacheDisk,
    stored: StoredFile,
    graph: Vec<u8>,
    weights: Option<Blob>,
}

/// A graph that may run: what was published, or what became of it.
pub(super) struct Ready {
    graph: Vec<u8>,
    weights: Option<Blob>,
}

impl Ready {
    pub(super) fn graph(&self) -> Graph<'_> {
        Graph { model: &self.graph, weights: self.weights.as_ref() }
    }
}

impl<'a> Published<'a> {
    /// Finds a file and takes its graph out; the weights stay where they are.
    ///
    /// # Errors
    /// [`LoadError`].
    pub async fn open(file: &FileSpec, disk: &'a CacheDisk) -> Result<Self, LoadError> {
        let started = clock::now_millis();
        let key = wanted(file, None).map_err(|fault| LoadError::Nowhere(fault.detail))?.key;
        let stored = store::find(disk, &key).await?;
        let stored = stored.ok_or_else(|| LoadError::Missing { key: key.clone() })?;
        let split = store::split(&stored, SplitOptions::new(Graph::WEIGHTS), disk).await?;
        let weights = disk.blob(&stored).await?;
        log::info!(
            "file={key} split_millis={:.0} graph_bytes={} external_bytes={}",
            clock::now_millis() - started,
            split.graph.len(),
            split.external_bytes,
        );
        let weights = Some(weights).filter(|_| split.tensors > 0);
        Ok(Self { disk, stored, graph: split.graph, weights })
    }

    /// What it is kept under.
    pub fn key(&self) -> &str {
        &self.stored.key
    }

    /// A session of the graph rewritten, or as it came if that cannot be.
    ///
    /// # Errors
    /// [`LoadError::Refused`] if the runtime takes it neither way.
    pub async fn session(&self, rows: Option<u32>, place: &Place) -> Result<OrtSession, LoadError> {
        let started = clock::now_millis();
        let rewritten = match self.rewritten(rows, Floats::AsPublished).await {
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
    /// [`LoadError::Refused`].
    pub async fn as_published(&self, place: &Place) -> Result<OrtSession, LoadError> {
        Ok(place.session(Graph { model: &self.graph, weights: self.weights.as_ref() }).await?)
    }

    pub(super) fn warn(&self, what: &str, error: &dyn std::fmt::Display) {
        log::warn!("file={} {what}: {error}", self.stored.key);
    }

    /// The graph rewritten; none if it cannot be.
    pub(super) async fn rewritten(&self, rows: Option<u32>, floats: Floats) -> Option<Ready> {
        let started = clock::now_millis();
        let (location, file_bytes) = (Graph::WEIGHTS, self.stored.len_bytes);
        let options = RewriteOptions { location, file_bytes, rows, side: None, floats };
        let rewritten = rewrite(&self.graph, options).inspect_err(|error| self.warn("not rewritten", error)).ok()?;
        let weights = match self.weights.as_ref().filter(|_| !rewritten.derived.is_empty()) {
            Some(weights) => {
                let whole = if rewritten.follows_file {
                    self.with_derived(weights, &rewritten.derived).await
                } else {
                    self.made_anew(&rewritten).await
                };
                Some(whole.inspect_err(|error| self.warn("not rewritten", error)).ok()?)
            }
            None => self.weights.clone(),
        };
        log::info!(
            "file={} rewrite_millis={:.0} nodes_before={} nodes_after={} derived={} floats={floats:?}",
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

    /// All weights anew, made piece by piece and kept: the next time they are there.
    async fn made_anew(&self, rewritten: &Rewritten) -> Result<Blob, DiskError> {
        let mut made = self.made(&rewritten.graph, rewritten.derived.iter().map(Derived::len_bytes).sum());
        if let Some(blob) = made.blob().await? {
            return Ok(blob);
        }
        made.forget().await?;
        let mut reading = Reading { from: self, start: 0, bytes: Vec::new() };
        for derived in &rewritten.derived {
            let mut rows: Vec<Vec<u8>> = Vec::new();
            for piece in derived.pieces() {
                let pieces = derived.compute(reading.piece(piece).await?);
                rows.resize_with(pieces.len(), Vec::new);
                rows.iter_mut().zip(pieces).for_each(|(row, piece)| row.extend(piece));
            }
            for row in rows {
                made.extend(&row).await?;
            }
        }
        made.finish().await?;
        made.blob().await?.ok_or_else(|| DiskError::Failed { reason: "what was made is not there".to_owned() })
    }

    fn made(&self, graph: &[u8], len_bytes: u64) -> MadeBytes<'a> {
        // Where each weight is, is in the graph: another graph needs other bytes.
        let way = graph.iter().fold(FNV_START, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_FACTOR));
        MadeBytes::of(&self.stored, way, len_bytes, self.disk)
    }

    /// Throws away the weights that were made anew.
    pub(super) async fn forget_made(&self) {
        if let Err(error) = self.made(&[], 0).forget().await {
            self.warn("what was made of it stays", &error);
        }
    }
}

/// Of the hash FNV-1a with 64 bits.
const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_FACTOR: u64 = 0x0100_0000_01b3;

/// Pieces of a file, mostly one after another.
struct Reading<'a> {
    from: &'a Published<'a>,
    start: u64,
    bytes: Vec<u8>,
}

impl Reading<'_> {
    async fn piece(&mut self, piece: Range<u64>) -> Result<&[u8], DiskError> {
        let is_here = piece.start >= self.start && piece.end <= self.start + self.bytes.len() as u64;
        if !is_here {
            let stored = &self.from.stored;
            let end = piece.end.max(piece.start + AHEAD_BYTES).min(stored.len_bytes);
            // Before more is asked for: two at once are one too many.
            self.bytes = Vec::new();
            self.bytes = stored.read(self.from.disk, piece.start..end).await?;
            self.start = piece.start;
        }
        let at = |place: u64| (place - self.start) as usize;
        let (from, to) = (at(piece.start), at(piece.end));
        self.bytes.get(from..to).ok_or_else(|| DiskError::Failed { reason: "a piece is too short".to_owned() })
    }
}
