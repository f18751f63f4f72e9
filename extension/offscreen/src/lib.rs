//! The hidden document that owns models, sessions and the graphics device, and does the jobs.
//!
//! It may be closed at any time. Whoever is connected is told by the end of the connection and asks again.

#[cfg(target_arch = "wasm32")]
mod big;
#[cfg(target_arch = "wasm32")]
mod desk;
#[cfg(target_arch = "wasm32")]
mod documents;
#[cfg(target_arch = "wasm32")]
mod faults;
#[cfg(target_arch = "wasm32")]
mod job;
#[cfg(target_arch = "wasm32")]
mod machine;
#[cfg(target_arch = "wasm32")]
mod model;
#[cfg(any(target_arch = "wasm32", test))]
mod parking;
#[cfg(any(target_arch = "wasm32", test))]
mod past;
#[cfg(target_arch = "wasm32")]
mod pictures;
#[cfg(target_arch = "wasm32")]
mod work;

#[cfg(target_arch = "wasm32")]
pub use entry::{Engine, start};

#[cfg(target_arch = "wasm32")]
mod entry {
    use std::rc::Rc;

    use brushaway_browser::{
        bus::{self, Client, Heard},
        chrome::Port,
        log as browser_log,
    };
    use wasm_bindgen::prelude::*;

    use crate::{desk::Desk, model::Wish};

    type Hear = dyn Fn(&Rc<Client>, Heard);

    /// The running engine, as the page's script holds it.
    #[wasm_bindgen]
    pub struct Engine {
        hear: Rc<Box<Hear>>,
    }

    /// Starts the engine. `backend` is `auto`, `webgpu` or `wasm`.
    #[wasm_bindgen]
    pub fn start(backend: &str) -> Engine {
        browser_log::install();
        let desk = Desk::new(Wish::named(backend));
        desk.warm_up();
        Engine { hear: Rc::new(Box::new(move |client, heard| desk.hear(client, heard))) }
    }

    #[wasm_bindgen]
    impl Engine {
        /// Takes a client's connection; `early` is what it said while the engine was loading.
        pub fn accept(&self, port: Port, early: &js_sys::Array) {
            bus::accept(port, early, &self.hear);
        }
    }

    impl std::fmt::Debug for Engine {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct("Engine").finish_non_exhaustive()
        }
    }
}
