//! What the page does once it is open: as its address says, and tells what it found.

use brushaway_browser::{log as browser_log, task};
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Window};

use crate::{Way, ways};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Failed(pub(crate) String);

impl Failed {
    /// With what was tried.
    pub(crate) fn of<E: std::fmt::Display>(doing: &str) -> impl Fn(E) -> Self {
        move |error| Self(format!("{doing}: {error}"))
    }

    /// What a script threw.
    pub(crate) fn thrown(doing: &str) -> impl Fn(JsValue) -> Self {
        move |thrown| Self(format!("{doing}: {thrown:?}"))
    }
}

/// Runs what the page's address asks for.
#[wasm_bindgen]
pub fn start() {
    browser_log::install();
    task::spawn("measure", async {
        let told = match measure().await {
            Ok(report) => tell("report", &report).await,
            Err(error) => tell("failure", &error.0).await,
        };
        told.map_err(|error| error.0)
    });
}

async fn measure() -> Result<String, Failed> {
    let window = window()?;
    let search = window.location().search().map_err(Failed::thrown("read the address"))?;
    let asked = |key: &str| {
        let pairs = search.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(name, _)| *name == key).map(|(_, value)| value.to_owned()).next()
    };
    let way = asked("way").unwrap_or_default();
    let way: Way = serde_json::from_str(&format!("\"{way}\"")).map_err(Failed::of("way"))?;
    let runs = asked("runs").and_then(|runs| runs.parse().ok()).unwrap_or(10);
    let origin = window.location().origin().map_err(Failed::thrown("read the address"))?;
    let report = ways::run(way, runs, &origin).await?;
    serde_json::to_string(&report).map_err(Failed::of("report"))
}

pub(crate) fn window() -> Result<Window, Failed> {
    js_sys::global().dyn_into().map_err(|_thrown| Failed("not in a page".to_owned()))
}

/// Sends a text to whoever serves the page.
async fn tell(what: &str, text: &str) -> Result<(), Failed> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&text.into());
    let sent: Promise = window()?.fetch_with_str_and_init(&format!("/tell/{what}"), &init);
    JsFuture::from(sent).await.map(drop).map_err(Failed::thrown("tell"))
}
