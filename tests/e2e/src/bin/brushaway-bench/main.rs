//! How fast the extension is in a real browser, beside the same work done natively in the same run.
//!
//! `hand` as argument measures only how it keeps up with the hand, `models` only a bigger model, `full` one of Moebius' size,
//! `large` only the largest picture.

#![expect(clippy::print_stdout, reason = "what it prints is its result")]

mod large;
mod models;
mod view;

use std::{env, fs, path::Path, process::Command};

use anyhow::{Context as _, ensure};
use brushaway_e2e::{
    cdp::Session,
    chrome::{Chrome, Launch, workspace},
    editor::Editor,
    mouse::{Menu, Point, at},
    scene::{self, Object},
    site::Site,
    wait::{self, JOB, SOON},
};
use serde::Deserialize;

/// Odd, so that the middle one is a measurement.
const ROUNDS: usize = 15;
const LARGE: (u32, u32) = (4000, 3000);

fn main() -> anyhow::Result<()> {
    let site = Site::serve()?;
    let part = env::args().nth(1);
    match part.as_deref() {
        Some("models") => return models::models(&site, models::Size::Tenth),
        Some("full") => return models::models(&site, models::Size::Full),
        Some("large") => return large::large(),
        _ => {}
    }
    let chrome = Chrome::launch(&Launch::default())?;
    println!("{}, {}\n", machine(), chrome.version()?);
    println!("| what | measured | limit |\n| --- | --- | --- |");
    opening(&chrome, &site)?;
    painting(&chrome, &site)?;
    view::viewing(&chrome, &site)?;
    view::selecting(&chrome)?;
    if part.as_deref() == Some("hand") {
        return Ok(());
    }
    let fill = filling(&chrome, &site)?;
    let whole = whole_job(&chrome)?;
    drop(chrome); // it would slow Python down
    compare(&fill, &whole)?;
    models::models(&site, models::Size::Tenth)
}

fn row(what: &str, measured: &str, limit: &str) {
    println!("| {what} | {measured} | {limit} |");
}

/// The processor's name and the number of its cores.
fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let name = name.map_or("unknown processor", |(_, name)| name.trim());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{name}, {cores} cores")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn share(mut values: Vec<f64>, part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let index = (values.len() as f64 * part) as usize;
    values.get(index.min(values.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

/// From the choice in the menu to the editor on the screen, and to the picture in it.
fn opening(chrome: &Chrome, site: &Site) -> anyhow::Result<()> {
    let (mut shown, mut painted) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let page = chrome.open(&site.url("pages/two-megapixels.html"))?;
        let worker = chrome.service_worker()?;
        worker.eval(
            "globalThis.timed ??= chrome.contextMenus.onClicked.addListener(
                () => { globalThis.clicked = performance.timeOrigin + performance.now(); }) ?? true",
        )?;
        page.inpaint("#photo", Menu::Picture)?;
        let editor = Editor::over_page(chrome)?;
        editor.ready()?;
        let clicked: f64 = worker.read("globalThis.clicked")?;
        let first_paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime";
        let first = || {
            let value = editor.session().eval(&format!("{first_paint} + performance.timeOrigin"))?;
            Ok(value.as_f64())
        };
        shown.push(wait::until("the first paint", SOON, first)? - clicked);
        let marked = "performance.getEntriesByName('picture-shown')[0]?.startTime + performance.timeOrigin";
        painted.extend(editor.session().eval(marked)?.as_f64().map(|at| at - clicked));
        page.close()?;
    }
    let worst = share(shown.clone(), 1.0);
    row(
        "overlay visible after the click, page with 2 megapixels",
        &format!("{:.0} ms (worst of {ROUNDS}: {worst:.0} ms)", median(shown)),
        "150 ms",
    );
    if !painted.is_empty() {
        row("the picture in it", &format!("{:.0} ms", median(painted)), "");
    }
    Ok(())
}

