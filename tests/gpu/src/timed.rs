//! A session that notes how long its runs take.

use brushaway::models::{Backend, Beginning, Denoising, InferError, Session, Step, Tensor};
use brushaway_browser::clock;
use futures_util::future::LocalBoxFuture;

/// A session, and the times of its runs.
pub(crate) struct Timed<S> {
    session: S,
    millis: Vec<f64>,
    /// Whether steps go through the processor although they need not.
    pub(crate) through_processor: bool,
}

impl<S> Timed<S> {
    pub(crate) const fn new(session: S) -> Self {
        Self { session, millis: Vec::new(), through_processor: false }
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

    fn denoising(&mut self) -> Option<&mut dyn Denoising> {
        let is_there = !self.through_processor && self.session.denoising().is_some();
        if is_there { Some(self) } else { None }
    }
}

impl<S: Session> Timed<S> {
    /// The session's own, while steps go there.
    fn steps(&mut self) -> Result<&mut dyn Denoising, InferError> {
        let none = || InferError::Runtime { backend: Backend::WebGpu, reason: "no steps there".to_owned() };
        self.session.denoising().ok_or_else(none)
    }
}

/// Each step counts as a run. One is under way while the next is handed over, so each takes as long as the one before it, and
/// the last one shows in the picture's time alone.
impl<S: Session> Denoising for Timed<S> {
    fn begin(&mut self, beginning: Beginning) -> LocalBoxFuture<'_, Result<(), InferError>> {
        Box::pin(async move { self.steps()?.begin(beginning).await })
    }

    fn step(&mut self, step: Step) -> LocalBoxFuture<'_, Result<(), InferError>> {
        Box::pin(async move {
            let started = clock::now_millis();
            self.steps()?.step(step).await?;
            self.millis.push(clock::now_millis() - started);
            Ok(())
        })
    }

    fn clean(&mut self) -> LocalBoxFuture<'_, Result<Vec<f32>, InferError>> {
        Box::pin(async move { self.steps()?.clean().await })
    }

    fn latent(&mut self) -> LocalBoxFuture<'_, Result<Vec<f32>, InferError>> {
        Box::pin(async move { self.steps()?.latent().await })
    }
}
