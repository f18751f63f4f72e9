//! The steps of one fill: where the latent is, and what happens to it.

use futures_util::future::LocalBoxFuture;

use super::{InferError, Session, StepFactors, StepMemory, Tensor, TensorData};

/// One step from noise to a latent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The timestep of training that the denoiser is told.
    pub timestep: u32,
    /// How far the noise is pushed away from what the denoiser sees without its condition. 1: not at all.
    pub guidance: f32,
    /// What becomes of the latent.
    pub factors: StepFactors,
}

impl Step {
    /// With a scale of 1 the answer without condition does not count.
    pub fn is_guided(&self) -> bool {
        (self.guidance - 1.0).abs() >= 1e-6
    }

    /// The noise, from both answers of the denoiser. Exactly the second one if the step is not guided.
    pub fn guide(&self, without: f32, with: f32) -> f32 {
        if self.is_guided() { without + self.guidance * (with - without) } else { with }
    }
}

/// Two rows for the denoiser, as a fill's first step has them: without the condition, then with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Beginning {
    /// The latent and, along the channels, what stays as it is. The same in both rows.
    pub latent: Tensor,
    /// The first timestep.
    pub timesteps: Tensor,
    /// The ids of either row.
    pub ids: Tensor,
    /// How many values of each row are the latent's: the first ones.
    pub latent_len: usize,
}

impl Beginning {
    /// As the denoiser takes them.
    pub fn into_inputs(self) -> Vec<Tensor> {
        vec![self.latent, self.timesteps, self.ids]
    }
}

/// Takes steps with a denoiser, and keeps the latent meanwhile wherever the denoiser reads it.
pub trait Denoising {
    /// Begins a fill.
    ///
    /// # Errors
    /// [`InferError`] if it is not what the denoiser takes.
    fn begin(&mut self, beginning: Beginning) -> LocalBoxFuture<'_, Result<(), InferError>>;

    /// Takes a step. It may still be under way when this returns, but never are more than one.
    ///
    /// # Errors
    /// [`InferError`] if this step or the one before failed.
    fn step(&mut self, step: Step) -> LocalBoxFuture<'_, Result<(), InferError>>;

    /// The latent without noise, as the denoiser saw it at the last step.
    ///
    /// # Errors
    /// [`InferError`] if the last step failed.
    fn clean(&mut self) -> LocalBoxFuture<'_, Result<Vec<f32>, InferError>>;

    /// The latent after the last step.
    ///
    /// # Errors
    /// [`InferError`] if the last step failed.
    fn latent(&mut self) -> LocalBoxFuture<'_, Result<Vec<f32>, InferError>>;
}

/// [`Denoising`] with the latent in the processor's memory, for any session.
pub(super) struct OnProcessor<'a, S> {
    session: &'a mut S,
    /// The name of the session's output.
    output: &'a str,
    inputs: Option<Beginning>,
    /// The latent alone.
    sample: Vec<f32>,
    memory: StepMemory,
}

impl<'a, S: Session> OnProcessor<'a, S> {
    pub(super) fn new(session: &'a mut S, output: &'a str) -> Self {
        Self { session, output, inputs: None, sample: Vec::new(), memory: StepMemory::default() }
    }

    fn start(&mut self, beginning: Beginning) -> Result<(), InferError> {
        let TensorData::F32(values) = &beginning.latent.data else { return Err(missing(&beginning.latent)) };
        self.sample = values.iter().copied().take(beginning.latent_len).collect();
        self.memory = StepMemory::new(self.sample.len());
        self.inputs = Some(beginning);
        Ok(())
    }

    async fn take(&mut self, step: Step) -> Result<(), InferError> {
        let Some(inputs) = &mut self.inputs else { return Ok(()) };
        let len = self.sample.len();
        let rows = if step.is_guided() { 2 } else { 1 };
        if let TensorData::F32(values) = &mut inputs.latent.data {
            let width = values.len() / 2;
            values.chunks_exact_mut(width.max(1)).for_each(|row| row[..len].copy_from_slice(&self.sample));
        }
        if let TensorData::I64(timesteps) = &mut inputs.timesteps.data {
            timesteps.fill(i64::from(step.timestep));
        }
        let given = inputs.clone().into_inputs().into_iter();
        let given = if rows == 2 { given.collect() } else { given.map(second_row).collect() };
        let outputs = self.session.run(given).await?;
        let noise = super::output(outputs, self.output, rows * len)?;
        let (without, with) = noise.split_at((rows - 1) * len);
        let noise: Vec<f32> = match rows {
            2 => without.iter().zip(with).map(|(&without, &with)| step.guide(without, with)).collect(),
            _ => with.to_vec(),
        };
        step.factors.apply(&mut self.sample, &noise, &mut self.memory);
        Ok(())
    }
}

/// The row with the condition, alone.
fn second_row(mut tensor: Tensor) -> Tensor {
    if let Some(rows) = tensor.shape.first_mut() {
        *rows = 1;
    }
    match &mut tensor.data {
        TensorData::F32(values) => drop(values.drain(..values.len() / 2)),
        TensorData::I64(values) => drop(values.drain(..values.len() / 2)),
        TensorData::U8(values) => drop(values.drain(..values.len() / 2)),
    }
    tensor
}

fn missing(tensor: &Tensor) -> InferError {
    InferError::MissingOutput { name: tensor.name.clone() }
}

impl<S: Session> Denoising for OnProcessor<'_, S> {
    fn begin(&mut self, beginning: Beginning) -> LocalBoxFuture<'_, Result<(), InferError>> {
        let begun = self.start(beginning);
        Box::pin(async move { begun })
    }

    fn step(&mut self, step: Step) -> LocalBoxFuture<'_, Result<(), InferError>> {
        Box::pin(self.take(step))
    }

    fn clean(&mut self) -> LocalBoxFuture<'_, Result<Vec<f32>, InferError>> {
        Box::pin(async { Ok(self.memory.clean.clone()) })
    }

    fn latent(&mut self) -> LocalBoxFuture<'_, Result<Vec<f32>, InferError>> {
        Box::pin(async { Ok(self.sample.clone()) })
    }
}
