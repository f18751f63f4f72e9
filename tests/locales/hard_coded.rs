//! Finds text that people would see and no translator.
//!
//! It reads Rust well enough to know for each string literal what stands around it; the rest is judgement: an attribute that is
//! read out or shown, a child of an element, a string that is made to be shown, or simply two words in a row.

use super::{read, sources};

/// Attributes and properties that people read or hear.
const SHOWN: [&str; 8] = [
    "alt",
    "aria-description",
    "aria-label",
    "aria-roledescription",
    "aria-valuetext",
    "label",
    "placeholder",
    "title",
];

/// What these take is for the log, or for who reads the code, or is a name in what is stored.
const FOR_THE_LOG: [&str; 13] = [
    "JsError::of",
    "JsError::unexpected",
    "Fault::bug",
    "Fault::engine_lost",
    "Label::of",
    "debug!",
    "error!",
    "expect",
    "info!",
    "spawn",
    "trace!",
    "unreachable!",
    "warn!",
];

/// Literals that may stay, and why.
const MAY_STAY: &[(&str, &str)] = &[
    ("{:.0} px", "the sign of a unit"),
    ("{} KB", "the sign of a unit"),
    ("{} MB", "the sign of a unit"),
    ("{} GB", "the sign of a unit"),
    ("{picture}-brushaway", "a file's name"),
    ("png", "a file's ending"),
    ("JPEG", "a format's name"),
    ("M{}Z", "a path of SVG"),
    ("WebP", "a format's name"),
    ("canShare", "a name in JavaScript"),
    ("{}-hint", "a name in the page"),
    ("{}-own", "a name in the page"),
    ("chance", "a value's name"),
    ("from", "a value's name"),
    ("https://", "the start of an address"),
    ("it broke off", "for the log"),
    ("it said nothing", "for the log"),
    ("make the mask", "for the log"),
    ("move the picture", "for the log"),
    ("read the picture", "for the log"),
    ("reduce the picture", "for the log"),
];

/// A string literal and what stands around it.
#[derive(Debug, Default)]
struct Literal {
    text: String,
    line: usize,
    /// The code before it, from the opening bracket on that it is in.
    before: String,
    /// The code before each bracket that it is in, from the outside to the inside.
    within: Vec<String>,
    /// The code after it.
    after: String,
}

impl Literal {
    fn is_in(&self, name: &str) -> bool {
        self.within.iter().any(|opener| called(opener) == name)
    }

    /// It stands in nothing but this call.
    fn is_argument_of(&self, names: &[&str]) -> bool {
        self.within.last().is_some_and(|opener| names.contains(&called(opener)))
    }

    /// The attribute or property of an element that it is the value of, or a part of.
    fn attribute(&self) -> Option<&str> {
        let openers = self.within.iter().rev().take_while(|opener| called(opener) != "html!");
        std::iter::once(&self.before).chain(openers).find_map(|before| attribute_at_end(before))
    }

    /// It is a child of an element, by itself.
    fn is_child(&self) -> bool {
        let is_alone = matches!(self.before.trim(), "" | "&") && !self.within.last().is_some_and(|o| o.ends_with('='));
        self.is_in("html!")
            && (is_alone || self.before.trim_end().ends_with(['>', '}']))
            && called(self.opener()) != "t!"
    }

    fn opener(&self) -> &str {
        self.within.last().map_or("", String::as_str)
    }

    /// Why people would see it.
    fn shown_as(&self) -> Option<String> {
        let is_key = called(self.opener()) == "t!" && self.before.trim().is_empty();
        let is_for_the_log = self.within.iter().any(|opener| {
            FOR_THE_LOG.iter().any(|name| called(opener) == *name || called(opener).ends_with(&format!("::{name}")))
        });
        let is_note_in_code =
            self.opener().trim_end().ends_with("expect") || self.before.trim_end().ends_with("reason =");
        if is_key
            || is_for_the_log
            || is_note_in_code
            || is_style(&self.text)
            || MAY_STAY.iter().any(|(text, _)| *text == self.text)
        {
            return None;
        }
        let words = words(&self.text);
        match self.attribute() {
            Some(name) if SHOWN.contains(&name) => return (words > 0).then(|| name.to_owned()),
            Some(_) => return None,
            None => {}
        }
        let is_made = self.is_argument_of(&["format!", "String::from", "t!"])
            || [".to_owned()", ".to_string()", ".into()"].iter().any(|made| self.after.starts_with(made));
        if words > 0 && self.is_child() {
            Some("a child".to_owned())
        } else if words > 0 && is_made {
            Some("a string".to_owned())
        } else {
            (words > 1).then(|| "words".to_owned())
        }
    }
}

