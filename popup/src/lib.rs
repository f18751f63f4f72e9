//! The panel behind the toolbar button, and the extension's own pages: one program, which looks where it is.

mod connection;
mod device;
mod fields;
mod kept;
mod notices;
mod page;
mod panel;
mod permissions;
mod pictures;
mod settings;
mod shelf;
mod welcome;

use brushaway_browser::{log as browser_log, menu, platform, task};
use wasm_bindgen::prelude::*;

use crate::page::{Page, show};

/// Shows the page that this is.
#[wasm_bindgen]
pub fn start() {
    browser_log::install();
    task::spawn("start", async {
        let reading = brushaway_ui::dress().await;
        show(Page::at(&platform::page_path()), reading);
        // The language may be another one since these pages were seen last.
        menu::speak().await
    });
}
