//! The connection to the engine, for as long as a page is open.

use std::rc::Rc;

use brushaway::protocol::{EngineReport, Event, Fault, ModelsReport, StartEngine};
use brushaway_browser::{
    bus::{self, Engine},
    task,
};
use yew::prelude::*;

/// What the engine last said, or why it says nothing.
pub(crate) type Heard = Option<Result<EngineReport, Fault>>;

/// All models, or why they are not known; nothing before the engine has said.
pub(crate) type Shelved = Option<Result<ModelsReport, Fault>>;

/// The connection to the engine, of which there is one.
#[derive(Debug, Clone)]
pub(crate) struct Connection(pub(crate) Rc<Engine>);

impl PartialEq for Connection {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Connects to the engine for as long as the page is open.
#[hook]
pub(crate) fn use_engine(heard: &UseStateHandle<Heard>, models: &UseStateHandle<Shelved>) -> Option<Connection> {
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
