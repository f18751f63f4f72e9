//! `cargo xtask demo`: the extension at work in a browser, with pictures as proof.

use std::path::{PathBuf, absolute};

use anyhow::Result;

use crate::dist::{Care, dist};
use crate::harness::Harness;
use crate::program::Program;
use crate::report::{heading, say};
use crate::workspace::Workspace;

/// What to erase; without files the demo brings its own.
#[derive(Debug, Default)]
pub(crate) struct Picture {
    /// The image.
    pub(crate) image: Option<PathBuf>,
    /// What to erase from it: white on black, of the image's size.
    pub(crate) mask: Option<PathBuf>,
    /// Where the result goes.
    pub(crate) out: Option<PathBuf>,
}

/// Builds the extension and lets the demo of `tests/e2e` use it.
///
/// # Errors
/// If building or the demo fails.
pub(crate) fn demo(workspace: &Workspace, picture: &Picture, care: Care) -> Result<()> {
    dist(workspace, care)?;
    heading("demo");
    let harness = Harness::ready(workspace)?;
    let output = workspace.path("demo-output");
    let mut program = Program::new("cargo")
        .args(["run", "--package", "brushaway-e2e", "--bin", "brushaway-demo", "--", "--output-dir"])
        .arg(&output)
        .within(workspace.root());
    for (option, file) in [("--image", &picture.image), ("--mask", &picture.mask), ("--out", &picture.out)] {
        if let Some(file) = file {
            // The demo runs in the repository, whereas the person may stand elsewhere.
            program = program.arg(option).arg(absolute(file)?);
        }
    }
    harness.equip(program).run()?;
    say(format_args!("the pictures are in {}", output.display()));
    Ok(())
}
