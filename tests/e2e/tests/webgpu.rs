//! A browser that offers `WebGPU` only in software: a hundred times slower than the processor, so it counts as none.
//! What a real graphics card does is measured where one is; the model takes minutes on this one.

use std::process::ExitCode;

use anyhow::ensure;
use brushaway_e2e::{
    chrome::Launch,
    lab::{Case, Lab, run},
    mouse::{Menu, at},
};

const CASES: &[(&str, Case)] = &[("a software adapter counts as none", software_adapter)];

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
