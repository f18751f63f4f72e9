//! Calls and events between contexts.
//!
//! The background answers single messages; the engine is spoken to over a connection, whose end also tells that the
//! other side is gone.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};

use brushaway::protocol::{Call, Context, Envelope, Event, Fault, Request, ToClient, ToEngine};
use futures_channel::oneshot;
use js_sys::Array;
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsValue, closure::Closure};

use crate::{
    blobs::BlobChannel,
    chrome::{Port, Sender, object, runtime_connect, runtime_send_message},
    error::{JsError, text},
};

/// Connections to the engine are named with this, then the name of their blob channel.
const ENGINE_PORT: &str = "engine:";

pub(crate) fn encode(value: &impl Serialize) -> Result<JsValue, Fault> {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).map_err(Fault::bug)
}

pub(crate) fn decode<T: DeserializeOwned>(value: JsValue) -> Result<T, Fault> {
    serde_wasm_bindgen::from_value(value).map_err(Fault::bug)
}

/// The context that a message comes from, by the browser's word.
pub fn context_of(sender: &Sender) -> Option<Context> {
    match sender.own_page().as_deref().and_then(|path| path.split('/').next()) {
        Some("overlay") => Some(Context::Overlay),
        Some("popup") => Some(Context::Popup),
        Some("offscreen") => Some(Context::Offscreen),
        Some(_) => None,
        None => sender.is_own_content_script().then_some(Context::Content),
    }
}

/// Asks the background.
///
/// # Errors
/// The background's fault, or one that says that it could not be reached.
pub async fn ask<C: Call>(call: C) -> Result<C::Reply, Fault> {
    let request: Request = call.into();
    let envelope = Envelope { to: request.answered_by(), request };
    let reply = runtime_send_message(&encode(&envelope)?).await.map_err(|e| Fault::engine_lost(text(&e)))?;
    let answer: brushaway::protocol::Answer = decode(reply)?;
    serde_json::from_value(answer?).map_err(Fault::bug)
}

/// Reads a request that came as a single message and checks that its sender may ask it.
///
/// # Errors
/// A fault if it is none of ours or not the sender's to ask.
pub fn admitted(request: JsValue, sender: &Sender) -> Result<Request, Fault> {
    let request: Request = decode(request)?;
    match context_of(sender) {
        Some(context) if request.admits(context) => Ok(request),
        context => Err(Fault::bug(format!("{context:?} may not ask this"))),
    }
}

/// Writes an answer for JavaScript's `sendResponse`.
pub fn encoded_answer(answer: &brushaway::protocol::Answer) -> JsValue {
    encode(answer).unwrap_or(JsValue::UNDEFINED)
}

type Listener = Closure<dyn FnMut(JsValue)>;
type Waiting = HashMap<u32, oneshot::Sender<brushaway::protocol::Answer>>;

/// A client's connection to the engine.
pub struct Engine {
    port: Port,
    blobs: BlobChannel,
    next_serial: Cell<u32>,
    waiting: Rc<RefCell<Waiting>>,
    _listeners: [Listener; 2],
}

impl Engine {
    /// Connects and waits for the engine's first word. `on_event` hears every event; `None` once means that the engine is
    /// gone.
    ///
    /// Only then does the other end of the blob channel listen, and what is sent into a channel before is lost.
    ///
    /// # Errors
    /// A fault if the browser refuses, or the engine goes before it says anything.
    pub async fn connect(on_event: impl Fn(Option<Event>) + 'static) -> Result<Rc<Self>, Fault> {
        let blobs = BlobChannel::open_private().map_err(Fault::bug)?;
        let name = format!("{ENGINE_PORT}{}", blobs.name());
        let port = runtime_connect(&object([("name", name.into())])).map_err(|e| Fault::engine_lost(text(&e)))?;
        let waiting = Rc::<RefCell<Waiting>>::default();
        let on_event = Rc::new(on_event);
        let (greet, greeted) = oneshot::channel::<()>();
        let greet = Rc::new(Cell::new(Some(greet)));

        let (answers, events, greeting) = (Rc::clone(&waiting), Rc::clone(&on_event), Rc::clone(&greet));
        let message = Closure::<dyn FnMut(JsValue)>::new(move |message| match decode::<ToClient>(message) {
            Ok(ToClient::Answer { serial, result }) => {
                if let Some(asker) = answers.borrow_mut().remove(&serial) {
                    // An asker that was dropped no longer wants to know.
                    drop(asker.send(result));
                }
            }
            Ok(ToClient::Event(event)) => {
                if let Some(greet) = greeting.take() {
                    // Whoever connected may have given up.
                    greet.send(()).ok();
                }
                events(Some(event));
            }
            Err(fault) => log::error!("engine: {fault}"),
        });
        let left = Rc::clone(&waiting);
        let gone = Closure::<dyn FnMut(JsValue)>::new(move |_| {
            // Dropping the senders tells every asker, and whoever still waits for the first word.
            left.borrow_mut().clear();
            greet.take();
            on_event(None);
        });
        port.on_message().add_listener(message.as_ref());
        port.on_disconnect().add_listener(gone.as_ref());
        let engine = Self { port, blobs, next_serial: Cell::new(0), waiting, _listeners: [message, gone] };
        greeted.await.map_err(Fault::engine_lost)?;
        Ok(Rc::new(engine))
    }

