//! `cargo xtask tidy`: rules that neither rustc nor clippy can check.

mod decisions;
mod dependencies;
mod fixtures;
mod lengths;
mod privacy;

use anyhow::{Result, bail};

use crate::manifest::{check_changelog, check_version};
use crate::program::{Program, on_path};
use crate::report::say;
use crate::workspace::{Workspace, files_below, read, read_text, relative};

/// A file of the repository.
#[derive(Debug)]
pub(crate) struct Source {
    /// Its path, from the top folder, with `/` on every system.
    pub(crate) path: String,
    /// Its content.
    pub(crate) bytes: Vec<u8>,
}

impl Source {
    /// Its content as text; none if it is a picture or a model.
    fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    /// Whether its name ends so.
    fn has_extension(&self, extension: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, end)| end == extension)
    }
}

/// Checks all rules.
///
/// # Errors
/// Every place where one is broken.
pub(crate) fn tidy(workspace: &Workspace) -> Result<()> {
    let sources = sources(workspace)?;
    let mut findings = Vec::new();
    findings.extend(lengths::check(&sources));
    findings.extend(fixtures::check(&sources));
    findings.extend(decisions::check(&sources));
    findings.extend(privacy::check(&sources));
    findings.extend(dependencies::check(workspace)?);
    if let Err(error) = check_version(&read_text(&workspace.path("manifest.json"))?) {
        findings.push(error.to_string());
    }
    if let Err(error) = check_changelog(&read_text(&workspace.path("CHANGELOG.md"))?) {
        findings.push(error.to_string());
    }
    if findings.is_empty() {
        say(format_args!("  {} files are tidy", sources.len()));
        Ok(())
    } else {
        bail!("not tidy:\n  {}", findings.join("\n  "))
    }
}

/// Reads what git tracks or would track; in a copy without git, what isn't made by tools.
fn sources(workspace: &Workspace) -> Result<Vec<Source>> {
    let root = workspace.root();
    let paths: Vec<String> = if workspace.path(".git").exists() && on_path("git").is_some() {
        let git = Program::new("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        git.within(root).read()?.split_terminator('\0').map(str::to_owned).collect()
    } else {
        let made = [".git", ".cache", "target", "dist", "node_modules", "demo-output", "__pycache__", ".venv"];
        files_below(root, &made)?.iter().map(|path| relative(path, root)).collect()
    };
    let mut sources = Vec::new();
    for path in paths {
        let file = root.join(&path);
        // A file may be deleted and not yet committed so.
        if file.is_file() {
            sources.push(Source { bytes: read(&file)?, path });
        }
    }
    Ok(sources)
}

#[cfg(test)]
fn source(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
}
