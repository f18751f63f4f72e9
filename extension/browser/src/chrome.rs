//! Bindings to `chrome.*`, only what is used.

use futures_channel::mpsc;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::{error::JsError, grants, texts};

#[wasm_bindgen]
extern "C" {
    /// The end of a connection between two contexts.
    #[derive(Debug, Clone)]
    pub type Port;

    #[wasm_bindgen(method, getter, js_name = name)]
    pub(crate) fn name(this: &Port) -> String;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn sender(this: &Port) -> Option<Sender>;
    #[wasm_bindgen(method, catch, js_name = postMessage)]
    pub(crate) fn post_message(this: &Port, message: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    pub(crate) fn disconnect(this: &Port);
    #[wasm_bindgen(method, getter, js_name = onMessage)]
    pub(crate) fn on_message(this: &Port) -> Listeners;
    #[wasm_bindgen(method, getter, js_name = onDisconnect)]
    pub(crate) fn on_disconnect(this: &Port) -> Listeners;

    #[wasm_bindgen(typescript_type = "chrome.events.Event")]
    pub(crate) type Listeners;

    #[wasm_bindgen(method, js_name = addListener)]
    pub(crate) fn add_listener(this: &Listeners, listener: &JsValue);

    /// Who sent a message or opened a connection, in the browser's words.
    #[derive(Debug, Clone)]
    pub type Sender;

    #[wasm_bindgen(method, getter)]
    fn id(this: &Sender) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn origin(this: &Sender) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn url(this: &Sender) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn tab(this: &Sender) -> Option<Tab>;

    /// A browser tab.
    #[derive(Debug, Clone)]
    pub type Tab;

    #[wasm_bindgen(method, getter, js_name = id)]
    fn tab_id(this: &Tab) -> Option<i32>;
    #[wasm_bindgen(method, getter, js_name = windowId)]
    fn window_id(this: &Tab) -> i32;
    #[wasm_bindgen(method, getter, js_name = index)]
    fn tab_index(this: &Tab) -> i32;
    #[wasm_bindgen(method, getter, js_name = height)]
    fn tab_height(this: &Tab) -> Option<f64>;

    #[wasm_bindgen(js_namespace = ["chrome", "runtime"], js_name = getManifest)]
    fn runtime_manifest() -> JsValue;

    #[wasm_bindgen(js_namespace = ["chrome", "runtime"], js_name = id, thread_local_v2)]
    static RUNTIME_ID: String;
    #[wasm_bindgen(js_namespace = ["chrome", "runtime"], js_name = getURL)]
    fn runtime_get_url(path: &str) -> String;
    #[wasm_bindgen(js_namespace = ["chrome", "runtime"], js_name = sendMessage, catch)]
    pub(crate) async fn runtime_send_message(message: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "runtime"], js_name = connect, catch)]
    pub(crate) fn runtime_connect(options: &JsValue) -> Result<Port, JsValue>;

    #[wasm_bindgen(js_namespace = ["chrome", "tabs"], js_name = connect, catch)]
    pub(crate) fn tabs_connect(tab: i32, options: &JsValue) -> Result<Port, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "tabs"], js_name = sendMessage, catch)]
    async fn tabs_send_message(tab: i32, message: &JsValue, options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "tabs"], js_name = create, catch)]
    async fn tabs_create(options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "tabs"], js_name = query, catch)]
    async fn tabs_query(options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "tabs"], js_name = captureVisibleTab, catch)]
    async fn tabs_capture(window: i32, options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "scripting"], js_name = executeScript, catch)]
    pub(crate) async fn scripting_execute(options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "offscreen"], js_name = createDocument, catch)]
    async fn offscreen_create(options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "offscreen"], js_name = hasDocument, catch)]
    async fn offscreen_has() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "permissions"], js_name = request, catch)]
    async fn permissions_request(options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "permissions"], js_name = contains, catch)]
    async fn permissions_contains(options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "i18n"], js_name = getMessage)]
    fn i18n_message(key: &str, substitutions: &JsValue) -> String;
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "local"], js_name = get, catch)]
    async fn local_get(key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "local"], js_name = set, catch)]
    async fn local_set(items: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "local"], js_name = remove, catch)]
    async fn local_remove(key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "session"], js_name = get, catch)]
    async fn session_get(key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "session"], js_name = set, catch)]
    async fn session_set(items: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "session"], js_name = remove, catch)]
    async fn session_remove(key: &str) -> Result<JsValue, JsValue>;
}

/// A plain object from its entries.
pub(crate) fn object<const N: usize>(entries: [(&str, JsValue); N]) -> JsValue {
    let pairs = entries.into_iter().map(|(key, value)| Array::of2(&key.into(), &value)).collect::<Array>();
    // Fails only for something that is no list of pairs.
    Object::from_entries(&pairs).map_or(JsValue::UNDEFINED, Into::into)
}

pub(crate) fn list(values: &[&str]) -> JsValue {
    values.iter().map(|value| JsValue::from_str(value)).collect::<Array>().into()
}

