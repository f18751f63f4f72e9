//! Every text is in `extension/_locales`, in every language, and nowhere else.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod hard_coded;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// As Chrome names their folders. English comes first: where a language lacks something, it is the one that is shown.
const LANGUAGES: [&str; 8] = ["en", "ar", "de", "es", "fr", "ja", "pt_BR", "zh_CN"];

/// Written from right to left.
const RIGHT_TO_LEFT: [&str; 1] = ["ar"];

/// What may be the same as in English, and why.
const SAME_AS_ENGLISH: &[(&str, &str)] = &[
    ("batch_left_out", "no words"),
    ("duration_hours", "signs of units"),
    ("duration_minutes", "signs of units"),
    ("duration_seconds", "signs of units"),
    ("editor_title", "a name"),
    ("extension_name", "a name"),
    ("history_original", "the same word"),
    ("joined", "no words"),
    ("key_alt", "as on the keyboard"),
    ("key_control", "as on the keyboard"),
    ("key_delete", "as on the keyboard"),
    ("key_enter", "as on the keyboard"),
    ("key_escape", "as on the keyboard"),
    ("key_shift", "as on the keyboard"),
    ("language_direction", "the same for most"),
    ("model_coming", "no words"),
    ("model_speed", "signs of units"),
    ("pixels", "signs of units"),
    ("tool_rectangle", "the same in French"),
];

/// The texts of one language.
struct Texts {
    language: &'static str,
    /// As they stand in the file.
    keys: Vec<String>,
    by_key: BTreeMap<String, String>,
}

impl Texts {
    fn read(language: &'static str) -> Self {
        let file = read(&format!("extension/_locales/{language}/messages.json"));
        let parsed: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(&file).unwrap();
        let keys = file.lines().filter_map(|line| line.strip_prefix("  \"")?.split('"').next()).map(str::to_owned);
        let keys = keys.collect();
        let text = |(key, mut entry): (String, BTreeMap<String, String>)| {
            let text = entry.remove("message").unwrap();
            assert!(entry.is_empty(), "{language}: {key} has more than a message: {entry:?}");
            (key, text)
        };
        Self { language, keys, by_key: parsed.into_iter().map(text).collect() }
    }

    fn all() -> impl Iterator<Item = Self> {
        LANGUAGES.into_iter().map(Self::read)
    }

    /// With their keys, also in English.
    fn beside<'a>(&'a self, english: &'a Self) -> impl Iterator<Item = (&'a String, &'a String, &'a String)> {
        self.by_key.iter().filter_map(|(key, text)| Some((key, text, english.by_key.get(key)?)))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// All files in or below `folder` that end so, with their paths from the top.
fn sources(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    fn walk(path: PathBuf, found: &mut Vec<PathBuf>) {
        if path.is_dir() {
            for entry in fs::read_dir(path).unwrap() {
                walk(entry.unwrap().path(), found);
            }
        } else {
            found.push(path);
        }
    }
    let mut found = Vec::new();
    walk(root().join(folder), &mut found);
    found.retain(|path| path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)));
    found.sort();
    let name = |path: &PathBuf| path.strip_prefix(root()).unwrap().display().to_string();
    found.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// The values that a text takes.
fn values(text: &str) -> BTreeSet<char> {
    text.match_indices('$').filter_map(|(at, _)| text[at + 1..].chars().next()).collect()
}

#[test]
fn every_language_has_the_same_texts_in_the_same_order() {
    let folders = fs::read_dir(root().join("extension/_locales")).unwrap();
    let folders: BTreeSet<String> = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(folders, LANGUAGES.into_iter().map(str::to_owned).collect());
    let english = Texts::read("en");
    for texts in Texts::all() {
        let lacks: Vec<_> = english.keys.iter().filter(|key| !texts.keys.contains(key)).collect();
        assert!(lacks.is_empty(), "{} lacks {lacks:?}", texts.language);
        assert_eq!(texts.keys, english.keys, "{}", texts.language);
        assert_eq!(texts.keys.len(), texts.by_key.len(), "{}: a text is there twice", texts.language);
    }
}

