//! A worker of the offscreen document: calls to it, answers and events from it. The messages are those of the engine.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};

use brushaway::protocol::{Answer, Event, Fault, Request, ToClient, ToEngine};
use futures_channel::oneshot;
use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent, WorkerOptions, WorkerType};

use crate::{
    bus::{decode, encode},
    chrome::object,
    error::{JsError, text},
};

type OnMessage = Closure<dyn FnMut(MessageEvent)>;
type OnError = Closure<dyn FnMut(JsValue)>;
type Waiting = Rc<RefCell<HashMap<u32, oneshot::Sender<Answer>>>>;

/// The worker, as its document sees it.
pub struct Worker {
    js: web_sys::Worker,
    next_serial: Cell<u32>,
    waiting: Waiting,
    _listeners: (OnMessage, OnError),
}

impl Worker {
    /// Starts the script at `url`, a module of the package. `on_event` hears `None` when the script failed: then all who
    /// asked are told, and nobody answers any more.
    ///
    /// # Errors
    /// [`JsError`] if the browser refuses.
    pub fn start(url: &str, on_event: impl Fn(Option<Event>) + 'static) -> Result<Self, JsError> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = web_sys::Worker::new_with_options(url, &options).map_err(JsError::of("start a worker"))?;
        let (waiting, on_event) = (Waiting::default(), Rc::new(on_event));
        let told = Rc::clone(&on_event);
        let answers = Rc::clone(&waiting);
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            match decode::<ToClient>(message.data()) {
                Ok(ToClient::Answer { serial, result }) => {
                    if let Some(asker) = answers.borrow_mut().remove(&serial) {
                        // An asker that was dropped no longer wants to know.
                        drop(asker.send(result));
                    }
                }
                Ok(ToClient::Event(event)) => on_event(Some(event)),
                Err(fault) => log::error!("worker: {fault}"),
            }
        });
        let left = Rc::clone(&waiting);
        let error = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
            let words = Reflect::get(&event, &"message".into()).unwrap_or_default();
            log::error!("the worker failed: {}", text(&words));
            // Dropping the senders tells every asker.
            left.borrow_mut().clear();
            told(None);
        });
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        Ok(Self { js: worker, next_serial: Cell::new(0), waiting, _listeners: (message, error) })
    }

    /// Asks; `files` go along.
    ///
    /// # Errors
    /// The worker's fault, or one that says that it is gone.
    pub async fn ask(&self, request: Request, files: Vec<Blob>) -> Answer {
        let serial = self.next_serial.get();
        self.next_serial.set(serial.wrapping_add(1));
        let (sender, receiver) = oneshot::channel();
        self.waiting.borrow_mut().insert(serial, sender);
        let files: Array = files.into_iter().collect();
        let message = object([("message", encode(&ToEngine { serial, request })?), ("files", files.into())]);
        self.js.post_message(&message).map_err(|thrown| Fault::engine_lost(text(&thrown)))?;
        receiver.await.map_err(Fault::engine_lost)?
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.js.terminate();
    }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}

/// The document, as its worker sees it.
#[derive(Debug, Clone)]
pub struct Document {
    scope: DedicatedWorkerGlobalScope,
}

impl Document {
    /// The document of the worker that this runs in.
    pub fn new() -> Self {
        Self { scope: js_sys::global().unchecked_into() }
    }

    /// Tells the document.
    pub fn tell(&self, message: &ToClient) {
        match encode(message) {
            Ok(message) => {
                if let Err(thrown) = self.scope.post_message(&message) {
                    log::error!("tell the document: {}", text(&thrown));
                }
            }
            Err(fault) => log::error!("{fault}"),
        }
    }
}

impl Default for Document {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads what [`Worker::ask`] sent.
///
/// # Errors
/// A fault if it is something else.
pub fn heard(data: &JsValue) -> Result<(ToEngine, Vec<Blob>), Fault> {
    let field = |key: &str| Reflect::get(data, &key.into()).unwrap_or_default();
    let files = Array::from(&field("files")).iter().filter_map(|file| file.dyn_into().ok()).collect();
    Ok((decode(field("message"))?, files))
}
