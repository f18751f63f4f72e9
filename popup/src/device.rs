//! What this computer has to offer, how long things take on it, and a report of it all.

use brushaway::{
    protocol::{EngineReport, EngineStatus, Fault, ModelsReport, Precision, PrecisionReport, TestEngine, TestReport},
    report::Facts,
    settings::Settings,
};
use brushaway_browser::{bus, chrome, platform, task};
use brushaway_ui::{
    Button, Icon, alert, backend_words, bytes_words, cpu_reason_words, duration_words, number_words, t,
};
use yew::prelude::*;

use crate::{
    connection::{Connection, Heard, Shelved},
    kept::use_settings,
};

/// What a [`Device`] takes.
#[derive(Properties, Debug, PartialEq)]
pub(crate) struct DeviceProps {
    /// What the engine last said.
    pub(crate) heard: Heard,
    /// All models.
    pub(crate) models: Shelved,
    /// To the engine, once there is one.
    pub(crate) connection: Option<Connection>,
}

/// How far a test is.
#[derive(Debug, Clone, Default, PartialEq)]
enum Test {
    #[default]
    None,
    Running,
    Done(TestReport),
    Failed(Fault),
}

/// The computer.
#[component]
pub(crate) fn Device(props: &DeviceProps) -> Html {
    let test = use_state(Test::default);
    let report = props.heard.as_ref().and_then(|heard| heard.as_ref().ok());
    let models = props.models.as_ref().and_then(|models| models.as_ref().ok());
    let is_ready = report.is_some_and(|report| matches!(report.status, EngineStatus::Ready { .. }));
    let run = {
        let (test, connection) = (test.setter(), props.connection.clone());
        Callback::from(move |()| {
            let (test, Some(connection)) = (test.clone(), connection.clone()) else { return };
            test.set(Test::Running);
            task::spawn("test this computer", async move {
                let result = connection.0.ask(TestEngine {}).await;
                test.set(result.clone().map_or_else(Test::Failed, Test::Done));
                result.map(drop)
            });
        })
    };
    html! {
        <section class="engine" aria-labelledby="device">
            <h2 id="device">{ t!("popup_engine") }</h2>
            <div aria-live="polite">{ status(props.heard.as_ref()) }</div>
            if let Some(report) = report { { details(report) } }
            if let Some(models) = models { { storage(models) } }
            <div aria-live="polite" data-test={test_name(&test)}>{ tested(&test) }</div>
            <div class="choices">
                <Button action="test" label={t!("device_test")} icon={Icon::Run} kind="line"
                    disabled={!is_ready || *test == Test::Running} onclick={run} />
                <Report engine={report.cloned()} models={models.cloned()} test={(*test).clone()} />
            </div>
        </section>
    }
}

const fn test_name(test: &Test) -> &'static str {
    match test {
        Test::None => "none",
        Test::Running => "running",
        Test::Done(_) => "done",
        Test::Failed(_) => "failed",
    }
}

fn status(heard: Option<&Result<EngineReport, Fault>>) -> Html {
    let report = match heard {
        None => return html! { <p><span class="spinner" />{ t!("popup_starting") }</p> },
        Some(Err(fault)) => return alert(fault),
        Some(Ok(report)) => report,
    };
    let status = match &report.status {
        EngineStatus::Starting => html! { <p><span class="spinner" />{ t!("popup_starting") }</p> },
        EngineStatus::Ready { backend } => {
            html! { <p data-backend={backend_words(*backend)}>{ t!("popup_ready", backend_words(*backend)) }</p> }
        }
        EngineStatus::Failed(fault) => alert(fault),
    };
    html! {
        <>
            { status }
            if let Some(reason) = &report.cpu_reason { <p class="note">{ cpu_reason_words(reason) }</p> }
        </>
    }
}

