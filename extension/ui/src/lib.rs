//! What the editor and the popup share: texts, icons, buttons.

mod button;
mod icon;
mod words;

pub use self::{
    button::{Button, ButtonProps},
    icon::{Icon, icon},
    words::{backend_words, cpu_reason_words, text},
};

/// The text for a key of `_locales`, with substitutions for `$1`, `$2`...
#[macro_export]
macro_rules! t {
    ($key:expr $(, $value:expr)* $(,)?) => { $crate::text($key, &[$(&$value.to_string()),*]) };
}
