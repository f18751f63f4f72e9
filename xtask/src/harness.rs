//! What the programs of `tests/e2e` are told, whoever starts them.

use std::path::PathBuf;

use anyhow::Result;

use crate::npm::Npm;
use crate::program::Program;
use crate::programs::{chrome, screen_and_hand};
use crate::workspace::Workspace;

/// A browser, the extension, and ONNX Runtime for comparing.
#[derive(Debug)]
pub(crate) struct Harness {
    chrome: PathBuf,
    extension: PathBuf,
    ort_library: PathBuf,
}

impl Harness {
    /// Finds or installs everything but the extension, which `dist` builds.
    ///
    /// # Errors
    /// If something is missing and can't be installed.
    pub(crate) fn ready(workspace: &Workspace) -> Result<Self> {
        screen_and_hand()?;
        Ok(Self {
            chrome: chrome()?,
            extension: workspace.extension(),
            ort_library: Npm::ready(workspace)?.ort_native()?,
        })
    }

    /// Tells `program` where things are.
    pub(crate) fn equip(&self, program: Program) -> Program {
        program
            .env("BRUSHAWAY_CHROME", &self.chrome)
            .env("BRUSHAWAY_EXTENSION", &self.extension)
            .env("BRUSHAWAY_ORT_LIB", &self.ort_library)
    }
}