/// The name before a bracket: `t!` of `let x = t!`.
fn called(opener: &str) -> &str {
    let opener = opener.trim_end();
    let start = opener.rfind(|c: char| !(c.is_alphanumeric() || "_:!".contains(c)));
    &opener[start.map_or(0, |at| at + opener[at..].chars().next().map_or(1, char::len_utf8))..]
}

/// `title` of `<p title=`. An assignment has a space there.
fn attribute_at_end(code: &str) -> Option<&str> {
    let code = code.strip_suffix('=')?;
    let name = &code[code.rfind(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))).map_or(0, |at| at + 1)..];
    (!name.is_empty()).then_some(name)
}

/// `width:{}px`, as styles are written: no space after the colon.
fn is_style(text: &str) -> bool {
    let declared = text.split_whitespace().next().and_then(|first| first.split_once(':'));
    declared.is_some_and(|(name, value)| !value.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
}

/// How many words there are outside of `{}`, in a row.
fn words(text: &str) -> usize {
    let mut outside = String::new();
    let mut depth = 0_u32;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(c),
            _ => {}
        }
    }
    let is_word = |part: &str| {
        let letters = part.trim_matches(|c: char| c.is_ascii_punctuation());
        letters.chars().count() > 1 && letters.chars().all(|c| c.is_alphabetic() || c == '\'')
    };
    outside
        .split_whitespace()
        .fold((0, 0), |(row, most), part| {
            let row = if is_word(part) { row + 1 } else { 0 };
            (row, row.max(most))
        })
        .1
}

/// All string literals of a Rust source, comments and tests left out.
fn literals(source: &str) -> Vec<Literal> {
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let mut found: Vec<Literal> = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut code = String::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '"' => {
                let (text, length) = string(rest);
                let line = 1 + source[..source.len() - rest.len()].matches('\n').count();
                let after = rest[length..].chars().take(16).collect();
                found.push(Literal { text, line, before: code.clone(), within: open.clone(), after });
                code.push_str("\"\"");
                length
            }
            // A character, not a lifetime.
            '\'' if rest.starts_with("'\\") => {
                2 + rest[2..].char_indices().skip(1).find(|(_, c)| *c == '\'').map_or(1, |(at, _)| at + 1)
            }
            '\'' if rest.chars().nth(2) == Some('\'') => rest.chars().take(3).map(char::len_utf8).sum(),
            '(' | '[' | '{' => {
                open.push(std::mem::take(&mut code));
                1
            }
            ')' | ']' | '}' => {
                code = open.pop().unwrap_or_default();
                code.push(c);
                1
            }
            _ => {
                code.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    found
}

/// What a literal says, and how long it is in the source.
fn string(source: &str) -> (String, usize) {
    let mut text = String::new();
    let mut characters = source.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (text, at + 1),
            '\\' => drop(characters.next()),
            _ => text.push(c),
        }
    }
    (text, source.len())
}

fn hard_coded(source: &str) -> Vec<String> {
    let found = literals(source).into_iter();
    found.filter_map(|it| Some(format!("{}: {:?} ({})", it.line, it.text, it.shown_as()?))).collect()
}

#[test]
fn components_have_no_text_of_their_own() {
    let mut seen = 0;
    let mut findings = Vec::new();
    for folder in ["extension/overlay/src", "extension/ui/src", "popup/src"] {
        for (path, source) in sources(folder, &["rs"]) {
            if path.ends_with("/tests.rs") {
                continue;
            }
            seen += literals(&source).iter().filter(|it| called(it.opener()) == "t!").count();
            findings.extend(hard_coded(&source).into_iter().map(|finding| format!("{path}:{finding}")));
        }
    }
    assert!(findings.is_empty(), "texts belong into extension/_locales:\n{}", findings.join("\n"));
    assert!(seen > 80, "only {seen} texts are found; does the scan still work?");
}

