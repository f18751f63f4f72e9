//! What the browser knows of the machine it runs on.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// Whether bytes cost money here, as far as the browser knows.
pub fn is_metered() -> bool {
    let field = |object: &JsValue, key: &str| Reflect::get(object, &key.into()).unwrap_or_default();
    let connection = field(&field(&js_sys::global(), "navigator"), "connection");
    if connection.is_undefined() {
        return false;
    }
    field(&connection, "saveData").is_truthy() || field(&connection, "type").as_string().as_deref() == Some("cellular")
}
