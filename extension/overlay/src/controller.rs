//! What the editor does: talks to the page, to the engine and to the canvases, and tells the state.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use brushaway::imaging::selection::Selector;
use brushaway::protocol::{self, BlobId, CloseImage, Event, Fault, ImageId, JobId, OpenImage, StartEngine};
use brushaway_browser::{
    bus::{self, Engine},
    error::JsError,
    task,
};
use brushaway_ui::t;
use futures_channel::mpsc;
use futures_util::{StreamExt as _, lock::Mutex};
use web_sys::Blob;
use yew::UseReducerDispatcher;

use crate::{
    arrival::{Arrival, Host},
    gestures::Hand,
    masks::Selecting,
    page,
    painting::Painting,
    pen::Pen,
    results::Drafts,
    state::{Action, Editor, Picture},
    surface::{Surface, converted},
};

/// Everything with effects. One lives as long as the page.
pub struct Controller {
    /// The canvases.
    pub surface: Surface,
    /// What is being marked.
    pub pen: Pen,
    /// What moves the picture.
    pub hand: Hand,
    /// As the state has it, for what takes a while.
    pub(crate) painting: RefCell<Painting>,
    /// Who changes the mask as a whole holds it.
    pub(crate) masking: Mutex<()>,
    pub(crate) selector: RefCell<Option<Rc<Selector>>>,
    pub(crate) selecting: RefCell<Option<Selecting>>,
    pub(crate) dispatcher: UseReducerDispatcher<Editor>,
    pub(crate) host: RefCell<Option<Host>>,
    pub(crate) arrival: RefCell<Option<Arrival>>,
    pub(crate) engine: RefCell<Option<Rc<Engine>>>,
    image: Cell<Option<ImageId>>,
    /// Who connects holds it, so that two calls at once share one connection.
    connecting: Mutex<()>,
    /// Who hands the picture over holds it, so that two calls at once share one copy.
    handing_over: Mutex<()>,
    pub(crate) file: RefCell<Option<Blob>>,
    pub(crate) drafts: Drafts,
    kept: Cell<usize>,
    pub(crate) wanted: Cell<Option<JobId>>,
    /// The job whose result is on the screen, or was before the one that runs.
    pub(crate) shown: Cell<Option<JobId>>,
    /// What the engine says, handled one after another: a patch waits for its pixels, and what follows waits with it.
    heard: mpsc::UnboundedSender<Heard>,
}

/// What is handled in its order.
#[derive(Debug)]
pub(crate) enum Heard {
    /// The engine spoke.
    Event(Event),
    /// The engine is gone.
    Lost,
    /// The state is to know, after all that was heard before.
    Tell(Action),
}

/// The type of drawings.
const SVG: &str = "image/svg+xml";

impl PartialEq for Controller {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl std::fmt::Debug for Controller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Controller").finish_non_exhaustive()
    }
}

impl Controller {
    /// Makes a controller that tells `dispatcher`.
    ///
    /// # Errors
    /// [`JsError`] outside a page.
    pub fn new(dispatcher: UseReducerDispatcher<Editor>) -> Result<Rc<Self>, JsError> {
        let (heard, events) = mpsc::unbounded();
        let this = Rc::new(Self {
            surface: Surface::new()?,
            pen: Pen::default(),
            hand: Hand::default(),
            painting: RefCell::default(),
            masking: Mutex::default(),
            selector: RefCell::default(),
            selecting: RefCell::default(),
            dispatcher,
            host: RefCell::default(),
            arrival: RefCell::default(),
            engine: RefCell::default(),
            image: Cell::default(),
            connecting: Mutex::default(),
            handing_over: Mutex::default(),
            file: RefCell::default(),
            drafts: Drafts::default(),
            kept: Cell::default(),
            wanted: Cell::default(),
            shown: Cell::default(),
            heard,
        });
        let listener = Rc::downgrade(&this);
        task::spawn("hear the engine", async move { listen(listener, events).await });
        this.recall();
        Ok(this)
    }

