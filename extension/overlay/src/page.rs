//! The editor's own page: elements, files, the clipboard.

use brushaway_browser::error::JsError;
use js_sys::{Array, Function, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ClipboardItem, Document, HtmlAnchorElement, HtmlCanvasElement, HtmlImageElement, Url, Window};

/// The window.
///
/// # Errors
/// [`JsError`] outside a page.
pub fn window() -> Result<Window, JsError> {
    js_sys::global().dyn_into().map_err(|global| JsError::unexpected("find the window", format!("{global:?} is none")))
}

/// The document.
///
/// # Errors
/// [`JsError`] outside a page.
pub fn document() -> Result<Document, JsError> {
    window()?.document().ok_or_else(|| JsError::unexpected("find the document", "not in a page"))
}

/// A new element.
///
/// # Errors
/// [`JsError`] if `name` is not an element of that type.
pub fn element<T: JsCast>(name: &str) -> Result<T, JsError> {
    let element = document()?.create_element(name).map_err(JsError::of("make an element"))?;
    element.dyn_into().map_err(|made| JsError::unexpected("make an element", format!("{name}: {made:?}")))
}

/// A new canvas of this size in pixels.
///
/// # Errors
/// [`JsError`] outside a page.
pub fn canvas(width: u32, height: u32) -> Result<HtmlCanvasElement, JsError> {
    let canvas = element::<HtmlCanvasElement>("canvas")?;
    canvas.set_width(width);
    canvas.set_height(height);
    Ok(canvas)
}

/// An address for a blob within this page.
///
/// # Errors
/// [`JsError`] if the browser refuses.
pub fn object_url(blob: &Blob) -> Result<String, JsError> {
    Url::create_object_url_with_blob(blob).map_err(JsError::of("address a file"))
}

/// Gives an address up that [`object_url`] made.
pub fn release(url: &str) {
    if Url::revoke_object_url(url).is_err() {
        log::debug!("{url} was not ours");
    }
}

/// Loads and decodes an image.
///
/// # Errors
/// [`JsError`] if it is not one.
pub async fn load_image(url: &str) -> Result<HtmlImageElement, JsError> {
    let image = element::<HtmlImageElement>("img")?;
    image.set_src(url);
    JsFuture::from(image.decode()).await.map_err(JsError::of("decode the picture"))?;
    Ok(image)
}

/// A canvas as a PNG file.
///
/// # Errors
/// [`JsError`] if the browser cannot encode it.
pub async fn canvas_file(canvas: &HtmlCanvasElement) -> Result<Blob, JsError> {
    let mut started = Ok(());
    let promise = Promise::new(&mut |resolve: Function, _| {
        started = canvas.to_blob(&resolve).map_err(JsError::of("encode the picture"));
    });
    started?;
    let file = JsFuture::from(promise).await.map_err(JsError::of("encode the picture"))?;
    file.dyn_into().map_err(|file| JsError::unexpected("encode the picture", format!("the browser gave {file:?}")))
}

/// Saves a file into the person's downloads.
///
/// # Errors
/// [`JsError`] if the browser refuses.
pub fn save(file: &Blob, name: &str) -> Result<(), JsError> {
    let link = element::<HtmlAnchorElement>("a")?;
    let url = object_url(file)?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The download reads the address later.
    release_later(url)
}

/// Gives an address back when whoever it was made for has read it.
///
/// # Errors
/// [`JsError`] if the browser refuses.
pub fn release_later(object_url: String) -> Result<(), JsError> {
    let release = Closure::once_into_js(move || drop(Url::revoke_object_url(&object_url)));
    let waited = window()?.set_timeout_with_callback_and_timeout_and_arguments_0(release.unchecked_ref(), 60_000);
    waited.map(drop).map_err(JsError::of("release a file"))
}

/// Puts a PNG file onto the clipboard. `file` may still be on its way.
///
/// # Errors
/// [`JsError`] if the page or the person does not allow it.
pub async fn copy_png(file: Promise) -> Result<(), JsError> {
    let record = js_sys::Object::new();
    js_sys::Reflect::set(&record, &"image/png".into(), &file).map_err(JsError::of("copy"))?;
    let item = ClipboardItem::new_with_record_from_str_to_blob_promise(&record).map_err(JsError::of("copy"))?;
    let clipboard = window()?.navigator().clipboard();
    let written = JsFuture::from(clipboard.write(&Array::of1(&item))).await;
    written.map(drop).map_err(JsError::of("copy"))
}

/// The part of the address after `#`.
///
/// # Errors
/// [`JsError`] outside a page.
pub fn fragment() -> Result<String, JsError> {
    let hash = window()?.location().hash().map_err(JsError::of("read the address"))?;
    Ok(hash.trim_start_matches('#').to_owned())
}

/// Calls `handler` for every `event` of the window, for as long as the page lives.
///
/// # Errors
/// [`JsError`] if the browser refuses.
pub fn listen<E: JsCast + 'static>(event: &str, mut handler: impl FnMut(E) + 'static) -> Result<(), JsError> {
    let listener = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| handler(event.unchecked_into()));
    let added = window()?.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
    listener.forget();
    added.map_err(JsError::of("listen"))
}