/// Names and values.
fn details(report: &EngineReport) -> Html {
    let mut rows: Vec<(String, String)> = Vec::new();
    rows.extend(report.adapter.clone().map(|adapter| (t!("device_adapter"), adapter)));
    if let Some(device) = &report.device {
        if !device.features.is_empty() {
            let features = device.features.iter().cloned();
            let features = features.reduce(|features, more| t!("joined", features, more));
            rows.push((t!("device_features"), features.unwrap_or_default()));
        }
        rows.extend(device.max_buffer_bytes.map(|bytes| (t!("device_buffer"), bytes_words(bytes))));
        rows.push((t!("device_threads"), device.threads.to_string()));
    }
    // Browsers round it, so that nobody is known by it.
    rows.extend(platform::memory_gigabytes().map(|amount| (t!("device_memory"), memory_words(amount))));
    let run = |run: &brushaway::protocol::RunReport| {
        (run.model.clone(), t!("device_run", number_words(run.seconds, 1), backend_words(run.backend)))
    };
    let precision = |report: &PrecisionReport| (report.model.clone(), precision_words(&report.precision));
    let row = |(name, value): (String, String)| {
        html! { <div><dt>{ name }</dt><dd><bdi>{ value }</bdi></dd></div> }
    };
    html! {
        <>
            <dl class="facts">{ for rows.into_iter().map(row) }</dl>
            if !report.runs.is_empty() {
                <h3>{ t!("device_runs") }</h3>
                <dl class="facts" data-runs={report.runs.len().to_string()}>
                    { for report.runs.iter().rev().map(run).map(row) }
                </dl>
            }
            if !report.precisions.is_empty() {
                <h3>{ t!("device_precisions") }</h3>
                <dl class="facts" data-precisions={report.precisions.len().to_string()}>
                    { for report.precisions.iter().rev().map(precision).map(row) }
                </dl>
            }
        </>
    }
}

fn precision_words(precision: &Precision) -> String {
    let percent = |difference: f32| number_words(f64::from(difference) * 100.0, 2);
    match precision {
        Precision::Halves { difference } => t!("precision_halves", percent(*difference)),
        Precision::Inexact { difference: Some(difference) } => t!("precision_inexact", percent(*difference)),
        Precision::Inexact { difference: None } => t!("precision_nothing"),
        Precision::Failed { .. } => t!("precision_failed"),
    }
}

fn memory_words(gigabytes: f64) -> String {
    bytes_words((gigabytes * 1e9) as u64)
}

fn storage(models: &ModelsReport) -> Html {
    let used: u64 = models.big().map(brushaway::protocol::ModelReport::done_bytes).sum();
    html! {
        <p class="note" data-used={used.to_string()}>
            { t!("device_storage", bytes_words(used)) }
            if let Some(free) = models.free_bytes { { " " } { t!("model_free", bytes_words(free)) } }
        </p>
    }
}

fn tested(test: &Test) -> Html {
    match test {
        Test::None => Html::default(),
        Test::Running => html! { <p><span class="spinner" />{ t!("device_testing") }</p> },
        Test::Failed(fault) => alert(fault),
        Test::Done(report) => {
            let estimate = |estimate: &brushaway::protocol::Estimate| {
                html! {
                    <p data-estimate={estimate.model.0.clone()} data-seconds={format!("{:.3}", estimate.seconds)}>
                        { t!("device_estimate", estimate.name, duration_words(estimate.seconds)) }
                    </p>
                }
            };
            html! {
                <>
                    <p>{ t!("device_tested", number_words(report.run_seconds, 2), backend_words(report.backend)) }</p>
                    { for report.estimates.iter().map(estimate) }
                </>
            }
        }
    }
}

#[derive(Properties, Debug, PartialEq)]
struct ReportProps {
    engine: Option<EngineReport>,
    models: Option<ModelsReport>,
    test: Test,
}

/// Copies a report; says whether it could.
#[component]
fn Report(props: &ReportProps) -> Html {
    let settings = use_settings(Settings::default);
    let copied = use_state(|| None::<bool>);
    let onclick = {
        let test = match &props.test {
            Test::Done(report) => Some(report.clone()),
            _ => None,
        };
        let (engine, models) = (props.engine.clone(), props.models.clone());
        let (settings, copied) = (Settings::clone(&settings), copied.setter());
        Callback::from(move |()| {
            let (version, browser) = (chrome::version(), platform::browser_name());
            let facts = Facts {
                version: &version,
                browser: &browser,
                settings: &settings,
                engine: engine.as_ref(),
                models: models.as_ref(),
                test: test.as_ref(),
            };
            let (text, copied) = (facts.to_text(), copied.clone());
            task::spawn("copy a report", async move {
                let result = platform::copy_text(&text).await.map_err(bus::fault);
                copied.set(Some(result.is_ok()));
                result
            });
        })
    };
    html! {
        <>
            <Button action="report" label={t!("device_report")} icon={Icon::Copy} kind="line" {onclick} />
            if *copied == Some(true) {
                <span role="status">{ t!("copied") }</span>
            } else if *copied == Some(false) {
                <span role="alert">{ t!("fault_clipboard") }</span>
            }
        </>
    }
}
