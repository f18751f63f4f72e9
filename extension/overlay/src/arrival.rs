//! How a picture gets into the editor: from the page around its frame, from the page that sent its tab, or as a file.

use brushaway::protocol::{Action, Fault, RedeemTicket};
use brushaway_browser::{
    bus, chrome,
    error::{JsError, text},
    handed,
};
use brushaway_ui::t;
use futures_channel::{mpsc, oneshot};
use futures_util::StreamExt as _;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, MessageEvent, MessagePort, Response};

use crate::{page, surface::field};

/// What the page's script found.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The file's bytes, unless the page could not read them.
    pub file: Option<Blob>,
    /// Where the picture comes from; empty for canvases and inline drawings.
    pub url: String,
    /// Its place on the page in CSS pixels: x, y, width, height.
    pub rect: Option<[f64; 4]>,
    /// Device pixels per CSS pixel.
    pub ratio: f64,
    /// Why the file could not be read.
    pub reason: String,
    /// The page could ask for the file, but it is no longer there.
    pub is_gone: bool,
    /// The bytes are not the file's: they were made from what the page shows.
    pub is_drawn: bool,
    /// It has its place among the pictures of the tab.
    pub is_in_strip: bool,
    /// Whether the page shows a result of ours in its place; none if the page's element is not known.
    pub is_put: Option<bool>,
}

impl Arrival {
    fn from_facts(facts: &JsValue, file: Option<Blob>) -> Self {
        let rect = field(facts, "rect").dyn_into::<Array>().unwrap_or_default();
        let rect: Vec<f64> = rect.iter().filter_map(|v| v.as_f64()).collect();
        Self {
            file,
            url: field(facts, "url").as_string().unwrap_or_default(),
            rect: <[f64; 4]>::try_from(rect).ok(),
            ratio: field(facts, "ratio").as_f64().unwrap_or(1.0),
            reason: field(facts, "reason").as_string().unwrap_or_default(),
            is_gone: field(facts, "gone").is_truthy(),
            is_drawn: field(facts, "drawn").is_truthy(),
            is_in_strip: false,
            is_put: field(facts, "put").as_bool(),
        }
    }

    /// A picture without a page around it.
    const fn without_page(url: String, file: Option<Blob>) -> Self {
        Self {
            file,
            url,
            rect: None,
            ratio: 1.0,
            reason: String::new(),
            is_gone: false,
            is_drawn: false,
            is_in_strip: false,
            is_put: None,
        }
    }

    /// A file that the person opened.
    pub const fn of_file(file: Blob, name: String) -> Self {
        Self::without_page(name, Some(file))
    }

    /// A picture on the web that the person named. None if that is no address of one.
    pub fn of_address(address: &str) -> Option<Self> {
        let url = web_sys::Url::new(address.trim()).ok()?;
        is_on_web(&url).then(|| Self::without_page(url.href(), None))
    }

    /// The file's name with its extension, as far as it has one.
    pub fn file_name(&self) -> String {
        let extension = self.url.rsplit('/').next().and_then(|last| last.rsplit_once('.'));
        let extension = extension.map(|(_, extension)| extension.chars().take_while(char::is_ascii_alphanumeric));
        match extension.map(Iterator::collect::<String>).filter(|extension| (2..=5).contains(&extension.len())) {
            Some(extension) => format!("{}.{extension}", self.name()),
            None => self.name(),
        }
    }

    /// The host that the picture is stored on.
    pub fn host(&self) -> Option<String> {
        let url = web_sys::Url::new(&self.url).ok()?;
        Some(url.hostname()).filter(|host| !host.is_empty())
    }

    /// The permission that reading it needs.
    pub fn pattern(&self) -> Option<String> {
        let url = web_sys::Url::new(&self.url).ok()?;
        is_on_web(&url).then(|| format!("{}//{}/*", url.protocol(), url.hostname()))
    }

