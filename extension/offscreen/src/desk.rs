//! Where clients' calls arrive: pictures, jobs one after another, results.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};

use brushaway::{
    engine::Patch,
    protocol::{
        Action, Answer, EngineReport, EngineStatus, Event, ExportedFile, Fault, ImageId, PrecisionReport, Request,
        RunReport, StartJob, ToClient, answer, with_newest,
    },
};
use brushaway_browser::{
    bus::{self, Client, Heard},
    chrome, clock, task,
    worker::Worker,
};
use futures_util::lock::Mutex;

use crate::{
    documents::Document,
    job::{RunningJob, Stopped},
    machine,
    model::Wish,
    parking::{Made, Parking},
    work::Models,
};

/// What one client has open.
#[derive(Default)]
struct Papers {
    documents: HashMap<ImageId, Document>,
    job: Option<Rc<RunningJob>>,
}

/// The engine's state.
pub(crate) struct Desk {
    pub(crate) wish: Wish,
    /// Jobs wait here for their turn: one model run at a time.
    pub(crate) models: Mutex<Models>,
    store: RefCell<Option<Rc<Worker>>>,
    report: RefCell<EngineReport>,
    /// What was last said of the models.
    shelf: RefCell<Option<Event>>,
    clients: RefCell<Vec<(Rc<Client>, Papers)>>,
    next_image: Cell<u32>,
    /// What was done to pictures that were closed.
    pub(crate) parking: RefCell<Parking>,
}

impl Desk {
    pub(crate) fn new(wish: Wish) -> Rc<Self> {
        let report = EngineReport { runs: machine::known_runs(), ..EngineReport::of(EngineStatus::Starting) };
        Rc::new(Self {
            wish,
            models: Mutex::default(),
            store: RefCell::default(),
            report: RefCell::new(report),
            shelf: RefCell::default(),
            clients: RefCell::default(),
            next_image: Cell::default(),
            parking: RefCell::default(),
        })
    }

    /// Tells every client what the engine runs on.
    pub(crate) fn announce(&self, report: EngineReport) {
        let EngineReport { runs, precisions, .. } = self.report.borrow().clone();
        self.tell_report(EngineReport { runs, precisions, ..report });
    }

    /// Tells every client with how many bits a model computes.
    pub(crate) fn decided(&self, precision: PrecisionReport) {
        let mut report = self.report.borrow().clone();
        report.precisions = with_newest(&report.precisions, precision);
        self.tell_report(report);
    }

    /// A job is done: how long it took is known from now on, also when this document is gone.
    pub(crate) fn ran(&self, run: RunReport) {
        let mut report = self.report.borrow().clone();
        report.runs = with_newest(&report.runs, run);
        machine::keep_runs(&report.runs);
        self.tell_report(report);
    }

    fn tell_report(&self, report: EngineReport) {
        self.tell_all(&Event::Engine(report.clone()));
        self.report.replace(report);
    }

    fn tell_all(&self, event: &Event) {
        for (client, _) in self.clients.borrow().iter() {
            client.tell(&ToClient::Event(event.clone()));
        }
    }

    /// The worker that keeps the models, started when the built-in one is ready or somebody asks.
    pub(crate) fn store(self: &Rc<Self>) -> Result<Rc<Worker>, Fault> {
        let running = self.store.borrow().clone();
        if let Some(worker) = running {
            return Ok(worker);
        }
        let desk = Rc::downgrade(self);
        let on_event = move |event: Option<Event>| {
            let Some(desk) = desk.upgrade() else { return };
            let lost = || Event::NoModels(Fault::new("fault_store_start", Action::Retry, "its worker failed"));
            let event = event.unwrap_or_else(lost);
            if let Event::NoModels(fault) = &event {
                log::error!("the store: {fault}");
                desk.lose_store();
            }
            desk.tell_all(&event);
            let before = desk.shelf.replace(Some(event.clone()));
            if let (Event::Models(now), Some(Event::Models(before))) = (&event, &before) {
                now.arrived_since(before).for_each(|id| desk.prepare(id.clone()));
            }
        };
        let worker = Rc::new(Worker::start(&chrome::package_url("store/store.js"), on_event).map_err(bus::fault)?);
        self.store.replace(Some(Rc::clone(&worker)));
        Ok(worker)
    }

