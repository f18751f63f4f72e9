//! What the extension may do is written down twice: in the manifest, and here with the reason.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

/// Permissions at install, and what each is for.
const PERMISSIONS: &[(&str, &str)] = &[
    ("contextMenus", "the entry in the right-click menu"),
    ("activeTab", "the page's picture, after the person's click, in that tab only"),
    ("scripting", "the script that finds the picture"),
    ("offscreen", "the document that runs the model"),
    ("storage", "one-time tokens and settings"),
    ("unlimitedStorage", "models that the person downloads"),
];

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn manifest() -> Value {
    serde_json::from_str(&read("manifest.json")).unwrap()
}

#[test]
fn no_permission_without_a_reason() {
    let manifest = manifest();
    let asked: BTreeSet<&str> = manifest["permissions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(asked, PERMISSIONS.iter().map(|(name, _)| *name).collect());
    assert!(manifest.get("host_permissions").is_none(), "no site is readable at install");
    assert!(manifest.get("content_scripts").is_none(), "nothing runs in a page before the person asks");
    assert!(manifest.get("externally_connectable").is_none());
}

#[test]
fn pages_run_only_what_is_in_the_package() {
    let manifest = manifest();
    let policy = manifest["content_security_policy"]["extension_pages"].as_str().unwrap();
    assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
    assert!(policy.contains("default-src 'self';"), "{policy}");
}

#[test]
fn what_runs_models_cannot_reach_the_network() {
    let pages =
        ["popup", "settings", "welcome", "permissions", "notices"].map(|page| format!("popup/static/{page}.html"));
    for page in ["extension/offscreen/static/offscreen.html".to_owned()].into_iter().chain(pages) {
        let text = read(&page);
        let policy = text.split("content=\"connect-src ").nth(1).unwrap().split('"').next().unwrap();
        let sources = policy.split(';').next().unwrap();
        assert!(!sources.contains("http") && !sources.contains('*'), "{page}: {sources}");
    }
}

#[test]
fn a_web_page_sees_nothing_but_the_frame_and_cannot_find_it() {
    let manifest = manifest();
    let resources = manifest["web_accessible_resources"].as_array().unwrap();
    assert_eq!(resources.len(), 1);
    assert_eq!(resources[0]["resources"], serde_json::json!(["overlay/overlay.html"]));
    assert_eq!(resources[0]["use_dynamic_url"], true);
}

#[test]
fn the_versions_agree() {
    assert_eq!(manifest()["version"], env!("CARGO_PKG_VERSION"));
    assert!(read("CHANGELOG.md").contains("## Unreleased"));
}

#[test]
fn every_text_that_is_used_exists() {
    let texts: Value = serde_json::from_str(&read("extension/_locales/en/messages.json")).unwrap();
    let known: BTreeSet<&str> = texts.as_object().unwrap().keys().map(String::as_str).collect();
    let mut used = BTreeSet::new();
    collect(Path::new(env!("CARGO_MANIFEST_DIR")), &mut used);
    for key in &used {
        assert!(known.contains(key.as_str()), "no text for {key}");
    }
    assert!(used.len() > 40, "only {} keys were found in the sources", used.len());
    let faults = used.iter().filter(|key| key.starts_with("fault_")).count();
    assert!(faults > 8, "faults are not found any more");
}

/// String literals that look like keys of texts, in everything that people see.
fn collect(root: &Path, used: &mut BTreeSet<String>) {
    const PREFIXES: &[&str] =
        &["action_", "ask_", "close_", "fault_", "note_", "page_", "popup_", "start_", "tool_", "working", "menu_"];
    for folder in ["extension", "popup", "src/protocol"] {
        for file in files_of(&root.join(folder)) {
            if !file.extension().is_some_and(|ending| ending == "rs" || ending == "js") {
                continue;
            }
            let source = fs::read_to_string(&file).unwrap();
            for literal in source.split('"').skip(1).step_by(2) {
                let is_word = literal.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                if is_word && PREFIXES.iter().any(|prefix| literal.starts_with(prefix)) {
                    used.insert(literal.to_owned());
                }
            }
        }
    }
}

fn files_of(path: &Path) -> Vec<std::path::PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    fs::read_dir(path).unwrap().flat_map(|entry| files_of(&entry.unwrap().path())).collect()
}
