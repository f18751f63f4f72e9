//! A published graph as it is given to the runtime: rewritten, with the weights that were derived. Prepared by the first load
//! and kept; later ones take what is there.

use std::ops::Range;

use brushaway::{
    models::Tensor,
    onnx::{Derived, Floats, Kernels, PASSES, RewriteError, RewriteOptions, Rewritten, rewrite},
    store::{DiskError, Preparation, Prepared, PreparedWeights},
};
use web_sys::Blob;

use super::{
    Graph, Place, Published,
    denoiser::GUIDED_ROWS,
    published::{LoadError, Ready},
};
use crate::{
    clock,
    store::{LongerBlob, MadeBytes, Rows},
};

/// Where all of a file is needed, so much is read at once.
const AHEAD_BYTES: u64 = 16 << 20;

/// Why a graph is not rewritten.
#[derive(Debug, thiserror::Error)]
enum NotPrepared {
    #[error(transparent)]
    Published(#[from] LoadError),
    #[error(transparent)]
    Rewriting(#[from] RewriteError),
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl<'a> Published<'a> {
    /// Where it is kept what was prepared in this way.
    fn preparation(&self, rows: Option<u32>, floats: Floats, kernels: Kernels) -> Preparation {
        let rows = rows.map_or_else(|| "any".to_owned(), |rows| rows.to_string());
        let floats = match floats {
            Floats::AsPublished => "as-published",
            Floats::Halved => "halved",
        };
        let kernels = match kernels {
            Kernels::Runtime => "",
            Kernels::Own => "own-",
        };
        Preparation::of(&self.stored, &format!("{kernels}rows-{rows}-{floats}"), PASSES)
    }

    /// The graph rewritten, as it is there or made now; none if it cannot be.
    pub(super) async fn rewritten(&self, rows: Option<u32>, floats: Floats, kernels: Kernels) -> Option<Ready> {
        let kept = self.preparation(rows, floats, kernels);
        match self.taken(&kept).await {
            Ok(Some(ready)) => return Some(ready),
            Ok(None) => {}
            Err(error) => self.warn("prepared anew", &error),
        }
        let options = RewriteOptions {
            location: Graph::WEIGHTS,
            file_bytes: self.stored.len_bytes,
            rows,
            side: None,
            floats,
            kernels,
        };
        self.prepared(&kept, options).await.inspect_err(|error| self.warn("not rewritten", error)).ok()
    }

    /// Prepares it for sessions with so many rows, or any number, unless that was done: the next load finds it. On a graphics
    /// card that tells who runs it there; `trials` are inputs to try it with, made up if there are none. What does not work is
    /// in the log, and the next load tries again.
    pub async fn prepare(&self, rows: Option<u32>, place: &Place, trials: Option<&[Vec<Tensor>]>) {
        let is_own = match (place, rows) {
            (Place::Gpu(gpu), Some(rows)) => self.own(rows, gpu, trials).await.is_some(),
            _ => false,
        };
        if !is_own {
            self.rewritten(rows, Floats::AsPublished, Kernels::Runtime).await;
        }
    }

    /// Throws away what was prepared for who does not run it.
    pub(super) async fn forget_way(&self, rows: u32, kernels: Kernels) {
        let forgotten = self.preparation(Some(rows), Floats::AsPublished, kernels).forget(self.disk).await;
        if let Err(error) = forgotten {
            self.warn("what was prepared for nothing stays", &error);
        }
    }

    /// What was prepared before, if it is all there.
    async fn taken(&self, kept: &Preparation) -> Result<Option<Ready>, DiskError> {
        let started = clock::now_millis();
        let Some(Prepared { graph, weights }) = kept.find(self.disk).await? else { return Ok(None) };
        let weights = match weights {
            PreparedWeights::Inside => None,
            PreparedWeights::InFile => Some(self.disk.blob(&self.stored).await?),
            PreparedWeights::Following(len_bytes) => {
                let derived = MadeBytes::beside(kept.own(), len_bytes, self.disk);
                Some(derived.blob_after(Some(&self.stored)).await?.ok_or_else(gone)?)
            }
            PreparedWeights::Apart(len_bytes) => Some(self.made(&graph, len_bytes).blob().await?.ok_or_else(gone)?),
        };
        let took = clock::now_millis() - started;
        log::info!("file={} taken_as_prepared_millis={took:.0} graph_bytes={}", self.key(), graph.len());
        Ok(Some(Ready { graph, weights }))
    }

    /// Prepares it, and keeps that if there is room.
    async fn prepared(&self, kept: &Preparation, options: RewriteOptions<'_>) -> Result<Ready, NotPrepared> {
        let parted = self.parted().await?;
        let started = clock::now_millis();
        let rewritten = rewrite(&parted.graph, options)?;
        let rewrite_millis = clock::now_millis() - started;
        // What is stale or damaged first: there may not be room for both.
        kept.forget(self.disk).await?;
        let derived_bytes = rewritten.derived.iter().map(Derived::len_bytes).sum();
        let mut keeps = Ok(());
        let (place, weights) = match &parted.weights {
            None => (PreparedWeights::Inside, None),
            Some(weights) if rewritten.derived.is_empty() => (PreparedWeights::InFile, Some(weights.clone())),
            Some(weights) if rewritten.follows_file => {
                let mut made = MadeBytes::beside(kept.own(), derived_bytes, self.disk);
                let blob = match self.derive(&rewritten, &mut made).await {
                    Ok(()) => made.blob_after(Some(&self.stored)).await?.ok_or_else(gone)?,
                    Err(error) => {
                        keeps = Err(error);
                        self.with_derived(weights, &rewritten.derived).await?
                    }
                };
                (PreparedWeights::Following(derived_bytes), Some(blob))
            }
            Some(_) => (PreparedWeights::Apart(derived_bytes), Some(self.made_anew(&rewritten, derived_bytes).await?)),
        };
        let prepared = Prepared { graph: rewritten.graph, weights: place };
        if keeps.is_ok() {
            keeps = kept.keep(&prepared, &self.stored, self.disk).await;
        }
        if let Err(error) = keeps {
            self.warn("what was prepared is not kept", &error);
            kept.forget(self.disk).await?;
        }
        log::info!(
            "file={} rewrite_millis={rewrite_millis:.0} prepared_millis={:.0} nodes_before={} nodes_after={} derived={} derived_bytes={derived_bytes} floats={:?} kernels={:?}",
            self.key(),
            clock::now_millis() - started,
            rewritten.nodes_before,
            rewritten.nodes_after,
            rewritten.derived.len(),
            options.floats,
            options.kernels,
        );
        Ok(Ready { graph: prepared.graph, weights })
    }

    /// The file of the weights, and after it what is derived from them, computed piece by piece; none of it on disk.
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
    async fn made_anew(&self, rewritten: &Rewritten, len_bytes: u64) -> Result<Blob, DiskError> {
        let mut made = self.made(&rewritten.graph, len_bytes);
        if let Some(blob) = made.blob().await? {
            return Ok(blob);
        }
        made.forget().await?;
        self.derive(rewritten, &mut made).await?;
        made.blob().await?.ok_or_else(gone)
    }

    /// Makes derived weights, piece by piece.
    async fn derive(&self, rewritten: &Rewritten, made: &mut MadeBytes<'_>) -> Result<(), DiskError> {
        // Where some of it follows the file, sources lie far apart.
        let ahead_bytes = if rewritten.follows_file { 0 } else { AHEAD_BYTES };
        let mut reading = Reading { from: self, ahead_bytes, start: 0, bytes: Vec::new() };
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
        made.finish().await
    }

    fn made(&self, graph: &[u8], len_bytes: u64) -> MadeBytes<'a> {
        // Where each weight is, is in the graph: another graph needs other bytes.
        let way = graph.iter().fold(FNV_START, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_FACTOR));
        MadeBytes::of(&self.stored, way, len_bytes, self.disk)
    }

    /// Throws away the weights that were made anew.
    pub(super) async fn forget_made(&self) {
        let forgotten = async {
            self.preparation(Some(GUIDED_ROWS as u32), Floats::Halved, Kernels::Runtime).forget(self.disk).await?;
            self.made(&[], 0).forget().await
        };
        if let Err(error) = forgotten.await {
            self.warn("what was made of it stays", &error);
        }
    }
}

/// Of the hash FNV-1a with 64 bits.
const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_FACTOR: u64 = 0x0100_0000_01b3;

fn gone() -> DiskError {
    DiskError::Failed { reason: "what was made is not there".to_owned() }
}

/// Pieces of a file, mostly one after another.
struct Reading<'a> {
    from: &'a Published<'a>,
    ahead_bytes: u64,
    start: u64,
    bytes: Vec<u8>,
}

impl Reading<'_> {
    async fn piece(&mut self, piece: Range<u64>) -> Result<&[u8], DiskError> {
        let is_here = piece.start >= self.start && piece.end <= self.start + self.bytes.len() as u64;
        if !is_here {
            let stored = &self.from.stored;
            let end = piece.end.max(piece.start + self.ahead_bytes).min(stored.len_bytes);
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
