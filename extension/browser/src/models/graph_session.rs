//! A graph on whatever runs it.

use brushaway::{
    models::{Backend, Denoising, InferError, Session, Tensor},
    runtime::card::network::NetworkSession,
};
use futures_util::future::LocalBoxFuture;

use super::{Gpu, OrtSession, stepping::Stepping};
use crate::clock;

/// A [`Session`] that takes steps on the graphics card where it can.
pub struct GraphSession {
    runner: Runner,
    stepping: Option<Stepping>,
}

/// What runs it.
enum Runner {
    Ort(OrtSession),
    /// Kernels of our own.
    Own {
        session: NetworkSession,
        gpu: Gpu,
    },
}

impl From<OrtSession> for GraphSession {
    fn from(session: OrtSession) -> Self {
        Self { runner: Runner::Ort(session), stepping: None }
    }
}

impl GraphSession {
    /// By kernels of our own.
    pub(super) const fn own(session: NetworkSession, gpu: Gpu) -> Self {
        Self { runner: Runner::Own { session, gpu }, stepping: None }
    }

    /// Whether kernels of our own run it.
    pub const fn is_own(&self) -> bool {
        matches!(self.runner, Runner::Own { .. })
    }

    pub(super) const fn stepping(&mut self) -> &mut Option<Stepping> {
        &mut self.stepping
    }

    /// Where a named input is read, and where the one output is written that has so many values.
    pub(super) fn places(&self, input: &str, output_len: usize) -> Option<(Gpu, [wgpu::Buffer; 2])> {
        match &self.runner {
            Runner::Ort(session) => {
                let (gpu, resident) = session.resident()?;
                Some((gpu.clone(), [resident.input(input)?, resident.only_output(output_len)?]))
            }
            Runner::Own { session, gpu } => {
                let network = session.network();
                let (input, output) = (network.input(input)?, network.only_output(output_len)?);
                Some((gpu.clone(), [input.clone(), output.clone()]))
            }
        }
    }

    /// Brings inputs to where they are read.
    pub(super) fn place(&self, inputs: &[Tensor]) -> Result<(), InferError> {
        match &self.runner {
            Runner::Ort(session) => session.place(inputs),
            Runner::Own { session, .. } => session.place(inputs),
        }
    }

    /// Computes with what is where the inputs are. Returns once it is submitted.
    pub(super) async fn play(&self) -> Result<(), InferError> {
        match &self.runner {
            Runner::Ort(session) => session.play().await,
            Runner::Own { session, .. } => {
                // What waits to be sent or heard goes first.
                clock::sleep_millis(0).await;
                session.network().submit();
                Ok(())
            }
        }
    }
}

impl Session for GraphSession {
    fn backend(&self) -> Backend {
        match &self.runner {
            Runner::Ort(session) => session.backend(),
            Runner::Own { session, .. } => session.backend(),
        }
    }

    fn run(&mut self, inputs: Vec<Tensor>) -> LocalBoxFuture<'_, Result<Vec<Tensor>, InferError>> {
        match &mut self.runner {
            Runner::Ort(session) => Session::run(session, inputs),
            Runner::Own { session, .. } => session.run(inputs),
        }
    }

    fn denoising(&mut self) -> Option<&mut dyn Denoising> {
        if self.stepping.is_some() { Some(self) } else { None }
    }
}

impl std::fmt::Debug for GraphSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GraphSession").field("backend", &self.backend()).field("is_own", &self.is_own()).finish()
    }
}
