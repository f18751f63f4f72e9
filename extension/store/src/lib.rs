//! The worker that fetches models, checks them, and deletes them. The only place that reaches the network, and only when
//! the person asked for a model; it sees no picture.

#[cfg(target_arch = "wasm32")]
mod faults;
#[cfg(target_arch = "wasm32")]
mod files;
#[cfg(target_arch = "wasm32")]
mod shelf;
#[cfg(target_arch = "wasm32")]
mod transfer;

#[cfg(target_arch = "wasm32")]
pub use entry::{Store, start};

#[cfg(target_arch = "wasm32")]
mod entry {
    use std::rc::Rc;

    use brushaway::protocol::{Event, ToClient};
    use brushaway_browser::{log as browser_log, task, worker};
    use wasm_bindgen::prelude::*;

    use crate::shelf::Shelf;

    /// The running store, as the worker's script holds it.
    #[wasm_bindgen]
    #[derive(Debug)]
    pub struct Store {
        shelf: Rc<Shelf>,
    }

    /// Starts the store.
    ///
    /// # Errors
    /// If there is no catalogue or no disk.
    #[wasm_bindgen]
    pub async fn start() -> Result<Store, JsError> {
        browser_log::install();
        match Shelf::open().await {
            Ok(shelf) => Ok(Store { shelf: Rc::new(shelf) }),
            Err(fault) => {
                let error = JsError::new(&fault.to_string());
                worker::Document::new().tell(&ToClient::Event(Event::NoModels(fault)));
                Err(error)
            }
        }
    }

    #[wasm_bindgen]
    impl Store {
        /// Takes a message of the document.
        pub fn hear(&self, data: &JsValue) {
            match worker::heard(data) {
                Ok((asked, files)) => {
                    task::spawn("answer", Rc::clone(&self.shelf).answer(asked, files));
                }
                Err(fault) => log::error!("{fault}"),
            }
        }
    }
}
