//! What a person chose of models, and doing what they want.

use brushaway::{
    models::ModelId,
    protocol::{DeleteModel, Fault, GetModel, ModelReport, ModelsReport, PauseModel, TakeModel},
};
use brushaway_browser::{
    bus::{self, Engine},
    chrome,
};

use crate::ModelWish;

/// The setting with the model that improves.
const MODEL: &str = "model";

/// The setting with the hub that models come from.
const MIRROR: &str = "mirror";

/// What a person chose of models.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// The model that improves.
    pub model: Option<ModelId>,
    /// The hub that models come from, if not from their own host.
    pub mirror: Option<String>,
}

impl Choices {
    /// Reads what was chosen before.
    ///
    /// # Errors
    /// A fault if the browser's storage cannot be read.
    pub async fn read() -> Result<Self, Fault> {
        let model = chrome::setting(MODEL).await.map_err(bus::fault)?.map(ModelId);
        let mirror = chrome::setting(MIRROR).await.map_err(bus::fault)?.filter(|mirror| !mirror.is_empty());
        Ok(Self { model, mirror })
    }

    /// The choices after a wish.
    #[must_use]
    pub fn after(&self, model: &ModelId, wish: &ModelWish) -> Self {
        match wish {
            ModelWish::Choose => Self { model: Some(model.clone()), ..self.clone() },
            ModelWish::Get { mirror } => Self { mirror: mirror.clone(), ..self.clone() },
            ModelWish::Pause | ModelWish::Take(_) | ModelWish::Delete => self.clone(),
        }
    }

    /// The model that does the improving: the chosen one if it is here, else the first that is.
    pub fn improver<'a>(&self, models: &'a ModelsReport) -> Option<&'a ModelReport> {
        let usable = || models.big().filter(|model| model.is_usable());
        usable().find(|model| Some(&model.id) == self.model.as_ref()).or_else(|| usable().next())
    }
}

/// Does what a person wants of a model, and remembers what they chose.
///
/// # Errors
/// The engine's fault, or one of the browser's storage.
pub async fn fulfil(engine: &Engine, model: ModelId, wish: ModelWish) -> Result<(), Fault> {
    match wish {
        ModelWish::Choose => chrome::set_setting(MODEL, &model.0).await.map_err(bus::fault),
        ModelWish::Get { mirror } => {
            chrome::set_setting(MIRROR, mirror.as_deref().unwrap_or_default()).await.map_err(bus::fault)?;
            engine.ask(GetModel { model, mirror }).await
        }
        ModelWish::Pause => engine.ask(PauseModel { model }).await,
        ModelWish::Take(files) => {
            let sent = files.iter().map(|file| engine.blobs().send(file));
            let files = sent.collect::<Result<_, _>>().map_err(bus::fault)?;
            engine.ask(TakeModel { model, files }).await
        }
        ModelWish::Delete => engine.ask(DeleteModel { model }).await,
    }
}
