//! Files for other programs and pages: dragged there, or shared.

use brushaway_browser::error::JsError;
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DataTransfer, DomException, File, FilePropertyBag, ShareData};

use crate::page;

/// A file under a name.
///
/// # Errors
/// [`JsError`] if the browser refuses.
pub(crate) fn named(file: &Blob, name: &str) -> Result<File, JsError> {
    let options = FilePropertyBag::new();
    options.set_type(&file.type_());
    File::new_with_blob_sequence_and_options(&Array::of1(file), name, &options).map_err(JsError::of("name a file"))
}

/// Puts a file into what is dragged: pages get it as a file; folders as a download from its address in this page, which is how
/// Chromium hands over files that are not on the disk.
///
/// # Errors
/// [`JsError`] if the browser refuses.
pub(crate) fn drag(data: &DataTransfer, file: &File, object_url: &str) -> Result<(), JsError> {
    let download = [file.type_(), file.name(), object_url.to_owned()].join(":");
    data.set_data("DownloadURL", &download).map_err(JsError::of("drag"))?;
    data.set_effect_allowed("copy");
    data.items().add_with_file(file).map(drop).map_err(JsError::of("drag"))
}

/// Whether the browser would share a file.
pub(crate) fn can_share(file: &File) -> bool {
    let Ok(navigator) = page::window().map(|window| window.navigator()) else { return false };
    let is_there = Reflect::has(&navigator, &"canShare".into()).unwrap_or_default();
    is_there && navigator.can_share_with_data(&shared(file))
}

/// Has the browser ask where to share a file.
///
/// # Errors
/// [`JsError`] if it does not know how to.
pub(crate) fn share(file: &File) -> Result<Promise, JsError> {
    Ok(page::window()?.navigator().share_with_data(&shared(file)))
}

/// Waits for the person's choice. To choose nothing is no error.
///
/// # Errors
/// [`JsError`] if the file could not be handed over.
pub(crate) async fn is_shared(sharing: Promise) -> Result<bool, JsError> {
    let is_refusal = |thrown: &JsValue| thrown.dyn_ref::<DomException>().is_some_and(|e| e.name() == "AbortError");
    match JsFuture::from(sharing).await {
        Ok(_) => Ok(true),
        Err(thrown) if is_refusal(&thrown) => Ok(false),
        Err(thrown) => Err(JsError::of("share")(thrown)),
    }
}

fn shared(file: &File) -> ShareData {
    let data = ShareData::new();
    data.set_files(&Array::of1(file));
    data
}
