//! Bytes that go from one context to another by reference, beside the messages.
//!
//! A `Blob` over a `BroadcastChannel` costs milliseconds whatever its size; the same bytes in a message cost half a
//! second for 48 MB. The channel's name is a secret of the two ends, and each blob is taken out once.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use brushaway::protocol::BlobId;
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, BroadcastChannel, MessageEvent};

use crate::{chrome::object, clock, error::JsError};

/// How long a blob may be late behind the message that names it.
const PATIENCE_MILLIS: u32 = 20_000;

#[derive(Default)]
struct Inbox {
    arrived: HashMap<String, Blob>,
    awaited: HashMap<String, oneshot::Sender<Blob>>,
}

/// One end of a channel for blobs.
pub struct BlobChannel {
    name: String,
    channel: BroadcastChannel,
    inbox: Rc<RefCell<Inbox>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl BlobChannel {
    /// Opens an end of the channel `name`.
    ///
    /// # Errors
    /// [`JsError`] if the browser refuses.
    pub fn open(name: &str) -> Result<Self, JsError> {
        let channel = BroadcastChannel::new(name).map_err(JsError::of("open a blob channel"))?;
        let inbox = Rc::<RefCell<Inbox>>::default();
        let receive = Rc::clone(&inbox);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let field = |key: &str| Reflect::get(&event.data(), &key.into()).ok();
            let id = field("id").and_then(|id| id.as_string());
            let blob = field("blob").and_then(|blob| blob.dyn_into::<Blob>().ok());
            let (Some(id), Some(blob)) = (id, blob) else { return };
            let mut inbox = receive.borrow_mut();
            match inbox.awaited.remove(&id) {
                // A receiver that gave up no longer wants it.
                Some(waiting) => drop(waiting.send(blob)),
                None => drop(inbox.arrived.insert(id, blob)),
            }
        });
        channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Ok(Self { name: name.to_owned(), channel, inbox, _on_message: on_message })
    }

    /// Opens a channel whose name nobody can guess.
    ///
    /// # Errors
    /// [`JsError`] if the browser refuses.
    pub fn open_private() -> Result<Self, JsError> {
        Self::open(&random_name())
    }

    /// What the other end must know.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sends a blob and returns its name for the message.
    ///
    /// # Errors
    /// [`JsError`] if it cannot be cloned.
    pub fn send(&self, blob: &Blob) -> Result<BlobId, JsError> {
        let id = random_name();
        let message = object([("id", id.as_str().into()), ("blob", blob.into())]);
        self.channel.post_message(&message).map_err(JsError::of("send a blob"))?;
        Ok(BlobId(id))
    }

    /// Sends bytes.
    ///
    /// # Errors
    /// As [`BlobChannel::send`].
    pub fn send_bytes(&self, bytes: &[u8], mime: &str) -> Result<BlobId, JsError> {
        self.send(&blob_of(bytes, mime)?)
    }

    /// Takes a blob out, waiting for it if the message was faster.
    ///
    /// # Errors
    /// [`JsError`] if it does not come.
    pub async fn take(&self, id: &BlobId) -> Result<Blob, JsError> {
        let waiting = {
            let mut inbox = self.inbox.borrow_mut();
            if let Some(blob) = inbox.arrived.remove(&id.0) {
                return Ok(blob);
            }
            let (sender, receiver) = oneshot::channel();
            inbox.awaited.insert(id.0.clone(), sender);
            receiver
        };
        let late = Box::pin(clock::sleep_millis(PATIENCE_MILLIS));
        match select(waiting, late).await {
            Either::Left((Ok(blob), _)) => Ok(blob),
            _ => Err(JsError::unexpected("receive a blob", "it did not come")),
        }
    }

    /// Takes the bytes of a blob.
    ///
    /// # Errors
    /// As [`BlobChannel::take`], or if the blob cannot be read.
    pub async fn take_bytes(&self, id: &BlobId) -> Result<Vec<u8>, JsError> {
        bytes_of(&self.take(id).await?).await
    }
}

impl Drop for BlobChannel {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        self.channel.close();
    }
}

impl std::fmt::Debug for BlobChannel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlobChannel").finish_non_exhaustive()
    }
}

/// A blob with a copy of `bytes`.
///
/// # Errors
/// [`JsError`] if there is no room for it.
pub fn blob_of(bytes: &[u8], mime: &str) -> Result<Blob, JsError> {
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let parts = Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence_and_options(&parts, &options).map_err(JsError::of("make a blob"))
}

/// A copy of a blob's bytes.
///
/// # Errors
/// [`JsError`] if it cannot be read.
pub async fn bytes_of(blob: &Blob) -> Result<Vec<u8>, JsError> {
    let buffer: JsValue = JsFuture::from(blob.array_buffer()).await.map_err(JsError::of("read a blob"))?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// 128 random bits as text.
pub fn random_name() -> String {
    use wasm_bindgen::prelude::wasm_bindgen;
    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
        fn random_uuid() -> String;
    }
    random_uuid()
}
