//! Where results go: into a file, onto the clipboard, into the page, into a tab, to another program.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use brushaway::protocol::{self, Fault, Recipe};
use brushaway_browser::{bus, chrome, clock, package::EDITOR};
use brushaway_ui::t;
use futures_util::lock::Mutex;
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::future_to_promise;
use web_sys::{Blob, DataTransfer, File, Url};

use crate::{
    app::PartProps,
    arrival::Arrival,
    comparing::Compare,
    controller::Controller,
    handing,
    keys::Command,
    page,
    saving::{Draft, Save},
    state::Action,
};

/// For so long nothing may be chosen any more before a file is encoded: a slider passes many values on its way.
const PAUSE_MILLIS: u32 = 200;

/// Files that are encoded so that their size can be shown: one at a time, and only the newest one that was asked for.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    newest: Cell<u32>,
    encoding: Mutex<()>,
    ready: RefCell<Option<Ready>>,
}

#[derive(Debug)]
struct Ready {
    file: Blob,
    object_url: String,
}

impl Drafts {
    /// From now on only the file with this number counts.
    fn begin(&self, serial: u32) {
        self.newest.set(serial);
        if let Some(ready) = self.ready.take()
            && Url::revoke_object_url(&ready.object_url).is_err()
        {
            log::debug!("an address outlives its file");
        }
    }

    fn is_superseded(&self, serial: u32) -> bool {
        self.newest.get() != serial
    }

    fn file(&self) -> Result<Blob, Fault> {
        self.ready.borrow().as_ref().map(|ready| ready.file.clone()).ok_or_else(|| Fault::bug("no file is ready"))
    }
}

/// Does what a key or a button asks for, if it makes sense now.
pub(crate) fn perform(part: &PartProps, command: Command) {
    let PartProps { editor, controller } = part;
    match command {
        Command::Save if editor.saving.is_open => {
            if matches!(editor.saving.draft, Draft::Ready { .. }) {
                controller.save_draft(editor.file_name());
            }
        }
        Command::Save if editor.can_export() => controller.save(editor.recipe(), editor.file_name()),
        Command::SaveAs if editor.can_export() => editor.dispatch(Action::Save(Save::Panel(true))),
        Command::Look(look) if editor.can_compare() => {
            let look = Some(look).filter(|_| editor.looking() != Some(look));
            editor.dispatch(Action::Comparing(Compare::Look(look)));
        }
        Command::Put if editor.is_put == Some(true) => controller.take_back(),
        Command::Put if editor.can_put() => controller.put(editor.own_format()),
        Command::OpenTab if editor.can_export() => controller.open_in_tab(editor.own_format()),
        _ => {}
    }
}

impl Controller {
    /// Encodes the file with this number, to show how large it is. A newer one supersedes it.
    pub(crate) fn draft(self: &Rc<Self>, serial: u32, recipe: Recipe) {
        self.drafts.begin(serial);
        self.spawn("measure a file", async move |this| {
            clock::sleep_millis(PAUSE_MILLIS).await;
            let _encoding = this.drafts.encoding.lock().await;
            if this.drafts.is_superseded(serial) {
                return Ok(());
            }
            let exported = this.export(recipe).await;
            if this.drafts.is_superseded(serial) {
                return Ok(());
            }
            let draft = match exported.and_then(|file| Ok((page::object_url(&file).map_err(bus::fault)?, file))) {
                Ok((object_url, file)) => {
                    let len_bytes = file.size() as u64;
                    this.drafts.ready.replace(Some(Ready { file, object_url: object_url.clone() }));
                    Draft::Ready { len_bytes, object_url }
                }
                Err(fault) => Draft::Failed(fault),
            };
            this.tell(Action::Save(Save::Drafted(serial, draft)));
            Ok(())
        });
    }

    /// Nobody looks at files any more.
    pub(crate) fn drop_draft(&self, serial: u32) {
        self.drafts.begin(serial);
    }

    /// Saves the picture into the downloads.
    pub(crate) fn save(self: &Rc<Self>, recipe: Recipe, name: String) {
        self.tell(Action::Saving);
        self.spawn("save", async move |this| {
            let file = this.export(recipe).await?;
            page::save(&file, &name).map_err(bus::fault)?;
            this.tell(Action::Saved(t!("saved", name)));
            Ok(())
        });
    }

    /// Saves the very file whose size was shown.
    pub(crate) fn save_draft(self: &Rc<Self>, name: String) {
        self.spawn("save", async move |this| {
            page::save(&this.drafts.file()?, &name).map_err(bus::fault)?;
            this.tell(Action::Save(Save::Panel(false)));
            this.tell(Action::Saved(t!("saved", name)));
            Ok(())
        });
    }

