//! Steps that are taken on the graphics card, from the output of a denoiser into its inputs: between the beginning
//! of a fill and its end nothing but a step's factors goes there, and nothing comes back.

use brushaway::models::{Beginning, Denoising, InferError, Step, StepFactors, StepMemory, Tensor, TensorData};
use futures_channel::oneshot::Receiver;
use futures_util::future::LocalBoxFuture;

use super::{Gpu, GraphSession};

/// `step.wgsl`, compiled, and what it reads and writes. [`StepFactors::apply`] is its specification.
pub(super) struct Stepping {
    gpu: Gpu,
    pipeline: wgpu::ComputePipeline,
    group: wgpu::BindGroup,
    /// One step's factors.
    factors: wgpu::Buffer,
    /// What the denoiser reads: two rows that begin with the latent.
    rows: wgpu::Buffer,
    memory: wgpu::Buffer,
    latent_len: u32,
    row_len: u32,
    timesteps: String,
    /// Tells when the last step is over.
    under_way: Option<Receiver<()>>,
}

/// Why steps are not taken there.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoStepping {
    #[error("the denoiser's inputs and output are of other shapes")]
    Shape,
    #[error("a step gave something else than on the processor, by {0:?}")]
    Differs(Option<f32>),
    #[error(transparent)]
    Failed(#[from] InferError),
}

/// Side of a workgroup; `@workgroup_size` in the shader says the same.
const GROUP: u32 = 64;

/// Bytes of the shader's `Step`.
const FACTORS_BYTES: u64 = 64;

const FLOAT_BYTES: u64 = 4;

impl Stepping {
    /// For a denoiser with such inputs, which reads two rows and writes noise for both at these places.
    fn new(gpu: &Gpu, [rows, noise]: [wgpu::Buffer; 2], beginning: &Beginning) -> Result<Self, NoStepping> {
        let Beginning { latent, timesteps, latent_len, .. } = beginning;
        let TensorData::F32(values) = &latent.data else { return Err(NoStepping::Shape) };
        let (row_len, latent_len) = (values.len() / 2, *latent_len);
        let factors = gpu.uniform(FACTORS_BYTES);
        let memory = gpu.buffer(3 * latent_len as u64 * FLOAT_BYTES);
        let pipeline = gpu.compile("take a step", include_str!("step.wgsl"), "take_step");
        let group = gpu.bind(&pipeline, &[&factors, &noise, &rows, &memory]);
        let (latent_len, row_len) = (latent_len as u32, row_len as u32);
        let (gpu, timesteps) = (gpu.clone(), timesteps.name.clone());
        Ok(Self { gpu, pipeline, group, factors, rows, memory, latent_len, row_len, timesteps, under_way: None })
    }

    /// In the order of the shader's `Step`.
    fn words(&self, step: &Step) -> [u8; FACTORS_BYTES as usize] {
        let StepFactors { clean, corrected: [corrected @ .., from], next } = step.factors;
        let before = [clean[0].to_bits(), clean[1].to_bits(), step.guidance.to_bits(), u32::from(step.is_guided())];
        let after = [self.latent_len, self.row_len, 0, 0];
        let last = [next[0], next[1], next[2], from].map(f32::to_bits);
        let words = [before, corrected.map(f32::to_bits), last, after];
        let mut bytes = [0; FACTORS_BYTES as usize];
        for (bytes, word) in bytes.chunks_exact_mut(4).zip(words.as_flattened()) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// Takes a step, once what was submitted before is over.
    fn take(&self, step: &Step) {
        self.gpu.fill(&self.factors, &self.words(step));
        self.gpu.compute(&self.pipeline, &self.group, self.latent_len.div_ceil(GROUP));
    }

    async fn wait(&mut self) {
        if let Some(under_way) = self.under_way.take() {
            // Given up with the device; then whatever comes next tells.
            under_way.await.unwrap_or_default();
        }
    }

    async fn read(&mut self, of: fn(&Self) -> &wgpu::Buffer) -> Result<Vec<f32>, InferError> {
        self.wait().await;
        self.gpu.read(of(self), u64::from(self.latent_len) * FLOAT_BYTES).await
    }
}

impl GraphSession {
    /// Takes steps there from now on, after one that shows that it works. `beginning` is what it ran with last, and `noise`
    /// what it answered.
    pub(super) async fn step_there(&mut self, beginning: Beginning, noise: &[Tensor]) -> Result<(), NoStepping> {
        let (gpu, places) = self.places(&beginning.latent.name, 2 * beginning.latent_len).ok_or(NoStepping::Shape)?;
        let stepping = Stepping::new(&gpu, places, &beginning)?;
        *self.stepping() = Some(stepping);
        let tried = self.try_step(beginning, noise).await;
        if tried.is_err() {
            *self.stepping() = None;
        }
        tried
    }

