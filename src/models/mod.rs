//! What can fill a hole: the ports that models implement and run on, and the catalogue of models.

mod catalog;
mod inpainter;
mod session;
mod single_pass;

pub use self::{
    catalog::{Catalog, CatalogError, FileSpec, ModelId, ModelKind, ModelSpec, SinglePassContract, TextureStep},
    inpainter::{Cancelled, InferError, Inpainter, Run, Tile, TileSpec},
    session::{Backend, Session, Tensor, TensorData},
    single_pass::SinglePass,
};
