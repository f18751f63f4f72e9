//! Doing what a person wants of a model, and remembering what they chose.

use brushaway::{
    models::ModelId,
    protocol::{CheckModel, DeleteModel, Fault, GetModel, PauseModel, TakeModel},
    settings::{Settings, mirror_address},
};
use brushaway_browser::{
    bus::{self, Engine},
    settings,
};

use crate::ModelWish;

/// What a person chose of models, after a wish.
#[must_use]
pub fn settings_after(settings: &Settings, model: &ModelId, wish: &ModelWish) -> Settings {
    match wish {
        ModelWish::Choose => Settings { model: Some(model.clone()), ..settings.clone() },
        ModelWish::Get { mirror } => {
            Settings { mirror: mirror.as_deref().and_then(mirror_address), ..settings.clone() }
        }
        ModelWish::Pause | ModelWish::Take(_) | ModelWish::Check | ModelWish::Delete => settings.clone(),
    }
}

/// Does what a person wants of a model, and remembers what they chose.
///
/// # Errors
/// The engine's fault, or one of the browser's storage.
pub async fn fulfil(engine: &Engine, model: ModelId, wish: ModelWish) -> Result<(), Fault> {
    if matches!(wish, ModelWish::Choose | ModelWish::Get { .. }) {
        let remembered = settings::change(|settings| *settings = settings_after(settings, &model, &wish)).await;
        remembered.map_err(bus::fault)?;
    }
    match wish {
        ModelWish::Choose => Ok(()),
        ModelWish::Get { mirror } => {
            let mirror = mirror.map(|mirror| mirror_address(&mirror).unwrap_or(mirror));
            engine.ask(GetModel { model, mirror }).await
        }
        ModelWish::Pause => engine.ask(PauseModel { model }).await,
        ModelWish::Check => engine.ask(CheckModel { model }).await,
        ModelWish::Take(files) => {
            let sent = files.iter().map(|file| engine.blobs().send(file));
            let files = sent.collect::<Result<_, _>>().map_err(bus::fault)?;
            engine.ask(TakeModel { model, files }).await
        }
        ModelWish::Delete => engine.ask(DeleteModel { model }).await,
    }
}
