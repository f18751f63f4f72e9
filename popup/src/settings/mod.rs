//! The page on which a person sets what there is to set.

mod files;
mod sections;

use brushaway::{
    protocol::Fault,
    settings::{Loss, Reading, Settings},
};
use brushaway_browser::{bus, platform, settings, task};
use brushaway_ui::{alert, loss_words, t};
use yew::prelude::*;

use crate::{
    connection::{Shelved, use_engine},
    kept::{self, use_settings},
    page::{Page, framed},
    shelf::Shelf,
};

/// What the page takes.
#[derive(Properties, Debug, PartialEq)]
pub(crate) struct SettingsPageProps {
    /// The settings as they were read first.
    pub(crate) reading: Reading,
}

/// The last thing worth a sentence.
#[derive(Debug, Clone, PartialEq)]
enum Said {
    Saved,
    Imported,
    Reset,
    Lost(Loss),
    Failed(Fault),
}

impl Said {
    const fn is_bad(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::Failed(_))
    }

    fn words(&self) -> String {
        match self {
            Self::Saved => t!("settings_saved"),
            Self::Imported => t!("settings_imported"),
            Self::Reset => t!("settings_reset_done"),
            Self::Lost(loss) => loss_words(loss),
            Self::Failed(fault) => t!(&fault.message),
        }
    }
}

/// The settings, and what changes them.
#[derive(Debug, Clone, PartialEq)]
struct Kept {
    settings: kept::Kept,
    said: UseStateHandle<Option<Said>>,
}

impl Kept {
    /// Changes some of the settings, and stores all.
    fn change(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = Settings::clone(&self.settings);
        change(&mut settings);
        self.store(settings, Said::Saved);
    }

    /// What an element does that changes a setting to what it has.
    fn changing<T: 'static>(&self, change: impl Fn(&mut Settings, T) + 'static) -> Callback<T> {
        let kept = self.clone();
        Callback::from(move |value: T| kept.change(|settings| change(settings, value)))
    }

    /// Stores other settings, then says so.
    fn store(&self, settings: Settings, then: Said) {
        let speaks_otherwise = settings.language != self.settings.language;
        self.settings.set(settings.clone());
        let said = self.said.clone();
        task::spawn("store the settings", async move {
            let stored = settings::write(&settings).await.map_err(bus::fault);
            said.set(Some(stored.as_ref().err().cloned().map_or(then, Said::Failed)));
            if speaks_otherwise && stored.is_ok() {
                // Every text is another one.
                platform::reload().map_err(bus::fault)?;
            }
            stored
        });
    }
}

/// The page.
#[component]
pub(crate) fn SettingsPage(props: &SettingsPageProps) -> Html {
    let first = props.reading.settings.clone();
    let settings = use_settings(move || first);
    let lost = props.reading.loss.clone();
    let said = use_state(move || lost.map(Said::Lost));
    let kept = Kept { settings, said };
    let (heard, models) = (use_state(|| None), use_state(Shelved::default));
    let connection = use_engine(&heard, &models);
    use_repair(&kept, &props.reading);
    let report = (*models).as_ref().and_then(|report| report.as_ref().ok());
    framed(
        Page::Settings,
        html! {
            <form class="settings" onsubmit={Callback::from(|event: SubmitEvent| event.prevent_default())}>
                { saying(kept.said.as_ref()) }
                { sections::work(&kept) }
                { sections::look(&kept) }
                { sections::saving(&kept) }
                { sections::models(&kept, report) }
                { sections::keys() }
                <files::Files {kept} />
                // Last, because it grows when the engine has told: nothing is to move away from under the pointer.
                if let Some(connection) = connection {
                    <Shelf report={(*models).clone()} {connection} />
                } else if let Some(Err(fault)) = &*heard {
                    { alert(fault) }
                }
            </form>
        },
    )
}

/// What was lost is said once: from then on what is stored can be read.
#[hook]
fn use_repair(kept: &Kept, reading: &Reading) {
    let (reading, said) = (reading.clone(), kept.said.setter());
    use_effect_with((), move |()| {
        if reading.loss.is_some() {
            task::spawn("store the settings", async move {
                let stored = settings::write(&reading.settings).await.map_err(bus::fault);
                if let Err(fault) = &stored {
                    said.set(Some(Said::Failed(fault.clone())));
                }
                stored
            });
        }
    });
}

fn saying(said: Option<&Said>) -> Html {
    let role = if said.is_some_and(Said::is_bad) { "alert" } else { "status" };
    html! {
        <p class={classes!("saying", said.is_some_and(Said::is_bad).then_some("bad"))} {role}>
            { said.map(Said::words).unwrap_or_default() }
        </p>
    }
}
