//! The largest picture that is taken: how long it takes, and how much memory the engine has then.

use std::fs;

use anyhow::Context as _;
use brushaway_e2e::{
    cdp::Session,
    chrome::{Chrome, Launch},
    editor::Editor,
    scene::{self, Object},
    wait::{self, JOB, SOON, Stopwatch},
};
use serde::Deserialize;

use crate::{machine, models::peak_megabytes, row};

/// 99.9 megapixels.
const SIZE: (u32, u32) = (12_240, 8_160);

/// Opens, erases from and saves a picture of each format, in a browser of its own.
pub(crate) fn large() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    for format in ["jpg", "png", "webp"] {
        let file = folder.path().join(format!("large.{format}"));
        let bytes = scene::file(&format!("{}x{}.{format}", SIZE.0, SIZE.1)).context("no scene")?;
        let megabytes = bytes.len() as f64 / 1e6;
        fs::write(&file, bytes)?;
        let chrome = Chrome::launch(&Launch::default())?;
        if format == "jpg" {
            println!("{}, {}\n", machine(), chrome.version()?);
            println!("| what | measured | limit |\n| --- | --- | --- |");
        }
        let picture = format!("{format}, {} x {}, {megabytes:.0} MB", SIZE.0, SIZE.1);
        chrome.open(&chrome.extension_url("overlay/editor.html"))?;
        let editor = Editor::in_tab(&chrome)?;
        editor.wait_for("the editor", SOON, |state| state.phase == "empty")?;
        let started = Stopwatch::start();
        editor.give_files("open", &[&file])?;
        editor.ready()?;
        let opened = started.seconds();
        let object = Object::in_scene(SIZE.0, SIZE.1);
        editor.set_brush_size(object.radius)?;
        let started = Stopwatch::start();
        editor.paint(&object.stroke())?;
        editor.finished()?;
        let erased = started.seconds();
        let engine = chrome.offscreen()?;
        let after_erasing = engine_megabytes(&engine)?;
        let started = Stopwatch::start();
        editor.save(&chrome, None)?;
        let saved = started.seconds();
        let after_saving = engine_megabytes(&engine)?;
        row(
            &format!("{picture}: opened / erased from / saved"),
            &format!("{opened:.1} / {erased:.1} / {saved:.1} s"),
            "",
        );
        row(
            "the hidden document's memory, erased from / saved",
            &format!("{after_erasing:.0} / {after_saving:.0} MB"),
            "1500 MB",
        );
        row(
            "most memory of the process that holds it and the editor",
            &format!("{:.0} MB", peak_megabytes(&chrome)?),
            "",
        );
    }
    Ok(())
}

/// What the engine's program has taken, and the document's scripts; the runtime's own memory is not in it. `WebAssembly`'s memory never
/// shrinks, so that it is the most that the engine ever had; what scripts hold is what they hold now.
fn engine_megabytes(engine: &Session) -> anyhow::Result<f64> {
    // The module that runs there, not another: it is loaded once.
    let program = "import('/offscreen/brushaway_offscreen.js').then((module) => module.default())";
    let program: f64 = engine.read(&format!("{program}.then((program) => program.memory.buffer.byteLength)"))?;
    Ok((program + scripts_bytes(engine)?) / 1e6)
}

/// A part of what the browser says of a process' memory.
#[derive(Debug, Deserialize)]
struct Part {
    bytes: f64,
    attribution: Vec<Owner>,
}

#[derive(Debug, Deserialize)]
struct Owner {
    #[serde(default)]
    url: String,
}

/// What the browser says that the document's scripts hold, and buffers that they share with nobody.
fn scripts_bytes(engine: &Session) -> anyhow::Result<f64> {
    // The browser waits for its next collection of what nobody holds any more.
    engine.eval(
        "globalThis.breakdown = null;
        performance.measureUserAgentSpecificMemory().then((found) => { globalThis.breakdown = found.breakdown; });
        true",
    )?;
    let parts: Vec<Part> = wait::until("the browser's word", JOB, || engine.read("globalThis.breakdown"))?;
    let is_of_engine = |part: &&Part| part.attribution.iter().any(|owner| owner.url.contains("/offscreen/"));
    Ok(parts.iter().filter(is_of_engine).map(|part| part.bytes).sum())
}