    /// The way for bytes to and from the engine.
    pub const fn blobs(&self) -> &BlobChannel {
        &self.blobs
    }

    /// Asks the engine.
    ///
    /// # Errors
    /// The engine's fault, or one that says that it is gone.
    pub async fn ask<C: Call>(&self, call: C) -> Result<C::Reply, Fault> {
        let serial = self.next_serial.get();
        self.next_serial.set(serial.wrapping_add(1));
        let (sender, receiver) = oneshot::channel();
        self.waiting.borrow_mut().insert(serial, sender);
        let message = encode(&ToEngine { serial, request: call.into() })?;
        self.port.post_message(&message).map_err(|e| Fault::engine_lost(text(&e)))?;
        let answer = receiver.await.map_err(Fault::engine_lost)?;
        serde_json::from_value(answer?).map_err(Fault::bug)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.port.disconnect();
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

/// The engine's end of a client's connection.
pub struct Client {
    port: Port,
    blobs: BlobChannel,
    listener: RefCell<Option<Listener>>,
}

impl Client {
    /// The way for bytes to and from the client.
    pub const fn blobs(&self) -> &BlobChannel {
        &self.blobs
    }

    /// Tells the client. A client that left hears nothing, which is no error.
    pub fn tell(&self, message: &ToClient) {
        match encode(message) {
            Ok(message) => {
                if let Err(thrown) = self.port.post_message(&message) {
                    log::debug!("a client left: {}", text(&thrown));
                }
            }
            Err(fault) => log::error!("{fault}"),
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// What the engine hears.
#[derive(Debug)]
pub enum Heard {
    /// A client came.
    Connected,
    /// A client asks.
    Asked {
        /// To be repeated in the answer.
        serial: u32,
        /// What it asks; its context may ask this.
        request: Request,
    },
    /// A client went.
    Left,
}

/// Takes a connection that some context opened. `early` is what it said before anybody listened.
///
/// Connections that are not for the engine, or come from where nothing may be asked, are left alone.
pub fn accept<F: Fn(&Rc<Client>, Heard) + 'static>(port: Port, early: &Array, heard: &Rc<F>) {
    let Some(channel) = port.name().strip_prefix(ENGINE_PORT).map(str::to_owned) else { return };
    let Some(context) = port.sender().as_ref().and_then(context_of) else { return };
    let blobs = match BlobChannel::open(&channel) {
        Ok(blobs) => blobs,
        Err(error) => return log::error!("{error}"),
    };
    let client = Rc::new(Client { port, blobs, listener: RefCell::default() });

    let (asker, hear) = (Rc::clone(&client), Rc::clone(heard));
    let receive = move |message: JsValue| match decode::<ToEngine>(message) {
        Ok(ToEngine { serial, request }) if request.admits(context) => hear(&asker, Heard::Asked { serial, request }),
        Ok(ToEngine { serial, .. }) => {
            let result = Err(Fault::bug(format!("{context:?} may not ask this")));
            asker.tell(&ToClient::Answer { serial, result });
        }
        Err(fault) => log::error!("{fault}"),
    };
    heard(&client, Heard::Connected);
    early.iter().for_each(&receive);
    let message = Closure::<dyn FnMut(JsValue)>::new(receive);
    client.port.on_message().add_listener(message.as_ref());
    client.listener.replace(Some(message));

    let (leaver, hear) = (Rc::clone(&client), Rc::clone(heard));
    let gone = Closure::once_into_js(move |_: JsValue| {
        // The listener holds the client and the client the listener.
        leaver.listener.take();
        hear(&leaver, Heard::Left);
    });
    client.port.on_disconnect().add_listener(&gone);
}

/// Turns what JavaScript threw into a fault.
pub fn fault(error: JsError) -> Fault {
    Fault::bug(error)
}
