//! How big the extension may be, and whom it may name.

use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::report::{say, size};
use crate::scan;
use crate::workspace::{Workspace, files_below, read, relative};

/// The most bytes of each wasm binary, as it ships. Raise one in the commit that needs it, and say there what for.
const WASM_BUDGETS: [(&str, usize); 5] = [
    ("background/brushaway_background_bg.wasm", 285_000),
    ("offscreen/brushaway_offscreen_bg.wasm", 2_900_000),
    ("overlay/brushaway_overlay_bg.wasm", 1_420_000),
    ("store/brushaway_store_bg.wasm", 760_000),
    ("popup/brushaway_popup_bg.wasm", 990_000),
];

/// The most bytes of the archive: what a person downloads. ONNX Runtime and the built-in model are 11 MB of it.
const ARCHIVE_BUDGET: usize = 14_000_000;

/// Checks the built extension.
///
/// # Errors
/// If it is not there, too big, or names a host that it has no business with; all findings are in the error.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let folder = workspace.extension();
    let mut findings = Vec::new();
    let archive = workspace.archive();
    let sized = WASM_BUDGETS.map(|(path, budget)| (folder.join(path), budget)).into_iter();
    for (path, budget) in sized.chain([(archive, ARCHIVE_BUDGET)]) {
        let bytes = fs::metadata(&path).with_context(|| format!("{} was not built", path.display()))?.len() as usize;
        let name = relative(&path, workspace.root());
        say(format_args!("  {:>8} of {:>8}  {name}", size(bytes), size(budget)));
        findings.extend(finding(&name, bytes, budget));
    }
    for file in files_below(&folder, &[])? {
        let name = relative(&file, &folder);
        findings.extend(scan::foreign_urls(&name, &read(&file)?));
    }
    if findings.is_empty() { Ok(()) } else { bail!("the extension breaks its budgets:\n  {}", findings.join("\n  ")) }
}

fn finding(name: &str, bytes: usize, budget: usize) -> Option<String> {
    (bytes > budget).then(|| format!("{name} has {bytes} bytes; its budget is {budget}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_may_be_used_up_but_not_exceeded() {
        assert_eq!(finding("a", 10, 10), None);
        assert!(finding("a", 11, 10).is_some());
    }
}
