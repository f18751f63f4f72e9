//! Pictures on their way in: shown, handed to the engine, and brought back to where the person left them.

use std::rc::Rc;

use brushaway::{
    geometry::Size,
    protocol::{self, CloseImage, Fault, ImageId, OpenImage},
};
use brushaway_browser::{
    bus::{self, Engine},
    error::JsError,
};
use web_sys::Blob;

use crate::{
    arrival::Arrival,
    controller::Controller,
    state::{Action, Picture},
    strip::StripChange,
    surface::converted,
};

/// The type of drawings.
const SVG: &str = "image/svg+xml";

impl Controller {
    /// Shows a picture that has come and hands it to the engine.
    pub(crate) async fn open(self: &Rc<Self>, arrival: Arrival, file: Blob, mut notes: Vec<&'static str>) {
        let shown = if let Ok(size) = self.surface.show(&file).await {
            Ok((size, file))
        } else {
            // Drawings (SVG) can be shown but not decoded at a size; the browser makes pixels of them, and of what there
            // is of a file that was cut off.
            notes.push(if file.type_() == SVG { "note_converted" } else { "note_damaged" });
            self.convert(&arrival, &file).await
        };
        let (size, file) = match shown {
            Ok(shown) => shown,
            Err(error) => {
                let fault = Fault::new("fault_not_image", protocol::Action::Close, error);
                return self.tell(Action::Fail(fault));
            }
        };
        if self.host.borrow().is_none()
            && !arrival.is_in_strip
            && let Some(id) = self.register(file.clone(), arrival.file_name())
        {
            self.tell(Action::Strip(StripChange::Show(id)));
        }
        self.file.replace(Some(file));
        self.original.replace(None);
        self.kept.set(0);
        self.snapshots.clear();
        self.repictured();
        let before = self.image.take();
        let formats = vec!["png".to_owned()];
        let picture = Picture { name: arrival.name(), size, formats, notes };
        let is_put = arrival.is_put;
        self.arrival.replace(Some(arrival));
        self.tell(Action::Open(picture.clone()));
        self.tell(Action::Put(is_put));
        self.spawn("hand the picture over", async move |this| this.introduce(picture, before).await);
    }

    async fn convert(&self, arrival: &Arrival, file: &Blob) -> Result<(Size, Blob), JsError> {
        let file = converted(file, arrival.rect.map(|[_, _, width, _]| width * arrival.ratio)).await?;
        Ok((self.surface.show(&file).await?, file))
    }

    /// Hands a picture to the engine for the first time and learns what the engine knows of it. `before` is the engine's
    /// name for the picture that was open until now.
    async fn introduce(self: Rc<Self>, mut picture: Picture, before: Option<ImageId>) -> Result<(), Fault> {
        let handing_over = self.handing_over.lock().await;
        if let Some(image) = before
            && let Err(fault) = self.engine().await?.ask(CloseImage { image, is_parked: true }).await
        {
            log::warn!("{fault}");
        }
        let mut info = self.hand_over().await;
        if let Err(fault) = &info {
            let note = match fault.message.as_str() {
                // The browser reads formats that the engine does not, and shows what there is of a file.
                "fault_not_image" => Some("note_converted"),
                "fault_damaged" => Some("note_damaged"),
                _ => None,
            };
            if let Some(note) = note {
                let file = self.surface.source_file().await.map_err(bus::fault)?;
                self.original.replace(self.file.replace(Some(file)));
                picture.notes.push(note);
                info = self.hand_over().await;
            }
        }
        drop(handing_over);
        match info {
            Ok(info) => {
                picture.formats = info.formats;
                if info.animated {
                    picture.notes.push("note_animated");
                }
                self.tell(Action::Describe(picture));
                if let Some(session) = info.session {
                    self.resume(info.image, session).await?;
                }
            }
            // The picture is on screen already; the next stroke connects again.
            Err(fault) if fault.action == protocol::Action::Retry => return Err(fault),
            Err(fault) => self.tell(Action::Fail(fault)),
        }
        Ok(())
    }

    /// Gives the engine the picture as it is now, and remembers its name there. `handing_over` is to be held.
    async fn hand_over(self: &Rc<Self>) -> Result<protocol::ImageInfo, Fault> {
        let engine = self.engine().await?;
        let file = if self.kept.get() == 0 { self.file.borrow().clone() } else { None };
        let original = self.original.borrow().clone();
        let (file, original) = if let Some(file) = file {
            (file, original)
        } else {
            // What was kept is only here, if the engine was lost.
            let original = original.or_else(|| self.file.borrow().clone());
            (self.surface.source_file().await.map_err(bus::fault)?, original)
        };
        let file = engine.blobs().send(&file).map_err(bus::fault)?;
        let original = original.map(|original| engine.blobs().send(&original)).transpose().map_err(bus::fault)?;
        let info = engine.ask(OpenImage { file, original, resumes: true }).await?;
        self.image.set(Some(info.image));
        Ok(info)
    }

    /// The engine's name for the picture; it is handed over again if the engine was lost.
    pub(crate) async fn image(self: &Rc<Self>) -> Result<(Rc<Engine>, ImageId), Fault> {
        let engine = self.engine().await?;
        let _handing_over = self.handing_over.lock().await;
        let image = match self.image.get() {
            Some(image) => image,
            None => self.hand_over().await?.image,
        };
        Ok((engine, image))
    }

    /// Leaves; what was done comes back next time if it `is_parked`.
    pub(crate) fn leave(self: &Rc<Self>, is_parked: bool) {
        self.spawn("leave", async move |this| {
            let (engine, image) = (this.engine.borrow().clone(), this.image.get());
            if let (Some(engine), Some(image)) = (engine, image)
                && let Err(fault) = engine.ask(CloseImage { image, is_parked }).await
            {
                log::warn!("{fault}");
            }
            this.close();
            Ok(())
        });
    }
}
