//! The language of the texts, and what follows from it for pages and numbers.
//!
//! The texts say themselves which language they are in. The browser's own answers (`@@ui_locale`, `@@bidi_dir`) are about
//! the browser: in one that speaks Hebrew the texts are English all the same, and must be read and laid out as English.

use brushaway_browser::{chrome, platform};

/// Tells this page which language its texts are in and which way it is written.
pub(crate) fn set_language() {
    let [tag, direction] = ["language_tag", "language_direction"].map(|key| chrome::message(key, &[]));
    if let Err(error) = platform::set_language(&tag, &direction) {
        log::warn!("{error}");
    }
}

/// A number with so many digits after the mark, as it is written in the language of the texts.
pub fn number_words(value: f64, digits: usize) -> String {
    // In native tests there is no platform to ask.
    let mark =
        if cfg!(target_arch = "wasm32") { platform::decimal_mark(&chrome::message("language_tag", &[])) } else { '.' };
    written(value, digits, mark)
}

fn written(value: f64, digits: usize, mark: char) -> String {
    format!("{value:.digits$}").replace('.', mark.encode_utf8(&mut [0; 4]))
}

/// What is put into a text, kept apart from it where the text runs right to left: "3 MB" would turn into "MB 3" there.
pub(crate) fn isolated(values: &[&str]) -> Vec<String> {
    if values.is_empty() || chrome::message("language_direction", &[]) == "ltr" {
        return values.iter().map(|value| (*value).to_owned()).collect();
    }
    values.iter().map(|value| isolate(value)).collect()
}

/// Between Unicode's isolates. The browser sees from a value's first letters which way it runs, but does not look into isolates
/// for them: what was put together from values is a text already, and runs as texts do.
fn isolate(value: &str) -> String {
    let start = if value.contains(END) { RIGHT_TO_LEFT } else { AS_IT_BEGINS };
    format!("{start}{value}{END}")
}

const RIGHT_TO_LEFT: char = '\u{2067}';
const AS_IT_BEGINS: char = '\u{2068}';
const END: char = '\u{2069}';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_mark_of_their_language() {
        assert_eq!([written(1.25, 1, ','), written(0.04, 2, '.'), written(7.0, 0, ',')], ["1,2", "0.04", "7"]);
    }

    #[test]
    fn what_is_put_into_a_text_stands_apart() {
        let inner = isolate("3 MB");
        assert_eq!(inner, format!("{AS_IT_BEGINS}3 MB{END}"));
        assert_eq!(isolate(&inner), format!("{RIGHT_TO_LEFT}{inner}{END}"));
    }
}
