//! Settings as a file, and back to where they began.

use brushaway::{
    protocol::{Action, Fault},
    settings::{Loss, Reading, Settings},
};
use brushaway_browser::{bus, error::JsError, task};
use brushaway_ui::{Button, Icon, icon, t};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, HtmlInputElement};
use yew::prelude::*;

use super::{Kept, Said};

/// What [`Files`] takes.
#[derive(Properties, Debug, PartialEq)]
pub(super) struct FilesProps {
    /// The settings.
    pub(super) kept: Kept,
}

/// Export, import, reset.
#[component]
pub(super) fn Files(props: &FilesProps) -> Html {
    let kept = &props.kept;
    let is_asked = use_state(|| false);
    let ask = |asked: bool| {
        let is_asked = is_asked.setter();
        Callback::from(move |()| is_asked.set(asked))
    };
    let reset = {
        let (kept, is_asked) = (kept.clone(), is_asked.setter());
        Callback::from(move |()| {
            is_asked.set(false);
            kept.store(Settings::default(), Said::Reset);
        })
    };
    let text = String::from(js_sys::encode_uri_component(&kept.settings.to_text()));
    html! {
        <section aria-labelledby="files" class="group">
            <h2 id="files">{ t!("settings_files") }</h2>
            <div class="choices">
                <a class="button line" data-action="export" download="brushaway-settings.json"
                    href={format!("data:application/json,{text}")}>
                    { icon(Icon::Save) }<span>{ t!("settings_export") }</span>
                </a>
                <label class="button line file" data-action="import">
                    { icon(Icon::Open) }<span>{ t!("settings_import") }</span>
                    <input type="file" name="settings-file" accept=".json,application/json" onchange={import(kept)} />
                </label>
                if *is_asked {
                    <span class="ask" role="group" aria-label={t!("settings_reset")}>
                        <span>{ t!("settings_reset_ask") }</span>
                        <Button action="reset-confirm" label={t!("settings_reset")} kind="danger" onclick={reset} />
                        <Button action="reset-not" label={t!("action_cancel")} onclick={ask(false)} />
                    </span>
                } else {
                    <Button action="reset" label={t!("settings_reset")} kind="line" onclick={ask(true)} />
                }
            </div>
        </section>
    }
}

fn import(kept: &Kept) -> Callback<Event> {
    let kept = kept.clone();
    Callback::from(move |event: Event| {
        let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
        let file = input.files().and_then(|files| files.get(0));
        input.set_value("");
        let (Some(file), kept) = (file, kept.clone()) else { return };
        task::spawn("import settings", async move {
            match text_of(&file).await.map(|text| Reading::of(&text)) {
                // Nothing of it can be used: what is set stays.
                Ok(Reading { loss: Some(Loss::Unreadable), .. }) => {
                    kept.said.set(Some(Said::Failed(Fault::new("settings_not_ours", Action::Adjust, file.size()))));
                }
                Ok(Reading { loss: Some(loss @ Loss::Newer { .. }), .. }) => kept.said.set(Some(Said::Lost(loss))),
                Ok(Reading { settings, loss }) => kept.store(settings, loss.map_or(Said::Imported, Said::Lost)),
                Err(error) => kept.said.set(Some(Said::Failed(bus::fault(error)))),
            }
            Ok::<(), JsError>(())
        });
    })
}

async fn text_of(file: &File) -> Result<String, JsError> {
    let text = JsFuture::from(file.text()).await.map_err(JsError::of("read a file"))?;
    text.as_string().ok_or_else(|| JsError::unexpected("read a file", "no text"))
}
