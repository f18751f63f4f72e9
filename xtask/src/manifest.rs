//! The extension's manifest.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::workspace::VERSION;

/// Checks that the manifest and the workspace name the same version.
///
/// # Errors
/// If they don't, or the manifest is no JSON.
pub(crate) fn check_version(text: &str) -> Result<()> {
    let manifest: Value = serde_json::from_str(text).context("manifest.json is no JSON")?;
    let version = manifest.get("version").and_then(Value::as_str).unwrap_or("none");
    ensure!(version == VERSION, "manifest.json has version {version}, Cargo.toml has {VERSION}");
    Ok(())
}

/// Checks that the changelog keeps step: what is not released comes first, and the version above all others is this one.
///
/// # Errors
/// If it does not.
pub(crate) fn check_changelog(text: &str) -> Result<()> {
    let mut titles = text.lines().filter_map(|line| line.strip_prefix("## "));
    ensure!(titles.next() == Some("Unreleased"), "CHANGELOG.md does not begin with what is not released");
    let newest = titles.next().map(|title| title.trim_start_matches('[').split([']', ' ']).next().unwrap_or_default());
    ensure!(newest.is_none_or(|newest| newest == VERSION), "CHANGELOG.md is at {newest:?}, Cargo.toml at {VERSION}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_is_refused() {
        assert!(check_version(&format!(r#"{{"version": "{VERSION}"}}"#)).is_ok());
        assert!(check_version(r#"{"version": "99.0"}"#).is_err());
        assert!(check_version("{}").is_err());
    }

    #[test]
    fn the_changelog_keeps_step() {
        assert!(check_changelog("# Changelog\n\n## Unreleased\n").is_ok());
        assert!(check_changelog(&format!("## Unreleased\n\n## [{VERSION}] - 2026-12-01\n")).is_ok());
        assert!(check_changelog("## Unreleased\n## 99.0.0\n").is_err());
        assert!(check_changelog(&format!("## {VERSION}\n")).is_err());
    }
}
