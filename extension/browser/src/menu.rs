//! What is said outside our own pages, in the language of the texts: our entry in the browser's menu, and hints over web pages.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use crate::{
    chrome::{self, object},
    error::JsError,
};

/// The entry's name for the browser.
const ENTRY: &str = "inpaint";

/// The texts that are shown there.
const SAID: [&str; 6] =
    ["menu_inpaint", "page_pick", "page_no_picture", "page_broken_picture", "language_tag", "language_direction"];

/// Where they are kept: the service worker, which makes the entry and speaks to web pages, reads no other texts than the browser's.
const WORDS: &str = "words_outside";

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
    let title = text(&words().await.unwrap_or_else(|_| texts()), SAID[0]);
    remove_all().await.map_err(JsError::of("clear the menu"))?;
    // Narrower lists leave canvases out.
    create(&object([("id", ENTRY.into()), ("title", title), ("contexts", chrome::list(&["all"]))]));
    Ok(())
}

/// What to say outside our own pages, by key.
///
/// # Errors
/// [`JsError`] if the storage cannot be read.
pub async fn words() -> Result<JsValue, JsError> {
    let kept = chrome::stored(WORDS).await?;
    // An earlier version may have kept fewer.
    Ok(if SAID.iter().all(|key| text(&kept, key).is_string()) { kept } else { texts() })
}

/// Has the entry and the hints speak the language of this page's texts from now on.
///
/// # Errors
/// [`JsError`] if the browser refuses.
pub async fn speak() -> Result<(), JsError> {
    let (known, words) = (chrome::stored(WORDS).await?, texts());
    if SAID.iter().all(|key| text(&known, key) == text(&words, key)) {
        return Ok(());
    }
    update(ENTRY, &object([("title", text(&words, SAID[0]))])).await.map_err(JsError::of("name the menu's entry"))?;
    chrome::store(WORDS, &words).await
}

fn texts() -> JsValue {
    object(SAID.map(|key| (key, chrome::message(key, &[]).into())))
}

fn text(words: &JsValue, key: &str) -> JsValue {
    Reflect::get(words, &key.into()).unwrap_or_default()
}
