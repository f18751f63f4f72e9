//! A model that the person downloaded: read from disk, kept warm, given back.

use brushaway::{
    models::{FileSpec, FixedRows, Graphs, LatentContract, LatentDiffusion, ModelId, ModelSpec, Network, SinglePass},
    protocol::{Action, Fault, Precision},
};
use brushaway_browser::{
    clock,
    models::{Denoiser, GraphSession, LoadError, Place, Published},
    store::CacheDisk,
};

use crate::{faults, machine, model::catalog};

/// A model beside the built-in one, ready.
pub(crate) struct Big {
    pub(crate) spec: ModelSpec,
    pub(crate) painter: Painter,
    /// How many bits its weights have, if there is a choice.
    pub(crate) precision: Option<Precision>,
}

/// How it fills.
pub(crate) enum Painter {
    /// In one run.
    SinglePass(Box<SinglePass<GraphSession>>),
    /// Step by step, from a draft.
    Diffusion(Box<LatentDiffusion<FixedRows<GraphSession>>>),
}

impl Big {
    /// Loads a model that is on disk. Its weights go from there to the runtime; the graphs alone are read whole.
    pub(crate) async fn load(id: &ModelId, place: &Place) -> Result<Self, Fault> {
        let started = clock::now_millis();
        let spec = catalog().await?.find(&id.0).cloned().ok_or_else(|| Fault::bug(format!("no model {id}")))?;
        if !spec.may_run_on(place.kind()) {
            return Err(Fault::new(
                "fault_model_place",
                Action::Adjust,
                format!("{id} does not run on {:?}", place.kind()),
            ));
        }
        let disk = CacheDisk::open().await.map_err(faults::of_reading)?;
        let session = async |file| {
            let opened = Published::open(file, &disk).await;
            opened.map_err(of_loading)?.session(ONE_ROW, place).await.map_err(of_loading)
        };
        let mut precision = None;
        let painter = match &spec.network {
            Network::SinglePass { file, contract } => {
                Painter::SinglePass(Box::new(SinglePass::new(session(file).await?, (**contract).clone())))
            }
            Network::LatentDiffusion { files, contract } => {
                let encoder = FixedRows::new(session(&files.encoder).await?, None);
                let denoiser = denoiser(&files.denoiser, contract, place, &disk).await.map_err(of_loading)?;
                let Denoiser { session: denoiser, precision: decided } = denoiser;
                precision = decided;
                let decoder = FixedRows::new(session(&files.decoder).await?, None);
                let graphs = Graphs { encoder, denoiser, decoder };
                Painter::Diffusion(Box::new(LatentDiffusion::new(graphs, (**contract).clone())))
            }
        };
        log::info!("model={} sessions_millis={:.0}", spec.id, clock::now_millis() - started);
        Ok(Self { spec, painter, precision })
    }
}

/// A denoiser out of its file, and remembers what was decided for it.
async fn denoiser(
    file: &FileSpec,
    contract: &LatentContract,
    place: &Place,
    disk: &CacheDisk,
) -> Result<Denoiser, LoadError> {
    let file = Published::open(file, disk).await?;
    let denoiser = file.denoiser(contract, place, machine::known_precision(place, file.key())).await?;
    remember(place, &file, denoiser.precision.as_ref());
    Ok(denoiser)
}

fn remember(place: &Place, file: &Published<'_>, precision: Option<&Precision>) {
    if let Some(decided) = precision {
        log::info!("file={} precision={decided:?}", file.key());
        machine::keep_precision(place, file.key(), decided);
    }
}

/// Prepares a graph of a model that is on disk, the one of this number, so that its first load finds that done. Tells whether
/// there are more.
pub(crate) async fn prepare(id: &ModelId, place: &Place, number: usize) -> Result<bool, Fault> {
    let catalog = catalog().await?;
    let Some(spec) = catalog.find(&id.0).filter(|spec| spec.may_run_on(place.kind())) else { return Ok(false) };
    let files = match &spec.network {
        Network::SinglePass { file, .. } => vec![(file, None)],
        Network::LatentDiffusion { files, contract } => {
            vec![(&files.encoder, None), (&files.denoiser, Some(contract)), (&files.decoder, None)]
        }
    };
    let Some((file, sampled)) = files.get(number) else { return Ok(false) };
    let disk = CacheDisk::open().await.map_err(faults::of_reading)?;
    let file = match Published::open(file, &disk).await {
        Ok(file) => file,
        // Deleted meanwhile.
        Err(LoadError::Missing { .. }) => return Ok(false),
        Err(error) => return Err(of_loading(error)),
    };
    match sampled {
        Some(contract) => {
            let known = machine::known_precision(place, file.key());
            let decided = file.prepare_denoiser(contract, place, known).await;
            remember(place, &file, decided.as_ref());
        }
        None => file.prepare(ONE_ROW, place).await,
    }
    Ok(number + 1 < files.len())
}

/// Pictures come one at a time.
const ONE_ROW: Option<u32> = Some(1);

/// Why a model cannot be loaded.
fn of_loading(error: LoadError) -> Fault {
    match error {
        LoadError::Missing { key } => Fault::new("fault_model_missing", Action::Adjust, key),
        LoadError::Nowhere(detail) => Fault::bug(detail),
        LoadError::Disk(_) | LoadError::Split(_) => faults::of_reading(error),
        LoadError::Refused(error) => Fault::new("fault_model_load", Action::Retry, error),
    }
}
