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
pub mod masks;
mod opening;
pub mod page;
pub mod painting;
pub mod pen;
mod results;
pub mod saving;
pub mod state;
pub mod strip;
pub mod surface;
pub mod view;

use brushaway_browser::log as browser_log;
use wasm_bindgen::prelude::*;

use crate::{
    actions::Place,
    app::{App, AppProps},
};

/// Starts the editor in this page.
#[wasm_bindgen]
pub fn start(in_tab: bool) {
    browser_log::install();
    brushaway_ui::set_language();
    let place = if in_tab { Place::Tab } else { Place::Frame };
    yew::Renderer::<App>::with_props(AppProps { place }).render();
}