    async fn try_step(&mut self, beginning: Beginning, noise: &[Tensor]) -> Result<(), NoStepping> {
        let [Tensor { data: TensorData::F32(noise), .. }] = noise else { return Err(NoStepping::Shape) };
        let (TensorData::F32(rows), TensorData::I64(timesteps)) = (&beginning.latent.data, &beginning.timesteps.data)
        else {
            return Err(NoStepping::Shape);
        };
        // No factor is like another.
        let factors = StepFactors {
            clean: [1.5, -0.75],
            corrected: [0.875, 0.25, -0.5, 0.125, 0.625],
            next: [1.25, -0.375, 2.0],
        };
        let timestep = timesteps.first().and_then(|&timestep| u32::try_from(timestep).ok()).unwrap_or_default();
        let step = Step { timestep, guidance: 2.0, factors };
        let len = beginning.latent_len;
        let (without, with) = noise.split_at_checked(len).ok_or(NoStepping::Shape)?;
        let noise: Vec<f32> = without.iter().zip(with).map(|(&without, &with)| step.guide(without, with)).collect();
        let (mut sample, mut memory) = (rows.iter().copied().take(len).collect::<Vec<_>>(), StepMemory::new(len));
        factors.apply(&mut sample, &noise, &mut memory);
        self.begin(beginning).await?;
        Denoising::step(self, step).await?;
        let (clean, latent) = (self.clean().await?, self.latent().await?);
        let of = |one: Vec<f32>, other: Vec<f32>| Tensor::f32("", [2, len], [one, other].concat());
        let apart = brushaway::models::difference(&[of(clean, latent)], &[of(memory.clean, sample)]);
        if apart.is_some_and(|apart| apart <= super::record::SAME) { Ok(()) } else { Err(NoStepping::Differs(apart)) }
    }

    async fn begin_steps(&mut self, beginning: Beginning) -> Result<(), InferError> {
        self.place(&beginning.into_inputs())?;
        if let Some(stepping) = self.stepping() {
            stepping.wait().await;
            stepping.gpu.clear(&stepping.memory);
        }
        Ok(())
    }

    async fn take_step(&mut self, step: Step) -> Result<(), InferError> {
        let Some(timesteps) = self.stepping().as_ref().map(|stepping| stepping.timesteps.clone()) else {
            return Ok(());
        };
        self.place(&[Tensor::i64(timesteps, [2], vec![i64::from(step.timestep); 2])])?;
        self.play().await?;
        let Some(stepping) = self.stepping() else { return Ok(()) };
        stepping.take(&step);
        // While the card takes this step the next one is prepared, but no more than that: who waits for the one before can
        // be told how far it is, and can stop.
        let over = stepping.gpu.over();
        stepping.wait().await;
        stepping.under_way = Some(over);
        Ok(())
    }

    async fn read_steps(&mut self, of: fn(&Stepping) -> &wgpu::Buffer) -> Result<Vec<f32>, InferError> {
        match self.stepping() {
            Some(stepping) => stepping.read(of).await,
            None => Ok(Vec::new()),
        }
    }
}

impl Denoising for GraphSession {
    fn begin(&mut self, beginning: Beginning) -> LocalBoxFuture<'_, Result<(), InferError>> {
        Box::pin(self.begin_steps(beginning))
    }

    fn step(&mut self, step: Step) -> LocalBoxFuture<'_, Result<(), InferError>> {
        Box::pin(self.take_step(step))
    }

    fn clean(&mut self) -> LocalBoxFuture<'_, Result<Vec<f32>, InferError>> {
        // The first of what the shader keeps.
        Box::pin(self.read_steps(|stepping| &stepping.memory))
    }

    fn latent(&mut self) -> LocalBoxFuture<'_, Result<Vec<f32>, InferError>> {
        // The first row begins with it.
        Box::pin(self.read_steps(|stepping| &stepping.rows))
    }
}
