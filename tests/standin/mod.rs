//! Stand-ins for Moebius' graphs: `tests/models/make_standins.py` made them and says what they do.

use brushaway::models::{Catalog, Graphs, LatentContract, LatentDiffusion, Network, Tensor, TensorData};

use crate::tampered::{Tampered, session};

/// What the hole becomes, in `[-1, 1]`.
pub(crate) const COLOUR: [f32; 3] = [0.5, -0.25, -0.5];

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
