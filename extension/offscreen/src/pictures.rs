//! Pictures of clients: opened, changed, closed, and brought back.

use std::{collections::HashMap, rc::Rc};

use brushaway::{
    engine::Patch,
    protocol::{CloseImage, Event, Fault, ImageId, ImageInfo, OpenImage, PastStep, Remember, Session, ToClient},
};
use brushaway_browser::{
    bus::{self, Client},
    clock,
};

use crate::{desk::Desk, documents::Document, parking::Origin};

impl Desk {
    /// Opens a picture. If it was closed a short while ago, what was done to it is done again.
    pub(crate) async fn open(&self, client: &Rc<Client>, call: &OpenImage) -> Result<ImageInfo, Fault> {
        let bytes = client.blobs().take_bytes(&call.file).await.map_err(bus::fault)?;
        let original = match &call.original {
            Some(original) => Some(client.blobs().take_bytes(original).await.map_err(bus::fault)?),
            None => None,
        };
        let started = clock::now_millis();
        let origin = call.resumes.then(|| Origin::of(&bytes));
        let opened = Document::open(&bytes, original.as_deref(), origin)?;
        log::info!("open decode_millis={:.1}", clock::now_millis() - started);
        let (mut document, animated) = (opened.document, opened.animated);
        let (size, formats) = (document.size(), document.formats());
        let parked = origin.and_then(|origin| self.parking.borrow_mut().take(origin, clock::now_millis()));
        let session = match parked {
            Some(parked) => {
                let changed = document.resume(parked);
                show_changes(client, changed)?;
                Some(session(client, &document)?)
            }
            None => None,
        };
        let image = self.add(client, document);
        Ok(ImageInfo { image, size, formats, animated, session })
    }

    /// Learns what was done to a picture.
    pub(crate) async fn remember(&self, client: &Rc<Client>, call: &Remember) -> Result<(), Fault> {
        let mut files = HashMap::new();
        for step in &call.steps {
            if let PastStep::Mask(id) = step {
                files.insert(id.clone(), client.blobs().take(id).await.map_err(bus::fault)?);
            }
        }
        self.document(client, call.image, |document| {
            document.learn(|past| past.learn(call.known, call.steps.clone(), call.done, files));
        })
    }

    /// Lets a picture go.
    pub(crate) fn close(&self, client: &Rc<Client>, call: &CloseImage) {
        let Some(document) = self.remove(client, call.image) else { return };
        if call.is_parked {
            self.park(document);
        } else if let Some(origin) = document.origin() {
            self.parking.borrow_mut().forget(origin, clock::now_millis());
        }
    }

    /// Remembers what was done to a picture that goes.
    pub(crate) fn park(&self, document: Document) {
        if let Some(origin) = document.origin() {
            self.parking.borrow_mut().put(origin, document.into_parked(), clock::now_millis());
        }
    }

    /// Changes a picture and shows its client what is another now; says whether something is.
    pub(crate) fn change(
        &self,
        client: &Rc<Client>,
        image: ImageId,
        change: impl FnOnce(&mut Document) -> Result<Vec<Patch>, Fault>,
    ) -> Result<bool, Fault> {
        let changed = self.document(client, image, change)??;
        let is_changed = !changed.is_empty();
        show_changes(client, changed)?;
        Ok(is_changed)
    }
}

fn show_changes(client: &Rc<Client>, changed: Vec<Patch>) -> Result<(), Fault> {
    for patch in changed {
        let pixels = client.blobs().send_bytes(patch.pixels.as_bytes(), "").map_err(bus::fault)?;
        client.tell(&ToClient::Event(Event::Restored { rect: patch.rect, pixels }));
    }
    Ok(())
}

fn session(client: &Rc<Client>, document: &Document) -> Result<Session, Fault> {
    let past = document.past();
    let step = |step: &PastStep| match step {
        PastStep::Mask(id) => {
            let file = past.file(id).ok_or_else(|| Fault::bug("a mask without its file"))?;
            client.blobs().send(file).map(PastStep::Mask).map_err(bus::fault)
        }
        step => Ok(step.clone()),
    };
    let steps = past.steps().iter().map(step).collect::<Result<_, _>>()?;
    Ok(Session { steps, done: past.done(), result: document.shown() })
}
