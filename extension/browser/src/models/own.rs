//! A graph by kernels of our own, where they give the same as the runtime and take less time. That is tried once on each
//! graphics card and remembered.

use std::ops::Range;

use brushaway::{
    imaging::card::CardError,
    models::{Backend, InferError, Session, Tensor, standard_normal},
    onnx::{
        Kernels, PASSES,
        plan::{NotPlanned, Plan},
    },
    runtime::card::network::{NetworkError, NetworkSession, WeightFile, Weights},
};
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::{Gpu, GraphSession, OrtSession, Published, denoiser::most_different};
use crate::{clock, error::text, platform};

/// Answers may differ by as much from the runtime's, relative to their size: rounding, in another order.
const SAME: f32 = 1e-3;

/// Recording makes the runtime a fifth faster where it works; whoever is asked here has not recorded.
const WORTHWHILE: f64 = 0.8;

/// So often either is timed after it was tried, if that takes no longer than the milliseconds.
const TIMED_RUNS: usize = 8;
const TIMED_MILLIS: f64 = 1000.0;

/// Where it is kept who runs which graph.
const KEPT: &str = "kernels";

#[wasm_bindgen]
extern "C" {
    type Queue;
    #[wasm_bindgen(method, catch, js_name = writeBuffer)]
    fn write_buffer(this: &Queue, buffer: &JsValue, offset: f64, data: &JsValue) -> Result<(), JsValue>;
}

/// Why a graph is not run so.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotOwn {
    #[error("it was not rewritten")]
    NotRewritten,
    #[error(transparent)]
    NotPlanned(#[from] NotPlanned),
    #[error(transparent)]
    Refused(#[from] NetworkError),
    #[error(transparent)]
    Failed(#[from] InferError),
    #[error("its answers differ from the runtime's by {0:?}")]
    Differs(Option<f32>),
    #[error("it takes {own:.0} ms, the runtime {runtime:.0}")]
    Slower { own: f64, runtime: f64 },
}

impl NotOwn {
    /// Whether another try may end otherwise.
    const fn is_passing(&self) -> bool {
        match self {
            Self::NotRewritten | Self::Failed(_) | Self::Refused(NetworkError::Weights(_)) => true,
            // There may be more memory another time, but never a larger card.
            Self::Refused(NetworkError::Card(error)) => !matches!(error, CardError::TooLarge { .. }),
            Self::Refused(NetworkError::Text(_)) | Self::NotPlanned(_) | Self::Differs(_) | Self::Slower { .. } => {
                false
            }
        }
    }
}

/// Who runs a graph, and for what that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Found {
    /// The file, the graphics adapter and the version of the kernels: with another of them it is tried anew.
    of: [String; 3],
    is_own: bool,
}

/// A graph as a plan.
pub(super) struct Planned {
    plan: Plan,
    /// Weights beside it.
    file: Option<Blob>,
}

/// Weights beside a graph, which go from the disk to the card without a stay in our memory.
struct BlobFile<'a> {
    blob: Option<&'a Blob>,
    queue: Queue,
}

impl BlobFile<'_> {
    async fn bring(&self, span: Range<u64>, buffer: &wgpu::Buffer) -> Result<(), JsValue> {
        let blob = self.blob.ok_or("the graph has no file beside it")?;
        let piece = blob.slice_with_f64_and_f64(span.start as f64, span.end as f64)?;
        let bytes = JsFuture::from(piece.array_buffer()).await?;
        let buffer: JsValue = buffer.as_webgpu().map_or(JsValue::UNDEFINED, Into::into);
        self.queue.write_buffer(&buffer, 0.0, &bytes)
    }
}

impl WeightFile for BlobFile<'_> {
    fn put<'a>(&'a self, span: Range<u64>, buffer: &'a wgpu::Buffer) -> LocalBoxFuture<'a, Result<(), String>> {
        Box::pin(async move { self.bring(span, buffer).await.map_err(|thrown| text(&thrown)) })
    }
}

