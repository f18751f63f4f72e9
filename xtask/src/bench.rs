//! `cargo xtask bench`: the engine alone, then the extension in a browser against Python.

use std::path::PathBuf;

use anyhow::Result;

use crate::apt;
use crate::dist::{Care, dist};
use crate::harness::Harness;
use crate::program::Program;
use crate::report::heading;
use crate::workspace::{Workspace, read_text, write};

/// Runs all benchmarks.
///
/// # Errors
/// If one can't be built or fails.
pub(crate) fn bench(workspace: &Workspace) -> Result<()> {
    heading("bench: engine");
    Program::new("cargo").args(["bench", "--package", "brushaway"]).within(workspace.root()).run()?;
    dist(workspace, Care::Full)?;
    heading("bench: browser and Python");
    let harness = Harness::ready(workspace)?;
    let program = Program::new("cargo")
        .args(["run", "--release", "--package", "brushaway-e2e", "--bin", "brushaway-bench"])
        .within(workspace.root())
        .env("BRUSHAWAY_PYTHON", python(workspace)?);
    harness.equip(program).run()
}

/// Returns a Python that has what the requirements name, in an environment of its own.
fn python(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.cache("bench-venv");
    let requirements = workspace.path("xtask/bench-requirements.txt");
    let wanted = read_text(&requirements)?;
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp = folder.join("installed");
    if python.is_file() && stamp.is_file() && read_text(&stamp)? == wanted {
        return Ok(python);
    }
    // Debian has split this module off; without it no environment can be made.
    if Program::new("python3").args(["-c", "import ensurepip"]).read().is_err() {
        apt::ensure(&["python3", "python3-venv"], "Python with its module venv")?;
    }
    Program::new("python3").args(["-m", "venv", "--clear"]).arg(&folder).run_quietly()?;
    let pip = Program::new(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
    pip.arg(&requirements).run_quietly()?;
    write(&stamp, wanted)?;
    Ok(python)
}