    /// Gives the file whose size was shown to what the person drags: to a folder as a download, to pages as a file.
    pub(crate) fn drag_draft(&self, data: &DataTransfer, object_url: &str, name: &str) -> Result<(), Fault> {
        let file = self.named_draft(name)?;
        handing::drag(data, &file, object_url).map_err(bus::fault)?;
        self.tell(Action::Handed);
        Ok(())
    }

    /// Whether the browser would share the file whose size was shown.
    pub(crate) fn can_share_draft(&self, name: &str) -> bool {
        self.named_draft(name).is_ok_and(|file| handing::can_share(&file))
    }

    /// Has the browser ask where to share it. Called from a click, as the browser demands.
    pub(crate) fn share_draft(self: &Rc<Self>, name: &str) {
        let shared = self.named_draft(name).and_then(|file| handing::share(&file).map_err(bus::fault));
        self.spawn("share", async move |this| {
            if handing::is_shared(shared?).await.map_err(bus::fault)? {
                this.tell(Action::Handed);
            }
            Ok(())
        });
    }

    fn named_draft(&self, name: &str) -> Result<File, Fault> {
        handing::named(&self.drafts.file()?, name).map_err(bus::fault)
    }

    /// Copies the picture. The clipboard is asked at once, while the click still counts, and gets the file when it is there.
    pub(crate) fn copy(self: &Rc<Self>) {
        self.tell(Action::Saving);
        let this = Rc::clone(self);
        let file: Promise = future_to_promise(async move {
            let exported = this.export(Recipe::of("png")).await;
            exported.map(JsValue::from).map_err(|fault| JsValue::from_str(&fault.to_string()))
        });
        self.spawn("copy", async move |this| {
            let failed = |error| Fault::new("fault_clipboard", protocol::Action::Adjust, error);
            page::copy_png(file).await.map_err(failed)?;
            this.tell(Action::Saved(t!("copied")));
            Ok(())
        });
    }

    /// Has the page show the result in place of its picture.
    pub(crate) fn put(self: &Rc<Self>, own_format: String) {
        self.tell(Action::Saving);
        self.spawn("put into the page", async move |this| {
            // The page had the picture; what its file told beside it is nobody's business there.
            let recipe = Recipe { beside: protocol::Beside::Nothing, ..Recipe::of(own_format) };
            let file = this.export(recipe).await?;
            let refused = |reason: &str| Fault::new("fault_put", protocol::Action::Adjust, reason);
            let host = this.host.borrow().clone().ok_or_else(|| refused("no page"))?;
            let width = this.surface.size().map_or(0, brushaway::geometry::Size::width);
            if !host.put(&file, width).await.map_err(bus::fault)? {
                return Err(refused("the page"));
            }
            this.tell(Action::Put(Some(true)));
            this.tell(Action::Saved(t!("put_done")));
            Ok(())
        });
    }

    /// Has the page show its own picture again.
    pub(crate) fn take_back(self: &Rc<Self>) {
        self.spawn("take back from the page", async move |this| {
            let host = this.host.borrow().clone();
            if let Some(host) = host {
                host.take_back().await.map_err(bus::fault)?;
                this.tell(Action::Put(Some(false)));
                this.tell(Action::Tell(t!("put_undone")));
            }
            Ok(())
        });
    }

    /// Opens the picture with its result in a tab of its own, where it can be worked on further.
    pub(crate) fn open_in_tab(self: &Rc<Self>, own_format: String) {
        self.tell(Action::Saving);
        self.spawn("open in a tab", async move |this| {
            let as_it_came = || this.original.borrow().clone().or_else(|| this.file.borrow().clone());
            let untouched = if this.has_changed() { None } else { as_it_came() };
            let file = match untouched {
                Some(file) => file,
                None => this.export(Recipe::of(&own_format)).await?,
            };
            let name = this.arrival.borrow().as_ref().map(Arrival::name).unwrap_or_default();
            let name = js_sys::encode_uri_component(&format!("{name}.{own_format}"));
            let object_url = page::object_url(&file).map_err(bus::fault)?;
            chrome::open_tab(&format!("{EDITOR}#{object_url}#{name}")).await.map_err(bus::fault)?;
            page::release_later(object_url).map_err(bus::fault)?;
            this.tell(Action::Handed);
            Ok(())
        });
    }

    /// Encodes the picture with its result.
    async fn export(self: &Rc<Self>, recipe: Recipe) -> Result<Blob, Fault> {
        let (engine, image) = self.image().await?;
        // What was undone is off the screen, but the engine may still hold it.
        let with_result = self.wants_result();
        let exported = engine.ask(protocol::Export { image, with_result, recipe }).await?;
        engine.blobs().take(&exported.file).await.map_err(bus::fault)
    }
}
