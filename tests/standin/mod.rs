//! Stand-ins for Moebius' graphs: `tests/models/make_standins.py` made them and says what they do.

use std::{fs, path::Path};

use brushaway::{
    models::{
        Backend, Catalog, Graphs, InferError, LatentContract, LatentDiffusion, Network, Session, Tensor, TensorData,
    },
    runtime::ort::OrtSession,
};
use futures_util::future::LocalBoxFuture;

use crate::native_runtime;

/// What the hole becomes, in `[-1, 1]`.
pub(crate) const COLOUR: [f32; 3] = [0.5, -0.25, -0.5];
/// A session, and what is done wrongly around it.
pub(crate) struct Tampered {
    session: OrtSession,
    pub(crate) inputs: fn(&mut [Tensor]),
    pub(crate) outputs: fn(&mut [Tensor]),
}

impl Session for Tampered {
    fn backend(&self) -> Backend {
        self.session.backend()
    }

    fn run(&mut self, mut inputs: Vec<Tensor>) -> LocalBoxFuture<'_, Result<Vec<Tensor>, InferError>> {
        (self.inputs)(&mut inputs);
        Box::pin(async move {
            let mut outputs = self.session.run(inputs).await?;
            (self.outputs)(&mut outputs);
            Ok(outputs)
        })
    }
}

const fn nothing(_: &mut [Tensor]) {}

pub(crate) fn session(name: &str) -> Tampered {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models");
    let graph = fs::read(folder.join(name).with_extension("onnx")).unwrap();
    Tampered { session: native_runtime::session(&graph, 1), inputs: nothing, outputs: nothing }
}

pub(crate) fn contract() -> LatentContract {
    let catalog = Catalog::shipped().unwrap();
    match &catalog.find("moebius").unwrap().network {
        Network::LatentDiffusion { contract, .. } => (**contract).clone(),
        Network::SinglePass { .. } => unreachable!("Moebius samples"),
    }
}

pub(crate) fn model(contract: LatentContract) -> LatentDiffusion<Tampered> {
    let graphs = Graphs { encoder: session("encoder"), denoiser: session("denoiser"), decoder: session("decoder") };
    LatentDiffusion::new(graphs, contract)
}

pub(crate) fn integers<'a>(tensors: &'a mut [Tensor], name: &str) -> &'a mut Vec<i64> {
    let data = tensors.iter_mut().find(|tensor| tensor.name == name).map(|tensor| &mut tensor.data);
    match data {
        Some(TensorData::I64(values)) => values,
        _ => unreachable!("{name}"),
    }
}
