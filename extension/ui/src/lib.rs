//! What the editor and the popup share: texts, icons, buttons.

mod alert;
mod button;
mod choices;
mod dress;
mod icon;
mod language;
mod models;
mod words;

pub use self::{
    alert::alert,
    button::{Button, ButtonProps, keys_words},
    choices::{fulfil, settings_after},
    dress::{dress, loss_words, setting_words},
    icon::{Icon, icon},
    language::number_words,
    models::{ModelWish, Models, ModelsProps, transfer_words},
    words::{backend_words, bytes_words, cpu_reason_words, duration_words, text},
};

/// The text for a key of `_locales`, with substitutions for `$1`, `$2`...
#[macro_export]
macro_rules! t {
    ($key:expr $(, $value:expr)* $(,)?) => { $crate::text($key, &[$(&$value.to_string()),*]) };
}
