//! What a model of Moebius' kind costs: graphs with random weights, made on the spot.

use std::{env, fs, process::Command, time::Duration};

use anyhow::{Context as _, ensure};
use brushaway_e2e::{
    cdp::Session,
    chrome::{Chrome, workspace},
    editor::Editor,
    form::Form,
    mouse::Menu,
    scene::Object,
    site::Site,
    standin::{Graphs, StandIn},
    wait::{self, Stopwatch},
};

use crate::{logged, median, row};

/// How large the stand-in for Moebius is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// A tenth of its bytes and work.
    Tenth,
    /// As large, and as much work.
    Full,
}

impl Size {
    /// Steps of sampling: enough for a middle one, or what Moebius takes.
    fn steps(self) -> i64 {
        if self == Self::Full { 9 } else { 6 }
    }

    fn name(self) -> &'static str {
        if self == Self::Full { "Moebius' size, 1.24 GB" } else { "a tenth of Moebius, 115 MB" }
    }

    /// How many times as much work Moebius is.
    fn times(self) -> f64 {
        if self == Self::Full { 1.0 } else { 10.0 }
    }

    fn arguments(self) -> &'static [&'static str] {
        if self == Self::Full { &[] } else { &["--tenth"] }
    }
}

/// A processor without a graphics card is not in a hurry.
const PATIENCE: Duration = Duration::from_mins(30);

/// Measures a download and a fill.
pub(crate) fn models(site: &Site, model: Size) -> anyhow::Result<()> {
    // `brushaway-bench models` measures nothing else.
    let Some(python) = env::var_os("BRUSHAWAY_PYTHON") else { return Ok(()) };
    let folder = tempfile::tempdir()?;
    let script = workspace().join("tests/models/make_real_size.py");
    let made = Command::new(python).arg(script).arg(folder.path()).args(model.arguments()).output()?;
    ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let stand_in = StandIn::new(Graphs {
        folder: folder.path().to_owned(),
        files: ["vae_encoder.onnx", "unet.onnx", "vae_decoder.onnx"],
        steps: model.steps(),
        fetch: "",
        ..Graphs::default()
    })?;
    let chrome = stand_in.chrome()?;
    let page = chrome.open(&site.url("pages/two-megapixels.html"))?;
    page.inpaint("#photo", Menu::Picture)?;
    let editor = Editor::over_page(&chrome)?;
    editor.ready()?;
    let engine = chrome.offscreen()?;
    let object = Object::in_scene(1632, 1224);
    editor.set_brush_size(object.radius * 1.2)?;
    editor.paint(&object.stroke())?;
    editor.finished()?;
    let downloading = Stopwatch::start();
    stand_in.install(&editor)?;
    let seconds = downloading.seconds();
    editor.press("improve")?;
    let state =
        editor.wait_for("the bigger model's result", PATIENCE, |state| state.improved() || state.job == "failed")?;
    ensure!(state.improved(), "{state:?}");
    report(&chrome, &engine, model, seconds, &state.backend)?;
    let measured = laps(&engine).context("no line about steps")?.iter().sum::<f64>() / 1000.0;
    let expected = expected_seconds(&chrome)?;
    let whole = model.times() * measured;
    row(
        &format!("{} times that, against what the panel's test expects of Moebius in as many steps", model.times()),
        &format!("{whole:.0} s against {expected:.0} s: {:.2} times", whole / expected),
        "0.5 to 2 times",
    );
    Ok(())
}

/// What the panel says after its test of this computer.
fn expected_seconds(chrome: &Chrome) -> anyhow::Result<f64> {
    let popup = Form::open(chrome, "popup/popup.html")?;
    popup.parts().press("test")?;
    let said = "document.querySelector('[data-estimate=moebius]')?.dataset.seconds ?? null";
    let read = || popup.page().session().read::<Option<String>>(said);
    Ok(wait::until("the test of this computer", PATIENCE, read)?.parse()?)
}

fn report(chrome: &Chrome, engine: &Session, size: Size, download_seconds: f64, backend: &str) -> anyhow::Result<()> {
    let ready = logged(engine, "model=moebius", "sessions_millis").context("no line about sessions")?;
    let laps = laps(engine).context("no line about steps")?;
    let [encode, steps @ .., decode] = laps.as_slice() else { anyhow::bail!("too few steps: {laps:?}") };
    let downloaded = format!("{}: from the click to checked and on disk", size.name());
    row(&downloaded, &format!("{download_seconds:.1} s"), "");
    row("its three sessions", &format!("{:.1} s on {backend}", ready / 1000.0), "");
    row(
        "its encoder (twice) / a step / its decoder",
        &format!("{:.1} / {:.1} / {:.1} s", encode / 1000.0, median(steps.to_vec()) / 1000.0, decode / 1000.0),
        "",
    );
    row("most memory that a renderer ever held", &format!("{:.0} MB", peak_megabytes(chrome)?), "");
    Ok(())
}

/// What each model run of the newest job of many steps took, in milliseconds.
fn laps(engine: &Session) -> Option<Vec<f64>> {
    let lines = engine.events("Runtime.consoleAPICalled");
    let mut lines = lines.iter().rev().filter_map(|event| event.params["args"][0]["value"].as_str());
    let laps = lines.find_map(|line| line.split_once("laps_millis=").map(|(_, laps)| laps.to_owned()))?;
    laps.split(',').map(|lap| lap.trim().parse().ok()).collect()
}

/// The high-water mark of the largest renderer.
pub(crate) fn peak_megabytes(chrome: &Chrome) -> anyhow::Result<f64> {
    let processes = chrome.cdp().call("SystemInfo.getProcessInfo", serde_json::json!({}))?;
    let processes = processes["processInfo"].as_array().context("no processes")?;
    let renderers = processes.iter().filter(|process| process["type"] == "renderer");
    let peak = |pid: &serde_json::Value| -> Option<f64> {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().trim_end_matches(" kB").parse::<f64>().ok().map(|kilobytes| kilobytes / 1024.0)
    };
    let peaks = renderers.filter_map(|process| peak(&process["id"]));
    peaks.max_by(f64::total_cmp).context("no renderer tells its memory")
}
