//! What the editor does: talks to the page, to the engine and to the canvases, and tells the state.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use brushaway::imaging::selection::Selector;
use brushaway::protocol::{BlobId, Event, Fault, ImageId, JobId, StartEngine};
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
    batch::Shelf,
    gestures::Hand,
    masks::Selecting,
    page,
    painting::Painting,
    past::Told,
    pen::Pen,
    results::Drafts,
    state::{Action, Editor},
    surface::{Snapshots, Surface},
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
    pub(crate) image: Cell<Option<ImageId>>,
    /// Who connects holds it, so that two calls at once share one connection.
    connecting: Mutex<()>,
    /// Who hands the picture over holds it, so that two calls at once share one copy.
    pub(crate) handing_over: Mutex<()>,
    pub(crate) file: RefCell<Option<Blob>>,
    /// The file that came, if only its pixels, as the browser shows them, are in `file`.
    pub(crate) original: RefCell<Option<Blob>>,
    pub(crate) drafts: Drafts,
    /// The files of the strip.
    pub(crate) shelf: Shelf,
    /// Changes that are in the picture.
    pub(crate) kept: Cell<usize>,
    /// The picture in small after each of them.
    pub(crate) snapshots: Snapshots,
    pub(crate) wanted: Cell<Option<JobId>>,
    /// The job whose result is on the screen, or was before the one that runs.
    pub(crate) shown: Cell<Option<JobId>>,
    /// The job whose result comes back with what was done when the picture was open before.
    pub(crate) returning: Cell<Option<JobId>>,
    /// Who tells the engine what was done holds it.
    pub(crate) telling: Mutex<()>,
    pub(crate) told: RefCell<Told>,
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
            original: RefCell::default(),
            drafts: Drafts::default(),
            shelf: Shelf::default(),
            kept: Cell::default(),
            snapshots: Snapshots::default(),
            wanted: Cell::default(),
            shown: Cell::default(),
            returning: Cell::default(),
            telling: Mutex::default(),
            told: RefCell::default(),
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
                self.told.take();
                self.shelf.lose();
                self.tell(Action::Lose(Fault::engine_lost("the connection ended")));
                return Ok(());
            }
        };
        if self.shelf.hears(&event) {
            return Ok(());
        }
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

    /// Shows what is marked, and nothing else.
    pub(crate) fn show_marks(&self) {
        if let Err(error) = self.surface.paint_all(&self.painting.borrow()) {
            log::error!("{error}");
        }
    }

    /// The picture is another one: what was seen in it no longer counts.
    pub(crate) fn repictured(&self) {
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
