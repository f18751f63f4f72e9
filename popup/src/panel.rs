//! The panel behind the toolbar button: two ways to start, and what the engine runs on.

use brushaway::protocol::{Call, OpenEditor, PickOnPage};
use brushaway_browser::{bus, task};
use brushaway_ui::{Button, Icon, t};
use wasm_bindgen::prelude::*;
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
    html! {
        <main class="popup">
            <h1>{ t!("extension_name") }</h1>
            <div class="actions">
                <Button action="pick" label={t!("popup_pick")} icon={Icon::Pick} kind="primary" onclick={asking(PickOnPage { url: None })} />
                <Button action="open" label={t!("popup_open")} icon={Icon::Open} onclick={asking(OpenEditor { token: None })} />
            </div>
            <p class="note">{ t!("popup_pick_hint") }</p>
            <Pictures />
            <Device heard={(*heard).clone()} models={(*models).clone()} connection={connection.clone()} />
            if let Some(connection) = connection {
                <Shelf report={(*models).clone()} {connection} />
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
