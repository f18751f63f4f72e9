//! The panel behind the toolbar button: two ways to start, and what the engine runs on.

use brushaway::protocol::{Call, EngineReport, EngineStatus, Fault, OpenEditor, PickOnPage};
use brushaway_browser::{bus, task};
use brushaway_ui::{Button, Icon, backend_words, cpu_reason_words, t};
use wasm_bindgen::prelude::*;
use yew::prelude::*;

use crate::{
    connection::{Heard, Shelved, use_engine},
    page::{Page, links},
    shelf::Shelf,
};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = globalThis, js_name = close)]
    fn close_window();
}

/// The panel.
#[component]
pub(crate) fn Panel() -> Html {
    let heard = use_state(|| Heard::None);
    let models = use_state(Shelved::default);
    let connection = use_engine(&heard, &models);
    html! {
        <main class="popup">
            <h1>{ t!("extension_name") }</h1>
            <div class="actions">
                <Button action="pick" label={t!("popup_pick")} icon={Icon::Pick} kind="primary" onclick={asking(PickOnPage {})} />
                <Button action="open" label={t!("popup_open")} icon={Icon::Open} onclick={asking(OpenEditor { token: None })} />
            </div>
            <p class="note">{ t!("popup_pick_hint") }</p>
            <section class="engine" aria-live="polite">
                <h2>{ t!("popup_engine") }</h2>
                { engine(heard.as_ref()) }
            </section>
            if let Some(connection) = connection {
                <Shelf report={(*models).clone()} {connection} />
            }
            <p class="private">{ t!("popup_private") }</p>
            { links(Page::Panel) }
        </main>
    }
}

/// A button's handler that asks the background and closes the panel.
fn asking<C: Call<Reply = ()> + Clone + 'static>(call: C) -> Callback<()> {
    Callback::from(move |()| {
        let call = call.clone();
        task::spawn("ask from the popup", async move {
            let result = bus::ask(call).await;
            close_window();
            result
        });
    })
}

fn engine(heard: Option<&Result<EngineReport, Fault>>) -> Html {
    let report = match heard {
        None => return html! { <p><span class="spinner" />{ t!("popup_starting") }</p> },
        Some(Err(fault)) => return html! { <p role="alert" title={fault.detail.clone()}>{ t!(&fault.message) }</p> },
        Some(Ok(report)) => report,
    };
    let status = match &report.status {
        EngineStatus::Starting => html! { <p><span class="spinner" />{ t!("popup_starting") }</p> },
        EngineStatus::Ready { backend } => {
            html! { <p data-backend={backend_words(*backend)}>{ t!("popup_ready", backend_words(*backend)) }</p> }
        }
        EngineStatus::Failed(fault) => {
            html! { <p role="alert" title={fault.detail.clone()}>{ t!(&fault.message) }</p> }
        }
    };
    html! {
        <>
            { status }
            if let Some(adapter) = &report.adapter { <p class="note"><bdi>{ adapter }</bdi></p> }
            if let Some(reason) = &report.cpu_reason { <p class="note">{ cpu_reason_words(reason) }</p> }
        </>
    }
}
