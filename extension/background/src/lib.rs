//! The service worker: the menu entry, the way into a page, and the few things that only it may do.
//!
//! It holds no state that it cannot lose; what must outlive it is in the browser's session storage.

mod tickets;

use brushaway::protocol::{Action, Answer, Context, Fault, Request, answer};
use brushaway_browser::{
    bus::{self, admitted, encoded_answer},
    chrome::{self, Sender, Tab},
    clock,
    error::JsError,
    log as browser_log, menu,
    package::EDITOR,
    task,
};
use futures_util::{future::join3, lock::Mutex};
use wasm_bindgen::prelude::*;

/// The page with the models.
const OFFSCREEN: &str = "offscreen/offscreen.html";
/// What is seen first.
const WELCOME: &str = "popup/welcome.html";
/// What runs in a page when the person asks for it.
const PAGE_SCRIPTS: [&str; 3] = ["content/pictures.js", "content/replace.js", "content/content.js"];

/// Runs once when the service worker wakes up.
#[wasm_bindgen(start)]
pub fn start() {
    browser_log::install();
}

/// Puts our entry into the menu, and welcomes whoever has installed this: `reason` is the browser's word for why it calls.
#[wasm_bindgen]
pub async fn on_installed(reason: String) {
    if let Err(error) = menu::make().await {
        log::error!("{error}");
    }
    if reason == "install"
        && let Err(error) = chrome::open_tab(WELCOME).await
    {
        log::error!("{error}");
    }
}

/// Opens the editor for what was right-clicked in `tab`, or for what the person points at after the key. `url` is the picture's address if the browser saw one.
#[wasm_bindgen]
pub async fn on_menu(url: Option<String>, tab: Tab) {
    if let Some(tab) = tab.number() {
        open_on(tab, url.as_deref()).await;
    }
}

/// Answers a call; the browser says who asks.
#[wasm_bindgen]
pub async fn on_message(request: JsValue, sender: Sender) -> JsValue {
    let result = match admitted(request, &sender) {
        Ok(request) => dispatch(request, &sender).await,
        Err(fault) => Err(fault),
    };
    if let Err(fault) = &result {
        log::warn!("{fault}");
    }
    encoded_answer(&result)
}

async fn dispatch(request: Request, sender: &Sender) -> Answer {
    match request {
        Request::RedeemTicket(call) => {
            let ticket = tickets::redeem(&call.token, sender).await;
            if ticket.is_ok() {
                // The editor is on the screen: the engine starts while it gets the picture and the person paints.
                task::spawn("start the engine", start_engine());
            }
            answer(&call, ticket)
        }
        Request::StartEngine(call) => answer(&call, start_engine().await.map_err(bus::fault)),
        Request::Screenshot(call) => answer(&call, screenshot(sender).await),
        Request::OpenEditor(call) => answer(&call, open_editor(call.token.as_deref(), sender).await),
        Request::PickOnPage(call) => {
            let tab = chrome::active_tab().await.map_err(bus::fault)?;
            if let Some(tab) = tab.number() {
                open_on(tab, call.url.as_deref()).await;
            }
            answer(&call, Ok(()))
        }
        other => Err(Fault::bug(format!("{:?} should have got this", other.answered_by()))),
    }
}

/// Shows the editor over the page, or in a tab where the page takes no script.
async fn open_on(tab: i32, url: Option<&str>) {
    if let Err(error) = show_on(tab, url).await {
        log::warn!("{error}");
        if let Err(error) = chrome::open_tab(&format!("{EDITOR}#closed-page")).await {
            log::error!("{error}");
        }
    }
}

async fn show_on(tab: i32, url: Option<&str>) -> Result<(), JsError> {
    let (injected, token, words) = join3(inject(tab), tickets::issue(tab), menu::words()).await;
    injected?;
    chrome::tell_page_to_open(tab, &token?, url, words?).await
}

async fn inject(tab: i32) -> Result<(), JsError> {
    // Now and then the click's leave reaches the page a moment after the click reaches us.
    for _ in 0..3 {
        if chrome::run_scripts(tab, &PAGE_SCRIPTS).await.is_ok() {
            return Ok(());
        }
        clock::sleep_millis(100).await;
    }
    chrome::run_scripts(tab, &PAGE_SCRIPTS).await
}

/// Starts the engine on the backend that the setting names: `webgpu`, `wasm`, or what is best.
async fn start_engine() -> Result<(), JsError> {
    // The browser says that the page exists before it listens: a second asker waits until the first one's is loaded.
    static STARTING: Mutex<()> = Mutex::new(());
    let _starting = STARTING.lock().await;
    let address = match chrome::setting("backend").await?.as_deref() {
        Some(backend @ ("webgpu" | "wasm")) => format!("{OFFSCREEN}?backend={backend}"),
        _ => OFFSCREEN.to_owned(),
    };
    chrome::ensure_offscreen(&address, &chrome::message("offscreen_reason", &[])).await
}

async fn screenshot(sender: &Sender) -> Result<String, Fault> {
    let failed = |detail: &dyn std::fmt::Display| Fault::new("fault_screenshot", Action::Adjust, detail);
    let window = sender.window_id().ok_or_else(|| failed(&"not in a tab"))?;
    chrome::capture_window(window).await.map_err(|error| failed(&error))
}

async fn open_editor(token: Option<&str>, sender: &Sender) -> Result<(), Fault> {
    let address = match token {
        // A page may only bring its own picture along.
        Some(token) if tickets::belongs_to(token, sender).await? => format!("{EDITOR}#{token}"),
        None if bus::context_of(sender) != Some(Context::Content) => EDITOR.to_owned(),
        _ => return Err(Fault::bug("the token is not this tab's")),
    };
    chrome::open_tab(&address).await.map_err(bus::fault)
}
