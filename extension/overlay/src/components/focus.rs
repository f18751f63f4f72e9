//! Where the keyboard is.

use web_sys::HtmlElement;
use yew::prelude::*;

/// The keyboard is in the panel while it is open, so that a screen reader says what it is.
#[hook]
pub(super) fn use_focus(panel: &NodeRef) {
    use_effect_with(panel.clone(), |panel| focus(panel.cast()));
}

/// Brings the keyboard to an element, if there is one.
pub(super) fn focus(element: Option<HtmlElement>) {
    if element.is_some_and(|element| element.focus().is_err()) {
        log::debug!("it takes no focus");
    }
}
