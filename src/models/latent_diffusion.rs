//! Models that turn noise into the latent of a picture, step by step.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};

use crate::{
    geometry::Size,
    image::ShapeError,
    mask::Mask,
    models::{
        Backend, Beginning, Denoising, InferError, Inpainter, NoiseSchedule, Run, Sampler, SamplerOptions, Session,
        Start, Step, Tensor, Tile, TileSpec, denoising::OnProcessor, latent_look::LatentLook, output, standard_normal,
    },
    tensor::{Rgb, Signed, Unit},
};

/// The three graphs of a model: their sessions, or where they are to be had.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Graphs<S> {
    /// From a picture to the moments of its latent: means, then logarithms of variances.
    pub encoder: S,
    /// From a noisy latent, the mask and the latent of the surroundings to the noise.
    pub denoiser: S,
    /// From a latent to a picture.
    pub decoder: S,
}

/// What the graphs take and give. Pictures are `[1, 3, h, w]` in `[-1, 1]`, red first; latents `[n, c, h / cell, w / cell]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatentContract {
    /// Side of the only tile it takes, in pixels.
    pub tile_side: u32,
    /// Side of a latent's cell, in pixels.
    pub cell_side: u32,
    /// Channels of a latent.
    pub latent_channels: usize,
    /// Brings latents to deviation 1.
    pub latent_scale: f32,
    /// Deviation of the noise that all cells of a channel share.
    pub noise_offset: f32,
    /// Ids that stand for "fill this hole".
    pub conditional_ids: Vec<i64>,
    /// Ids that stand for nothing; as many as the others.
    pub unconditional_ids: Vec<i64>,
    /// How noise grew in training.
    pub schedule: NoiseSchedule,
    /// Training timestep from which detail is added to a blurred fill: below it, noise hides no shapes.
    pub detail_timestep: u32,
    /// Whether the denoiser's weights may have 16 bits on a graphics card where its answers hardly change by it.
    #[serde(default)]
    pub try_halves: bool,
    /// What is done unless the person wants something else.
    pub defaults: DiffusionOptions,
    /// Names of inputs and outputs.
    pub names: LatentNames,
}

/// Names of inputs and outputs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatentNames {
    /// The encoder's picture.
    pub encoder_input: String,
    /// The encoder's moments.
    pub encoder_output: String,
    /// Latent, mask and masked latent, one after another along the channels.
    pub denoiser_latent: String,
    /// Training timesteps, `i64 [n]`.
    pub denoiser_timesteps: String,
    /// Ids, `i64 [n, ids]`.
    pub denoiser_ids: String,
    /// The noise.
    pub denoiser_output: String,
    /// The decoder's latent.
    pub decoder_input: String,
    /// The decoder's picture.
    pub decoder_output: String,
}

/// How a fill is sampled.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiffusionOptions {
    /// The way from noise to latent.
    pub sampler: SamplerOptions,
    /// Guidance scale: how far the fill is pushed away from what the network would do without its condition. 1 needs only
    /// half of the work.
    pub guidance: f32,
    /// When guidance is given.
    #[serde(default)]
    pub guided: GuidedInterval,
}

/// The training timesteps at which guidance is given; at others one row is run, as with a guidance scale of 1
/// (Kynkäänniemi et al., "Applying Guidance in a Limited Interval", 2024). Timesteps and not steps, so that it means the
/// same for each sampler and number of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuidedInterval {
    /// The first timestep, where there is least noise.
    pub from: u32,
    /// The last timestep, where there is most noise.
    pub to: u32,
}

impl GuidedInterval {
    /// Whether guidance is given at a timestep.
    pub const fn contains(self, timestep: u32) -> bool {
        self.from <= timestep && timestep <= self.to
    }
}

impl Default for GuidedInterval {
    /// Always.
    fn default() -> Self {
        Self { from: 0, to: u32::MAX }
    }
}

/// What is counted beside the steps: encoding and decoding.
const ONCE: usize = 2;

/// An [`Inpainter`] that samples.
#[derive(Debug)]
pub struct LatentDiffusion<S> {
    /// Its graphs.
    pub graphs: Graphs<S>,
    contract: LatentContract,
    spec: TileSpec,
    /// How fills are sampled from now on.
    pub options: DiffusionOptions,
}

