//! What comes from npm: ONNX Runtime for the browser, the same for native tests, wasm-opt, and axe-core for tests.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::apt;
use crate::digest::hex_digest;
use crate::program::{Program, on_path};
use crate::workspace::{Workspace, read, read_text, write};

/// The installed packages.
#[derive(Debug)]
pub(crate) struct Npm {
    modules: PathBuf,
}

impl Npm {
    /// Installs exactly what the lock file names; does nothing if that is already there.
    ///
    /// # Errors
    /// If npm is missing and can't be installed, or a download fails.
    pub(crate) fn ready(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.cache("npm");
        let files = ["package.json", "package-lock.json"].map(|name| (name, workspace.path("xtask/npm").join(name)));
        let mut wanted = Vec::new();
        for (_, path) in &files {
            wanted.extend(read(path)?);
        }
        let digest = hex_digest(&[&wanted]);
        let modules = folder.join("node_modules");
        // Inside the folder that npm empties: who removes the one removes the other.
        let stamp = modules.join(".brushaway");
        if !(stamp.is_file() && read_text(&stamp)? == digest) {
            need_npm()?;
            fs::create_dir_all(&folder)?;
            for (name, path) in &files {
                fs::copy(path, folder.join(name)).with_context(|| format!("can't copy {name}"))?;
            }
            Program::new("npm")
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
                .within(&folder)
                .run_quietly()?;
            write(&stamp, digest)?;
        }
        Ok(Self { modules })
    }

    /// A file of ONNX Runtime for the browser.
    pub(crate) fn ort_web(&self, name: &str) -> PathBuf {
        self.modules.join("onnxruntime-web/dist").join(name)
    }

    /// The wasm-opt script; `node` runs it.
    pub(crate) fn wasm_opt(&self) -> PathBuf {
        self.modules.join("binaryen/bin/wasm-opt")
    }

    /// The rules of accessibility, as a script.
    pub(crate) fn axe(&self) -> PathBuf {
        self.modules.join("axe-core/axe.min.js")
    }

    /// ONNX Runtime as a library of this machine.
    ///
    /// # Errors
    /// If the package has none for this system.
    pub(crate) fn ort_native(&self) -> Result<PathBuf> {
        let arch = if ARCH == "x86_64" { "x64" } else { "arm64" };
        let (system, names): (&str, &[&str]) = match OS {
            "macos" => ("darwin", &["libonnxruntime.1.dylib"]),
            "windows" => ("win32", &["onnxruntime.dll"]),
            _ => ("linux", &["libonnxruntime.so.1"]),
        };
        let folder = self.modules.join("onnxruntime-node/bin/napi-v6").join(system).join(arch);
        match names.iter().map(|name| folder.join(name)).find(|path| path.is_file()) {
            Some(path) => Ok(path),
            None => bail!("onnxruntime-node has no library in {}", folder.display()),
        }
    }
}

fn need_npm() -> Result<()> {
    if has("npm") && has("node") {
        return Ok(());
    }
    apt::ensure(&["nodejs", "npm"], "npm with Node.js 20 or newer")
}

fn has(name: &str) -> bool {
    on_path(name).as_deref().is_some_and(Path::is_file) || on_path(&format!("{name}.cmd")).is_some()
}
