//! Our entry in the browser's menu, in the language of the texts.

use wasm_bindgen::prelude::*;

use crate::{
    chrome::{self, list, object},
    error::JsError,
};

/// The entry's name for the browser.
const ENTRY: &str = "inpaint";

/// Where its words are kept: the service worker, which makes the entry, reads no other texts than the browser's.
const WORDS: &str = "words_in_menu";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["chrome", "contextMenus"], js_name = create)]
    fn create(options: &JsValue);
    #[wasm_bindgen(js_namespace = ["chrome", "contextMenus"], js_name = update, catch)]
    async fn update(entry: &str, options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "contextMenus"], js_name = removeAll, catch)]
    async fn remove_all() -> Result<JsValue, JsValue>;
}

/// Makes the entry the only one of the extension, for everything that can be right-clicked.
///
/// # Errors
/// [`JsError`] if the browser refuses.
pub async fn make() -> Result<(), JsError> {
    let kept = chrome::setting(WORDS).await.unwrap_or_default();
    let words = kept.unwrap_or_else(|| chrome::message("menu_inpaint", &[]));
    remove_all().await.map_err(JsError::of("clear the menu"))?;
    // Narrower lists leave canvases out.
    create(&object([("id", ENTRY.into()), ("title", words.into()), ("contexts", list(&["all"]))]));
    Ok(())
}

/// Has the entry speak the language of this page's texts from now on.
///
/// # Errors
/// [`JsError`] if the browser refuses.
pub async fn speak() -> Result<(), JsError> {
    let words = chrome::message("menu_inpaint", &[]);
    if chrome::setting(WORDS).await?.as_deref() == Some(&words) {
        return Ok(());
    }
    update(ENTRY, &object([("title", words.as_str().into())])).await.map_err(JsError::of("name the menu's entry"))?;
    chrome::set_setting(WORDS, &words).await
}
