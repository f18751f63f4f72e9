//! A graph whose pictures have one of a few sides, and that is recorded for each on the graphics card.

use std::collections::HashMap;

use brushaway::{
    models::{Backend, BackendKind, InferError, Session, Tensor, TensorData},
    onnx::{Kernels, RewriteOptions, rewrite},
};
use futures_util::future::LocalBoxFuture;

use super::{
    Gpu, Graph, OrtSession, Place,
    record::{NotRecorded, tried},
};
use crate::clock;

/// A [`Session`] for one picture at a time, whose last axis tells its side.
///
/// On the graphics card the graph is rewritten for the first picture of a side, run and recorded, and later ones play that
/// again: otherwise handing a hundred small kernels over takes longer than they do. Where that does not work, and on the
/// processor, it runs as it is.
#[derive(Debug)]
pub struct SizedSession {
    place: Place,
    /// For the graphics card.
    graph: Vec<u8>,
    /// None where recording did not work.
    recorded: HashMap<usize, Option<OrtSession>>,
    as_it_is: Option<OrtSession>,
}

impl SizedSession {
    /// For a graph with all its weights inside.
    ///
    /// # Errors
    /// [`InferError::Runtime`] if the runtime refuses the graph on the processor. On the graphics card the first run tells.
    pub async fn new(graph: &[u8], place: &Place) -> Result<Self, InferError> {
        let (graph, as_it_is) = match place.kind() {
            BackendKind::Gpu => (graph.to_vec(), None),
            BackendKind::Cpu => (Vec::new(), Some(place.session(Graph::from(graph)).await?)),
        };
        Ok(Self { place: place.clone(), graph, recorded: HashMap::new(), as_it_is })
    }

    async fn run_sized(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, InferError> {
        let side = inputs.first().and_then(|input| input.shape.last().copied()).unwrap_or_default();
        if let Place::Gpu(gpu) = &self.place
            && !self.recorded.contains_key(&side)
        {
            match self.record(side, &inputs, gpu).await {
                Ok((session, answer)) => {
                    self.recorded.insert(side, Some(session));
                    return Ok(answer);
                }
                Err(error) => {
                    log::warn!("side={side} not recorded: {error}");
                    self.recorded.insert(side, None);
                }
            }
        }
        if let Some(Some(session)) = self.recorded.get_mut(&side) {
            return Session::run(session, inputs).await;
        }
        let session = match &mut self.as_it_is {
            Some(session) => session,
            missing => missing.insert(self.place.session(Graph::from(self.graph.as_slice())).await?),
        };
        Session::run(session, inputs).await
    }

    /// A session that has recorded these inputs and gives the same when it plays them again, and its answer to them.
    async fn record(
        &self,
        side: usize,
        inputs: &[Tensor],
        gpu: &Gpu,
    ) -> Result<(OrtSession, Vec<Tensor>), NotRecorded> {
        let started = clock::now_millis();
        let options = RewriteOptions {
            location: Graph::WEIGHTS,
            file_bytes: 0,
            rows: Some(1),
            // One that is not known stays open, and such a graph is refused.
            side: u32::try_from(side).ok(),
            kernels: Kernels::Runtime,
        };
        let rewritten = rewrite(&self.graph, options)?;
        let mut session = OrtSession::recorded_on_gpu(Graph::from(rewritten.graph.as_slice()), gpu, &[]).await?;
        let mut answers = tried(&mut session, &[inputs.to_vec(), inputs.iter().map(halved).collect()]).await?;
        log::info!("side={side} recorded session_millis={:.0}", clock::now_millis() - started);
        Ok((session, answers.swap_remove(0)))
    }
}

/// Other inputs than these: of half the size.
fn halved(input: &Tensor) -> Tensor {
    let data = match &input.data {
        TensorData::F32(values) => TensorData::F32(values.iter().map(|value| value / 2.0).collect()),
        TensorData::I64(values) => TensorData::I64(values.iter().map(|value| value / 2).collect()),
        TensorData::U8(values) => TensorData::U8(values.iter().map(|value| value / 2).collect()),
    };
    Tensor { name: input.name.clone(), shape: input.shape.clone(), data }
}

impl Session for SizedSession {
    fn backend(&self) -> Backend {
        match self.place {
            Place::Gpu(_) => Backend::WebGpu,
            Place::Cpu { threads } => Backend::Wasm { threads },
        }
    }

    fn run(&mut self, inputs: Vec<Tensor>) -> LocalBoxFuture<'_, Result<Vec<Tensor>, InferError>> {
        Box::pin(self.run_sized(inputs))
    }
}
