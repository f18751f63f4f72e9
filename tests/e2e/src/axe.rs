//! Whether a page can be used by everyone, as far as a program can tell: the rules of axe-core.

use std::{env, fs, path::PathBuf, sync::OnceLock};

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use crate::{cdp::Session, chrome::workspace};

/// A rule that a page breaks.
#[derive(Debug, Deserialize)]
struct Violation {
    id: String,
    help: String,
    nodes: Vec<Node>,
}

/// Where.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    html: String,
    failure_summary: Option<String>,
}

/// Checks what a page of the extension shows now.
///
/// # Errors
/// If it breaks a rule; the error names each rule and place.
pub fn check(page: &Session, stage: &str) -> anyhow::Result<()> {
    if !page.read::<bool>("'axe' in globalThis")? {
        page.eval(&format!("{}\ntrue", rules()?)).context("axe-core")?;
    }
    // Only what is broken is of interest; what a person has to look at is looked at in the pictures.
    let violations: Vec<Violation> =
        page.read("axe.run(document, { resultTypes: ['violations'] }).then((results) => results.violations)")?;
    let places = |violation: &Violation| {
        let place = |node: &Node| format!("    {}\n    {}", node.html, node.failure_summary.as_deref().unwrap_or(""));
        violation.nodes.iter().map(place).collect::<Vec<_>>().join("\n")
    };
    let told = violations.iter().map(|v| format!("  {}: {}\n{}", v.id, v.help, places(v))).collect::<Vec<_>>();
    ensure!(told.is_empty(), "{stage} is not accessible to everyone:\n{}", told.join("\n"));
    Ok(())
}

/// The script, read once.
fn rules() -> anyhow::Result<&'static str> {
    static RULES: OnceLock<String> = OnceLock::new();
    if let Some(rules) = RULES.get() {
        return Ok(rules);
    }
    let default = || workspace().join(".cache/npm/node_modules/axe-core/axe.min.js");
    let path = env::var_os("BRUSHAWAY_AXE").map_or_else(default, PathBuf::from);
    let script = fs::read_to_string(&path).with_context(|| format!("no axe-core at {}", path.display()))?;
    Ok(RULES.get_or_init(|| script))
}
