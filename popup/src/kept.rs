//! The settings as this page has them: read when it opened, and again whenever they change anywhere.

use brushaway::{protocol::Fault, settings::Settings};
use brushaway_browser::{bus, settings, task};
use yew::prelude::*;

/// The settings, `from` before anything else was read.
#[hook]
pub(crate) fn use_settings(from: impl FnOnce() -> Settings) -> UseStateHandle<Settings> {
    let kept = use_state(from);
    let setter = kept.setter();
    use_effect_with((), move |()| {
        read(setter.clone());
        let watch = settings::Watch::new(move || read(setter.clone()));
        move || drop(watch)
    });
    kept
}

fn read(into: UseStateSetter<Settings>) {
    task::spawn("read the settings", async move {
        into.set(settings::read().await.map_err(bus::fault)?.settings);
        Ok::<(), Fault>(())
    });
}
