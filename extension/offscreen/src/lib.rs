//! The hidden document that owns models, sessions and the graphics device, and does the jobs.
//!
//! It may be closed at any time. Whoever is connected is told by the end of the connection and asks again.

#[cfg(target_arch = "wasm32")]
mod desk;
#[cfg(target_arch = "wasm32")]
mod documents;
#[cfg(target_arch = "wasm32")]
mod faults;
#[cfg(target_arch = "wasm32")]
mod job;
#[cfg(target_arch = "wasm32")]
mod model;
#[cfg(target_arch = "wasm32")]
mod work;

#[cfg(target_arch = "wasm32")]
pub use entry::start;

#[cfg(target_arch = "wasm32")]
mod entry {
    use brushaway_browser::{bus, log as browser_log};
    use wasm_bindgen::prelude::*;

    use crate::{desk::Desk, model::Wish};

    /// Starts the engine. `backend` is `auto`, `webgpu` or `wasm`.
    #[wasm_bindgen]
    pub fn start(backend: &str) {
        browser_log::install();
        let desk = Desk::new(Wish::named(backend));
        desk.warm_up();
        bus::serve(move |client, heard| desk.hear(client, heard));
    }
}
