//! What the stores are told is what the manifest asks for.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn manifest() -> Value {
    serde_json::from_str(&read("manifest.json")).unwrap()
}

/// The names at the start of a table's rows.
fn named(page: &str, title: &str) -> BTreeSet<String> {
    let section = page.split(title).nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('|').next())
        .flat_map(|names| names.split('`'))
        .map(str::trim)
        .filter(|name| name.chars().all(|c| c.is_ascii_alphabetic()) && !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_permission_is_justified_and_no_other() {
    let manifest = manifest();
    let asked: BTreeSet<String> =
        manifest["permissions"].as_array().unwrap().iter().filter_map(Value::as_str).map(str::to_owned).collect();
    assert_eq!(named(&read("docs/store.md"), "## Why each permission"), asked);
    assert_eq!(named(&read("docs/privacy.md"), "## Asked of the browser"), asked);
    let on_screen = read("popup/src/permissions.rs");
    for name in &asked {
        assert!(on_screen.contains(&format!("(\"{name}\", ")), "the page of permissions does not explain {name}");
    }
}

#[test]
fn the_summary_is_the_descriptions() {
    let texts: Value = serde_json::from_str(&read("extension/_locales/en/messages.json")).unwrap();
    let summary = texts["extension_description"]["message"].as_str().unwrap();
    assert!(read("docs/store.md").contains(&format!("**Summary**: {summary}\n")));
}

#[test]
fn the_key_is_one_that_chrome_takes() {
    let keys = manifest()["commands"]["pick"]["suggested_key"]["default"].as_str().unwrap().to_owned();
    let parts: Vec<&str> = keys.split('+').collect();
    assert!(matches!(parts[..], ["Alt" | "Ctrl", "Shift", key] if key.len() == 1), "{keys}");
    assert!(read("README.md").contains(&keys), "the readme names another key");
}
