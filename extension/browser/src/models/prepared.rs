//! A published graph as it is given to the runtime: rewritten, with the weights that were derived. Prepared by the first load
//! and kept; later ones take what is there.

use brushaway::{
    onnx::{Derived, Kernels, PASSES, RewriteError, RewriteOptions, rewrite},
    store::{DiskError, Preparation, Prepared, PreparedWeights},
};
use web_sys::Blob;

use super::{
    Graph, Place, Published,
    published::{LoadError, Ready},
};
use crate::{
    clock,
    store::{LongerBlob, MadeBytes, Rows},
};

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

impl Published<'_> {
    /// Where it is kept what was prepared in this way.
    fn preparation(&self, rows: Option<u32>, kernels: Kernels) -> Preparation {
        let rows = rows.map_or_else(|| "any".to_owned(), |rows| rows.to_string());
        // Neither begins as the other does: what begins alike is thrown away together.
        let kernels = match kernels {
            Kernels::Runtime => "runtime",
            Kernels::Own => "own",
        };
        Preparation::of(&self.stored, &format!("{kernels}-rows-{rows}"), PASSES)
    }

    /// The graph rewritten, as it is there or made now; none if it cannot be.
    pub(super) async fn rewritten(&self, rows: Option<u32>, kernels: Kernels) -> Option<Ready> {
        let kept = self.preparation(rows, kernels);
        match self.taken(&kept).await {
            Ok(Some(ready)) => return Some(ready),
            Ok(None) => {}
            Err(error) => self.warn("prepared anew", &error),
        }
        let options =
            RewriteOptions { location: Graph::WEIGHTS, file_bytes: self.stored.len_bytes, rows, side: None, kernels };
        self.prepared(&kept, options).await.inspect_err(|error| self.warn("not rewritten", error)).ok()
    }

    /// Prepares it for sessions with so many rows, or any number, unless that was done: the next load finds it. On a graphics
    /// card that tells who runs it there. What does not work is in the log, and the next load tries again.
    pub async fn prepare(&self, rows: Option<u32>, place: &Place) {
        let is_own = match (place, rows) {
            (Place::Gpu(gpu), Some(rows)) => self.own(rows, gpu, None).await.is_some(),
            _ => false,
        };
        if !is_own {
            self.rewritten(rows, Kernels::Runtime).await;
        }
    }

    /// Throws away what was prepared for who does not run it.
    pub(super) async fn forget_way(&self, rows: u32, kernels: Kernels) {
        let forgotten = self.preparation(Some(rows), kernels).forget(self.disk).await;
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
                Some(derived.blob_after(&self.stored).await?.ok_or_else(gone)?)
            }
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
            Some(weights) => {
                let mut made = MadeBytes::beside(kept.own(), derived_bytes, self.disk);
                let blob = match self.derive(&rewritten.derived, &mut made).await {
                    Ok(()) => made.blob_after(&self.stored).await?.ok_or_else(gone)?,
                    Err(error) => {
                        keeps = Err(error);
                        self.with_derived(weights, &rewritten.derived).await?
                    }
                };
                (PreparedWeights::Following(derived_bytes), Some(blob))
            }
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
            "file={} rewrite_millis={rewrite_millis:.0} prepared_millis={:.0} nodes_before={} nodes_after={} derived={} derived_bytes={derived_bytes} kernels={:?}",
            self.key(),
            clock::now_millis() - started,
            rewritten.nodes_before,
            rewritten.nodes_after,
            rewritten.derived.len(),
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

    /// Makes derived weights, piece by piece.
    async fn derive(&self, derived: &[Derived], made: &mut MadeBytes<'_>) -> Result<(), DiskError> {
        for derived in derived {
            let mut rows: Vec<Vec<u8>> = Vec::new();
            for piece in derived.pieces() {
                let pieces = derived.compute(&self.stored.read(self.disk, piece).await?);
                rows.resize_with(pieces.len(), Vec::new);
                rows.iter_mut().zip(pieces).for_each(|(row, piece)| row.extend(piece));
            }
            for row in rows {
                made.extend(&row).await?;
            }
        }
        made.finish().await
    }
}

fn gone() -> DiskError {
    DiskError::Failed { reason: "what was made is not there".to_owned() }
}
