//! Which models there are, which are here, which are coming.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    pin::pin,
    rc::Rc,
};

use brushaway::{
    models::{BackendKind, Catalog, FetchSpec, ModelId, ModelSpec},
    protocol::{
        Action, Answer, Event, Fault, GetModel, ModelReport, ModelState, ModelsReport, Request, ToClient, ToEngine,
        Transfer, TransferPhase, answer,
    },
    store::{self, Disk as _, FetchOptions, Halt, StoreError},
};
use brushaway_browser::{
    clock, package,
    store::{CacheDisk, ChosenFile, FetchNet, at_hub, wanted},
    task,
    worker::Document,
};
use futures_util::{
    future::{Either, select},
    lock::Mutex,
};
use web_sys::Blob;

use crate::{
    faults,
    files::held,
    transfer::{LOOK_MILLIS, Running},
};

/// All models.
pub(crate) struct Shelf {
    catalog: Catalog,
    disk: CacheDisk,
    document: Document,
    states: RefCell<HashMap<ModelId, ModelState>>,
    running: RefCell<HashMap<ModelId, Rc<Running>>>,
    free_bytes: Cell<Option<u64>>,
    /// Who fetches holds it: one model at a time, each at the full speed of the line.
    fetching: Mutex<()>,
}

impl Shelf {
    /// Reads the catalogue and looks what is here.
    pub(crate) async fn open() -> Result<Self, Fault> {
        let failed = |error: &dyn std::fmt::Display| Fault::new("fault_store_start", Action::Retry, error);
        let catalog = package::read("models/catalog.toml").await.map_err(|error| failed(&error))?;
        let catalog = Catalog::parse(&String::from_utf8_lossy(&catalog)).map_err(|error| failed(&error))?;
        let disk = CacheDisk::open().await.map_err(|error| failed(&error))?;
        let shelf = Self {
            catalog,
            disk,
            document: Document::new(),
            states: RefCell::default(),
            running: RefCell::default(),
            free_bytes: Cell::default(),
            fetching: Mutex::default(),
        };
        for model in &shelf.catalog.models {
            shelf.look(model, None).await;
        }
        shelf.tell().await;
        Ok(shelf)
    }

    /// Answers a call that the document passed on.
    pub(crate) async fn answer(self: Rc<Self>, asked: ToEngine, files: Vec<Blob>) -> Result<(), Fault> {
        let result = self.dispatch(asked.request, files).await;
        self.document.tell(&ToClient::Answer { serial: asked.serial, result });
        Ok(())
    }

    async fn dispatch(self: &Rc<Self>, request: Request, files: Vec<Blob>) -> Answer {
        match request {
            Request::DescribeModels(call) => {
                self.weigh().await;
                answer(&call, Ok(self.report()))
            }
            Request::GetModel(call) => answer(&call, self.get(&call)),
            Request::PauseModel(call) => {
                self.halt(&call.model, Halt::Pause);
                answer(&call, Ok(()))
            }
            Request::TakeModel(call) => answer(&call, self.take(&call.model, files).await),
            Request::CheckModel(call) => answer(&call, self.check(&call.model)),
            Request::DeleteModel(call) => answer(&call, self.delete(&call.model).await),
            other => Err(Fault::bug(format!("the store does not answer {other:?}"))),
        }
    }

    fn model(&self, id: &ModelId) -> Result<ModelSpec, Fault> {
        let model = self.catalog.find(&id.0).filter(|model| !model.is_built_in());
        model.cloned().ok_or_else(|| Fault::bug(format!("no model {id}")))
    }

    fn halt(&self, id: &ModelId, halt: Halt) {
        if let Some(running) = self.running.borrow().get(id) {
            running.halt(halt);
        }
    }

