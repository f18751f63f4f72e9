//! What can fill a hole: the ports that models implement and run on, and the catalogue of models.

mod agreement;
mod catalog;
mod denoising;
mod drafted;
mod fixed_rows;
mod inpainter;
mod latent_diffusion;
mod latent_look;
mod noise;
mod samplers;
mod session;
mod single_pass;

use self::session::output;
pub use self::{
    agreement::difference,
    catalog::{
        Catalog, CatalogError, FetchSpec, FileSpec, HubSpec, ModelId, ModelSpec, Network, RelativeTime, Runs,
        TextureStep,
    },
    denoising::{Beginning, Denoising, Step},
    drafted::Drafted,
    fixed_rows::FixedRows,
    inpainter::{Cancelled, InferError, Inpainter, Run, Start, Tile, TileSpec},
    latent_diffusion::{DiffusionOptions, Graphs, GuidedInterval, LatentContract, LatentDiffusion, LatentNames},
    noise::standard_normal,
    samplers::{NoiseSchedule, Sampler, SamplerKind, SamplerOptions, StepFactors, StepMemory},
    session::{Backend, BackendKind, Session, Tensor, TensorData},
    single_pass::{HolePixels, MaskMarks, PictureInput, PixelValues, SinglePass, SinglePassContract},
};