    /// The file's name without its extension, fit for a file system; a word for a picture if there is none.
    pub fn name(&self) -> String {
        let path = match web_sys::Url::new(&self.url) {
            Ok(url) if url.protocol() == "data:" || url.protocol() == "blob:" => String::new(),
            Ok(url) => url.pathname(),
            Err(_) => self.url.clone(),
        };
        let last = path.rsplit('/').next().unwrap_or_default();
        let decoded = js_sys::decode_uri_component(last).map_or_else(|_| last.to_owned(), String::from);
        let stem = decoded.rsplit_once('.').map_or(decoded.as_str(), |(stem, _)| stem);
        let safe: String =
            stem.chars().map(|c| if "\\/:*?\"<>|".contains(c) || c.is_control() { '_' } else { c }).collect();
        if safe.trim().is_empty() { t!("unnamed_picture") } else { safe.trim().chars().take(80).collect() }
    }
}

fn is_on_web(url: &web_sys::Url) -> bool {
    matches!(url.protocol().as_str(), "http:" | "https:")
}

/// The frame's line to the script of the page around it.
#[derive(Debug, Clone)]
pub struct Host {
    port: MessagePort,
}

impl Host {
    /// Has the frame removed.
    pub fn close(&self) {
        self.say("close");
    }

    /// Hides the frame and waits until the page was drawn without it.
    ///
    /// # Errors
    /// [`JsError`] if the page is gone.
    pub async fn hide(&self) -> Result<(), JsError> {
        self.ask(&JsValue::from_str("hide")).await.map(drop)
    }

    /// Shows the frame again.
    pub fn show(&self) {
        self.say("show");
    }

    /// Has the page show a file, so many pixels wide, in place of its picture; answers whether it does.
    ///
    /// # Errors
    /// [`JsError`] if the page is gone.
    pub async fn put(&self, file: &Blob, width: u32) -> Result<bool, JsError> {
        let object = |entries: &[(&str, JsValue)]| {
            let pairs: Array = entries.iter().map(|(key, value)| Array::of2(&(*key).into(), value)).collect();
            js_sys::Object::from_entries(&pairs).map(JsValue::from).map_err(JsError::of("put into the page"))
        };
        let put = object(&[("file", file.into()), ("width", width.into())])?;
        Ok(self.ask(&object(&[("put", put)])?).await?.is_truthy())
    }

    /// Has the page show its own picture again.
    ///
    /// # Errors
    /// [`JsError`] if the page is gone.
    pub async fn take_back(&self) -> Result<(), JsError> {
        self.ask(&JsValue::from_str("take")).await.map(drop)
    }

    /// Says something that the page answers. One thing at a time.
    async fn ask(&self, message: &JsValue) -> Result<JsValue, JsError> {
        let (sender, receiver) = oneshot::channel();
        let heard = wasm_bindgen::closure::Closure::once_into_js(move |event: MessageEvent| {
            // A waiter that was dropped no longer wants to know.
            sender.send(event.data()).ok();
        });
        self.port.set_onmessage(Some(heard.unchecked_ref()));
        self.port.post_message(message).map_err(JsError::of("tell the page"))?;
        receiver.await.map_err(|gone| JsError::unexpected("tell the page", gone.to_string()))
    }

    fn say(&self, word: &str) {
        if let Err(thrown) = self.port.post_message(&word.into()) {
            log::warn!("the page is gone: {}", text(&thrown));
        }
    }
}

/// Waits for the page around the frame to hand its picture over.
///
/// # Errors
/// A fault if the token is worth nothing.
pub async fn from_frame(token: String) -> Result<(Arrival, Host), Fault> {
    let (sender, mut receiver) = mpsc::unbounded::<MessageEvent>();
    // Listening comes first: the page answers as soon as the token is redeemed.
    page::listen("message", move |event: MessageEvent| drop(sender.unbounded_send(event))).map_err(bus::fault)?;
    bus::ask(RedeemTicket { token: token.clone() }).await?;
    while let Some(event) = receiver.next().await {
        // Any page may post here; only the script that was given the token knows it.
        if field(&event.data(), "token").as_string().as_ref() != Some(&token) {
            continue;
        }
        let Ok(port) = event.ports().get(0).dyn_into::<MessagePort>() else { continue };
        let facts = field(&event.data(), "picture");
        let file = field(&facts, "blob").dyn_into().ok();
        return Ok((Arrival::from_facts(&facts, file), Host { port }));
    }
    Err(Fault::bug("the page did not answer"))
}

