//! A Rust that can compile to wasm.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::apt;
use crate::program::{Program, on_path};
use crate::report::say;
use crate::workspace::{Workspace, read_text, write};

/// The target of all browser code.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's Rust with the source of its standard library; `lld-22` is what its `rust-lld` really is.
const DEBIAN_PACKAGES: [&str; 6] =
    ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "rust-web-clippy", "lld-22"];

/// Who compiles to wasm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The toolchain that built xtask; it has the target's standard library.
    Current,
    /// Debian's packages, building the standard library from source.
    Debian,
}

/// A Rust toolchain that can compile to wasm.
#[derive(Debug)]
pub(crate) struct Toolchain {
    kind: Kind,
    target_dir: PathBuf,
    rustflags: String,
}

impl Toolchain {
    /// Finds a toolchain, and installs what is missing.
    ///
    /// # Errors
    /// If there is none and none can be installed; the error says what to do.
    pub(crate) fn ready(workspace: &Workspace) -> Result<Self> {
        let kind = if current_has_target()? || rustup_adds_target(workspace)? {
            Kind::Current
        } else {
            apt::ensure(&DEBIAN_PACKAGES, "a Rust for wasm (`rustup target add` did not work)")?;
            Kind::Debian
        };
        Ok(Self { kind, target_dir: workspace.web_target(), rustflags: rustflags(workspace)? })
    }

    /// Returns cargo's `verb` (`build`, `clippy`) for the wasm target.
    pub(crate) fn cargo(&self, verb: &str) -> Program {
        let program = match self.kind {
            Kind::Current => Program::new("cargo").arg(verb),
            Kind::Debian => debian_cargo(verb),
        };
        program
            .args(["--target", TARGET])
            .arg("--target-dir")
            .arg(&self.target_dir)
            // Takes the place of every other source of flags: what is built depends on the repository alone.
            .env("CARGO_ENCODED_RUSTFLAGS", &self.rustflags)
    }

    /// Returns where cargo leaves the binary of `krate`.
    pub(crate) fn binary(&self, krate: &str, profile: &str) -> PathBuf {
        self.target_dir.join(TARGET).join(profile).join(format!("{}.wasm", krate.replace('-', "_")))
    }
}

/// Calls Debian's programs by path: under `cargo xtask` rustup's stand-ins come first on `PATH`, and its variables would
/// make Debian's cargo run rustup's compiler.
fn debian_cargo(verb: &str) -> Program {
    let program = if verb == "clippy" { "/usr/bin/cargo-clippy" } else { "/usr/bin/cargo" };
    Program::new(program)
        .without_env(&["RUSTUP_TOOLCHAIN", "RUSTDOC", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "LD_LIBRARY_PATH"])
        .env("CARGO", "/usr/bin/cargo")
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .args([verb, "-Zbuild-std=std,panic_abort"])
}

/// Chrome has SIMD since long before the version that we ask for. The second pair keeps the builder's folders out of the
/// panic messages of a published binary.
fn rustflags(workspace: &Workspace) -> Result<String> {
    let cargo_home = match env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => env::home_dir().context("neither CARGO_HOME nor a home folder is set")?.join(".cargo"),
    };
    let flags = [
        "-Ctarget-feature=+simd128".to_owned(),
        format!("--remap-path-prefix={}=cargo", cargo_home.display()),
        format!("--remap-path-prefix={}=brushaway", workspace.root().display()),
    ];
    Ok(flags.join("\x1f"))
}

fn current_has_target() -> Result<bool> {
    let sysroot = Program::new("rustc").args(["--print", "sysroot"]).read()?;
    Ok(Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).join("lib").is_dir())
}

/// Asks rustup for the target. A failure is remembered per compiler, so that a machine without rustup's server doesn't
/// try at each build.
fn rustup_adds_target(workspace: &Workspace) -> Result<bool> {
    let note = workspace.cache("rustup-lacks-wasm");
    let compiler = Program::new("rustc").arg("--version").read()?;
    if on_path("rustup").is_none() || (note.is_file() && read_text(&note)? == compiler) {
        return Ok(false);
    }
    match Program::new("rustup").args(["target", "add", TARGET]).run_quietly() {
        Ok(()) => Ok(true),
        Err(error) => {
            say(format_args!("rustup can't add {TARGET}; Debian's Rust takes its place ({})", first_line(&error)));
            write(&note, compiler)?;
            Ok(false)
        }
    }
}

fn first_line(error: &anyhow::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