    /// The store is of no use; the next who asks starts another one.
    fn lose_store(self: &Rc<Self>) {
        let this = Rc::clone(self);
        task::spawn("let the store go", async move {
            // Not from within its own event, which ends with it.
            clock::sleep_millis(0).await;
            this.store.replace(None);
            Ok::<(), Fault>(())
        });
    }

    /// Passes a call on to the store; chosen files go along by reference.
    async fn ask_store(self: &Rc<Self>, client: &Rc<Client>, request: Request) -> Answer {
        let mut files = Vec::new();
        match &request {
            Request::TakeModel(call) => {
                for file in &call.files {
                    files.push(client.blobs().take(file).await.map_err(bus::fault)?);
                }
            }
            Request::DeleteModel(call) => self.give_back(&call.model).await,
            _ => {}
        }
        self.store()?.ask(request, files).await
    }

    pub(crate) fn hear(self: &Rc<Self>, client: &Rc<Client>, heard: Heard) {
        match heard {
            Heard::Connected => {
                self.clients.borrow_mut().push((Rc::clone(client), Papers::default()));
                client.tell(&ToClient::Event(Event::Engine(self.report.borrow().clone())));
                if let Some(event) = self.shelf.borrow().clone() {
                    client.tell(&ToClient::Event(event));
                }
            }
            Heard::Asked { serial, request } => {
                let (this, client) = (Rc::clone(self), Rc::clone(client));
                task::spawn("answer", async move {
                    let result = this.dispatch(&client, request).await;
                    client.tell(&ToClient::Answer { serial, result });
                    Ok::<(), Fault>(())
                });
            }
            Heard::Left => {
                self.papers(client, |papers| papers.job.take().inspect(|job| job.cancel()));
                // A tab that was closed, a page that was left: that may have been a mistake.
                let documents = self.papers(client, |papers| std::mem::take(&mut papers.documents));
                documents.into_iter().flat_map(HashMap::into_values).for_each(|document| self.park(document));
                self.clients.borrow_mut().retain(|(other, _)| !Rc::ptr_eq(other, client));
                if self.is_alone() {
                    self.give_back_if_alone();
                }
            }
        }
    }

    /// Whether nobody is connected.
    pub(crate) fn is_alone(&self) -> bool {
        self.clients.borrow().is_empty()
    }

    fn papers<T>(&self, client: &Rc<Client>, read: impl FnOnce(&mut Papers) -> T) -> Option<T> {
        let mut clients = self.clients.borrow_mut();
        clients.iter_mut().find(|(other, _)| Rc::ptr_eq(other, client)).map(|(_, papers)| read(papers))
    }

    pub(crate) fn document<T>(
        &self,
        client: &Rc<Client>,
        image: ImageId,
        read: impl FnOnce(&mut Document) -> T,
    ) -> Result<T, Fault> {
        let read = self.papers(client, |papers| papers.documents.get_mut(&image).map(read)).flatten();
        read.ok_or_else(|| Fault::bug("no such picture"))
    }

