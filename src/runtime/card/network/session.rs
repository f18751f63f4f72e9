//! A network as a session: what comes from the processor and goes back to it.

use futures_util::future::LocalBoxFuture;

use super::{super::read, Network};
use crate::models::{Backend, InferError, Session, Tensor, TensorData};

/// [`Session`] over a [`Network`].
#[derive(Debug)]
pub struct NetworkSession {
    network: Network,
    backend: Backend,
}

impl NetworkSession {
    /// `backend` is what the device is reached through.
    pub const fn new(network: Network, backend: Backend) -> Self {
        Self { network, backend }
    }

    /// What runs.
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// Brings inputs to where they are read; those that are not given stay as they are.
    ///
    /// # Errors
    /// [`InferError::Runtime`] if one is not the network's, or of another shape.
    pub fn place(&self, inputs: &[Tensor]) -> Result<(), InferError> {
        let failed = |reason: String| InferError::of_words(self.backend, reason);
        for given in inputs {
            let found = self.network.inputs.iter().find(|(port, _)| port.name == given.name);
            let (port, buffer) = found.ok_or_else(|| failed(format!("no input {}", given.name)))?;
            if given.shape != port.shape {
                return Err(failed(format!("{} has the shape {:?}, not {:?}", port.name, port.shape, given.shape)));
            }
            let floats: Vec<f32> = match &given.data {
                TensorData::F32(values) => values.clone(),
                TensorData::I64(values) => values.iter().map(|&value| value as f32).collect(),
                TensorData::U8(values) => values.iter().map(|&value| f32::from(value)).collect(),
            };
            self.network.queue.write_buffer(buffer, 0, bytemuck::cast_slice(&floats));
        }
        Ok(())
    }

    async fn compute(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, InferError> {
        let failed = |reason: String| InferError::of_words(self.backend, reason);
        let network = &self.network;
        let is_missing = |name: &str| !inputs.iter().any(|given| given.name == name);
        if let Some((port, _)) = network.inputs.iter().find(|(port, _)| is_missing(&port.name)) {
            return Err(failed(format!("no value for the input {}", port.name)));
        }
        self.place(&inputs)?;
        network.submit();
        let mut outputs = Vec::with_capacity(network.outputs.len());
        for (port, buffer) in &network.outputs {
            let len_bytes = 4 * port.shape.iter().product::<usize>() as u64;
            let values = read(&network.device, &network.queue, buffer, len_bytes).await;
            let values = values.map_err(|error| failed(format!("the device was lost: {error}")))?;
            outputs.push(Tensor::f32(&port.name, port.shape.clone(), values));
        }
        Ok(outputs)
    }
}

impl Session for NetworkSession {
    fn backend(&self) -> Backend {
        self.backend
    }

    fn run(&mut self, inputs: Vec<Tensor>) -> LocalBoxFuture<'_, Result<Vec<Tensor>, InferError>> {
        Box::pin(self.compute(inputs))
    }
}