/// What a stroke costs per event, and how evenly frames come meanwhile.
fn painting(chrome: &Chrome, site: &Site) -> anyhow::Result<()> {
    let page = chrome.open(&site.url("pages/large.html"))?;
    page.inpaint("#photo", Menu::Picture)?;
    let editor = Editor::over_page(chrome)?;
    editor.ready()?;
    // The first listener to hear of an event is on the window and captures; the last is there too and does not.
    editor.session().eval(
        "(() => {
            const times = globalThis.times = [], frames = globalThis.frames = [];
            let started = 0, last = 0;
            addEventListener('pointermove', () => { started = performance.now(); }, { capture: true });
            addEventListener('pointermove', () => times.push(performance.now() - started));
            const frame = (now) => { if (last) frames.push(now - last); last = now; requestAnimationFrame(frame); };
            requestAnimationFrame(frame);
        })()",
    )?;
    editor.set_brush_size(240.0)?;
    let zigzag: Vec<Point> =
        (0..24).map(|i| at(400.0 + f64::from(i) * 130.0, if i % 2 == 0 { 600.0 } else { 2300.0 })).collect();
    editor.session().eval("globalThis.times.length = globalThis.frames.length = 0")?;
    editor.paint(&zigzag)?;
    let (times, frames): (Vec<f64>, Vec<f64>) = editor.session().read("[globalThis.times, globalThis.frames]")?;
    ensure!(times.len() > 50, "only {} moves of the pointer arrived", times.len());
    row(
        "a stroke's handler, 12 megapixels",
        &format!(
            "median {:.2} ms, 95 of 100 within {:.2} ms, worst {:.2} ms of {}",
            median(times.clone()),
            share(times.clone(), 0.95),
            share(times.clone(), 1.0),
            times.len()
        ),
        "4 ms",
    );
    row("time between frames meanwhile", &format!("median {:.1} ms", median(frames)), "16.7 ms");
    leave(&editor)
}

/// Leaves for good: what was done is not to come back when the same picture is measured again.
fn leave(editor: &Editor) -> anyhow::Result<()> {
    // While a job runs the button stops it.
    editor.wait_for("no job", JOB, |state| state.job != "running")?;
    editor.press("close")?;
    let is_gone = || editor.state().map_or(true, |state| state.phase.is_empty());
    wait::until("the question or the end", SOON, || {
        Ok((is_gone() || editor.state().is_ok_and(|state| state.offers("confirm-close"))).then_some(()))
    })?;
    if !is_gone() {
        editor.press("confirm-close")?;
    }
    wait::until("the editor to go", SOON, || Ok(is_gone().then_some(())))
}

/// What the engine's log says of a job, in milliseconds.
#[derive(Debug, Default)]
struct Job {
    runs: f64,
    preview: f64,
    network: f64,
    textured: f64,
    total: f64,
}

/// The newest value of a field in the lines of the engine's log that start with `kind`.
fn logged(engine: &Session, kind: &str, field: &str) -> Option<f64> {
    let lines = engine.events("Runtime.consoleAPICalled");
    let lines = lines.iter().rev().filter_map(|event| event.params["args"][0]["value"].as_str());
    let mut values = lines.filter(|line| line.split_whitespace().any(|word| word == kind)).filter_map(|line| {
        let word = line.split_whitespace().find_map(|word| word.strip_prefix(field)?.strip_prefix('='))?;
        word.parse().ok()
    });
    values.next()
}

fn job(engine: &Session) -> anyhow::Result<Job> {
    let get = |field: &str| logged(engine, "job", field);
    Ok(Job {
        runs: get("runs_millis").context("the engine logged no job")?,
        preview: get("preview_millis").unwrap_or(f64::NAN),
        network: get("network_millis").unwrap_or(f64::NAN),
        textured: get("textured_millis").unwrap_or(f64::NAN),
        total: get("total_millis").unwrap_or(f64::NAN),
    })
}

/// One hole that takes one tile of 512.
fn filling(chrome: &Chrome, site: &Site) -> anyhow::Result<Job> {
    let page = chrome.open(&site.url("pages/two-megapixels.html"))?;
    page.inpaint("#photo", Menu::Picture)?;
    let editor = Editor::over_page(chrome)?;
    editor.ready()?;
    let engine = chrome.offscreen()?;
    let object = Object::in_scene(1632, 1224);
    editor.set_brush_size(object.radius * 1.2)?;
    editor.paint(&object.stroke())?;
    let (mut jobs, mut backend) = (Vec::new(), String::new());
    for _ in 0..3 {
        backend = editor.finished()?.backend;
        jobs.push(job(&engine)?);
        editor.press("run")?;
        editor.wait_for("the next job", SOON, |state| state.job == "running")?;
    }
    jobs.sort_by(|a, b| a.total.total_cmp(&b.total));
    let job = jobs.swap_remove(1);
    row("one hole of one tile, from the stroke to the last pixel", &format!("{:.0} ms on {backend}", job.total), "");
    row("a draft is on the screen", &format!("{:.0} ms", job.preview), "1000 ms");
    row("texture step", &format!("{:.0} ms", job.textured - job.network), "300 ms");
    leave(&editor)?;
    Ok(job)
}

