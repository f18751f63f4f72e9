//! Models that fill a hole in one run of one graph.

use futures_util::future::LocalBoxFuture;

use crate::{
    mask::Mask,
    models::{Backend, InferError, Inpainter, Run, Session, SinglePassContract, Tensor, TensorData, Tile, TileSpec},
    tensor::{Rgb, Unit},
};

/// An [`Inpainter`] over one graph that takes image and mask and returns the repainted image.
#[derive(Debug)]
pub struct SinglePass<S> {
    session: S,
    contract: SinglePassContract,
    spec: TileSpec,
}

impl<S: Session> SinglePass<S> {
    /// Wraps a session whose graph keeps `contract`.
    pub fn new(session: S, contract: SinglePassContract) -> Self {
        let spec = TileSpec { sides: contract.tile_sides.clone() };
        Self { session, contract, spec }
    }

    fn inputs(&self, tile: &Tile) -> Vec<Tensor> {
        let (width, height) = (tile.size().width() as usize, tile.size().height() as usize);
        let mask = tile.mask.as_bytes();
        let hole = |index: usize| mask[index % mask.len()] == Mask::FILL;
        let image = tile.image.as_slice().iter().enumerate().map(|(i, &v)| if hole(i) { 0.0 } else { v }).collect();
        let mask = (0..mask.len()).map(|i| f32::from(u8::from(hole(i)))).collect();
        vec![
            Tensor::f32(&self.contract.image, [1, 3, height, width], image),
            Tensor::f32(&self.contract.mask, [1, 1, height, width], mask),
        ]
    }
}

impl<S: Session> Inpainter for SinglePass<S> {
    fn spec(&self) -> &TileSpec {
        &self.spec
    }

    fn backend(&self) -> Backend {
        self.session.backend()
    }

    fn fill<'a>(&'a mut self, tile: &'a Tile, run: &'a dyn Run) -> LocalBoxFuture<'a, Result<Rgb<Unit>, InferError>> {
        Box::pin(async move {
            run.step(0, 1)?;
            let inputs = self.inputs(tile);
            let outputs = self.session.run(inputs).await?;
            run.step(1, 1)?;
            let name = &self.contract.output;
            let data = outputs.into_iter().find(|tensor| tensor.name == *name).map(|tensor| tensor.data);
            let Some(TensorData::F32(mut data)) = data else {
                return Err(InferError::MissingOutput { name: name.clone() });
            };
            for value in &mut data {
                *value = value.clamp(0.0, 1.0);
            }
            Ok(Rgb::from_vec(tile.size(), data)?)
        })
    }
}