    async fn dispatch(self: &Rc<Self>, client: &Rc<Client>, request: Request) -> Answer {
        match request {
            Request::DescribeEngine(call) => answer(&call, Ok(self.report.borrow().clone())),
            Request::TestEngine(call) => answer(&call, self.test().await),
            Request::OpenImage(call) => answer(&call, self.open(client, &call).await),
            Request::StartJob(call) => answer(&call, self.start(client, &call).await),
            Request::CancelJob(call) => {
                let running = self.papers(client, |papers| papers.job.clone()).flatten();
                if let Some(job) = running.filter(|job| job.id == call.job) {
                    job.cancel();
                }
                answer(&call, Ok(()))
            }
            Request::Keep(call) => answer(&call, self.document(client, call.image, Document::keep)),
            Request::Unkeep(call) => answer(&call, self.change(client, call.image, Document::unkeep).map(drop)),
            Request::Rekeep(call) => answer(&call, self.change(client, call.image, Document::rekeep).map(drop)),
            Request::Restore(call) => {
                answer(&call, self.change(client, call.image, |document| document.restore(&call.marks)))
            }
            Request::Remember(call) => answer(&call, self.remember(client, &call).await),
            Request::Export(call) => {
                let started = clock::now_millis();
                let exported =
                    self.document(client, call.image, |document| document.export(&call.recipe, call.with_result))?;
                let format = &call.recipe.format;
                log::info!("export encode_millis={:.1} format={format}", clock::now_millis() - started);
                answer(
                    &call,
                    exported.and_then(|(file, format)| {
                        let mime = format.mime().to_owned();
                        let sent = client.blobs().send_bytes(&file, &mime).map_err(bus::fault)?;
                        let extension = format.extension().to_owned();
                        Ok(ExportedFile { file: sent, len_bytes: file.len() as u64, mime, extension })
                    }),
                )
            }
            Request::CloseImage(call) => {
                self.close(client, &call);
                answer(&call, Ok(()))
            }
            Request::ChooseResult(call) => {
                let patches = self.document(client, call.image, |document| document.choose(call.job))?;
                for patch in patches.ok_or_else(|| Fault::bug("this result is gone"))? {
                    let pixels = client.blobs().send_bytes(patch.pixels.as_bytes(), "").map_err(bus::fault)?;
                    let Patch { stage, rect, .. } = patch;
                    client.tell(&ToClient::Event(Event::Patch { job: call.job, stage, rect, pixels }));
                }
                answer(&call, Ok(()))
            }
            request @ (Request::DescribeModels(_)
            | Request::GetModel(_)
            | Request::PauseModel(_)
            | Request::CheckModel(_)
            | Request::TakeModel(_)
            | Request::DeleteModel(_)) => self.ask_store(client, request).await,
            other => Err(Fault::bug(format!("{:?} should have got this", other.answered_by()))),
        }
    }

    /// Gives a picture its name.
    pub(crate) fn add(&self, client: &Rc<Client>, document: Document) -> ImageId {
        let image = ImageId(self.next_image.get());
        self.next_image.set(image.0 + 1);
        self.papers(client, |papers| papers.documents.insert(image, document));
        image
    }

    /// Takes a picture off the desk.
    pub(crate) fn remove(&self, client: &Rc<Client>, image: ImageId) -> Option<Document> {
        self.papers(client, |papers| papers.documents.remove(&image)).flatten()
    }

    /// Queues a job; the client's earlier one is over.
    async fn start(self: &Rc<Self>, client: &Rc<Client>, call: &StartJob) -> Result<(), Fault> {
        let job = Rc::new(RunningJob::new(call, Rc::clone(client)));
        let newest = Rc::clone(&job);
        if let Some(earlier) = self.papers(client, |papers| papers.job.replace(newest)).flatten() {
            earlier.cancel();
        }
        let base = match &call.mask.base {
            Some(file) => Some(client.blobs().take_bytes(file).await.map_err(bus::fault)?),
            None => None,
        };
        let (source, mask) = self.document(client, call.image, |document| {
            let reach_px = job.reach_px(document.size());
            let (mask, softness) = document.mask(base.as_deref(), &call.mask.marks, reach_px)?;
            job.softness.replace(softness.map(Rc::new));
            let mask = Rc::new(mask);
            document.begin(&mask);
            Ok((document.source(), mask))
        })??;
        let (this, image) = (Rc::clone(self), call.image);
        task::spawn("job", async move {
            let done = this.work(&job, &source, &mask).await;
            job.tell(match done {
                Ok(outcome) => {
                    let report = job.report(&outcome);
                    let (model, seconds) = (report.model.clone(), report.total_millis / 1000.0);
                    this.ran(RunReport { model, backend: report.backend, seconds });
                    // A client that left has no picture any more.
                    let made = Made { job: job.id, outcome, report: report.clone() };
                    drop(this.document(&job.client, image, |document| document.finish(&mask, made)));
                    Event::Finished { job: job.id, report }
                }
                Err(Stopped::Cancelled) => Event::Cancelled { job: job.id },
                Err(Stopped::Failed(fault)) => {
                    log::error!("job: {fault}");
                    Event::Failed { job: job.id, fault }
                }
            });
            Ok::<(), Fault>(())
        });
        Ok(())
    }
}
