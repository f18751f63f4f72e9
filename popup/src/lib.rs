//! The panel behind the toolbar button: two ways to start, and what the engine runs on.

use std::rc::Rc;

use brushaway::protocol::{
    Call, EngineReport, EngineStatus, Event, Fault, ModelsReport, OpenEditor, PickOnPage, StartEngine,
};
use brushaway_browser::{
    bus::{self, Engine},
    log as browser_log, task,
};
use brushaway_ui::{Button, Icon, backend_words, cpu_reason_words, t};
use wasm_bindgen::prelude::*;
use yew::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = globalThis, js_name = close)]
    fn close_window();
}

/// Starts the panel.
#[wasm_bindgen]
pub fn start() {
    browser_log::install();
    brushaway_ui::set_language();
    yew::Renderer::<Popup>::new().render();
}

mod shelf;

use shelf::Shelf;

/// What the engine last said, or why it says nothing.
type Heard = Option<Result<EngineReport, Fault>>;

/// All models, or why they are not known; nothing before the engine has said.
type Shelved = Option<Result<ModelsReport, Fault>>;

/// The panel.
#[component]
pub fn Popup() -> Html {
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

/// The connection to the engine, of which there is one.
#[derive(Debug, Clone)]
pub struct Connection(Rc<Engine>);

impl PartialEq for Connection {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Connects to the engine for as long as the panel is open.
#[hook]
fn use_engine(heard: &UseStateHandle<Heard>, models: &UseStateHandle<Shelved>) -> Option<Connection> {
    let (heard, models) = (heard.setter(), models.setter());
    let connection = use_state(|| None::<Connection>);
    let connected = connection.setter();
    use_effect_with((), move |()| {
        task::spawn("connect to the engine", async move {
            let failed = heard.clone();
            match connect(heard, models).await {
                Ok(engine) => connected.set(Some(Connection(engine))),
                Err(fault) => failed.set(Some(Err(fault))),
            }
            Ok::<(), Fault>(())
        });
    });
    (*connection).clone()
}

async fn connect(heard: UseStateSetter<Heard>, models: UseStateSetter<Shelved>) -> Result<Rc<Engine>, Fault> {
    bus::ask(StartEngine {}).await?;
    Engine::connect(move |event| match event {
        Some(Event::Engine(report)) => heard.set(Some(Ok(report))),
        Some(Event::Models(report)) => models.set(Some(Ok(report))),
        Some(Event::NoModels(fault)) => models.set(Some(Err(fault))),
        Some(_) => {}
        None => heard.set(Some(Err(Fault::engine_lost("the connection ended")))),
    })
    .await
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