#[test]
fn names_of_texts_are_such_as_chrome_takes() {
    let english = Texts::read("en");
    for key in &english.keys {
        assert!(key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{key}");
    }
}

#[test]
fn every_text_takes_the_same_values_in_every_language() {
    let english = Texts::read("en");
    for texts in Texts::all() {
        for (key, text, in_english) in texts.beside(&english) {
            assert_eq!(values(text), values(in_english), "{}: {key}", texts.language);
            let mut parts = text.split('$').skip(1).peekable();
            while let Some(part) = parts.next() {
                let said = format!("{}: {key}: ${part}", texts.language);
                let mut after = part.chars();
                assert!(after.next().is_some_and(|c| ('1'..='9').contains(&c)), "{said}");
                assert!(!after.next().is_some_and(|c| c.is_ascii_digit()), "{said}");
                // Chrome would take `$name$` for a value that is described elsewhere, and not load the extension.
                let is_name = part.chars().all(|c| c.is_ascii_alphanumeric() || "_@".contains(c));
                assert!(!is_name || parts.peek().is_none(), "{said}$");
            }
        }
    }
}

#[test]
fn no_text_is_empty_or_much_longer_than_in_english() {
    let english = Texts::read("en");
    for texts in Texts::all() {
        for (key, text, in_english) in texts.beside(&english) {
            let (length, allowed) = (text.chars().count(), 3 * in_english.chars().count() + 20);
            assert!(length > 0 && text.trim() == text, "{}: {key}: {text:?}", texts.language);
            assert!(length <= allowed, "{}: {key} has {length} characters; {allowed} fit", texts.language);
        }
    }
}

#[test]
fn nothing_is_left_in_english() {
    let english = Texts::read("en");
    let mut same = BTreeSet::new();
    for texts in Texts::all().skip(1) {
        for (key, text, in_english) in texts.beside(&english) {
            let may_be_same = SAME_AS_ENGLISH.iter().any(|(allowed, _)| key == allowed);
            assert!(text != in_english || may_be_same, "{}: {key} is still {text:?}", texts.language);
            if text == in_english {
                same.insert(key.clone());
            }
        }
    }
    for (key, reason) in SAME_AS_ENGLISH {
        assert!(same.contains(*key), "{key} differs everywhere; it needs no exception ({reason})");
    }
}

#[test]
fn names_and_descriptions_are_short_enough_for_the_store() {
    for texts in Texts::all() {
        for (key, most) in [("extension_name", 75), ("extension_description", 132)] {
            let length = texts.by_key[key].chars().count();
            assert!(length <= most, "{}: {key} has {length} characters; {most} are allowed", texts.language);
        }
    }
}

#[test]
fn every_language_says_what_it_is() {
    for texts in Texts::all() {
        assert_eq!(texts.by_key["language_tag"], texts.language.replace('_', "-"));
        let direction = if RIGHT_TO_LEFT.contains(&texts.language) { "rtl" } else { "ltr" };
        assert_eq!(texts.by_key["language_direction"], direction, "{}", texts.language);
    }
}

#[test]
fn hints_call_the_menu_entry_what_it_is_called() {
    for texts in Texts::all() {
        let entry = texts.by_key["menu_inpaint"].trim_end_matches("...");
        // Where letters are not on the keyboard, the access key stands behind: "(&I)".
        let name = entry.split("(&").next().unwrap().replace('&', "");
        for key in ["start_or", "popup_pick_hint"] {
            assert!(texts.by_key[key].contains(&name), "{}: {key} does not say {name}", texts.language);
        }
    }
}

#[test]
fn no_text_is_there_for_nothing() {
    let mut all = read("manifest.json").replace("__MSG_", "\"").replace("__", "\"");
    for folder in ["extension", "popup", "src"] {
        all.extend(sources(folder, &["rs", "js"]).into_iter().map(|(_, source)| source));
    }
    for key in Texts::read("en").keys {
        assert!(all.contains(&format!("\"{key}\"")), "nothing says {key}");
    }
}

#[test]
fn the_manifest_falls_back_on_english() {
    let manifest: Value = serde_json::from_str(&read("manifest.json")).unwrap();
    assert_eq!(manifest["default_locale"], LANGUAGES[0]);
}

/// Declarations of a style sheet that know left from right, and so would not mirror.
fn one_sided(sheet: &str) -> Vec<&str> {
    let is_side = |word: &str| ["left", "right", "float"].contains(&word);
    let declarations = sheet.lines().map(str::trim).filter(|line| line.ends_with(';'));
    declarations.filter(|line| line.split(|c: char| !c.is_ascii_alphabetic()).any(is_side)).collect()
}

#[test]
fn style_sheets_know_start_and_end_only() {
    for folder in ["extension", "popup"] {
        for (path, sheet) in sources(folder, &["css"]) {
            assert_eq!(one_sided(&sheet), Vec::<&str>::new(), "{path}");
        }
    }
}

#[test]
fn a_side_in_a_style_sheet_is_found() {
    let sheet = "a {\n  margin-left: 1px;\n  text-align: right;\n  padding-inline-start: 0;\n  inset: 0;\n}\n";
    assert_eq!(one_sided(sheet), ["margin-left: 1px;", "text-align: right;"]);
}
