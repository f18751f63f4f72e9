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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_is_refused() {
        assert!(check_version(&format!(r#"{{"version": "{VERSION}"}}"#)).is_ok());
        assert!(check_version(r#"{"version": "99.0"}"#).is_err());
        assert!(check_version("{}").is_err());
    }
}
