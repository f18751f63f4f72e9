//! The licences of everything that ships, for the page that shows them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::program::Program;
use crate::toolchain::TARGET;
use crate::wasm::ENTRIES;
use crate::workspace::{Workspace, read_text};

/// What some parts are under: the expression and the words.
type Terms = (String, String);

/// Files that are not code: what they are, under what, and what to say of them.
const OTHERS: [(&str, &str, &str); 2] = [
    ("Lite (models/lite.onnx)", "Apache-2.0", "Trained for this project; see the licence of Brushaway."),
    (
        "The picture on the first page (popup/sample.jpg)",
        "CC0-1.0",
        "Dandelions gone to seed, by Clemens Engelhardt, 2018, from Debian's lomiri-wallpapers-16.04.",
    ),
];

/// The notices as JSON.
///
/// # Errors
/// If a part has no licence, or cargo does not tell what ships.
pub(crate) fn notices(workspace: &Workspace) -> Result<String> {
    let mut notices: BTreeMap<Terms, BTreeSet<String>> = BTreeMap::new();
    let mut add = |part: String, licence: &str, text: String| {
        notices.entry((licence.to_owned(), text)).or_default().insert(part);
    };
    let own = plain(&read_text(&workspace.path("LICENSE"))?);
    add("Brushaway".to_owned(), "Apache-2.0", own.clone());
    for (part, licence, text) in OTHERS {
        add(part.to_owned(), licence, text.to_owned());
    }
    add("ONNX Runtime Web".to_owned(), "MIT", MIT_OF_MICROSOFT.to_owned());
    add("Lucide (icons)".to_owned(), "ISC", ISC_OF_LUCIDE.to_owned());
    for Part { name, licence, folder } in crates(workspace)? {
        let text = match texts(&folder, &licence)? {
            Some(text) => text,
            None if licence.contains("Apache-2.0") => own.clone(),
            None => format!("It names {licence} and brings no text of its own."),
        };
        add(name, &licence, text);
    }
    let mut notices: Vec<(Terms, BTreeSet<String>)> = notices.into_iter().collect();
    // By name, our own first.
    notices.sort_by_key(|(_, parts)| {
        let first = parts.first().map(|part| part.to_lowercase()).unwrap_or_default();
        (!parts.contains("Brushaway"), first)
    });
    let list: Vec<Value> = notices
        .into_iter()
        .map(|((licence, text), parts)| json!({ "parts": parts, "licence": licence, "text": text }))
        .collect();
    Ok(serde_json::to_string(&list)?)
}

/// The npm package comes without its licence's file; these are the licence's words.
const MIT_OF_MICROSOFT: &str = "MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the \"Software\"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.";

/// The crate with the drawings names its own licence only; these are the words of that of the drawings.
const ISC_OF_LUCIDE: &str = "ISC License

Copyright (c) for portions of Lucide are held by Cole Bemis 2013-2022 as part of Feather (MIT). All other copyright (c) for Lucide are held by Lucide Contributors 2022.

Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED \"AS IS\" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.";

/// A crate that ships.
struct Part {
    name: String,
    licence: String,
    folder: PathBuf,
}

/// All crates that are linked into what a browser loads. Build scripts, macros and tests are not.
fn crates(workspace: &Workspace) -> Result<Vec<Part>> {
    let metadata = Program::new("cargo")
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", TARGET])
        .within(workspace.root())
        .read()?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata is no JSON")?;
    let packages: BTreeMap<&str, &Value> =
        list(&metadata["packages"]).filter_map(|package| Some((package["id"].as_str()?, package))).collect();
    let nodes: BTreeMap<&str, &Value> =
        list(&metadata["resolve"]["nodes"]).filter_map(|node| Some((node["id"].as_str()?, node))).collect();
    let is_entry = |package: &&&Value| ENTRIES.iter().any(|entry| package["name"] == entry.krate);
    let mut waiting: Vec<&str> =
        packages.values().filter(is_entry).filter_map(|package| package["id"].as_str()).collect();
    let mut linked: BTreeSet<&str> = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if packages.get(id).is_some_and(|package| is_macro(package)) || !linked.insert(id) {
            continue;
        }
        let Some(node) = nodes.get(id) else { continue };
        let is_linked = |needed: &&Value| list(&needed["dep_kinds"]).any(|kind| kind["kind"].is_null());
        waiting.extend(list(&node["deps"]).filter(is_linked).filter_map(|needed| needed["pkg"].as_str()));
    }
    let foreign = linked.into_iter().filter_map(|id| packages.get(id)).filter(|package| !package["source"].is_null());
    foreign.map(|package| part(package)).collect()
}

fn part(package: &Value) -> Result<Part> {
    let name = package["name"].as_str().unwrap_or_default();
    let version = package["version"].as_str().unwrap_or_default();
    let Some(licence) = package["license"].as_str() else { bail!("{name} {version} names no licence") };
    let manifest = package["manifest_path"].as_str().unwrap_or_default();
    let folder = Path::new(manifest).parent().unwrap_or(Path::new("")).to_owned();
    Ok(Part { name: format!("{name} {version}"), licence: licence.replace('/', " OR "), folder })
}

fn is_macro(package: &Value) -> bool {
    list(&package["targets"]).any(|target| list(&target["kind"]).any(|kind| kind == "proc-macro"))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The words of the licences in a folder. Of several to choose from those of MIT, which name who holds the rights.
fn texts(folder: &Path, licence: &str) -> Result<Option<String>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| format!("{} can't be listed", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file() && is_licence(path))
        .collect();
    files.sort();
    let named_mit = files.iter().find(|path| path.to_string_lossy().to_uppercase().contains("MIT"));
    if let (true, Some(mit)) = (licence.contains(" OR "), named_mit) {
        files = vec![mit.clone()];
    }
    let words: Vec<String> = files.iter().map(|file| Ok(plain(&read_text(file)?))).collect::<Result<_>>()?;
    Ok(Some(words.join("\n\n")).filter(|words| !words.is_empty()))
}

fn is_licence(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
    ["LICENSE", "LICENCE", "COPYING", "UNLICENSE", "NOTICE"].iter().any(|start| name.starts_with(start))
}

/// Words without addresses, for nothing in the package shall look as if it would go anywhere; lines as they were.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").replace("https://", "").replace("http://", "").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_linked_crate_names_its_licence() {
        let workspace = Workspace::find().unwrap();
        let parts = crates(&workspace).unwrap();
        for expected in ["yew ", "wasm-bindgen ", "wgpu ", "image "] {
            assert!(parts.iter().any(|part| part.name.starts_with(expected)), "{expected} is missing");
        }
        assert!(!parts.iter().any(|part| part.name.starts_with("syn ")), "a macro's parts do not ship");
        assert!(parts.iter().all(|part| !part.licence.is_empty()));
    }

    #[test]
    fn what_is_no_crate_is_named_with_its_words() {
        let notices = notices(&Workspace::find().unwrap()).unwrap();
        for words in ["Lucide Contributors", "Microsoft Corporation", "Clemens Engelhardt"] {
            assert!(notices.contains(words), "{words}");
        }
    }

    #[test]
    fn texts_name_no_address() {
        assert_eq!(plain("see http://a.example/x\r\nor https://b.example\n"), "see a.example/x\nor b.example");
    }
}
