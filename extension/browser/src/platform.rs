//! What the browser knows of the machine it runs on.

use js_sys::{Number, Reflect};
use wasm_bindgen::{JsCast as _, prelude::*};
use web_sys::{Document, HtmlElement, Window};

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

fn window() -> Option<Window> {
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
