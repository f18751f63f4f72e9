//! The graph that runs once a step: by kernels of our own, with weights of 16 bits where the answer stays what it was; or by the
//! runtime, recorded and played again where that works.

use std::slice;

use brushaway::{
    models::{Beginning, FixedRows, LatentContract, Session, Tensor, difference},
    onnx::Kernels,
    protocol::Precision,
    runtime::card::network::Weights,
};

use super::{
    Gpu, GraphSession, OrtSession, Place, Published,
    own::NotOwn,
    published::LoadError,
    record::{NotRecorded, answers, tried},
    resident::FloatOutput,
};
use crate::clock;

/// With guidance the denoiser sees each latent twice.
const GUIDED_ROWS: usize = 2;

/// With so many inputs it shows whether what is played again reads what it is given.
const REPLAYED: usize = 2;

/// A denoiser that is ready.
#[derive(Debug)]
pub struct Denoiser {
    /// Its session.
    pub session: FixedRows<GraphSession>,
    /// How many bits its weights have; none where there is no choice.
    pub precision: Option<Precision>,
}

impl Published<'_> {
    /// A session for the graph that runs once a step. `known` is what was decided for it on this graphics card before.
    ///
    /// # Errors
    /// [`LoadError`] if the runtime takes the graph in no way.
    pub async fn denoiser(
        &self,
        contract: &LatentContract,
        place: &Place,
        known: Option<Precision>,
    ) -> Result<Denoiser, LoadError> {
        let Place::Gpu(gpu) = place else {
            // Two rows with guidance, one without.
            let session = FixedRows::new(self.session(None, place).await?, None);
            return Ok(Denoiser { session, precision: None });
        };
        if let Some(denoiser) = self.own_denoiser(contract, gpu, known).await {
            return Ok(denoiser);
        }
        let session = match self.recorded(contract, gpu).await {
            Ok(session) => FixedRows::new(session, Some(GUIDED_ROWS)),
            Err(error) => {
                self.warn("not recorded, so its steps go through the processor", &error);
                FixedRows::new(self.session(None, place).await?, None)
            }
        };
        Ok(Denoiser { session, precision: None })
    }

    /// Finds who runs that graph on a graphics card, and prepares it for them; elsewhere for any number of rows. Gives what was
    /// decided, as [`Published::denoiser`] does. No session stays.
    pub async fn prepare_denoiser(
        &self,
        contract: &LatentContract,
        place: &Place,
        known: Option<Precision>,
    ) -> Option<Precision> {
        let rows = match place {
            Place::Gpu(gpu) => match self.own_denoiser(contract, gpu, known).await {
                Some(denoiser) => return denoiser.precision,
                None => Some(GUIDED_ROWS as u32),
            },
            Place::Cpu { .. } => None,
        };
        self.rewritten(rows, Kernels::Runtime).await;
        None
    }

    /// By kernels of our own, if they are better.
    async fn own_denoiser(&self, contract: &LatentContract, gpu: &Gpu, known: Option<Precision>) -> Option<Denoiser> {
        let trials = contract.trials();
        let inputs: Vec<_> = trials.iter().cloned().map(Beginning::into_inputs).collect();
        // What was decided with other kernels is decided anew.
        let mut known = known.filter(|_| contract.try_halves && self.is_known_own(gpu));
        let mut halved = None;
        if matches!(known, Some(Precision::Halves { .. })) {
            match self.weighing(gpu, Weights::Halves).await {
                Ok(session) => halved = Some(session),
                Err(error) => known = Some(self.not_halved(&error)),
            }
        }
        let mut session = match halved {
            Some(session) => session,
            None => self.own(GUIDED_ROWS as u32, gpu, inputs.get(..REPLAYED)).await?,
        };
        if contract.try_halves && known.is_none() {
            let decided = self.lightest(session, gpu, &inputs).await;
            let decided = decided.inspect_err(|error| self.warn("not by kernels of our own", error)).ok()?;
            (session, known) = (decided.0, Some(decided.1));
        }
        let noise = Session::run(&mut session, inputs.first()?.clone()).await;
        let noise = noise.inspect_err(|error| self.warn("not by kernels of our own", error)).ok()?;
        self.try_steps(&mut session, &trials, &noise).await;
        Some(Denoiser { session: FixedRows::new(session, Some(GUIDED_ROWS)), precision: known })
    }

    /// A session by kernels of our own whose weights have so many bits, whatever it answers.
    async fn weighing(&self, gpu: &Gpu, weights: Weights) -> Result<GraphSession, NotOwn> {
        self.network(&self.planned(GUIDED_ROWS as u32).await?, gpu, weights).await
    }

    /// In place of a session with 32 bits one with 16, if it gives nearly the same; and what was decided.
    async fn lightest(
        &self,
        mut session: GraphSession,
        gpu: &Gpu,
        inputs: &[Vec<Tensor>],
    ) -> Result<(GraphSession, Precision), NotOwn> {
        let reference = answers(&mut session, inputs).await?;
        // A session lets go of its memory in a turn of its own, and there may not be room for two.
        drop(session);
        clock::sleep_millis(0).await;
        let attempt = async {
            let mut halved = self.weighing(gpu, Weights::Halves).await?;
            let found = answers(&mut halved, inputs).await?;
            Ok::<_, NotOwn>((halved, Precision::of(most_different(&found, &reference))))
        };
        let decided = match attempt.await {
            Ok((halved, decided @ Precision::Halves { .. })) => return Ok((halved, decided)),
            Ok((_, decided)) => decided,
            Err(error) => self.not_halved(&error),
        };
        clock::sleep_millis(0).await;
        Ok((self.weighing(gpu, Weights::Singles).await?, decided))
    }

    fn not_halved(&self, error: &NotOwn) -> Precision {
        self.warn("not with weights of 16 bits", error);
        Precision::Failed { reason: error.to_string() }
    }

    /// Has a session take steps on the card, if that works.
    async fn try_steps(&self, session: &mut GraphSession, trials: &[Beginning], noise: &[Tensor]) {
        if let Some(first) = trials.first().cloned()
            && let Err(error) = session.step_there(first, noise).await
        {
            self.warn("its steps go through the processor", &error);
        }
    }

    /// A session of the runtime whose runs are played again. It takes steps on the card if that works.
    async fn recorded(&self, contract: &LatentContract, gpu: &Gpu) -> Result<GraphSession, NotRecorded> {
        let started = clock::now_millis();
        let ready =
            self.rewritten(Some(GUIDED_ROWS as u32), Kernels::Runtime).await.ok_or(NotRecorded::NotRewritten)?;
        let trials = contract.trials();
        let output =
            FloatOutput { name: contract.names.denoiser_output.clone(), shape: contract.noise_shape().to_vec() };
        let inputs: Vec<_> = trials.iter().take(REPLAYED).cloned().map(Beginning::into_inputs).collect();
        let attempt = async || {
            let mut session = OrtSession::recorded_on_gpu(ready.graph(), gpu, slice::from_ref(&output)).await?;
            let answers = tried(&mut session, &inputs).await?;
            Ok::<_, NotRecorded>((session, answers))
        };
        let (session, answers) = match attempt().await {
            // Seen where no session of the runtime was on the page before: its first run did not know our buffers, and the
            // second session's did.
            Err(NotRecorded::Refused(error)) => {
                self.warn("recorded once more", &error);
                clock::sleep_millis(0).await;
                attempt().await?
            }
            attempted => attempted?,
        };
        let mut session = GraphSession::from(session);
        if let Some(noise) = answers.first() {
            self.try_steps(&mut session, &trials, noise).await;
        }
        let took = clock::now_millis() - started;
        let on_card = session.stepping().is_some();
        let file = self.key();
        log::info!("file={file} recorded steps_on_card={on_card} session_millis={took:.0}");
        Ok(session)
    }
}

/// The largest difference of all answers; none if one of them is no number.
pub(super) fn most_different(answers: &[Vec<Tensor>], reference: &[Vec<Tensor>]) -> Option<f32> {
    let pairs = answers.iter().zip(reference);
    pairs.map(|(answer, reference)| difference(answer, reference)).try_fold(0.0, |most, apart| Some(apart?.max(most)))
}
