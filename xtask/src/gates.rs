//! `cargo xtask test`: all that must hold before a commit, cheapest first.

use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::budgets;
use crate::dist::{Care, dist};
use crate::gpu::PAGE;
use crate::harness::Harness;
use crate::npm::Npm;
use crate::program::Program;
use crate::programs::software_card;
use crate::report::{Stopwatch, heading, say, spoken};
use crate::tidy::tidy;
use crate::toolchain::Toolchain;
use crate::wasm::{ENTRIES, PROFILE};
use crate::workspace::Workspace;

/// A gate: its name, and what decides.
type Gate = (&'static str, fn(&Workspace) -> Result<()>);

const GATES: [Gate; 9] = [
    ("fmt", fmt),
    ("tidy", tidy),
    ("clippy (native)", clippy_native),
    ("clippy (wasm)", clippy_wasm),
    ("tests (native)", native_tests),
    ("tests (card)", card_tests),
    ("dist", |workspace| dist(workspace, Care::Full)),
    ("budgets", budgets::check),
    ("tests (browser)", browser_tests),
];

/// Goes through the gates and stops at the first that stays shut.
///
/// # Errors
/// What that gate has to say.
pub(crate) fn test(workspace: &Workspace) -> Result<()> {
    let mut passed: Vec<(&str, Duration)> = Vec::new();
    for (name, gate) in GATES {
        heading(name);
        let watch = Stopwatch::start();
        let outcome = gate(workspace);
        if outcome.is_err() {
            summary(&passed, Some((name, watch.elapsed())));
        }
        outcome.with_context(|| format!("{name} failed"))?;
        passed.push((name, watch.elapsed()));
    }
    summary(&passed, None);
    Ok(())
}

fn summary(passed: &[(&str, Duration)], failed: Option<(&str, Duration)>) {
    heading("summary");
    for (name, time) in passed {
        say(format_args!("ok      {name:<18} {:>12}", spoken(*time)));
    }
    if let Some((name, time)) = failed {
        say(format_args!("FAILED  {name:<18} {:>12}", spoken(time)));
    }
    for (name, _) in GATES.iter().skip(passed.len() + usize::from(failed.is_some())) {
        say(format_args!("not run {name}"));
    }
}

fn fmt(workspace: &Workspace) -> Result<()> {
    Program::new("cargo").args(["fmt", "--all", "--check"]).within(workspace.root()).run()
}

fn clippy_native(workspace: &Workspace) -> Result<()> {
    Program::new("cargo")
        .args(["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"])
        .within(workspace.root())
        .run()
}

/// Each entry crate alone: together they would lend each other features. In the profile that ships, so that `dist` finds
/// macros and build scripts compiled.
fn clippy_wasm(workspace: &Workspace) -> Result<()> {
    let toolchain = Toolchain::ready(workspace)?;
    for entry in ENTRIES.iter().chain([&PAGE]) {
        let clippy = toolchain.cargo("clippy").args(["--profile", PROFILE, "--package", entry.krate]);
        clippy.args(["--", "-D", "warnings"]).within(workspace.root()).run()?;
    }
    Ok(())
}

fn native_tests(workspace: &Workspace) -> Result<()> {
    Program::new("cargo")
        .args(NATIVE_TESTS)
        .env("BRUSHAWAY_ORT_LIB", Npm::ready(workspace)?.ort_native()?)
        .within(workspace.root())
        .run()
}

/// Those that want a graphics card, once more on what the browser brings to do without one. Not for all tests: the trial of
/// `tests/kernels` takes minutes there.
fn card_tests(workspace: &Workspace) -> Result<()> {
    let tests = Program::new("cargo").args(NATIVE_TESTS).args(["--test", "card"]).within(workspace.root());
    match software_card()? {
        // Added: a real card comes first.
        Some(driver) => tests.env("VK_ADD_DRIVER_FILES", driver).run(),
        None => tests.run(),
    }
}

/// The same for all native tests, so that they are compiled once.
const NATIVE_TESTS: [&str; 6] =
    ["test", "--workspace", "--exclude", "brushaway-e2e", "--features", "brushaway/ort,brushaway/gpu"];

/// One after the other: they share a screen, and a browser each is enough for a small machine.
fn browser_tests(workspace: &Workspace) -> Result<()> {
    let tests = Program::new("cargo").args(["test", "--package", "brushaway-e2e", "--", "--test-threads=1"]);
    Harness::ready(workspace)?.equip(tests).within(workspace.root()).run()
}
