//! The editor: a Yew app in a frame over a web page, or in a tab of its own.

pub mod actions;
pub mod app;
pub mod arrival;
mod batch;
mod better;
mod changes;
pub mod comparing;
pub mod components;
pub mod controller;
pub mod gestures;
mod handing;
mod history;
pub mod improving;
pub mod instrument;
mod jobs;
pub mod keyboard;
pub mod keys;
mod marking;
pub mod masks;
mod opening;
pub mod page;
pub mod painting;
mod past;
pub mod pen;
mod results;
pub mod saving;
pub mod state;
pub mod strip;
pub mod surface;
pub mod view;

use brushaway_browser::{error::JsError, log as browser_log, task};
use wasm_bindgen::prelude::*;

use crate::{
    actions::Place,
    app::{App, AppProps},
};

/// Starts the editor in this page.
#[wasm_bindgen]
pub fn start(in_tab: bool) {
    browser_log::install();
    let place = if in_tab { Place::Tab } else { Place::Frame };
    task::spawn("start", async move {
        brushaway_ui::dress().await;
        yew::Renderer::<App>::with_props(AppProps { place }).render();
        Ok::<(), JsError>(())
    });
}
