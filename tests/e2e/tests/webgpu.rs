//! A browser that offers `WebGPU` only in software: a hundred times slower than the processor, so it counts as none.
//! What a real graphics card does is measured where one is; the built-in model takes minutes on this one, so stand-ins that
//! compute next to nothing show that the device is used at all.

use std::{process::ExitCode, time::Duration};

use anyhow::{Context as _, ensure};
use brushaway_e2e::{
    chrome::{Chrome, Launch},
    editor::Editor,
    lab::{Case, Lab, run},
    mouse::{Menu, at},
    page::Page,
    pixels::largest_difference,
    standin::{Graphs, StandIn},
};
use image::RgbaImage;

const CASES: &[(&str, Case)] = &[
    ("a software adapter counts as none", software_adapter),
    ("models of floats and of bytes on the device", on_the_device),
    ("a denoiser recorded on the device", recorded),
    ("a denoiser by kernels of the extension's own", own),
    ("tone and grain on the device", finished),
];

/// The browser's software adapter compiles and computes on the processor: a job of seconds takes a minute or two.
const SOFTWARE_JOB: Duration = Duration::from_mins(5);

fn main() -> ExitCode {
    run(&Launch { webgpu: true, ..Launch::default() }, CASES)
}

fn software_adapter(lab: &Lab) -> anyhow::Result<()> {
    let page = lab.open("pages/plain.html")?;
    let adapter: String = page.session().read(
        "navigator.gpu.requestAdapter().then((adapter) => adapter ? `${adapter.info.isFallbackAdapter} ${adapter.info.description}` : 'none')",
    )?;
    ensure!(adapter != "none", "this browser offers no WebGPU at all, so the test is worth nothing");
    page.inpaint("#photo", Menu::Picture)?;
    let editor = lab.editor()?;
    editor.paint(&[at(350.0, 240.0), at(360.0, 240.0)])?;
    let state = editor.finished()?;
    ensure!(state.backend.starts_with("WebAssembly"), "{} on {adapter}", state.backend);
    Ok(())
}

/// A browser of its own with a stroke over a picture, on a backend that is asked for by name.
fn painted(lab: &Lab, stand_in: &StandIn, backend: &str) -> anyhow::Result<(Chrome, Page, Editor)> {
    let chrome = stand_in.launch(&Launch { webgpu: true, ..Launch::default() })?;
    chrome.set_backend(backend)?;
    let page = chrome.open(&lab.site.url("pages/plain.html"))?;
    page.inpaint("#photo", Menu::Picture)?;
    let editor = Editor::over_page(&chrome)?;
    editor.ready()?;
    editor.paint(&[at(350.0, 240.0), at(360.0, 240.0)])?;
    Ok((chrome, page, editor))
}

/// On WebGPU, if it is asked for, even a software adapter. A session fails unless the device did the work, so a result
/// shows that it did: by outputs in its memory, or, for bytes, by the work that it was given.
fn on_the_device(lab: &Lab) -> anyhow::Result<()> {
    let stand_in = StandIn::new(Graphs::default())?
        .with_light_built_in("lama_int8", "joined_floats.onnx")?
        .with_single_pass("migan", "separate_bytes.onnx")?;
    let (_chrome, _page, editor) = painted(lab, &stand_in, "webgpu")?;
    // Without a step for texture the result of the network is the last.
    let state = editor
        .wait_for("a result of floats", SOFTWARE_JOB, |state| ["done", "failed"].contains(&state.job.as_str()))?;
    ensure!(state.backend.starts_with("WebGPU"), "{state:?}");
    stand_in.install_model(&editor, "migan")?;
    editor.press("improve")?;
    let state =
        editor.wait_for("a result of bytes", SOFTWARE_JOB, |state| state.candidates == "2" || state.job == "failed")?;
    ensure!(state.model == "MI-GAN" && state.backend.starts_with("WebGPU"), "{state:?}");
    Ok(())
}

/// The stand-in for the big model answers to every input of every step, so a record that read something old would show.
fn recorded(lab: &Lab) -> anyhow::Result<()> {
    let log = as_on_the_processor(lab, "foreign.onnx")?;
    // The denoiser, whose steps stay there, and the built-in model for the side of its tile.
    for recorded in ["recorded steps_on_card=true", "side=512 recorded"] {
        ensure!(log.iter().any(|line| line.contains(recorded)), "no word of {recorded}:\n{}", log.join("\n"));
    }
    // Kernels of the extension's own are tried first, and what they lack is said.
    let lacking = "foreign.onnx not by kernels of our own: no kernel for Max";
    ensure!(log.iter().any(|line| line.contains(lacking)), "no word of {lacking}:\n{}", log.join("\n"));
    // The runtime has no choice of bits.
    ensure!(!log.iter().any(|line| line.contains("precision=")), "a decision about bits:\n{}", log.join("\n"));
    Ok(())
}

