//! A report for whoever is to find out what went wrong: what runs where, and what is set. No picture, no address, no
//! word of a person is in it.

use serde::Serialize;

use crate::{
    protocol::{
        CpuReason, DeviceReport, EngineReport, EngineStatus, ModelState, ModelsReport, Precision, PrecisionReport,
        RunReport, TestReport,
    },
    settings::Settings,
};

/// What is known.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Of this extension.
    pub version: &'a str,
    /// The browser's word for itself.
    pub browser: &'a str,
    /// What is set.
    pub settings: &'a Settings,
    /// What the engine says of itself, if it says anything.
    pub engine: Option<&'a EngineReport>,
    /// Which models there are, if that is known.
    pub models: Option<&'a ModelsReport>,
    /// What a test said, if there was one.
    pub test: Option<&'a TestReport>,
}

#[derive(Debug, Serialize)]
struct Report<'a> {
    version: &'a str,
    browser: &'a str,
    engine: Option<Engine<'a>>,
    models: Vec<Model<'a>>,
    test: Option<&'a TestReport>,
    settings: Settings,
    has_mirror: bool,
}

#[derive(Debug, Serialize)]
struct Engine<'a> {
    status: String,
    adapter: Option<&'a str>,
    cpu_reason: Option<String>,
    device: Option<&'a DeviceReport>,
    runs: &'a [RunReport],
    precisions: Vec<PrecisionReport>,
}

#[derive(Debug, Serialize)]
struct Model<'a> {
    id: &'a str,
    state: String,
    done_bytes: u64,
    len_bytes: u64,
}

impl Facts<'_> {
    /// The report as text.
    pub fn to_text(self) -> String {
        let report = Report {
            version: self.version,
            browser: self.browser,
            engine: self.engine.map(engine),
            models: self.models.map(models).unwrap_or_default(),
            test: self.test,
            settings: Settings { mirror: None, ..self.settings.clone() },
            has_mirror: self.settings.mirror.is_some(),
        };
        // Numbers and words: nothing in it can fail.
        serde_json::to_string_pretty(&report).unwrap_or_default()
    }
}

fn engine(report: &EngineReport) -> Engine<'_> {
    let status = match &report.status {
        EngineStatus::Starting => "starting".to_owned(),
        EngineStatus::Ready { backend } => backend.to_string(),
        EngineStatus::Failed(fault) => without_addresses(&format!("{}: {}", fault.message, fault.detail)),
    };
    let cpu_reason = report.cpu_reason.as_ref().map(|reason| match reason {
        CpuReason::Failed(words) => without_addresses(words),
        other => format!("{other:?}"),
    });
    let (adapter, device, runs) = (report.adapter.as_deref(), report.device.as_ref(), report.runs.as_slice());
    let precisions = report.precisions.iter().map(|report| {
        let precision = match &report.precision {
            Precision::Failed { reason } => Precision::Failed { reason: without_addresses(reason) },
            other => other.clone(),
        };
        PrecisionReport { precision, ..report.clone() }
    });
    Engine { status, adapter, cpu_reason, device, runs, precisions: precisions.collect() }
}

fn models(report: &ModelsReport) -> Vec<Model<'_>> {
    let one = |model: &'_ crate::protocol::ModelReport| match &model.state {
        ModelState::BuiltIn => "built in".to_owned(),
        ModelState::Absent => "absent".to_owned(),
        ModelState::Coming(transfer) => format!("{:?}", transfer.phase).to_lowercase(),
        ModelState::Paused { .. } => "paused".to_owned(),
        // The detail may name a host.
        ModelState::Failed { fault, .. } => fault.message.clone(),
        ModelState::Installed | ModelState::Checking(_) => "installed".to_owned(),
    };
    let with_state = report.models.iter().map(|model| Model {
        id: &model.id.0,
        state: one(model),
        done_bytes: model.done_bytes(),
        len_bytes: model.len_bytes,
    });
    with_state.collect()
}

/// The same words, but for those that are addresses.
fn without_addresses(words: &str) -> String {
    let plain = |word: &str| !word.contains("://") && !word.starts_with("data:") && !word.starts_with("blob:");
    words.split_whitespace().map(|word| if plain(word) { word } else { "..." }).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        models::{Backend, ModelId},
        protocol::{Action, Fault, ModelReport},
    };

    #[test]
    fn it_tells_what_runs_and_names_nobody() {
        let fault = |detail: &str| Fault::new("fault_engine_start", Action::Retry, detail);
        let mut engine = EngineReport::of(EngineStatus::Failed(fault("no https://secret.example/a.jpg there")));
        engine.cpu_reason = Some(CpuReason::Failed("at blob:secret and chrome-extension://secret/x.js:1".to_owned()));
        engine.runs.push(RunReport { model: "Lite".to_owned(), backend: Backend::WebGpu, seconds: 1.5 });
        let precision = Precision::Failed { reason: "no f16 at blob:secret".to_owned() };
        engine.precisions.push(PrecisionReport { model: "Moebius".to_owned(), precision });
        let state = ModelState::Failed { done_bytes: 3, fault: fault("secret.example said no") };
        let model = ModelReport {
            id: ModelId("migan".to_owned()),
            name: String::new(),
            licence: String::new(),
            host: Some("secret.example".to_owned()),
            len_bytes: 10,
            has_seeds: false,
            needs_gpu: false,
            state,
        };
        let models = ModelsReport { models: vec![model], free_bytes: None };
        let settings = Settings { mirror: Some("https://secret.example".to_owned()), ..Settings::default() };
        let facts = Facts {
            version: "0.1.0",
            browser: "Chrome/156",
            settings: &settings,
            engine: Some(&engine),
            models: Some(&models),
            test: None,
        };
        let text = facts.to_text();
        assert!(!text.contains("secret"), "{text}");
        for word in
            ["0.1.0", "Chrome/156", "fault_engine_start", "Lite", "no f16 at ...", "migan", "\"has_mirror\": true"]
        {
            assert!(text.contains(word), "{word} is not in {text}");
        }
    }
}