/// What the pixels of a whole job cost, without the network's own time.
#[derive(Debug)]
struct Whole {
    decode: f64,
    work: f64,
    encode: f64,
}

/// The middle of a few rounds after one that does not count: the browser compiles again what runs often, and the
/// reference is measured so too.
fn whole_job(chrome: &Chrome) -> anyhow::Result<Whole> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("large.jpg");
    fs::write(&file, scene::file(&format!("{}x{}.jpg", LARGE.0, LARGE.1)).context("no scene")?)?;
    let rounds: Vec<Whole> = (0..=5).map(|_| one_whole_job(chrome, &file)).collect::<anyhow::Result<_>>()?;
    let middle = |part: fn(&Whole) -> f64| median(rounds[1..].iter().map(part).collect());
    Ok(Whole {
        decode: middle(|round| round.decode),
        work: middle(|round| round.work),
        encode: middle(|round| round.encode),
    })
}

fn one_whole_job(chrome: &Chrome, file: &Path) -> anyhow::Result<Whole> {
    let page = chrome.open(&chrome.extension_url("overlay/editor.html"))?;
    let editor = Editor::in_tab(chrome)?;
    editor.wait_for("the editor", SOON, |state| state.phase == "empty")?;
    let engine = chrome.offscreen().ok();
    editor.give_files("open", &[file])?;
    editor.ready()?;
    let object = Object::in_scene(LARGE.0, LARGE.1);
    editor.set_brush_size(object.radius * 2.0)?;
    editor.paint(&[object.middle])?;
    editor.finished()?;
    // What the browser draws anew takes one of the processor's cores.
    page.still()?;
    chrome.forget_downloads()?;
    editor.save(chrome, Some("jpg"))?;
    let engine = engine.map_or_else(|| chrome.offscreen(), Ok)?;
    let job = job(&engine)?;
    let whole = Whole {
        decode: logged(&engine, "open", "decode_millis").context("no line about opening")?,
        work: job.total - job.runs,
        encode: logged(&engine, "export", "encode_millis").context("no line about the export")?,
    };
    leave(&editor)?;
    Ok(whole)
}

/// What the reference program measured, in milliseconds.
#[derive(Debug, Deserialize)]
struct Native {
    network: f64,
    decode: f64,
    blend: f64,
    encode: f64,
}

fn compare(fill: &Job, whole: &Whole) -> anyhow::Result<()> {
    let Some(python) = env::var_os("BRUSHAWAY_PYTHON") else {
        row("compared with native code", "BRUSHAWAY_PYTHON is not set", "");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let picture = folder.path().join("large.jpg");
    fs::write(&picture, scene::file(&format!("{}x{}.jpg", LARGE.0, LARGE.1)).context("no scene")?)?;
    let object = Object::in_scene(LARGE.0, LARGE.1);
    let made = Command::new(python)
        .arg(workspace().join("tests/e2e/native/reference.py"))
        .arg(workspace().join("extension/models/lite.onnx"))
        .arg(&picture)
        .args([object.middle.x, object.middle.y, object.radius].map(|value| value.to_string()))
        .output()?;
    ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let native: Native = serde_json::from_slice(&made.stdout)?;
    // The draft's own run is the network at 256, so its time belongs to the draft.
    let network = fill.network - fill.preview;
    row(
        "the network at 512, wasm on two threads against native ONNX Runtime on two",
        &format!("{network:.0} ms against {:.0} ms: {:.1} times", native.network, network / native.network),
        "6 times",
    );
    let (ours, theirs) = (whole.decode + whole.work + whole.encode, native.decode + native.blend + native.encode);
    row(
        "a whole job on a JPEG of 12 megapixels without the network, against OpenCV on one thread",
        &format!(
            "{ours:.0} ms ({:.0} + {:.0} + {:.0}) against {theirs:.0} ms: {:.1} times",
            whole.decode,
            whole.work,
            whole.encode,
            ours / theirs
        ),
        "2 times",
    );
    Ok(())
}