    pub(crate) fn tell(&self, action: Action) {
        self.dispatcher.dispatch(action);
    }

    /// Starts something that ends in its own time. What goes wrong is shown as a sentence.
    pub(crate) fn spawn<F>(self: &Rc<Self>, name: &'static str, work: impl FnOnce(Rc<Self>) -> F)
    where
        F: Future<Output = Result<(), Fault>> + 'static,
    {
        let (controller, work) = (Rc::clone(self), work(Rc::clone(self)));
        task::spawn(name, async move {
            let result = work.await;
            if let Err(fault) = &result {
                controller.tell(Action::Tell(t!(&fault.message)));
            }
            result
        });
    }

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
        self.file.replace(Some(file));
        self.kept.set(0);
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

    async fn convert(&self, arrival: &Arrival, file: &Blob) -> Result<(brushaway::geometry::Size, Blob), JsError> {
        let file = converted(file, arrival.rect.map(|[_, _, width, _]| width * arrival.ratio)).await?;
        Ok((self.surface.show(&file).await?, file))
    }

    /// Hands a picture to the engine for the first time and learns what the engine knows of it. `before` is the engine's
    /// name for the picture that was open until now.
    async fn introduce(self: Rc<Self>, mut picture: Picture, before: Option<ImageId>) -> Result<(), Fault> {
        let handing_over = self.handing_over.lock().await;
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
                self.file.replace(Some(file));
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
            }
            // The picture is on screen already; the next stroke connects again.
            Err(fault) if fault.action == protocol::Action::Retry => return Err(fault),
            Err(fault) => self.tell(Action::Fail(fault)),
        }
        match before {
            Some(image) => self.engine().await?.ask(CloseImage { image }).await,
            None => Ok(()),
        }
    }

    /// Gives the engine the picture as it is now, and remembers its name there. `handing_over` is to be held.
    async fn hand_over(self: &Rc<Self>) -> Result<protocol::ImageInfo, Fault> {
        let engine = self.engine().await?;
        let file = if self.kept.get() == 0 { self.file.borrow().clone() } else { None };
        let file = match file {
            Some(file) => file,
            // What was kept is only here, if the engine was lost.
            None => self.surface.source_file().await.map_err(bus::fault)?,
        };
        let file = engine.blobs().send(&file).map_err(bus::fault)?;
        let info = engine.ask(OpenImage { file }).await?;
        self.image.set(Some(info.image));
        Ok(info)
    }

    /// The connection to the engine, made anew if it was lost.
    pub(crate) async fn engine(self: &Rc<Self>) -> Result<Rc<Engine>, Fault> {
        let _connecting = self.connecting.lock().await;
        let connected = self.engine.borrow().clone();
        if let Some(engine) = connected {
            return Ok(engine);
        }
        bus::ask(StartEngine {}).await?;
        let heard = self.heard.clone();
        let engine = Engine::connect(move |event| {
            // The other end lives as long as the controller; without it nobody cares.
            heard.unbounded_send(event.map_or(Heard::Lost, Heard::Event)).ok();
        })
        .await?;
        self.engine.replace(Some(Rc::clone(&engine)));
        Ok(engine)
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

    /// Draws what an event brings, then tells the state, so that the state never promises pixels that are not there.
    async fn receive(self: &Rc<Self>, heard: Heard) -> Result<(), Fault> {
        let event = match heard {
            Heard::Event(event) => event,
            Heard::Tell(action) => {
                self.tell(action);
                return Ok(());
            }
            Heard::Lost => {
                self.engine.replace(None);
                self.image.set(None);
                self.tell(Action::Lose(Fault::engine_lost("the connection ended")));
                return Ok(());
            }
        };
        match &event {
            // A job that is no longer wanted must not draw.
            Event::Patch { job, .. } | Event::Failed { job, .. } if !self.is_wanted(*job) => return Ok(()),
            Event::Patch { rect, pixels, .. } => {
                let bytes = self.pixels(pixels).await?;
                self.surface.draw_result(*rect, &bytes).map_err(bus::fault)?;
            }
            Event::Restored { rect, pixels } => {
                let bytes = self.pixels(pixels).await?;
                self.surface.draw_source(*rect, &bytes).map_err(bus::fault)?;
                self.repictured();
            }
            Event::Failed { job, fault } => {
                log::error!("{fault}");
                // What a bigger model could not improve is still there.
                if self.show_again(*job) {
                    self.tell(Action::Tell(t!(&fault.message)));
                    return Ok(());
                }
                self.surface.clear_result().map_err(bus::fault)?;
            }
            Event::Finished { job, report } if self.is_wanted(*job) => {
                self.tell(Action::Hear(event.clone()));
                self.offer(*job, report);
                return Ok(());
            }
            _ => {}
        }
        self.tell(Action::Hear(event));
        Ok(())
    }

    /// Has something handled after all that was heard before.
    pub(crate) fn hear(&self, heard: Heard) {
        // The other end lives as long as this.
        self.heard.unbounded_send(heard).ok();
    }

    /// Whether what is on the screen is a result.
    pub(crate) fn wants_result(&self) -> bool {
        self.wanted.get().is_some()
    }

    /// Whether the picture is another one than its file.
    pub(crate) fn has_changed(&self) -> bool {
        self.wants_result() || self.kept.get() > 0
    }

    /// From now on only this job may draw.
    pub(crate) fn want(&self, job: JobId) {
        self.wanted.set(Some(job));
    }

    /// The result of this job is on the screen.
    pub(crate) fn showing(&self, job: JobId) {
        self.shown.set(Some(job));
    }

    /// What the engine sent beside a message.
    async fn pixels(&self, id: &BlobId) -> Result<Vec<u8>, Fault> {
        let engine = self.engine.borrow().clone().ok_or_else(|| Fault::engine_lost("no connection"))?;
        engine.blobs().take_bytes(id).await.map_err(bus::fault)
    }

    fn is_wanted(&self, job: JobId) -> bool {
        self.wanted.get() == Some(job)
    }

    /// Makes the result the picture.
    pub(crate) fn keep(self: &Rc<Self>) {
        self.spawn("keep a result", async move |this| {
            let (engine, image) = this.image().await?;
            engine.ask(protocol::Keep { image }).await?;
            this.wanted.set(None);
            this.shown.set(None);
            this.surface.keep_result().map_err(bus::fault)?;
            this.repictured();
            this.kept.set(this.kept.get() + 1);
            this.tell(Action::Keep);
            this.tell(Action::Tell(t!("kept")));
            Ok(())
        });
    }

    /// Takes the last kept result back.
    pub(crate) fn unkeep(self: &Rc<Self>) {
        self.spawn("take a kept result back", async move |this| {
            let (engine, image) = this.image().await?;
            engine.ask(protocol::Unkeep { image }).await?;
            this.kept.set(this.kept.get().saturating_sub(1));
            this.tell(Action::Unkeep);
            Ok(())
        });
    }

    /// The picture is another one: what was seen in it no longer counts.
    fn repictured(&self) {
        self.selector.take();
        self.selecting.take();
        self.pen.drop(&self.surface);
    }

    /// Leaves: the frame goes, or the tab.
    pub(crate) fn close(&self) {
        match self.host.borrow().as_ref() {
            Some(host) => host.close(),
            None => drop(page::window().map(|window| window.close())),
        }
    }
}

/// Handles what the engine says, in its order, for as long as the controller lives.
async fn listen(controller: Weak<Controller>, mut events: mpsc::UnboundedReceiver<Heard>) -> Result<(), Fault> {
    while let Some(event) = events.next().await {
        let Some(controller) = controller.upgrade() else { break };
        if let Err(fault) = controller.receive(event).await {
            log::error!("hear the engine: {fault}");
        }
    }
    Ok(())
}
