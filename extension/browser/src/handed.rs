//! A file on its way from one page of ours to another that is not open yet: it outlives the page that it comes from.

use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Cache, ClipboardEvent, File, Response, Window};

use crate::{blobs::random_name, error::JsError, platform};

/// Before the name of a waiting file in the fragment of an address.
pub const PREFIX: &str = "handed:";

/// The cache that files wait in.
const CACHE: &str = "handed";

/// Where files wait: a cache takes only addresses, and this one leads nowhere.
const ADDRESSES: &str = "https://handed.invalid/";

fn window() -> Result<Window, JsError> {
    platform::window().ok_or_else(|| JsError::unexpected("hand a file over", "not in a page"))
}

async fn cache() -> Result<Cache, JsError> {
    let what = || JsError::of("hand a file over");
    let caches = window()?.caches().map_err(what())?;
    Ok(JsFuture::from(caches.open(CACHE)).await.map_err(what())?.unchecked_into())
}

/// Leaves a file for another page, and answers with the name to ask for it by. What nobody took before goes.
///
/// # Errors
/// [`JsError`] if there is no room.
pub async fn leave(file: &Blob) -> Result<String, JsError> {
    let what = || JsError::of("hand a file over");
    let caches = window()?.caches().map_err(what())?;
    JsFuture::from(caches.delete(CACHE)).await.map_err(what())?;
    let name = random_name();
    let answer = Response::new_with_opt_blob(Some(file)).map_err(what())?;
    let put = cache().await?.put_with_str(&format!("{ADDRESSES}{name}"), &answer);
    JsFuture::from(put).await.map_err(what())?;
    Ok(name)
}

/// Takes a file that was left under this name. It is there no more afterwards.
///
/// # Errors
/// [`JsError`] if there is none.
pub async fn take(name: &str) -> Result<Blob, JsError> {
    let what = || JsError::of("take a file");
    let (cache, address) = (cache().await?, format!("{ADDRESSES}{name}"));
    let found: JsValue = JsFuture::from(cache.match_with_str(&address)).await.map_err(what())?;
    let answer: Response = found.dyn_into().map_err(|_none| JsError::unexpected("take a file", "it is gone"))?;
    let file = JsFuture::from(answer.blob().map_err(what())?).await.map_err(what())?;
    JsFuture::from(cache.delete_with_str(&address)).await.map_err(what())?;
    Ok(file.unchecked_into())
}

/// Has `take` called with the first file of whatever is pasted into this page, for as long as the page lives.
///
/// # Errors
/// [`JsError`] outside a page.
pub fn on_paste(take: impl Fn(File) + 'static) -> Result<(), JsError> {
    let listener = Closure::<dyn FnMut(ClipboardEvent)>::new(move |event: ClipboardEvent| {
        let file = event.clipboard_data().and_then(|data| data.files()).and_then(|files| files.get(0));
        if let Some(file) = file {
            take(file);
        }
    });
    let added = window()?.add_event_listener_with_callback("paste", listener.as_ref().unchecked_ref());
    listener.forget();
    added.map_err(JsError::of("listen"))
}