#[test]
fn exceptions_are_needed() {
    let all: Vec<Literal> = ["extension/overlay/src", "extension/ui/src", "popup/src"]
        .iter()
        .flat_map(|folder| sources(folder, &["rs"]))
        .flat_map(|(_, source)| literals(&source))
        .collect();
    for (text, reason) in MAY_STAY {
        assert!(all.iter().any(|it| it.text == *text), "{text:?} is nowhere ({reason})");
    }
}

#[test]
fn pages_have_no_text_but_the_name() {
    for folder in ["extension/overlay", "popup"] {
        for (path, page) in sources(folder, &["html"]) {
            let page: String = page.split("<!--").map(|part| part.split("-->").last().unwrap()).collect();
            for (tag, text) in page.split('<').skip(1).filter_map(|part| part.split_once('>')) {
                assert!(["", "Brushaway"].contains(&text.trim()), "{path}: {text:?}");
                for name in SHOWN {
                    assert!(!tag.contains(&format!(" {name}=")), "{path}: <{tag}>");
                }
            }
        }
    }
}

#[test]
fn scripts_in_pages_say_only_texts() {
    let mut said = 0;
    for (path, script) in sources("extension/content", &["js"]) {
        for name in ["textContent", "innerText", "innerHTML", "title", "ariaLabel", "placeholder", "alt"] {
            for pattern in [format!(".{name} = "), format!(" {name}: ")] {
                for (at, _) in script.match_indices(&pattern) {
                    let line = script[at..].lines().next().unwrap();
                    let value = &line[pattern.len()..];
                    assert!(value.starts_with("said[key]"), "{path}: {line}");
                    said += 1;
                }
            }
        }
        assert!(!script.contains("alert(\"") && !script.contains("confirm("), "{path}");
    }
    assert_eq!(said, 1);
    let script = read("extension/content/static/content.js");
    let keys: Vec<&str> = script.split('"').filter(|part| part.starts_with("page_")).collect();
    assert!(keys.contains(&"page_pick"), "{keys:?}");
    let brought = read("extension/browser/src/menu.rs");
    for key in keys {
        assert!(brought.contains(&format!("\"{key}\"")), "nobody brings {key} to the page");
    }
}

#[test]
fn text_in_the_source_is_found() {
    let source = r#"
        // A comment with "words in it" is none.
        fn part(part: &Part) -> Html {
            let label = format!("{} of {} pixels", 1, 2);
            let sentence = match part { Part::One => "It works now", Part::Two => "two" };
            html! {
                <div class="a few classes" title="Undo" data-action="undo" style={format!("width:{}px", 3)}>
                    <Button action="undo" label={t!("action_undo")} keys="Ctrl+Z" />
                    <Button action="redo" label="Redo" />
                    <img alt={if part.is_new() { "New" } else { "" }} />
                    { "Hello" }
                    <p>{ t!("done", "seconds") }</p>
                    if part.is_open() { <b>{ "Open".to_owned() }</b> } else { "·" }
                    { tool(part, "brush", t!("tool_brush"), "B") }
                    { for part.all().map(|one| html! { <i aria-label="One">{ one }</i> }) }
                </div>
            }
        }
        fn quiet() {
            log::warn!("nobody sees {this}, or that");
            let css = format!("transform:translate({:.2}px) scale({:.5})", 1.0, 2.0);
            JsError::unexpected("find the window", format!("{this:?} is none"));
        }
        #[cfg(test)]
mod tests { fn test() { let text = "Not in the package".to_owned(); } }
    "#;
    let expected = [
        "4: \"{} of {} pixels\" (a string)",
        "5: \"It works now\" (words)",
        "7: \"Undo\" (title)",
        "9: \"Redo\" (label)",
        "10: \"New\" (alt)",
        "11: \"Hello\" (a child)",
        "12: \"seconds\" (a string)",
        "13: \"Open\" (a child)",
        "15: \"One\" (aria-label)",
    ];
    assert_eq!(hard_coded(source), expected);
}