impl LatentContract {
    /// Tells what is wrong with it.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        if self.tile_side == 0 || self.cell_side == 0 || !self.tile_side.is_multiple_of(self.cell_side) {
            return Err("a tile must consist of whole cells");
        }
        if self.conditional_ids.len() != self.unconditional_ids.len() {
            return Err("both lists of ids must be equally long");
        }
        if self.latent_scale <= 0.0 || self.latent_channels == 0 || self.schedule.timesteps < 2 {
            return Err("scale, channels and timesteps must be more than nothing");
        }
        Ok(())
    }

    /// Inputs as the denoiser gets them with guidance, always the same: for trying sessions. At the beginning, in the
    /// middle and near the end of sampling; the latents are noise, the hole is a square in the middle.
    pub fn trials(&self) -> [Beginning; 3] {
        let side = (self.tile_side / self.cell_side) as usize;
        let (latent_len, cells) = (self.latent_channels * self.cells(), self.cells());
        let mut row = standard_normal(0, 2 * latent_len + cells);
        for (cell, value) in row[latent_len..][..cells].iter_mut().enumerate() {
            let is_inside = |at: usize| (side / 4..side - side / 4).contains(&at);
            *value = f32::from(u8::from(is_inside(cell % side) && is_inside(cell / side)));
        }
        let timesteps = [9, 5, 1].map(|tenths| self.schedule.timesteps * tenths / 10);
        timesteps.map(|timestep| self.beginning(&row, timestep))
    }

    /// Inputs of the denoiser: this row of all channels without and with the condition's ids.
    fn beginning(&self, row: &[f32], timestep: u32) -> Beginning {
        let shape = self.latent_shape(2, 2 * self.latent_channels + 1);
        let ids = [self.unconditional_ids.as_slice(), self.conditional_ids.as_slice()];
        Beginning {
            latent: Tensor::f32(&self.names.denoiser_latent, shape, row.repeat(2)),
            timesteps: Tensor::i64(&self.names.denoiser_timesteps, [2], vec![i64::from(timestep); 2]),
            ids: Tensor::i64(&self.names.denoiser_ids, [2, self.conditional_ids.len()], ids.concat()),
            latent_len: self.latent_channels * self.cells(),
        }
    }

    /// Values of one channel of a latent.
    const fn cells(&self) -> usize {
        let side = (self.tile_side / self.cell_side) as usize;
        side * side
    }

    /// Extents of the denoiser's answer with guidance.
    pub fn noise_shape(&self) -> [usize; 4] {
        self.latent_shape(2, self.latent_channels)
    }

    fn latent_shape(&self, rows: usize, channels: usize) -> [usize; 4] {
        let side = (self.tile_side / self.cell_side) as usize;
        [rows, channels, side, side]
    }

    /// The mask by cells: each has the value of its first pixel, as nearest-neighbour resizing in training had it.
    fn mask_of_cells(&self, mask: &Mask) -> Vec<f32> {
        let rows = (0..mask.size().height()).step_by(self.cell_side as usize);
        let first_of_cells = |y| mask.row(y).iter().step_by(self.cell_side as usize);
        rows.flat_map(first_of_cells).map(|&value| f32::from(u8::from(value == Mask::FILL))).collect()
    }

    /// Noise of deviation 1, and a little that all cells of a channel share.
    fn noise(&self, seed: u64) -> Vec<f32> {
        let len = self.latent_channels * self.cells();
        let mut noise = standard_normal(seed, len + self.latent_channels);
        let shared = noise.split_off(len);
        for (plane, shared) in noise.chunks_exact_mut(self.cells()).zip(shared) {
            for value in plane {
                *value += self.noise_offset * shared;
            }
        }
        noise
    }
}

impl<S: Session> LatentDiffusion<S> {
    /// Wraps sessions whose graphs keep `contract`.
    pub fn new(graphs: Graphs<S>, contract: LatentContract) -> Self {
        let spec = TileSpec { sides: vec![contract.tile_side] };
        let options = contract.defaults;
        Self { graphs, contract, spec, options }
    }

    /// The latent of a picture: the mean, scaled.
    async fn encode(&mut self, picture: Rgb<Signed>) -> Result<Vec<f32>, InferError> {
        let side = picture.size().width() as usize;
        let input = Tensor::f32(&self.contract.names.encoder_input, [1, 3, side, side], picture.into_vec());
        let moments = self.graphs.encoder.run(vec![input]).await?;
        let len = self.contract.latent_channels * self.contract.cells();
        let mut mean = output(moments, &self.contract.names.encoder_output, 2 * len)?;
        mean.truncate(len);
        for value in &mut mean {
            *value *= self.contract.latent_scale;
        }
        Ok(mean)
    }

