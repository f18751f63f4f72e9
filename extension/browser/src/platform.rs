//! What the browser knows of the machine it runs on.

use js_sys::{Number, Reflect};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast as _, prelude::*};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, HtmlElement, Storage, Window};

use crate::{chrome::object, error::JsError};

/// Whether bytes cost money here, as far as the browser knows.
pub fn is_metered() -> bool {
    let field = |object: &JsValue, key: &str| Reflect::get(object, &key.into()).unwrap_or_default();
    let connection = field(&field(&js_sys::global(), "navigator"), "connection");
    if connection.is_undefined() {
        return false;
    }
    field(&connection, "saveData").is_truthy() || field(&connection, "type").as_string().as_deref() == Some("cellular")
}

/// Tells this page its language and which way that is written, in the words of `lang` and `dir`.
///
/// # Errors
/// [`JsError`] outside a page.
pub fn set_language(tag: &str, direction: &str) -> Result<(), JsError> {
    let root = root().ok_or_else(|| JsError::unexpected("set the language", "not in a page"))?;
    root.set_lang(tag);
    root.set_dir(direction);
    Ok(())
}

/// Has the style sheets of this page be `light` or `dark`; none leaves it to the computer.
///
/// # Errors
/// [`JsError`] outside a page.
pub fn set_theme(theme: Option<&str>) -> Result<(), JsError> {
    let root = root().ok_or_else(|| JsError::unexpected("set the theme", "not in a page"))?;
    match theme {
        Some(theme) => root.set_attribute("data-theme", theme),
        None => root.remove_attribute("data-theme"),
    }
    .map_err(JsError::of("set the theme"))
}

/// Names this page's tab.
///
/// # Errors
/// [`JsError`] outside a page.
pub fn set_title(title: &str) -> Result<(), JsError> {
    let document = document().ok_or_else(|| JsError::unexpected("name the page", "not in a page"))?;
    document.set_title(title);
    Ok(())
}

/// Loads this page again.
///
/// # Errors
/// [`JsError`] outside a page.
pub fn reload() -> Result<(), JsError> {
    let window = window().ok_or_else(|| JsError::unexpected("load the page again", "not in a page"))?;
    window.location().reload().map_err(JsError::of("load the page again"))
}

pub(crate) fn window() -> Option<Window> {
    js_sys::global().dyn_into().ok()
}

fn document() -> Option<Document> {
    window()?.document()
}

fn root() -> Option<HtmlElement> {
    document().and_then(|document| document.document_element()?.dyn_into::<HtmlElement>().ok())
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Intl)]
    type DisplayNames;

    #[wasm_bindgen(constructor, js_namespace = Intl, catch)]
    fn new(languages: &str, options: &JsValue) -> Result<DisplayNames, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn of(this: &DisplayNames, code: &str) -> Result<String, JsValue>;
}

/// A language's name in that language; its tag if the browser knows no name for it.
pub fn language_name(tag: &str) -> String {
    let names = DisplayNames::new(tag, &object([("type", "language".into())]));
    names.and_then(|names| names.of(tag)).unwrap_or_else(|_| tag.to_owned())
}

/// A number by chance, below `end`.
pub fn chance(end: u32) -> u32 {
    (js_sys::Math::random() * f64::from(end)) as u32
}

/// The computer's memory as the browser tells it, in gigabytes: rounded, and no more than the browser cares to tell.
pub fn memory_gigabytes() -> Option<f64> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).unwrap_or_default();
    Reflect::get(&navigator, &"deviceMemory".into()).ok()?.as_f64()
}

/// The browser's word for itself.
pub fn browser_name() -> String {
    window().and_then(|window| window.navigator().user_agent().ok()).unwrap_or_default()
}

/// Puts a text onto the clipboard.
///
/// # Errors
/// [`JsError`] if the browser does not allow it.
pub async fn copy_text(text: &str) -> Result<(), JsError> {
    let window = window().ok_or_else(|| JsError::unexpected("copy", "not in a page"))?;
    let written = JsFuture::from(window.navigator().clipboard().write_text(text)).await;
    written.map(drop).map_err(JsError::of("copy"))
}

/// Keeps a text under `key` until somebody clears the browser's data. The hidden document has no other storage at hand.
///
/// # Errors
/// [`JsError`] outside a page, or if there is no room.
pub fn keep(key: &str, text: &str) -> Result<(), JsError> {
    let storage = storage().ok_or_else(|| JsError::unexpected("keep a text", "no storage"))?;
    storage.set_item(key, text).map_err(JsError::of("keep a text"))
}

/// What was kept under `key`.
pub fn kept(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// What was kept under `key` by [`remember`]; nothing if it cannot be read.
pub fn remembered<T: DeserializeOwned + Default>(key: &str) -> T {
    kept(key).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Keeps something under `key`. That it could not is no reason to stop.
pub fn remember(key: &str, value: &impl Serialize) {
    let text = serde_json::to_string(value).map_err(|error| error.to_string());
    if let Err(error) = text.and_then(|text| keep(key, &text).map_err(|error| error.to_string())) {
        log::warn!("{key} are not remembered: {error}");
    }
}

fn storage() -> Option<Storage> {
    window()?.local_storage().ok().flatten()
}

/// Where this page is in the package, such as `popup/popup.html`.
pub fn page_path() -> String {
    let path = window().and_then(|window| window.location().pathname().ok()).unwrap_or_default();
    path.trim_start_matches('/').to_owned()
}

/// The mark between the whole and the fraction of a number, in a language named as `lang` does it.
pub fn decimal_mark(language: &str) -> char {
    // With the digits that all other numbers here have, where a language has its own as well.
    let half = Number::from(0.5).to_locale_string(&format!("{language}-u-nu-latn"));
    String::from(half).chars().find(|c| !c.is_ascii_digit()).unwrap_or('.')
}
