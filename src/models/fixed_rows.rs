//! A graph that was made for a fixed number of rows, for callers that bring fewer.

use futures_util::future::LocalBoxFuture;

use super::{Backend, Denoising, InferError, Session, Tensor, TensorData};

/// A [`Session`] that always runs as many rows as its graph has. Inputs with fewer are repeated, and what comes out for the
/// repetitions is cut off.
#[derive(Debug)]
pub struct FixedRows<S> {
    session: S,
    rows: Option<usize>,
}

impl<S> FixedRows<S> {
    /// Wraps a session. None if its graph takes any number of rows.
    pub const fn new(session: S, rows: Option<usize>) -> Self {
        Self { session, rows }
    }
}

impl<S: Session> FixedRows<S> {
    async fn run_all(&mut self, mut inputs: Vec<Tensor>) -> Result<Vec<Tensor>, InferError> {
        let given = inputs.first().and_then(|input| input.shape.first().copied());
        let times = match (self.rows, given) {
            (Some(rows), Some(given)) if given > 0 && given < rows && rows.is_multiple_of(given) => rows / given,
            _ => 1,
        };
        if times > 1 {
            for input in &mut inputs {
                repeat(input, times);
            }
        }
        let mut outputs = self.session.run(inputs).await?;
        if times > 1 {
            for output in &mut outputs {
                cut(output, times);
            }
        }
        Ok(outputs)
    }
}

impl<S: Session> Session for FixedRows<S> {
    fn backend(&self) -> Backend {
        self.session.backend()
    }

    fn run(&mut self, inputs: Vec<Tensor>) -> LocalBoxFuture<'_, Result<Vec<Tensor>, InferError>> {
        Box::pin(self.run_all(inputs))
    }

    fn denoising(&mut self) -> Option<&mut dyn Denoising> {
        self.session.denoising()
    }
}

fn repeat(tensor: &mut Tensor, times: usize) {
    if let Some(rows) = tensor.shape.first_mut() {
        *rows *= times;
    }
    match &mut tensor.data {
        TensorData::F32(values) => *values = values.repeat(times),
        TensorData::I64(values) => *values = values.repeat(times),
        TensorData::U8(values) => *values = values.repeat(times),
    }
}

fn cut(tensor: &mut Tensor, times: usize) {
    if let Some(rows) = tensor.shape.first_mut() {
        *rows /= times;
    }
    match &mut tensor.data {
        TensorData::F32(values) => values.truncate(values.len() / times),
        TensorData::I64(values) => values.truncate(values.len() / times),
        TensorData::U8(values) => values.truncate(values.len() / times),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adds 1 to each value, and insists on its number of rows.
    struct Adding {
        rows: usize,
    }

    impl Session for Adding {
        fn backend(&self) -> Backend {
            Backend::Native
        }

        fn run(&mut self, inputs: Vec<Tensor>) -> LocalBoxFuture<'_, Result<Vec<Tensor>, InferError>> {
            assert!(inputs.iter().all(|input| input.shape[0] == self.rows));
            let added = inputs.into_iter().map(|input| {
                let TensorData::F32(values) = input.data else { unreachable!("floats go in") };
                Tensor::f32("y", input.shape, values.into_iter().map(|value| value + 1.0).collect())
            });
            let added = added.collect();
            Box::pin(async move { Ok(added) })
        }
    }

    fn run(rows: Option<usize>, of_graph: usize, input: Tensor) -> Tensor {
        let mut session = FixedRows::new(Adding { rows: of_graph }, rows);
        pollster::block_on(session.run(vec![input])).unwrap().remove(0)
    }

    #[test]
    fn fewer_rows_come_back_as_they_went() {
        let one = Tensor::f32("x", [1, 3], vec![1.0, 2.0, 3.0]);
        assert_eq!(run(Some(2), 2, one.clone()), Tensor::f32("y", [1, 3], vec![2.0, 3.0, 4.0]));
        assert_eq!(run(None, 1, one), Tensor::f32("y", [1, 3], vec![2.0, 3.0, 4.0]));
        let two = Tensor::f32("x", [2, 1], vec![1.0, 2.0]);
        assert_eq!(run(Some(2), 2, two), Tensor::f32("y", [2, 1], vec![2.0, 3.0]));
    }
}
