//! What the programs of `tests/e2e` are told, whoever starts them.

use std::path::PathBuf;

use anyhow::Result;

use crate::npm::Npm;
use crate::program::Program;
use crate::programs::{chrome, screen_and_hand};
use crate::workspace::Workspace;

/// A browser, the extension, ONNX Runtime for comparing, and the rules of accessibility.
#[derive(Debug)]
pub(crate) struct Harness {
    chrome: PathBuf,
    extension: PathBuf,
    ort_library: PathBuf,
    axe: PathBuf,
}

impl Harness {
    /// Finds or installs everything but the extension, which `dist` builds.
    ///
    /// # Errors
    /// If something is missing and can't be installed.
    pub(crate) fn ready(workspace: &Workspace) -> Result<Self> {
        screen_and_hand()?;
        let npm = Npm::ready(workspace)?;
        Ok(Self { chrome: chrome()?, extension: workspace.extension(), ort_library: npm.ort_native()?, axe: npm.axe() })
    }

    /// Tells `program` where things are.
    pub(crate) fn equip(&self, program: Program) -> Program {
        program
            .env("BRUSHAWAY_CHROME", &self.chrome)
            .env("BRUSHAWAY_EXTENSION", &self.extension)
            .env("BRUSHAWAY_ORT_LIB", &self.ort_library)
            .env("BRUSHAWAY_AXE", &self.axe)
    }
}
