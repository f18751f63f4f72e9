//! What the person set, in the browser's storage.

use brushaway::settings::{Reading, Settings};
use wasm_bindgen::prelude::*;

use crate::{chrome, error::JsError};

/// Where the settings are, as text.
const KEY: &str = "settings";

/// Where the two that there were before were, each on its own.
const LOOSE_MODEL: &str = "model";
const LOOSE_MIRROR: &str = "mirror";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "local", "onChanged"], js_name = addListener)]
    fn add_listener(listener: &JsValue);
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "local", "onChanged"], js_name = removeListener)]
    fn remove_listener(listener: &JsValue);
}

/// Reads them.
///
/// # Errors
/// [`JsError`] if the storage cannot be read.
pub async fn read() -> Result<Reading, JsError> {
    if let Some(text) = chrome::setting(KEY).await? {
        return Ok(Reading::of(&text));
    }
    let (model, mirror) = (chrome::setting(LOOSE_MODEL).await?, chrome::setting(LOOSE_MIRROR).await?);
    Ok(Reading::of_loose(model, mirror.as_deref()))
}

/// Stores them.
///
/// # Errors
/// [`JsError`] if the storage cannot be written.
pub async fn write(settings: &Settings) -> Result<(), JsError> {
    chrome::set_setting(KEY, &settings.to_text()).await
}

/// Changes some of them. Those that could not be read are at their usual values afterwards.
///
/// # Errors
/// [`JsError`] if the storage cannot be read or written.
pub async fn change(change: impl FnOnce(&mut Settings)) -> Result<(), JsError> {
    let mut settings = read().await?.settings;
    change(&mut settings);
    write(&settings).await
}

/// Listens for as long as it lives.
pub struct Watch(Closure<dyn FnMut(JsValue)>);

impl Watch {
    /// Has `on_change` called when something is stored, by whatever page of ours.
    pub fn new(mut on_change: impl FnMut() + 'static) -> Self {
        let listener = Closure::<dyn FnMut(JsValue)>::new(move |changes: JsValue| {
            if js_sys::Reflect::has(&changes, &KEY.into()).unwrap_or(false) {
                on_change();
            }
        });
        add_listener(listener.as_ref());
        Self(listener)
    }

    /// Goes on for as long as the page lives.
    pub fn forever(self) {
        std::mem::forget(self);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        remove_listener(self.0.as_ref());
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}
