//! Several pictures: opened one after another, and one mask used on all.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    io::{Cursor, Write as _},
    rc::Rc,
};

use brushaway::{
    geometry::Size,
    mask::Mark,
    models::ModelId,
    protocol::{
        self, Beside, CancelJob, CloseImage, Event, Fault, ImageInfo, JobId, MaskSource, OpenImage, Recipe, StartJob,
        Tuning,
    },
};
use brushaway_browser::{
    blobs,
    bus::{self, Engine},
};
use brushaway_ui::t;
use futures_channel::oneshot;
use web_sys::Blob;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{
    arrival::Arrival,
    controller::Controller,
    page,
    state::{Action, Editor},
    strip::{Batch, Entry, StripChange, unused},
    surface,
};

/// Jobs of a batch have numbers that no other job of an editor reaches.
const FIRST_JOB: u32 = 1 << 30;

/// How the archive is called.
const ARCHIVE: &str = "brushaway.zip";

/// The files behind the strip, and the batch that is running.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    files: RefCell<Vec<(u32, Blob, String)>>,
    next: Cell<u32>,
    jobs: Cell<u32>,
    waiting: RefCell<HashMap<JobId, oneshot::Sender<Result<(), Fault>>>>,
    is_stopped: Cell<bool>,
    archive: RefCell<Option<Blob>>,
}

/// What is done to each picture.
#[derive(Debug, Clone)]
struct Order {
    size: Size,
    base: Option<Blob>,
    marks: Vec<Mark>,
    model: Option<ModelId>,
    tuning: Tuning,
    beside: Beside,
}

/// Why a picture has no result.
enum Left {
    /// It could not be done.
    Out(Fault),
    /// Nobody wants it any more.
    Stopped,
}

/// Opens a file of the strip; of a format that only the browser reads, the pixels that it makes of it.
async fn opened(engine: &Engine, file: &Blob) -> Result<ImageInfo, Fault> {
    let send = |file: &Blob| engine.blobs().send(file).map_err(bus::fault);
    match engine.ask(OpenImage { file: send(file)?, original: None, resumes: false }).await {
        Err(fault) if fault.message == "fault_not_image" => {
            let Ok(pixels) = surface::pixels(file).await.inspect_err(|error| log::warn!("{error}")) else {
                return Err(fault);
            };
            engine.ask(OpenImage { file: send(&pixels)?, original: Some(send(file)?), resumes: false }).await
        }
        opened => opened,
    }
}

impl From<Fault> for Left {
    fn from(fault: Fault) -> Self {
        Self::Out(fault)
    }
}

impl Shelf {
    /// What an event of a batch's job means. Whether it was one.
    pub(crate) fn hears(&self, event: &Event) -> bool {
        let job = match event {
            Event::Progress { job, .. }
            | Event::Note { job, .. }
            | Event::Patch { job, .. }
            | Event::Finished { job, .. }
            | Event::Cancelled { job }
            | Event::Failed { job, .. } => *job,
            _ => return false,
        };
        if job.0 < FIRST_JOB {
            return false;
        }
        let outcome = match event {
            Event::Finished { .. } => Ok(()),
            Event::Failed { fault, .. } => Err(fault.clone()),
            Event::Cancelled { .. } => Err(Fault::bug("cancelled")),
            _ => return true,
        };
        if let Some(waiting) = self.waiting.borrow_mut().remove(&job) {
            // Whoever waited may be gone.
            waiting.send(outcome).ok();
        }
        true
    }

    /// The engine is gone, and all jobs with it.
    pub(crate) fn lose(&self) {
        self.waiting.borrow_mut().clear();
    }
}

impl Controller {
    /// Opens files: the first of them now, the others wait in the strip.
    pub(crate) fn open_files(self: &Rc<Self>, files: Vec<(Blob, String)>) {
        let ids: Vec<u32> = files.into_iter().filter_map(|(file, name)| self.register(file, name)).collect();
        if let Some(first) = ids.first() {
            self.show_picture(*first);
        }
    }

    /// Gives a file its place in the strip.
    pub(crate) fn register(&self, file: Blob, name: String) -> Option<u32> {
        let id = self.shelf.next.get();
        self.shelf.next.set(id + 1);
        let address = page::object_url(&file).inspect_err(|error| log::error!("{error}")).ok()?;
        self.shelf.files.borrow_mut().push((id, file, name.clone()));
        self.tell(Action::Strip(StripChange::Add(Entry { id, name, address, is_unsaved: false })));
        Some(id)
    }

    /// Shows a picture of the strip; what was done to it comes back.
    pub(crate) fn show_picture(self: &Rc<Self>, id: u32) {
        let found = self.shelf.files.borrow().iter().find(|(of, ..)| *of == id).cloned();
        let Some((_, file, name)) = found else { return };
        self.tell(Action::Strip(StripChange::Show(id)));
        self.spawn("open a file", async move |this| {
            let arrival = Arrival { is_in_strip: true, ..Arrival::of_file(file.clone(), name) };
            this.open(arrival, file, Vec::new()).await;
            Ok(())
        });
    }

    /// Forgets a picture of the strip.
    pub(crate) fn remove_picture(&self, entry: &Entry) {
        self.shelf.files.borrow_mut().retain(|(id, ..)| *id != entry.id);
        page::release(&entry.address);
        self.tell(Action::Strip(StripChange::Remove(entry.id)));
    }

