//! The panel behind the toolbar button: two ways to start, and what the engine runs on.

use brushaway::protocol::{Action, Call, Fault, OpenEditor, PickOnPage};
use brushaway_browser::{bus, chrome, handed, package::EDITOR, task};
use brushaway_ui::{Button, Icon, alert, t};
use wasm_bindgen::prelude::*;
use web_sys::File;
use yew::prelude::*;

use crate::{
    connection::{Heard, Shelved, use_engine},
    device::Device,
    page::{Page, links},
    pictures::Pictures,
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
    let failed = use_pasting();
    let runs = (*heard).as_ref().and_then(|heard| heard.as_ref().ok()).map(|report| report.runs.clone());
    let runs = runs.unwrap_or_default();
    html! {
        <main class="popup">
            <h1>{ t!("extension_name") }</h1>
            <div class="actions">
                <Button action="pick" label={t!("popup_pick")} icon={Icon::Pick} kind="primary" onclick={asking(PickOnPage { url: None })} />
                <Button action="open" label={t!("popup_open")} icon={Icon::Open} onclick={asking(OpenEditor { token: None })} />
            </div>
            <p class="note">{ t!("popup_pick_hint") } { " " } { t!("popup_paste_hint") }</p>
            if let Some(fault) = &*failed { { alert(fault) } }
            <Pictures />
            <Device heard={(*heard).clone()} models={(*models).clone()} connection={connection.clone()} />
            if let Some(connection) = connection {
                <Shelf report={(*models).clone()} {runs} {connection} />
            }
            <p class="private">{ t!("popup_private") }</p>
            { links(Page::Panel) }
        </main>
    }
}

/// A button's handler that asks the background and closes the panel.
pub(crate) fn asking<C: Call<Reply = ()> + Clone + 'static>(call: C) -> Callback<()> {
    Callback::from(move |()| {
        let call = call.clone();
        task::spawn("ask from the popup", async move {
            let result = bus::ask(call).await;
            close_window();
            result
        });
    })
}

/// Opens the editor with what is pasted here. Answers with what went wrong, if something did.
#[hook]
fn use_pasting() -> UseStateHandle<Option<Fault>> {
    let failed = use_state(|| None::<Fault>);
    let setter = failed.setter();
    use_effect_with((), move |()| {
        let listening = handed::on_paste(move |file| {
            let failed = setter.clone();
            task::spawn("open what was pasted", async move {
                let opened = open_pasted(&file).await;
                failed.set(opened.as_ref().err().cloned());
                opened
            });
        });
        if let Err(error) = listening {
            log::error!("{error}");
        }
    });
    failed
}

async fn open_pasted(file: &File) -> Result<(), Fault> {
    if !file.type_().starts_with("image/") {
        return Err(Fault::new("fault_not_image", Action::OpenFile, file.type_()));
    }
    let name = handed::leave(file).await.map_err(bus::fault)?;
    chrome::open_tab(&format!("{EDITOR}#{}{name}", handed::PREFIX)).await.map_err(bus::fault)?;
    close_window();
    Ok(())
}