    /// The picture of a latent.
    async fn decode(&mut self, mut latent: Vec<f32>, size: Size) -> Result<Rgb<Unit>, InferError> {
        for value in &mut latent {
            *value /= self.contract.latent_scale;
        }
        let shape = self.contract.latent_shape(1, self.contract.latent_channels);
        let input = Tensor::f32(&self.contract.names.decoder_input, shape, latent);
        let picture = self.graphs.decoder.run(vec![input]).await?;
        let picture = output(picture, &self.contract.names.decoder_output, 3 * size.area())?;
        Ok(Rgb::<Signed>::from_vec(size, picture)?.into_unit())
    }

    /// The steps from what is begun with.
    fn sampler(&self, start: Option<&Start>) -> Sampler {
        let (options, schedule) = (self.options.sampler, &self.contract.schedule);
        match start {
            Some(Start::Blurred(_)) => Sampler::from_timestep(options, schedule, self.contract.detail_timestep),
            Some(Start::Draft(_)) | None => Sampler::new(options, schedule),
        }
    }

    /// Takes all steps, and shows the clean latent in between where that is welcome.
    async fn denoise(
        &mut self,
        beginning: Beginning,
        mut sampler: Sampler,
        run: &dyn Run,
        look: &dyn Fn(&[f32]) -> Result<(), ShapeError>,
    ) -> Result<Vec<f32>, InferError> {
        let steps = sampler.timesteps().len();
        let mut on_processor;
        let denoising: &mut dyn Denoising = if let Some(denoising) = self.graphs.denoiser.denoising() {
            denoising
        } else {
            on_processor = OnProcessor::new(&mut self.graphs.denoiser, &self.contract.names.denoiser_output);
            &mut on_processor
        };
        denoising.begin(beginning).await?;
        for done in 0..steps {
            run.step(done + 1, steps + ONCE)?;
            let timestep = sampler.timesteps().first().copied().unwrap_or_default();
            let guidance = if self.options.guided.contains(timestep) { self.options.guidance } else { 1.0 };
            let Some(factors) = sampler.next_step() else { break };
            denoising.step(Step { timestep, guidance, factors }).await?;
            if run.wants_look() {
                look(&denoising.clean().await?)?;
            }
        }
        denoising.latent().await
    }

    async fn sample(&mut self, tile: &Tile, run: &dyn Run) -> Result<Rgb<Unit>, InferError> {
        let sampler = self.sampler(tile.start.as_ref());
        let steps = sampler.timesteps().len();
        let total = steps + ONCE;
        run.step(0, total)?;
        let surroundings = self.encode(masked(tile)).await?;
        let mask = self.contract.mask_of_cells(&tile.mask);
        let looker = LatentLook::learn(&surroundings, &mask, &tile.image);
        let noise = self.contract.noise(run.seed());
        let start = match &tile.start {
            Some(Start::Draft(start) | Start::Blurred(start)) => self.encode(start.clone().into_signed()).await?,
            None => vec![0.0; noise.len()],
        };
        let latent = sampler.add_noise(&start, &noise);
        let first = sampler.timesteps().first().copied().unwrap_or_default();
        let beginning = self.contract.beginning(&[latent, mask, surroundings].concat(), first);
        let look = |latent: &[f32]| match &looker {
            Some(looker) => looker.picture(latent, tile.size()).map(|picture| run.look(picture)),
            None => Ok(()),
        };
        let latent = self.denoise(beginning, sampler, run, &look).await?;
        run.step(steps + 1, total)?;
        let picture = self.decode(latent, tile.size()).await?;
        run.step(total, total)?;
        Ok(picture)
    }
}

impl<S: Session> Inpainter for LatentDiffusion<S> {
    fn spec(&self) -> &TileSpec {
        &self.spec
    }

    fn backend(&self) -> Backend {
        self.graphs.denoiser.backend()
    }

    fn detail_steps(&self) -> Option<usize> {
        let options = self.options.sampler;
        let steps = Sampler::from_timestep(options, &self.contract.schedule, self.contract.detail_timestep);
        Some(steps.timesteps().len() + ONCE)
    }

    fn fill<'a>(&'a mut self, tile: &'a Tile, run: &'a dyn Run) -> LocalBoxFuture<'a, Result<Rgb<Unit>, InferError>> {
        Box::pin(self.sample(tile, run))
    }
}

/// The picture in `[-1, 1]`, its hole grey.
fn masked(tile: &Tile) -> Rgb<Signed> {
    let mut picture = tile.image.clone().into_signed();
    for plane in picture.as_mut_slice().chunks_exact_mut(tile.size().area()) {
        for (value, &hole) in plane.iter_mut().zip(tile.mask.as_bytes()) {
            *value = if hole == Mask::FILL { 0.0 } else { *value };
        }
    }
    picture
}