    /// Uses the mask on all pictures of the strip that are as large, and packs the results.
    pub(crate) fn same_on_all(self: &Rc<Self>, editor: &Editor) {
        let Some(picture) = editor.picture() else { return };
        let order = Order {
            size: picture.size,
            base: editor.painting.base().map(|mask| mask.file.clone()),
            marks: editor.painting.marks().map(|mark| (**mark).clone()).collect(),
            model: editor.improving.shown_model(),
            tuning: editor.tuning(),
            beside: editor.recipe().beside,
        };
        let files = self.shelf.files.borrow().clone();
        self.shelf.is_stopped.set(false);
        self.shelf.archive.replace(None);
        // The engine does one job of an editor at a time.
        if let Some(job) = editor.running() {
            self.cancel(job);
        }
        self.spawn("one mask on all pictures", async move |this| {
            let mut batch = Batch::of(files.len());
            let (mut archive, mut names) = (ZipWriter::new(Cursor::new(Vec::new())), Vec::<String>::new());
            for (_, file, name) in files {
                this.tell(Action::Strip(StripChange::Batch(Some(batch.clone()))));
                match this.one_of_all(&order, &file).await {
                    Ok((result, extension)) => {
                        let stem = Arrival::of_file(file, name).name();
                        let path = unused(&names, &format!("{stem}-brushaway"), &extension);
                        let bytes = blobs::bytes_of(&result).await.map_err(bus::fault)?;
                        pack(&mut archive, &path, &bytes).map_err(Fault::bug)?;
                        names.push(path);
                    }
                    Err(Left::Out(fault)) => {
                        log::warn!("left out of the batch: {fault}");
                        batch.left_out.push((name, fault.message));
                    }
                    Err(Left::Stopped) => break,
                }
                batch.done += 1;
            }
            if batch.made() > 0 {
                let bytes = archive.finish().map_err(Fault::bug)?.into_inner();
                batch.len_bytes = Some(bytes.len() as u64);
                let file = blobs::blob_of(&bytes, "application/zip").map_err(bus::fault)?;
                this.shelf.archive.replace(Some(file));
            }
            batch.is_over = true;
            this.tell(Action::Strip(StripChange::Batch(Some(batch))));
            Ok(())
        });
    }

    /// One picture with the mask of all: its file and that file's extension.
    async fn one_of_all(self: &Rc<Self>, order: &Order, file: &Blob) -> Result<(Blob, String), Left> {
        if self.shelf.is_stopped.get() {
            return Err(Left::Stopped);
        }
        let engine = self.engine().await?;
        let info = opened(&engine, file).await?;
        let image = info.image;
        let result = async {
            if info.size != order.size {
                return Err(Fault::new("batch_size", protocol::Action::Adjust, format!("{:?}", info.size)).into());
            }
            let base = order.base.as_ref().map(|file| engine.blobs().send(file)).transpose().map_err(bus::fault)?;
            let mask = MaskSource { base, marks: order.marks.clone() };
            let job = JobId(FIRST_JOB + self.shelf.jobs.replace(self.shelf.jobs.get() + 1));
            let (sender, outcome) = oneshot::channel();
            self.shelf.waiting.borrow_mut().insert(job, sender);
            let (model, tuning) = (order.model.clone(), order.tuning);
            engine.ask(StartJob { job, image, mask, model, seed: 1, tuning }).await?;
            let outcome = outcome.await.map_err(Fault::engine_lost)?;
            if self.shelf.is_stopped.get() {
                return Err(Left::Stopped);
            }
            outcome?;
            let format = info.formats.first().cloned().unwrap_or_else(|| "png".to_owned());
            let recipe = Recipe { beside: order.beside, ..Recipe::of(&format) };
            let exported = engine.ask(protocol::Export { image, with_result: true, recipe }).await?;
            Ok((engine.blobs().take(&exported.file).await.map_err(bus::fault)?, exported.extension))
        };
        let result = result.await;
        engine.ask(CloseImage { image, is_parked: false }).await?;
        result
    }

    /// Does no more pictures; those that are done stay.
    pub(crate) fn stop_batch(self: &Rc<Self>) {
        self.shelf.is_stopped.set(true);
        let jobs: Vec<JobId> = self.shelf.waiting.borrow().keys().copied().collect();
        self.spawn("stop the batch", async move |this| {
            let engine = this.engine().await?;
            for job in jobs {
                engine.ask(CancelJob { job }).await?;
            }
            Ok(())
        });
    }

    /// Saves what the batch made.
    pub(crate) fn save_batch(&self) {
        let Some(archive) = self.shelf.archive.borrow().clone() else { return };
        match page::save(&archive, ARCHIVE) {
            Ok(()) => {
                self.tell(Action::Strip(StripChange::Batch(None)));
                self.tell(Action::Tell(t!("saved", ARCHIVE)));
            }
            Err(error) => log::error!("{error}"),
        }
    }
}

/// Pictures are compressed already: they are stored as they are.
fn pack(archive: &mut ZipWriter<Cursor<Vec<u8>>>, name: &str, bytes: &[u8]) -> Result<(), zip::result::ZipError> {
    archive.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored))?;
    Ok(archive.write_all(bytes)?)
}
