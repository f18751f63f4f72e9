//! Binaryen's wasm-opt, with a memory.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::digest::hex_digest;
use crate::npm::Npm;
use crate::program::Program;
use crate::report::{Stopwatch, say, size, spoken};
use crate::workspace::{Workspace, read, write};

/// What rustc emits for the target by default, and the SIMD that `toolchain` asks for; no more, so that a feature that
/// Chrome lacks can't come in.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// How many results to keep for each crate: enough to go back and forth between branches.
const KEPT_PER_CRATE: usize = 6;

/// Optimises binaries, and remembers the results by content.
#[derive(Debug)]
pub(crate) struct Optimizer {
    program: PathBuf,
    program_digest: String,
    memory: PathBuf,
}

impl Optimizer {
    /// Makes one that uses npm's Binaryen.
    ///
    /// # Errors
    /// If its program is not there.
    pub(crate) fn new(workspace: &Workspace, npm: &Npm) -> Result<Self> {
        let program = npm.wasm_opt();
        let program_digest = hex_digest(&[&read(&program)?]);
        Ok(Self { program, program_digest, memory: workspace.cache("wasm-opt") })
    }

    /// Returns `binary`, optimised at `level` (`-O3`, `-Os`).
    ///
    /// # Errors
    /// If wasm-opt fails.
    pub(crate) fn optimized(&self, krate: &str, binary: &[u8], level: &str) -> Result<Vec<u8>> {
        let recipe = FEATURES.join(" ");
        let digest = hex_digest(&[binary, level.as_bytes(), recipe.as_bytes(), self.program_digest.as_bytes()]);
        let known = self.memory.join(krate).join(format!("{digest}.wasm"));
        if !known.is_file() {
            let watch = Stopwatch::start();
            self.run(binary, level, &known)?;
            say(format_args!("  wasm-opt {level} on {krate}, {}: {}", size(binary.len()), spoken(watch.elapsed())));
            forget_old(&self.memory.join(krate))?;
        }
        read(&known)
    }

    fn run(&self, binary: &[u8], level: &str, output: &Path) -> Result<()> {
        let (input, part) = (output.with_extension("in"), output.with_extension("part"));
        write(&input, binary)?;
        Program::new("node").arg(&self.program).arg(level).args(FEATURES).arg(&input).arg("-o").arg(&part).read()?;
        fs::remove_file(&input)?;
        // Under its final name only when it is whole: a run that was cut off must not be remembered.
        fs::rename(&part, output).with_context(|| format!("wasm-opt left no {}", part.display()))
    }
}

fn forget_old(folder: &Path) -> Result<()> {
    let mut results = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        results.push((entry.metadata()?.modified()?, entry.path()));
    }
    results.sort();
    for (_, path) in results.iter().rev().skip(KEPT_PER_CRATE) {
        fs::remove_file(path)?;
    }
    Ok(())
}
