//! What the browser knows of the machine it runs on.

use js_sys::{Number, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{HtmlElement, Window};

use crate::error::JsError;

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
    let document = js_sys::global().dyn_into().ok().and_then(|window: Window| window.document());
    let root = document.and_then(|document| document.document_element()?.dyn_into::<HtmlElement>().ok());
    let root = root.ok_or_else(|| JsError::unexpected("set the language", "not in a page"))?;
    root.set_lang(tag);
    root.set_dir(direction);
    Ok(())
}

/// The mark between the whole and the fraction of a number, in a language named as `lang` does it.
pub fn decimal_mark(language: &str) -> char {
    // With the digits that all other numbers here have, where a language has its own as well.
    let half = Number::from(0.5).to_locale_string(&format!("{language}-u-nu-latn"));
    String::from(half).chars().find(|c| !c.is_ascii_digit()).unwrap_or('.')
}