/// Takes the picture from the page that sent this tab.
///
/// # Errors
/// A fault if that page is gone.
pub async fn from_tab(token: String) -> Result<Arrival, Fault> {
    let gone = |detail: &dyn std::fmt::Display| Fault::new("fault_gone", Action::Close, detail);
    let ticket = bus::ask(RedeemTicket { token: token.clone() }).await.map_err(|fault| gone(&fault))?;
    let mut messages = chrome::connect_to_page(ticket.tab_id, &token).map_err(|error| gone(&error))?;
    let first = messages.next().await.ok_or_else(|| gone(&"it said nothing"))?;
    let facts = field(&first, "facts");
    let size = field(&facts, "size").as_f64().unwrap_or(-1.0);
    let parts = Array::new();
    let mut received = 0.0;
    while received < size {
        let message = messages.next().await.ok_or_else(|| gone(&"it broke off"))?;
        let bytes = base64_bytes(&field(&message, "part").as_string().unwrap_or_default()).map_err(bus::fault)?;
        received += f64::from(bytes.length());
        parts.push(&bytes);
    }
    let mime = field(&facts, "mime").as_string().unwrap_or_default();
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(&mime);
    let file = Blob::new_with_u8_array_sequence_and_options(&parts, &options);
    let file = file.map_err(|thrown| bus::fault(JsError::of("put the picture together")(thrown)))?;
    Ok(Arrival::from_facts(&facts, (size >= 0.0).then_some(file)))
}

/// Takes the picture that an editor over a page opened this tab for: `<address of the file>#<name>`.
///
/// # Errors
/// A fault if that editor is gone, and the file with it.
pub async fn from_editor(fragment: &str) -> Result<Arrival, Fault> {
    let (url, name) = fragment.split_once('#').unwrap_or((fragment, ""));
    let file = from_site(url).await.map_err(|error| Fault::new("fault_gone", Action::Close, error))?;
    Ok(Arrival::of_file(file, name.to_owned()))
}

/// Takes the picture that the toolbar panel left for this tab: `handed:<name of the file there>`.
///
/// # Errors
/// A fault if it was taken already.
pub async fn from_panel(fragment: &str) -> Result<Arrival, Fault> {
    let name = fragment.trim_start_matches(handed::PREFIX);
    let file = handed::take(name).await.map_err(|error| Fault::new("fault_gone", Action::Close, error))?;
    Ok(Arrival::of_file(file, String::new()))
}

fn base64_bytes(text: &str) -> Result<Uint8Array, JsError> {
    let what = "read the picture";
    let binary = page::window()?.atob(text).map_err(JsError::of(what))?;
    let bytes: Vec<u8> = binary.chars().map(|c| c as u8).collect();
    Ok(Uint8Array::from(bytes.as_slice()))
}

/// Reads the picture from its own site; needs the permission for that site.
///
/// # Errors
/// [`JsError`] with the site's answer.
pub async fn from_site(url: &str) -> Result<Blob, JsError> {
    let what = "read the picture";
    let response = JsFuture::from(page::window()?.fetch_with_str(url)).await.map_err(JsError::of(what))?;
    let response: Response = response.unchecked_into();
    if !response.ok() {
        return Err(JsError::unexpected(what, response.status().to_string()));
    }
    let blob = JsFuture::from(response.blob().map_err(JsError::of(what))?).await.map_err(JsError::of(what))?;
    let blob: Blob = blob.unchecked_into();
    if blob.type_().starts_with("text/") {
        return Err(JsError::unexpected(what, blob.type_()));
    }
    Ok(blob)
}
