//! The texts of `_locales`: in the browser's language from the browser, in another one from the package.

use std::{cell::RefCell, collections::HashMap};

use serde::Deserialize;

use crate::{error::JsError, package};

/// An entry of `messages.json`.
#[derive(Debug, Deserialize)]
struct Entry {
    message: String,
}

type Texts = HashMap<String, Entry>;

thread_local! {
    /// The texts of the language that the person chose, if they chose one.
    static CHOSEN: RefCell<Option<Texts>> = const { RefCell::new(None) };
}

/// From now on all texts of this context are in `language`, in the words of `lang`; none is the browser's.
///
/// # Errors
/// [`JsError`] if there are no texts in this language; those that there were stay.
pub async fn choose(language: Option<&str>) -> Result<(), JsError> {
    let texts = match language {
        Some(language) => Some(read(language).await?),
        None => None,
    };
    CHOSEN.with_borrow_mut(|chosen| *chosen = texts);
    Ok(())
}

async fn read(language: &str) -> Result<Texts, JsError> {
    let path = format!("_locales/{}/messages.json", language.replace('-', "_"));
    let file = package::read(&path).await?;
    serde_json::from_slice(&file).map_err(|error| JsError::unexpected("read the texts", error.to_string()))
}

/// The text for `key` in the language that the person chose; none if they chose none.
pub(crate) fn chosen(key: &str, values: &[&str]) -> Option<String> {
    CHOSEN.with_borrow(|chosen| Some(filled(&chosen.as_ref()?.get(key)?.message, values)))
}

/// A text with `$1`, `$2`... replaced, as the browser does it.
fn filled(text: &str, values: &[&str]) -> String {
    let mut parts = text.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut rest = part.chars();
        match rest.next().and_then(|digit| digit.to_digit(10)) {
            Some(place @ 1..) => {
                out.push_str(values.get(place as usize - 1).copied().unwrap_or_default());
                out.push_str(rest.as_str());
            }
            _ => out.extend(["$", part]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_the_text_wants_them() {
        for (text, expected) in
            [("none", "none"), ("$2 of $1", "b of a"), ("$1$1", "aa"), ("$3!", "!"), ("5 $", "5 $"), ("$x", "$x")]
        {
            assert_eq!(filled(text, &["a", "b"]), expected);
        }
    }

    #[test]
    fn a_value_is_not_looked_into() {
        assert_eq!(filled("$1, $2", &["$2", "b"]), "$2, b");
    }
}
