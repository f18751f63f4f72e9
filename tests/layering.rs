//! Arrows between modules point down.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Each module, and all others that it may name.
const LAYERS: &[(&str, &[&str])] = &[
    ("geometry", &[]),
    ("image", &["geometry"]),
    ("mask", &["geometry", "image"]),
    ("tensor", &["geometry", "image"]),
    ("imaging", &["geometry", "image", "mask", "tensor"]),
    ("models", &["geometry", "image", "mask", "tensor", "imaging"]),
    ("runtime", &["models"]),
    ("engine", &["geometry", "image", "mask", "tensor", "imaging", "models"]),
    ("protocol", &["geometry", "mask", "models", "engine"]),
];

fn files_of(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    fs::read_dir(path).unwrap().flat_map(|entry| files_of(&entry.unwrap().path())).collect()
}

#[test]
fn modules_name_only_what_lies_below_them() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (module, below) in LAYERS {
        let file = src.join(format!("{module}.rs"));
        let files = files_of(&if file.exists() { file } else { src.join(module) });
        for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "rs")) {
            let source = fs::read_to_string(file).unwrap();
            // What comes after the first test module is not part of the library.
            let library = source.split("#[cfg(test)]").next().unwrap_or_default();
            for path in library.split("crate::").skip(1) {
                let names: Vec<String> = if let Some(group) = path.strip_prefix('{') {
                    group.split(['{', '}', ',']).map(|part| part.trim().to_owned()).collect()
                } else {
                    vec![path.to_owned()]
                };
                for part in names {
                    let target: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                    let is_module = LAYERS.iter().any(|(other, _)| *other == target);
                    let is_allowed = !is_module || target == *module || below.contains(&target.as_str());
                    assert!(is_allowed, "{} names {target}; see docs/ARCHITECTURE.md", file.display());
                }
            }
        }
    }
}

#[test]
fn every_module_has_its_layer() {
    let library = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    for module in library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')) {
        assert!(LAYERS.iter().any(|(layer, _)| *layer == module), "{module} has no layer");
    }
}