impl Published<'_> {
    /// A session by kernels of our own, if that is better than the runtime's; `trials` are two inputs for it or more, made up if
    /// there are none.
    pub(super) async fn own(&self, rows: u32, gpu: &Gpu, trials: Option<&[Vec<Tensor>]>) -> Option<GraphSession> {
        let known = self.found(gpu);
        if known == Some(false) {
            return None;
        }
        let made = self.better(rows, gpu, trials, known.is_some()).await;
        if known.is_none() && made.as_ref().err().is_none_or(|error| !error.is_passing()) {
            keep(Found { of: self.of(gpu), is_own: made.is_ok() });
            let other = if made.is_ok() { Kernels::Runtime } else { Kernels::Own };
            self.forget_way(rows, other).await;
        }
        made.inspect_err(|error| self.warn("not by kernels of our own", error)).ok()
    }

    fn of(&self, gpu: &Gpu) -> [String; 3] {
        [self.key().to_owned(), gpu.adapter_name().to_owned(), PASSES.to_owned()]
    }

    /// Whether kernels of our own run it, if that was found before.
    fn found(&self, gpu: &Gpu) -> Option<bool> {
        let of = self.of(gpu);
        platform::remembered::<Vec<Found>>(KEPT).into_iter().find(|found| found.of == of).map(|found| found.is_own)
    }

    /// Whether it was found before that kernels of our own run it.
    pub(super) fn is_known_own(&self, gpu: &Gpu) -> bool {
        self.found(gpu) == Some(true)
    }

    async fn better(
        &self,
        rows: u32,
        gpu: &Gpu,
        trials: Option<&[Vec<Tensor>]>,
        is_known: bool,
    ) -> Result<GraphSession, NotOwn> {
        let planned = self.planned(rows).await?;
        let made_up = [made_up_inputs(&planned.plan, 1), made_up_inputs(&planned.plan, 2)];
        let trials = trials.unwrap_or(&made_up);
        // Before there are two of them: there may not be room.
        let reference = if is_known { None } else { Some(self.by_runtime(rows, gpu, trials).await?) };
        clock::sleep_millis(0).await;
        let mut session = self.network(&planned, gpu, Weights::Singles).await?;
        if let Some((expected, runtime)) = reference {
            let (found, own) = timed(&mut session, trials).await?;
            let apart = most_different(&found, &expected);
            if apart.is_none_or(|apart| apart > SAME) {
                return Err(NotOwn::Differs(apart));
            }
            log::info!("file={} own_millis={own:.1} runtime_millis={runtime:.1} apart={apart:?}", self.key());
            // What a processor that acts as a card takes says nothing: it is asked for only to be tried.
            if own > WORTHWHILE * runtime && !gpu.is_software() {
                return Err(NotOwn::Slower { own, runtime });
            }
        }
        Ok(session)
    }

    /// The graph as kernels of our own run it.
    pub(super) async fn planned(&self, rows: u32) -> Result<Planned, NotOwn> {
        let ready = self.rewritten(Some(rows), Kernels::Own).await.ok_or(NotOwn::NotRewritten)?;
        Ok(Planned { plan: Plan::of(&ready.graph)?, file: ready.weights })
    }

    /// A session by kernels of our own, whose weights have so many bits.
    pub(super) async fn network(&self, planned: &Planned, gpu: &Gpu, weights: Weights) -> Result<GraphSession, NotOwn> {
        let started = clock::now_millis();
        let file = BlobFile { blob: planned.file.as_ref(), queue: gpu.queue_as_js().unchecked_into() };
        let network = gpu.network(&planned.plan, weights, &file).await?;
        let (bytes, took) = (network.len_bytes(), clock::now_millis() - started);
        log::info!("file={} own_kernels=true weights={weights:?} bytes_on_card={bytes} millis={took:.0}", self.key());
        Ok(GraphSession::own(NetworkSession::new(network, Backend::WebGpu), gpu.clone()))
    }

    /// What the runtime answers, and how long it takes.
    async fn by_runtime(
        &self,
        rows: u32,
        gpu: &Gpu,
        trials: &[Vec<Tensor>],
    ) -> Result<(Vec<Vec<Tensor>>, f64), NotOwn> {
        let ready = self.rewritten(Some(rows), Kernels::Runtime).await;
        let ready = ready.ok_or(NotOwn::NotRewritten)?;
        let mut session = OrtSession::on_gpu(ready.graph(), gpu).await?;
        timed(&mut session, trials).await
    }
}

/// Answers to all inputs, and what a run takes in milliseconds: the least of several, because the first ones compile kernels and
/// what else the computer does makes others longer.
async fn timed(session: &mut impl Session, trials: &[Vec<Tensor>]) -> Result<(Vec<Vec<Tensor>>, f64), NotOwn> {
    let mut least = f64::INFINITY;
    let mut lap = async |inputs: &Vec<Tensor>| {
        let started = clock::now_millis();
        let answer = session.run(inputs.clone()).await?;
        least = least.min(clock::now_millis() - started);
        Ok::<_, NotOwn>(answer)
    };
    let (mut answers, mut over) = (Vec::with_capacity(trials.len()), f64::INFINITY);
    for inputs in trials {
        answers.push(lap(inputs).await?);
        // Counted from when the first answer is there: where runs take seconds, two are enough.
        over = over.min(clock::now_millis() + TIMED_MILLIS);
    }
    for inputs in trials.iter().cycle().take(TIMED_RUNS) {
        if clock::now_millis() > over {
            break;
        }
        lap(inputs).await?;
    }
    Ok((answers, least))
}

/// Normal numbers for all that a plan is given.
fn made_up_inputs(plan: &Plan, seed: u64) -> Vec<Tensor> {
    let made = plan.inputs.iter().map(|port| {
        let len = port.shape.iter().product();
        Tensor::f32(&port.name, port.shape.clone(), standard_normal(seed, len))
    });
    made.collect()
}

fn keep(found: Found) {
    let mut all: Vec<Found> = platform::remembered(KEPT);
    all.retain(|other| other.of[0] != found.of[0]);
    all.push(found);
    platform::remember(KEPT, &all);
}
