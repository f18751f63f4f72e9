//! What JavaScript throws, as a Rust error.

use wasm_bindgen::{JsCast as _, JsValue};

/// Something that JavaScript threw or rejected with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {reason}")]
pub struct JsError {
    /// What was being done.
    pub what: &'static str,
    /// `name: message` of the error object, or the value as text.
    pub reason: String,
}

impl JsError {
    /// Adds what was being done to a thrown value.
    pub fn of(what: &'static str) -> impl FnOnce(JsValue) -> Self {
        move |thrown| Self { what, reason: text(&thrown) }
    }

    /// For values that are not what they should be.
    pub fn unexpected(what: &'static str, reason: impl Into<String>) -> Self {
        Self { what, reason: reason.into() }
    }
}

/// A thrown value in words: an `Error`'s name and message, a string as it is, else its debug form.
pub fn text(thrown: &JsValue) -> String {
    if let Some(error) = thrown.dyn_ref::<js_sys::Error>() {
        return format!("{}: {}", error.name(), error.message());
    }
    thrown.as_string().unwrap_or_else(|| format!("{thrown:?}"))
}