    /// Begins to fetch a model, or goes on. Whoever asks for what is coming already gets it with the first.
    fn get(self: &Rc<Self>, call: &GetModel) -> Result<(), Fault> {
        let model = self.model(&call.model)?;
        let mirror = call.mirror.clone().map(|mirror| mirror.trim_end_matches('/').to_owned());
        self.begin(model, ModelState::Coming, async move |shelf, model, running| {
            let net = FetchNet { stall_millis: shelf.catalog.fetch.stall_millis };
            for file in model.files() {
                let at_hub = at_hub(file, mirror.as_deref());
                let mut file = wanted(file, mirror.as_deref())?;
                if let Some(at_hub) = at_hub.filter(|_| file.sha256.is_none()) {
                    // Nobody wrote down what it must be: then it must at least come as its host has it.
                    let facts = store::learn(&net, &at_hub).await.map_err(Stopped::of_download)?;
                    (file.len_bytes, file.sha256) = (Some(facts.len_bytes), facts.sha256);
                }
                let options = options(shelf.catalog.fetch);
                let stored = store::fetch(&file, options, &net, &shelf.disk, &*running).await;
                running.done(stored.map_err(Stopped::of_download)?.len_bytes);
            }
            Ok(())
        });
        Ok(())
    }

    /// Takes files that the person has.
    async fn take(self: &Rc<Self>, id: &ModelId, chosen: Vec<Blob>) -> Result<(), Fault> {
        let model = self.model(id)?;
        // One file after another, however fast they are chosen.
        while self.running.borrow().contains_key(id) {
            clock::sleep_millis(LOOK_MILLIS).await;
        }
        self.begin(model, ModelState::Coming, async move |shelf, model, running| {
            for blob in chosen {
                let len_bytes = blob.size() as u64;
                let files = model.files();
                let file = files.iter().find(|file| file.len_bytes.is_none_or(|len| len == len_bytes));
                let file = file.ok_or_else(|| faults::of_strange_file(len_bytes))?;
                let file = wanted(file, None)?;
                let mut source = ChosenFile::new(blob);
                let options = options(shelf.catalog.fetch);
                let stored = store::take_in(&file, options, &mut source, &shelf.disk, &*running).await;
                running.done(stored.map_err(Stopped::of_file)?.len_bytes);
            }
            Ok(())
        });
        Ok(())
    }

    /// Reads a model that is here once more.
    fn check(self: &Rc<Self>, id: &ModelId) -> Result<(), Fault> {
        let model = self.model(id)?;
        self.begin(model, ModelState::Checking, async move |shelf, model, running| {
            for file in model.files() {
                let key = wanted(file, None)?.key;
                match store::check(&key, &shelf.disk, &*running).await {
                    // The browser threw some of it away: what is left tells how it is to go on.
                    Err(StoreError::NotFound) => return Ok(()),
                    stored => running.done(stored.map_err(Stopped::of_check)?.len_bytes),
                }
            }
            Ok(())
        });
        Ok(())
    }

    /// Runs `work` for a model unless something is running for it; meanwhile it is in that state.
    fn begin<F>(
        self: &Rc<Self>,
        model: ModelSpec,
        state: fn(Transfer) -> ModelState,
        work: impl FnOnce(Rc<Self>, ModelSpec, Rc<Running>) -> F + 'static,
    ) where
        F: Future<Output = Result<(), Stopped>> + 'static,
    {
        if self.running.borrow().contains_key(&model.id) {
            return;
        }
        let (this, id) = (Rc::clone(self), model.id.clone());
        let total_bytes = len_bytes(&model);
        let running = Running::new(total_bytes, self.catalog.fetch.pause_millis, move |transfer| {
            this.set(&id, state(transfer));
        });
        self.running.borrow_mut().insert(model.id.clone(), Rc::clone(&running));
        let queued =
            Transfer { phase: TransferPhase::Queued, done_bytes: 0, bytes_per_second: None, seconds_left: None };
        self.set(&model.id, state(queued));
        let this = Rc::clone(self);
        task::spawn("see to a model", async move {
            let stopped = this.see_to_end(&running, work(Rc::clone(&this), model.clone(), Rc::clone(&running))).await;
            this.running.borrow_mut().remove(&model.id);
            let fault = match stopped {
                Ok(()) | Err(Stopped::Halted(Halt::Pause)) => None,
                Err(Stopped::Halted(Halt::Cancel)) => {
                    this.forget(&model).await?;
                    None
                }
                Err(Stopped::Failed(fault)) => {
                    log::warn!("model={} {fault}", model.id);
                    Some(fault)
                }
            };
            this.look(&model, fault).await;
            this.tell().await;
            Ok::<(), Fault>(())
        });
    }

