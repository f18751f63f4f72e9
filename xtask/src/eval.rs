//! `cargo xtask eval`: every engine that is here, and public methods, on a folder of pictures and masks.

use std::path::{PathBuf, absolute};

use anyhow::Result;

use crate::npm::Npm;
use crate::program::Program;
use crate::python::python;
use crate::report::{heading, say};
use crate::workspace::Workspace;

/// What to evaluate on; without a folder the photographs of the tests are taken.
#[derive(Debug, Default)]
pub(crate) struct Evaluation {
    /// Pictures, each with its mask beside it; see `tests/eval/evaluate.py`.
    pub(crate) folder: Option<PathBuf>,
    /// Where table, sheet and fills go.
    pub(crate) out: Option<PathBuf>,
    /// What the longer side is scaled to, in pixels.
    pub(crate) longer_side: Option<u32>,
}

/// Fills, measures, and shows.
///
/// # Errors
/// If a tool is missing and can't be installed, or a method fails.
pub(crate) fn eval(workspace: &Workspace, evaluation: &Evaluation) -> Result<()> {
    heading("eval");
    let python = python(workspace, "eval")?;
    let library = Npm::ready(workspace)?.ort_native()?;
    Program::new("cargo")
        .args(["build", "--release", "--package", "brushaway", "--example", "erase", "--features", "ort"])
        .within(workspace.root())
        .run()?;
    let photos = evaluation.folder.clone().unwrap_or_else(|| workspace.path("tests/photos"));
    let out = absolute(evaluation.out.clone().unwrap_or_else(|| workspace.path(".cache/eval")))?;
    let program = workspace.path(format!("target/release/examples/erase{}", std::env::consts::EXE_SUFFIX));
    let mut evaluate = Program::new(python)
        .arg(workspace.path("tests/eval/evaluate.py"))
        .arg("--erase")
        .arg(program)
        .arg("--models")
        .arg(workspace.path("extension"))
        .arg("--photos")
        .arg(absolute(photos)?)
        .arg("--out")
        .arg(&out)
        .env("BRUSHAWAY_ORT_LIB", library);
    if let Some(side) = evaluation.longer_side {
        evaluate = evaluate.arg("--longer-side").arg(side.to_string());
    }
    evaluate.run()?;
    say(format_args!("table.md, sheet.jpg and the fills are in {}", out.display()));
    Ok(())
}
