//! The graph that runs once a step: with halves where the graphics card can and the answer stays what it was, recorded and
//! played again where that works.

use std::slice;

use brushaway::{
    models::{Beginning, FixedRows, LatentContract, Session, Tensor, difference},
    onnx::{Floats, Kernels},
    protocol::Precision,
};

use super::{
    Gpu, GraphSession, OrtSession, Place, Published,
    published::LoadError,
    record::{NotRecorded, tried},
    resident::FloatOutput,
};
use crate::clock;

/// With guidance the denoiser sees each latent twice.
pub(super) const GUIDED_ROWS: usize = 2;

/// With so many inputs it shows whether what is played again reads what it is given.
const REPLAYED: usize = 2;

/// A denoiser that is ready.
#[derive(Debug)]
pub struct Denoiser {
    /// Its session.
    pub session: FixedRows<GraphSession>,
    /// With how many bits it computes; none where there is no choice.
    pub precision: Option<Precision>,
}

/// The rows for which a denoiser is prepared: on a graphics card two, so that it can be recorded, elsewhere any number.
pub const fn denoiser_rows(place: &Place) -> Option<u32> {
    match place {
        Place::Gpu(_) => Some(GUIDED_ROWS as u32),
        Place::Cpu { .. } => None,
    }
}

/// Inputs to try kernels of our own with.
pub fn denoiser_trials(contract: &LatentContract) -> Vec<Vec<Tensor>> {
    contract.trials().into_iter().take(REPLAYED).map(Beginning::into_inputs).collect()
}

type Recorded = Result<(GraphSession, Vec<Vec<Tensor>>), NotRecorded>;

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
        if !contract.try_halves {
            return match self.own_denoiser(contract, gpu).await {
                Some(session) => Ok(Denoiser { session: FixedRows::new(session, Some(GUIDED_ROWS)), precision: None }),
                None => self.single(contract, place, gpu, None).await,
            };
        }
        let trials = contract.trials();
        let known = if gpu.computes_halves() { known } else { Some(Precision::Unable) };
        let (session, precision) = match known {
            None => {
                let reference = match self.recorded(contract, &trials, gpu, Floats::AsPublished).await {
                    Ok((_, answers)) => answers,
                    Err(error) => return self.unrecorded(place, &error, None).await,
                };
                // A session lets go of its memory in a turn of its own, and there may not be room for two.
                clock::sleep_millis(0).await;
                let decide = |answers: &[Vec<Tensor>]| Precision::of(most_different(answers, &reference));
                self.halved(contract, &trials, gpu, decide).await
            }
            Some(known @ Precision::Halves { .. }) => self.halved(contract, &trials[..REPLAYED], gpu, |_| known).await,
            Some(known) => (None, known),
        };
        match session {
            Some(session) => {
                let session = FixedRows::new(session, Some(GUIDED_ROWS));
                Ok(Denoiser { session, precision: Some(precision) })
            }
            None => self.single(contract, place, gpu, Some(precision)).await,
        }
    }

    /// By kernels of our own, if they are better.
    async fn own_denoiser(&self, contract: &LatentContract, gpu: &Gpu) -> Option<GraphSession> {
        let inputs = denoiser_trials(contract);
        let mut session = self.own(GUIDED_ROWS as u32, gpu, Some(&inputs)).await?;
        let noise = Session::run(&mut session, inputs.first()?.clone()).await;
        let noise = noise.inspect_err(|error| self.warn("not by kernels of our own", error)).ok()?;
        self.try_steps(&mut session, &contract.trials(), &noise).await;
        Some(session)
    }

    /// Has a session take steps on the card, if that works.
    async fn try_steps(&self, session: &mut GraphSession, trials: &[Beginning], noise: &[Tensor]) {
        if let Some(first) = trials.first().cloned()
            && let Err(error) = session.step_there(first, noise).await
        {
            self.warn("its steps go through the processor", &error);
        }
    }

    /// With 32 bits.
    async fn single(
        &self,
        contract: &LatentContract,
        place: &Place,
        gpu: &Gpu,
        precision: Option<Precision>,
    ) -> Result<Denoiser, LoadError> {
        match self.recorded(contract, &contract.trials()[..REPLAYED], gpu, Floats::AsPublished).await {
            Ok((session, _)) => Ok(Denoiser { session: FixedRows::new(session, Some(GUIDED_ROWS)), precision }),
            Err(error) => self.unrecorded(place, &error, precision).await,
        }
    }

    /// What runs where recording does not work.
    async fn unrecorded(
        &self,
        place: &Place,
        error: &NotRecorded,
        precision: Option<Precision>,
    ) -> Result<Denoiser, LoadError> {
        self.warn("not recorded, so its steps go through the processor", error);
        Ok(Denoiser { session: FixedRows::new(self.session(None, place).await?, None), precision })
    }

    /// A session with halves, if it may be used, and what `decide` makes of its answers.
    async fn halved(
        &self,
        contract: &LatentContract,
        trials: &[Beginning],
        gpu: &Gpu,
        decide: impl FnOnce(&[Vec<Tensor>]) -> Precision,
    ) -> (Option<GraphSession>, Precision) {
        let (session, answers) = match self.recorded(contract, trials, gpu, Floats::Halved).await {
            Ok(recorded) => recorded,
            Err(error) => {
                self.warn("not halved", &error);
                self.forget_made().await;
                return (None, Precision::Failed { reason: error.to_string() });
            }
        };
        let decided = decide(&answers);
        if matches!(decided, Precision::Halves { .. }) {
            return (Some(session), decided);
        }
        // Nobody needs the halves any more.
        drop(session);
        self.forget_made().await;
        clock::sleep_millis(0).await;
        (None, decided)
    }

    /// A session whose runs are played again, and its answers to inputs, of which there must be some. It takes steps on the
    /// card if that works.
    async fn recorded(&self, contract: &LatentContract, trials: &[Beginning], gpu: &Gpu, floats: Floats) -> Recorded {
        let started = clock::now_millis();
        let ready = self
            .rewritten(Some(GUIDED_ROWS as u32), floats, Kernels::Runtime)
            .await
            .ok_or(NotRecorded::NotRewritten)?;
        let output =
            FloatOutput { name: contract.names.denoiser_output.clone(), shape: contract.noise_shape().to_vec() };
        let inputs: Vec<_> = trials.iter().cloned().map(Beginning::into_inputs).collect();
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
            self.try_steps(&mut session, trials, noise).await;
        }
        let took = clock::now_millis() - started;
        let on_card = session.stepping().is_some();
        let file = self.key();
        log::info!("file={file} recorded floats={floats:?} steps_on_card={on_card} session_millis={took:.0}");
        Ok((session, answers))
    }
}

/// The largest difference of all answers; none if one of them is no number.
fn most_different(answers: &[Vec<Tensor>], reference: &[Vec<Tensor>]) -> Option<f32> {
    let pairs = answers.iter().zip(reference);
    pairs.map(|(answer, reference)| difference(answer, reference)).try_fold(0.0, |most, apart| Some(apart?.max(most)))
}
