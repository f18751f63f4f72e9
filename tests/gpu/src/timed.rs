//! A session that notes how long its runs take.

use brushaway::models::{Backend, InferError, Session, Tensor};
use brushaway_browser::clock;
use futures_util::future::LocalBoxFuture;

/// A session, and the times of its runs.
pub(crate) struct Timed<S> {
    session: S,
    millis: Vec<f64>,
}

impl<S> Timed<S> {
    pub(crate) const fn new(session: S) -> Self {
        Self { session, millis: Vec::new() }
    }

    /// The times since this was last asked.
    pub(crate) fn take(&mut self) -> Vec<f64> {
        std::mem::take(&mut self.millis)
    }
}

impl<S: Session> Session for Timed<S> {
    fn backend(&self) -> Backend {
        self.session.backend()
    }

    fn run(&mut self, inputs: Vec<Tensor>) -> LocalBoxFuture<'_, Result<Vec<Tensor>, InferError>> {
        Box::pin(async move {
            let started = clock::now_millis();
            let outputs = self.session.run(inputs).await?;
            self.millis.push(clock::now_millis() - started);
            Ok(outputs)
        })
    }
}
