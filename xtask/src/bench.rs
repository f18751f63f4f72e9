//! `cargo xtask bench`: the engine alone, then the extension in a browser against Python.

use anyhow::Result;

use crate::dist::{Care, dist};
use crate::harness::Harness;
use crate::program::Program;
use crate::python::python;
use crate::report::heading;
use crate::workspace::Workspace;

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
        .env("BRUSHAWAY_PYTHON", python(workspace, "bench")?);
    harness.equip(program).run()
}
