//! Arrows between the modules of the engine point down: each names only what lies below it.
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
    ("onnx", &[]),
    ("store", &[]),
    ("runtime", &["image", "imaging", "models", "onnx"]),
    ("engine", &["geometry", "image", "mask", "tensor", "imaging", "models"]),
    ("protocol", &["geometry", "mask", "models", "engine"]),
    ("settings", &["models", "protocol"]),
    ("report", &["models", "protocol", "settings"]),
];

/// Crates that only one module may name.
const OWNED: &[(&str, &str)] = &[
    ("image::codecs", "src/imaging/codec"),
    ("image_webp", "src/imaging/codec"),
    ("png::", "src/imaging/codec"),
    ("quick_xml", "src/imaging/codec"),
    ("zune_jpeg", "src/imaging/codec"),
    ("jpeg_encoder", "src/imaging/codec"),
    ("fast_image_resize", "src/imaging/resize.rs"),
    ("ort::", "src/runtime"),
    ("wgpu::", "src/runtime/card"),
    ("prost", "src/onnx"),
    ("sha2::", "src/store/digest.rs"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files in or below `path`.
fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_dir() {
        return fs::read_dir(path).unwrap().flat_map(|entry| files(&entry.unwrap().path())).collect();
    }
    if path.extension().is_some_and(|end| end == "rs") { vec![path.to_owned()] } else { Vec::new() }
}

/// The files of a module of the crate.
fn module(name: &str) -> Vec<PathBuf> {
    let one = root().join("src").join(name).with_extension("rs");
    let many = root().join("src").join(name);
    [one, many].into_iter().filter(|path| path.exists()).flat_map(|path| files(&path)).collect()
}

/// What stands after each `crate::`, braces of a `use` included, as the first names of the paths.
fn named(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    for path in source.split("crate::").skip(1) {
        let Some(group) = path.strip_prefix('{') else {
            names.push(path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
            continue;
        };
        let mut depth = 0;
        let mut first = String::new();
        for c in group.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => names.push(std::mem::take(&mut first)),
                _ if depth == 0 => first.push(c),
                _ => {}
            }
        }
        names.push(first);
    }
    let head = |name: String| name.trim().split("::").next().unwrap_or_default().trim().to_owned();
    names.into_iter().map(head).filter(|name| !name.is_empty()).collect()
}

#[test]
fn modules_name_only_what_lies_below_them() {
    for (module_name, below) in LAYERS {
        for file in module(module_name) {
            let source = fs::read_to_string(&file).unwrap();
            // What comes after the first test module is not part of the library.
            for name in named(source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default()) {
                let allowed = name == *module_name || below.contains(&&*name);
                assert!(allowed, "{} names {name}; see docs/ARCHITECTURE.md", file.display());
            }
        }
    }
}

#[test]
fn every_module_has_its_layer() {
    let library = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    for line in library.lines().filter_map(|line| line.strip_prefix("pub mod ")) {
        let name = line.trim_end_matches(';');
        assert!(LAYERS.iter().any(|(module, _)| *module == name), "{name} is in no layer");
    }
}

#[test]
fn each_foreign_crate_has_one_owner() {
    for (foreign, owner) in OWNED {
        for file in files(&root().join("src")).iter().filter(|file| !file.starts_with(root().join(owner))) {
            let source = fs::read_to_string(file).unwrap();
            let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
            let names = |line: &str| {
                let is_path_of_ours =
                    |before: &str| before.ends_with(|c: char| c.is_alphanumeric() || "_:".contains(c));
                line.match_indices(foreign).any(|(at, _)| !is_path_of_ours(&line[..at]))
            };
            assert!(!code.clone().any(names), "{} names {foreign}, which belongs to {owner}", file.display());
        }
    }
}

#[test]
fn a_group_of_names_is_taken_apart() {
    let source =
        "use crate::{\n    geometry::{Rect, Size},\n    image::Image,\n    mask,\n};\nlet x = crate::engine::Plan;";
    assert_eq!(named(source), ["geometry", "image", "mask", "engine"]);
}
