//! `cargo xtask store`: all that a store wants to have beside the archive.

use std::fs;

use anyhow::{Context as _, Result};

use crate::dist::{Care, dist};
use crate::harness::Harness;
use crate::icons::tile;
use crate::program::Program;
use crate::report::{heading, say};
use crate::workspace::{Workspace, read_text, write};

/// Builds the extension and fills `dist/store/`: the texts, pictures of the editor at work, and the tile.
///
/// # Errors
/// If building or taking pictures fails.
pub(crate) fn store(workspace: &Workspace) -> Result<()> {
    dist(workspace, Care::Full)?;
    heading("store");
    let folder = workspace.path("dist/store");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    write(&folder.join("listing.txt"), listing(&read_text(&workspace.path("docs/store.md"))?)?)?;
    write(&folder.join("tile-440x280.png"), tile(workspace)?)?;
    fs::copy(workspace.extension().join("icons/icon-128.png"), folder.join("icon-128.png"))?;
    let program = Program::new("cargo")
        .args(["run", "--package", "brushaway-e2e", "--bin", "brushaway-store", "--"])
        .arg(&folder)
        .within(workspace.root());
    Harness::ready(workspace)?.equip(program).run()?;
    say(format_args!("what the store asks for is in {}", folder.display()));
    Ok(())
}

/// What is to be typed into the store's form, without the marks of Markdown, which it would show.
fn listing(page: &str) -> Result<String> {
    let section = page.split("\n## Listing\n").nth(1).and_then(|rest| rest.split("\n## ").next());
    let section = section.context("docs/store.md has no section Listing")?;
    Ok(format!("{}\n", section.trim().replace(['*', '`'], "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_listing_is_plain_text() {
        let page = "# A\n\n## Listing\n**Name**: B\n\n- *c* and `d`\n\n## Other\ng\n";
        assert_eq!(listing(page).unwrap(), "Name: B\n\n- c and d\n");
        assert!(listing("# A\n").is_err());
    }
}
