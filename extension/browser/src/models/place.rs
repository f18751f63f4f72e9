//! Where sessions are made.

use brushaway::models::{BackendKind, InferError};

use super::{Gpu, Graph, OrtSession};

/// A graphics card or the processor.
#[derive(Debug, Clone)]
pub enum Place {
    /// On the graphics card.
    Gpu(Gpu),
    /// On the processor.
    Cpu {
        /// That share the work.
        threads: u32,
    },
}

impl Place {
    /// Makes a session here.
    ///
    /// # Errors
    /// [`InferError`] if the runtime refuses the graph.
    pub async fn session(&self, graph: Graph<'_>) -> Result<OrtSession, InferError> {
        match self {
            Self::Gpu(gpu) => OrtSession::on_gpu(graph, gpu).await,
            Self::Cpu { threads } => OrtSession::on_cpu(graph, *threads).await,
        }
    }

    /// What does the work here.
    pub const fn kind(&self) -> BackendKind {
        match self {
            Self::Gpu(_) => BackendKind::Gpu,
            Self::Cpu { .. } => BackendKind::Cpu,
        }
    }
}