/// The version of this extension.
pub fn version() -> String {
    Reflect::get(&runtime_manifest(), &"version".into()).ok().and_then(|v| v.as_string()).unwrap_or_default()
}

/// The address of a file of the package.
pub fn package_url(path: &str) -> String {
    runtime_get_url(path)
}

/// The text for `key` in the person's language, with `$1`, `$2`... replaced; the key itself if there is no text.
pub fn message(key: &str, substitutions: &[&str]) -> String {
    let text = texts::chosen(key, substitutions).unwrap_or_else(|| i18n_message(key, &list(substitutions)));
    if text.is_empty() { key.to_owned() } else { text }
}

impl Sender {
    /// The path within the package if one of our own pages sent this, `None` for a script in a web page.
    pub fn own_page(&self) -> Option<String> {
        let own = RUNTIME_ID.with(Clone::clone);
        if self.id()? != own || self.origin()? != format!("chrome-extension://{own}") {
            return None;
        }
        // The host of a page with a dynamic address is not the id, so only the path is looked at.
        let url = self.url()?;
        let path = url.strip_prefix("chrome-extension://")?.split_once('/')?.1;
        Some(path.split(['?', '#']).next().unwrap_or_default().to_owned())
    }

    /// Whether one of our content scripts sent this.
    pub fn is_own_content_script(&self) -> bool {
        self.id() == Some(RUNTIME_ID.with(Clone::clone)) && self.tab().is_some() && self.own_page().is_none()
    }

    /// The tab it came from, if it came from one.
    pub fn tab_id(&self) -> Option<i32> {
        self.tab()?.tab_id()
    }

    /// The window of that tab.
    pub fn window_id(&self) -> Option<i32> {
        Some(self.tab()?.window_id())
    }
}

impl Tab {
    /// The tab's number; none for windows of the developer tools.
    pub fn number(&self) -> Option<i32> {
        self.tab_id()
    }

    /// The number of its window.
    pub fn window(&self) -> i32 {
        self.window_id()
    }

    /// How high what it shows is, in CSS pixels; nothing if it is not known.
    pub fn height(&self) -> f64 {
        self.tab_height().unwrap_or_default()
    }

    /// Where it stands in its window.
    pub fn position(&self) -> i32 {
        self.tab_index()
    }
}

/// Runs files of the package, one after another, in the top frame of a tab.
///
/// # Errors
/// [`JsError`] where extensions may not run: browser pages, the store, file addresses without leave.
pub async fn run_scripts(tab: i32, files: &[&str]) -> Result<(), JsError> {
    let target = object([("tabId", tab.into())]);
    let options = object([("target", target), ("files", list(files)), ("injectImmediately", true.into())]);
    scripting_execute(&options).await.map(drop).map_err(JsError::of("run the page scripts"))
}

/// Has the page script of a tab find the picture under the pointer, or the one with address `url`, and show the editor.
///
/// # Errors
/// [`JsError`] if nobody listens there.
pub async fn tell_page_to_open(tab: i32, token: &str, url: Option<&str>, words: JsValue) -> Result<(), JsError> {
    let open = [("brushaway", "open".into()), ("token", token.into()), ("url", url.into()), ("words", words)];
    tell_page(tab, &object(open)).await
}

/// Tells the page script of a tab that its frame lives.
///
/// # Errors
/// [`JsError`] if nobody listens there.
pub async fn tell_page_ready(tab: i32, token: &str) -> Result<(), JsError> {
    tell_page(tab, &object([("brushaway", "ready".into()), ("token", token.into())])).await
}

async fn tell_page(tab: i32, message: &JsValue) -> Result<(), JsError> {
    let options = object([("frameId", 0.into())]);
    tabs_send_message(tab, message, &options).await.map(drop).map_err(JsError::of("tell the page script"))
}

/// Connects to the page script of a tab and returns what it says, until it leaves.
///
/// # Errors
/// [`JsError`] if the browser refuses.
pub fn connect_to_page(tab: i32, name: &str) -> Result<mpsc::UnboundedReceiver<JsValue>, JsError> {
    let options = object([("name", name.into()), ("frameId", 0.into())]);
    let port = tabs_connect(tab, &options).map_err(JsError::of("connect to the page"))?;
    let (sender, receiver) = mpsc::unbounded();
    let ending = sender.clone();
    let heard = Closure::<dyn FnMut(JsValue)>::new(move |message| drop(sender.unbounded_send(message)));
    port.on_message().add_listener(heard.as_ref());
    // The closure keeps the port from being collected while messages may come, and the listener with it.
    let gone = Closure::once_into_js(move |port: JsValue| {
        ending.close_channel();
        drop((heard, port));
    });
    port.on_disconnect().add_listener(&gone);
    Ok(receiver)
}

/// Opens a page of the browser's own in a new tab, such as `chrome://extensions`.
///
/// # Errors
/// [`JsError`] if the browser refuses.
pub async fn open_browser_page(url: &str) -> Result<(), JsError> {
    tabs_create(&object([("url", url.into())])).await.map(drop).map_err(JsError::of("open a tab"))
}

