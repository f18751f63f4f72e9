//! Files of the package.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use crate::error::JsError;

/// The page that is the editor in a tab of its own.
pub const EDITOR: &str = "overlay/editor.html";

#[wasm_bindgen]
extern "C" {
    // On the global object, because a service worker has no window. Addresses begin at the root, because a worker of a page
    // has no `chrome` that would know it.
    #[wasm_bindgen(js_namespace = globalThis, js_name = fetch, catch)]
    async fn fetch(url: &str) -> Result<JsValue, JsValue>;
}

/// Reads a file of the package, `path` relative to its root.
///
/// # Errors
/// [`JsError`] if there is no such file.
pub async fn read(path: &str) -> Result<Vec<u8>, JsError> {
    let failed = || JsError::of("read a file of the package");
    let response: Response = fetch(&format!("/{path}")).await.map_err(failed())?.unchecked_into();
    if !response.ok() {
        return Err(JsError::unexpected("read a file of the package", format!("{path}: {}", response.status())));
    }
    let body = response.array_buffer().map_err(failed())?;
    let body: ArrayBuffer = JsFuture::from(body).await.map_err(failed())?.unchecked_into();
    Ok(Uint8Array::new(&body).to_vec())
}