/// All three graphs of the big model's stand-in by kernels that are written here, after they were found to give what the
/// runtime gives.
fn own(lab: &Lab) -> anyhow::Result<()> {
    let log = as_on_the_processor(lab, "denoiser.onnx")?;
    for file in ["encoder", "denoiser", "decoder"] {
        for told in ["own_millis=", "own_kernels=true weights=Singles"] {
            let is_told = |line: &String| line.contains(&format!("{file}.onnx {told}"));
            ensure!(log.iter().any(is_told), "no word of {told} for the {file}:\n{}", log.join("\n"));
        }
    }
    // The stand-in's catalogue has weights of 16 bits tried; that computes nearly the same, and stays.
    for told in ["denoiser.onnx own_kernels=true weights=Halves", "denoiser.onnx precision=Halves"] {
        ensure!(log.iter().any(|line| line.contains(told)), "no word of {told}:\n{}", log.join("\n"));
    }
    let is_lost = |line: &String| line.contains("not by kernels of our own") || line.contains("through the processor");
    ensure!(!log.iter().any(is_lost), "something was not done by them:\n{}", log.join("\n"));
    Ok(())
}

/// Ensures that the big model's stand-in, with this denoiser, makes the same of a picture on the device as on the processor.
/// Tells what was logged there.
fn as_on_the_processor(lab: &Lab, denoiser: &'static str) -> anyhow::Result<Vec<String>> {
    let (on_device, told) = improved(lab, denoiser, "webgpu", "WebGPU")?;
    let (on_processor, log) = improved(lab, denoiser, "wasm", "WebAssembly")?;
    let is_silent = |line: &String| {
        !["recorded ", "precision=", "own_kernels="].iter().any(|of_device| line.contains(&format!(" {of_device}")))
    };
    ensure!(log.iter().all(is_silent), "the processor records nothing and has no choice");
    let difference = largest_difference(&on_device, &on_processor);
    ensure!(difference <= 2, "the device's result differs from the processor's by {difference}");
    Ok(told)
}

/// The steps after the network are done where the network runs, and come to the same.
fn finished(lab: &Lab) -> anyhow::Result<()> {
    let (on_device, log) = textured(lab, "webgpu", "WebGPU")?;
    for step in ["tone", "search", "grain"] {
        let told = format!("step={step} runs on the card");
        ensure!(log.iter().any(|line| line.contains(&told)), "no word of {told}:\n{}", log.join("\n"));
    }
    ensure!(log.iter().all(|line| !line.contains("on the processor")), "a step failed:\n{}", log.join("\n"));
    let (on_processor, log) = textured(lab, "wasm", "WebAssembly")?;
    ensure!(log.iter().all(|line| !line.contains("on the card")), "the processor uses the card:\n{}", log.join("\n"));
    let difference = largest_difference(&on_device, &on_processor);
    ensure!(difference <= 2, "the device's result differs from the processor's by {difference}");
    Ok(())
}

/// What a built-in model with a step for texture makes of a picture there, and the log of it.
fn textured(lab: &Lab, backend: &str, name: &str) -> anyhow::Result<(RgbaImage, Vec<String>)> {
    let stand_in =
        StandIn::new(Graphs::default())?.with_light_built_in("lama_int8", "joined_floats.onnx")?.with_texture()?;
    let (chrome, _page, editor) = painted(lab, &stand_in, backend)?;
    let done = editor.wait_for("a result", SOFTWARE_JOB, |state| ["done", "failed"].contains(&state.job.as_str()));
    // Attaching brings what was said before.
    chrome.offscreen()?;
    let log = chrome.cdp().console();
    let state = done.with_context(|| log.join("\n"))?;
    ensure!(state.job == "done" && state.backend.starts_with(name), "{state:?}");
    Ok((image::open(editor.save(&chrome, Some("png"))?)?.into_rgba8(), log))
}

/// What the stand-in for the big model makes of a picture there, and the log of it.
fn improved(lab: &Lab, denoiser: &'static str, backend: &str, name: &str) -> anyhow::Result<(RgbaImage, Vec<String>)> {
    let graphs = Graphs { files: ["encoder.onnx", denoiser, "decoder.onnx"], ..Graphs::default() };
    let stand_in = StandIn::new(graphs)?.with_light_built_in("lama_int8", "joined_floats.onnx")?;
    let (chrome, _page, editor) = painted(lab, &stand_in, backend)?;
    editor.wait_for("a draft", SOFTWARE_JOB, |state| ["done", "failed"].contains(&state.job.as_str()))?;
    stand_in.install(&editor)?;
    editor.press("improve")?;
    let done = editor.wait_for("a result", SOFTWARE_JOB, |state| state.candidates == "2" || state.job == "failed");
    let told = || chrome.offscreen().map(|_engine| chrome.cdp().console().join("\n")).unwrap_or_default();
    let state = done.with_context(told)?;
    ensure!(state.model == "Moebius 0.2B" && state.backend.starts_with(name), "{state:?}");
    // Attaching brings what was said before.
    chrome.offscreen()?;
    let log = chrome.cdp().console();
    Ok((image::open(editor.save(&chrome, Some("png"))?)?.into_rgba8(), log))
}