/// Opens a page of the package in a new tab.
///
/// # Errors
/// [`JsError`] if the browser refuses.
pub async fn open_tab(path: &str) -> Result<(), JsError> {
    let options = object([("url", package_url(path).into())]);
    tabs_create(&options).await.map(drop).map_err(JsError::of("open a tab"))
}

/// The tab in front.
///
/// # Errors
/// [`JsError`] if there is none.
pub async fn active_tab() -> Result<Tab, JsError> {
    let options = object([("active", true.into()), ("lastFocusedWindow", true.into())]);
    let tabs = tabs_query(&options).await.map_err(JsError::of("find the active tab"))?;
    let first = Array::from(&tabs).get(0);
    if first.is_object() { Ok(first.unchecked_into()) } else { Err(JsError::unexpected("find the active tab", "none")) }
}

/// A PNG of what a window shows, as a `data:` URL.
///
/// # Errors
/// [`JsError`] without the person's gesture, or on pages that may not be seen.
pub async fn capture_window(window: i32) -> Result<String, JsError> {
    let options = object([("format", "png".into())]);
    let url = tabs_capture(window, &options).await.map_err(JsError::of("take a screenshot"))?;
    url.as_string().ok_or_else(|| JsError::unexpected("take a screenshot", "no picture"))
}

/// Makes the offscreen document unless it is there.
///
/// # Errors
/// [`JsError`] if the browser refuses.
pub async fn ensure_offscreen(path: &str, justification: &str) -> Result<(), JsError> {
    if offscreen_has().await.is_ok_and(|has| has.is_truthy()) {
        return Ok(());
    }
    let reasons = list(&["WORKERS", "BLOBS"]);
    let options = object([("url", path.into()), ("reasons", reasons), ("justification", justification.into())]);
    match offscreen_create(&options).await {
        Ok(_) => Ok(()),
        // Two askers at once: the other one made it.
        Err(_) if offscreen_has().await.is_ok_and(|has| has.is_truthy()) => Ok(()),
        Err(thrown) => Err(JsError::of("start the engine")(thrown)),
    }
}

/// Whether we may read from an origin pattern such as `https://host/*`.
pub async fn may_read(pattern: &str) -> bool {
    let answer = permissions_contains(&object([("origins", list(&[pattern]))])).await;
    answer.is_ok_and(|granted| granted.is_truthy())
}

/// Asks the person for leave to read from an origin pattern. Call it from the handler of a click.
///
/// # Errors
/// [`JsError`] without a gesture.
pub async fn ask_to_read(pattern: &str) -> Result<bool, JsError> {
    let answer = permissions_request(&object([("origins", list(&[pattern]))])).await;
    let is_granted = answer.map_err(JsError::of("ask for permission"))?.is_truthy();
    if is_granted {
        grants::note(pattern).await?;
    }
    Ok(is_granted)
}

/// The setting `key`, if it was ever changed.
///
/// # Errors
/// [`JsError`] if the storage cannot be read.
pub async fn setting(key: &str) -> Result<Option<String>, JsError> {
    Ok(stored(key).await?.as_string())
}

/// What is kept in the local storage under `key`; undefined if nothing is.
pub(crate) async fn stored(key: &str) -> Result<JsValue, JsError> {
    let items = local_get(key).await.map_err(JsError::of("read the settings"))?;
    Reflect::get(&items, &key.into()).map_err(JsError::of("read the settings"))
}

/// Changes the setting `key`.
///
/// # Errors
/// [`JsError`] if the storage cannot be written.
pub async fn set_setting(key: &str, value: &str) -> Result<(), JsError> {
    store(key, &value.into()).await
}

/// Keeps a plain value in the local storage under `key`.
pub(crate) async fn store(key: &str, value: &JsValue) -> Result<(), JsError> {
    local_set(&object([(key, value.clone())])).await.map(drop).map_err(JsError::of("write the settings"))
}

/// Sets the setting `key` back to what it is when it was never changed.
///
/// # Errors
/// [`JsError`] if the storage cannot be written.
pub async fn drop_setting(key: &str) -> Result<(), JsError> {
    local_remove(key).await.map(drop).map_err(JsError::of("write the settings"))
}

/// What was remembered under `key` since the browser started.
///
/// # Errors
/// [`JsError`] if the storage cannot be read.
pub async fn remembered(key: &str) -> Result<Option<String>, JsError> {
    let items = session_get(key).await.map_err(JsError::of("read the session"))?;
    let value = Reflect::get(&items, &key.into()).map_err(JsError::of("read the session"))?;
    Ok(value.as_string())
}

/// Remembers `value` under `key` until the browser closes.
///
/// # Errors
/// [`JsError`] if the storage cannot be written.
pub async fn remember(key: &str, value: &str) -> Result<(), JsError> {
    session_set(&object([(key, value.into())])).await.map(drop).map_err(JsError::of("write the session"))
}

/// Forgets `key`.
///
/// # Errors
/// [`JsError`] if the storage cannot be written.
pub async fn forget(key: &str) -> Result<(), JsError> {
    session_remove(key).await.map(drop).map_err(JsError::of("write the session"))
}
