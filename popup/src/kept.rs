//! The settings as this page has them: read when it opened, and again whenever they change anywhere.

use std::{cell::Cell, rc::Rc};

use brushaway::{protocol::Fault, settings::Settings};
use brushaway_browser::{bus, settings, task};
use yew::prelude::*;

/// The settings, and how often this page changed them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kept {
    settings: UseStateHandle<Settings>,
    changes: Rc<Cell<u32>>,
}

impl std::ops::Deref for Kept {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.settings
    }
}

impl Kept {
    /// This page has other settings from now on; who calls stores them.
    pub(crate) fn set(&self, settings: Settings) {
        self.changes.set(self.changes.get().wrapping_add(1));
        self.settings.set(settings);
    }
}

/// The settings, `from` before anything else was read.
#[hook]
pub(crate) fn use_settings(from: impl FnOnce() -> Settings) -> Kept {
    let settings = use_state(from);
    let changes = use_memo((), |()| Cell::new(0));
    let kept = Kept { settings, changes };
    let (setter, changes) = (kept.settings.setter(), Rc::clone(&kept.changes));
    use_effect_with((), move |()| {
        let read = move || read(setter.clone(), Rc::clone(&changes));
        read();
        let watch = settings::Watch::new(read);
        move || drop(watch)
    });
    kept
}

fn read(into: UseStateSetter<Settings>, changes: Rc<Cell<u32>>) {
    let before = changes.get();
    task::spawn("read the settings", async move {
        let read = settings::read().await.map_err(bus::fault)?.settings;
        // What was changed here meanwhile is newer, and is read again once it is stored.
        if changes.get() == before {
            into.set(read);
        }
        Ok::<(), Fault>(())
    });
}
