//! Sites that the person has let us read from, and since when.

use js_sys::{Array, Date, Reflect};
use wasm_bindgen::prelude::*;

use crate::{
    chrome::{self, list, object},
    error::JsError,
};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["chrome", "permissions"], js_name = getAll, catch)]
    async fn permissions_all() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "permissions"], js_name = remove, catch)]
    async fn permissions_remove(options: &JsValue) -> Result<JsValue, JsValue>;
}

/// A site that we may read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// As the browser has it, such as `https://host/*`.
    pub pattern: String,
    /// The day on which it was given, in the words of a language; none if it was not given through us.
    pub since: Option<String>,
}

impl Grant {
    /// The site's name.
    pub fn host(&self) -> &str {
        let address = self.pattern.split_once("://").map_or(self.pattern.as_str(), |(_, address)| address);
        address.trim_end_matches("/*")
    }
}

/// Where the time of a permission is.
fn key(pattern: &str) -> String {
    format!("granted:{pattern}")
}

/// Writes down that a permission was given now.
///
/// # Errors
/// [`JsError`] if the storage cannot be written.
pub(crate) async fn note(pattern: &str) -> Result<(), JsError> {
    chrome::set_setting(&key(pattern), &Date::now().to_string()).await
}

/// All sites that we may read from. Days are told in `language`, in the words of `lang`.
///
/// # Errors
/// [`JsError`] if the browser does not tell.
pub async fn all(language: &str) -> Result<Vec<Grant>, JsError> {
    let what = "list the permissions";
    let all = permissions_all().await.map_err(JsError::of(what))?;
    let origins = Reflect::get(&all, &"origins".into()).map_err(JsError::of(what))?;
    let mut grants = Vec::new();
    for pattern in Array::from(&origins).iter().filter_map(|origin| origin.as_string()) {
        let time = chrome::setting(&key(&pattern)).await?.and_then(|time| time.parse().ok());
        let since = time.map(|millis: f64| {
            String::from(Date::new(&millis.into()).to_locale_date_string(language, &JsValue::UNDEFINED))
        });
        grants.push(Grant { pattern, since });
    }
    grants.sort_by(|a, b| a.host().cmp(b.host()));
    Ok(grants)
}

/// Gives a permission back.
///
/// # Errors
/// [`JsError`] if the browser keeps it.
pub async fn revoke(pattern: &str) -> Result<(), JsError> {
    let what = "give a permission back";
    let gone = permissions_remove(&object([("origins", list(&[pattern]))])).await.map_err(JsError::of(what))?;
    if !gone.is_truthy() {
        return Err(JsError::unexpected(what, "the browser keeps it"));
    }
    chrome::drop_setting(&key(pattern)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_named_by_its_host() {
        for (pattern, host) in [("https://a.example/*", "a.example"), ("http://127.0.0.1/*", "127.0.0.1")] {
            assert_eq!(Grant { pattern: pattern.to_owned(), since: None }.host(), host);
        }
    }
}
