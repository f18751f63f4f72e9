//! The one kind of button.

use yew::prelude::*;

use crate::{
    icon::{Icon, icon},
    t,
};

/// What a [`Button`] takes.
#[derive(Properties, PartialEq, Debug)]
pub struct ButtonProps {
    /// Its name in the page, for styles and tests.
    pub action: &'static str,
    /// What it says; read out even where only the icon shows.
    pub label: String,
    /// The picture on it.
    #[prop_or_default]
    pub icon: Option<Icon>,
    /// Only the icon shows; the label is a tooltip.
    #[prop_or_default]
    pub compact: bool,
    /// `primary`, `danger` or nothing.
    #[prop_or_default]
    pub kind: &'static str,
    /// For buttons that stay down.
    #[prop_or_default]
    pub pressed: Option<bool>,
    /// For buttons that open something: whether it is open.
    #[prop_or_default]
    pub expanded: Option<bool>,
    /// It can be seen but not used now.
    #[prop_or_default]
    pub disabled: bool,
    /// The key that does the same, for the tooltip.
    #[prop_or_default]
    pub keys: &'static str,
    /// What it does.
    #[prop_or_default]
    pub onclick: Callback<()>,
}

/// A button with an icon, a label, and the key that does the same.
#[component]
pub fn Button(props: &ButtonProps) -> Html {
    let onclick = props.onclick.reform(|_: MouseEvent| ());
    let title = if props.keys.is_empty() {
        props.label.clone()
    } else {
        format!("{} ({})", props.label, keys_words(props.keys))
    };
    let class = classes!("button", props.kind, props.compact.then_some("compact"));
    html! {
        <button type="button" {class} data-action={props.action} aria-label={props.label.clone()} {title}
            aria-pressed={props.pressed.map(|pressed| pressed.to_string())}
            aria-expanded={props.expanded.map(|expanded| expanded.to_string())}
            disabled={props.disabled} {onclick}>
            if let Some(which) = props.icon { { icon(which) } }
            if !props.compact { <span>{ &props.label }</span> }
        </button>
    }
}

/// Keys as they are named on keyboards of the person's language.
pub fn keys_words(keys: &str) -> String {
    let name = |key: &str| match key {
        "Ctrl" => t!("key_control"),
        "Shift" => t!("key_shift"),
        "Del" => t!("key_delete"),
        "Esc" => t!("key_escape"),
        "Alt" => t!("key_alt"),
        "Enter" => t!("key_enter"),
        "Space" => t!("key_space"),
        "Wheel" => t!("key_wheel"),
        "Click" => t!("key_click"),
        _ => key.to_owned(),
    };
    // The plus itself is a key too.
    if keys == "+" {
        return keys.to_owned();
    }
    keys.split('+').map(name).collect::<Vec<_>>().join("+")
}