    /// Waits for its turn, then for the end of `work`, however it comes.
    async fn see_to_end(
        &self,
        running: &Running,
        work: impl Future<Output = Result<(), Stopped>>,
    ) -> Result<(), Stopped> {
        let in_turn = pin!(async {
            let _fetching = self.fetching.lock().await;
            work.await
        });
        match select(in_turn, pin!(running.halted())).await {
            Either::Left((result, _)) => result,
            Either::Right((halt, _)) => Err(Stopped::Halted(halt)),
        }
    }

    async fn delete(&self, id: &ModelId) -> Result<(), Fault> {
        let model = self.model(id)?;
        let running = self.running.borrow().get(id).map(Rc::clone);
        if let Some(running) = running {
            // It cleans up after itself.
            running.halt(Halt::Cancel);
            return Ok(());
        }
        self.forget(&model).await?;
        self.look(&model, None).await;
        self.tell().await;
        Ok(())
    }

    async fn forget(&self, model: &ModelSpec) -> Result<(), Fault> {
        for file in model.files() {
            store::forget(&self.disk, &wanted(file, None)?.key).await.map_err(Fault::bug)?;
        }
        Ok(())
    }

    /// Looks where a model is. `fault` is why it did not come, if it was to come.
    async fn look(&self, model: &ModelSpec, fault: Option<Fault>) {
        let state = if model.is_built_in() {
            ModelState::BuiltIn
        } else {
            match (held(&self.disk, model).await, fault) {
                (Ok(held), _) if held.is_whole => ModelState::Installed,
                (Ok(held), Some(fault)) => ModelState::Failed { done_bytes: held.bytes, fault },
                (Ok(held), None) if held.bytes > 0 => ModelState::Paused { done_bytes: held.bytes },
                (Ok(_), None) => ModelState::Absent,
                (Err(fault), _) => ModelState::Failed { done_bytes: 0, fault },
            }
        };
        self.states.borrow_mut().insert(model.id.clone(), state);
    }

    /// Changes what is told of a model, and tells.
    fn set(&self, id: &ModelId, state: ModelState) {
        self.states.borrow_mut().insert(id.clone(), state);
        self.document.tell(&ToClient::Event(Event::Models(self.report())));
    }

    async fn weigh(&self) {
        // A browser that won't say is no fault.
        self.free_bytes.set(self.disk.free_bytes().await.unwrap_or_default());
    }

    async fn tell(&self) {
        self.weigh().await;
        self.document.tell(&ToClient::Event(Event::Models(self.report())));
    }

    fn report(&self) -> ModelsReport {
        let states = self.states.borrow();
        let models = self.catalog.models.iter().map(|model| ModelReport {
            id: model.id.clone(),
            name: model.name.clone(),
            licence: model.licence.clone(),
            host: model.host().map(str::to_owned),
            len_bytes: len_bytes(model),
            has_seeds: model.has_seeds(),
            needs_gpu: !model.may_run_on(BackendKind::Cpu),
            state: states.get(&model.id).cloned().unwrap_or(ModelState::Absent),
        });
        ModelsReport { models: models.collect(), free_bytes: self.free_bytes.get() }
    }
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shelf").finish_non_exhaustive()
    }
}

/// Why a model is not here yet.
enum Stopped {
    /// The person stopped it.
    Halted(Halt),
    /// It could not come.
    Failed(Fault),
}

impl Stopped {
    fn of(error: &StoreError, words: fn(&StoreError) -> Fault) -> Self {
        match error {
            StoreError::Paused => Self::Halted(Halt::Pause),
            StoreError::Cancelled => Self::Halted(Halt::Cancel),
            error => Self::Failed(words(error)),
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "for map_err")]
    fn of_download(error: StoreError) -> Self {
        Self::of(&error, faults::of_download)
    }

    #[expect(clippy::needless_pass_by_value, reason = "for map_err")]
    fn of_check(error: StoreError) -> Self {
        Self::of(&error, faults::of_check)
    }

    #[expect(clippy::needless_pass_by_value, reason = "for map_err")]
    fn of_file(error: StoreError) -> Self {
        Self::of(&error, faults::of_file)
    }
}

impl From<Fault> for Stopped {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

const fn options(spec: FetchSpec) -> FetchOptions {
    FetchOptions { part_bytes: spec.part_bytes, retries: spec.retries }
}

fn len_bytes(model: &ModelSpec) -> u64 {
    model.files().iter().map(|file| file.shown_bytes()).sum()
}
