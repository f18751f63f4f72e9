//! Models beyond the built-in one, in the panel.

use brushaway::{
    models::ModelId,
    protocol::{DescribeModels, Fault, ModelsReport, RunReport},
    settings::Settings,
};
use brushaway_browser::task;
use brushaway_ui::{ModelWish, Models, alert, fulfil, settings_after, t};
use yew::prelude::*;

use crate::{connection::Connection, kept::use_settings};

/// What a [`Shelf`] takes.
#[derive(Properties, Debug, PartialEq)]
pub(crate) struct ShelfProps {
    /// All models, or why they are not known.
    pub(crate) report: Option<Result<ModelsReport, Fault>>,
    /// How long the last job of each model took here.
    #[prop_or_default]
    pub(crate) runs: Vec<RunReport>,
    /// To the engine.
    pub(crate) connection: Connection,
}

/// All models, and what can be done with them.
#[component]
pub(crate) fn Shelf(props: &ShelfProps) -> Html {
    let failed = use_state(|| None::<Fault>);
    let settings = use_settings(Settings::default);
    let onwish = {
        let (connection, settings, failed) = (props.connection.clone(), settings.clone(), failed.setter());
        Callback::from(move |(model, wish): (ModelId, ModelWish)| {
            settings.set(settings_after(&settings, &model, &wish));
            let (connection, failed) = (connection.clone(), failed.clone());
            task::spawn("see to a model", async move {
                let result = fulfil(&connection.0, model, wish).await;
                failed.set(result.as_ref().err().cloned());
                result
            });
        })
    };
    let onretry = {
        let (connection, failed) = (props.connection.clone(), failed.setter());
        Callback::from(move |()| {
            let (connection, failed) = (connection.clone(), failed.clone());
            task::spawn("list the models", async move {
                let result = connection.0.ask(DescribeModels {}).await.map(drop);
                failed.set(result.as_ref().err().cloned());
                result
            });
        })
    };
    let known = props.report.as_ref().and_then(|report| report.as_ref().ok());
    let chosen = known.and_then(|report| settings.improver(report)).map(|model| model.id.clone());
    html! {
        <section aria-labelledby="shelf">
            <h2 id="shelf">{ t!("popup_models") }</h2>
            <Models shelf={props.report.clone()} {chosen} runs={props.runs.clone()}
                mirror={settings.mirror.clone()} {onwish} {onretry} />
            if let Some(fault) = &*failed { { alert(fault) } }
        </section>
    }
}
