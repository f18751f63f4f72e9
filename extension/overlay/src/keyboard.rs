//! The keyboard: which key was pressed where.

use gloo::events::EventListener;
use wasm_bindgen::JsCast as _;
use web_sys::KeyboardEvent;
use yew::prelude::*;

use crate::{
    app::{PartProps, perform},
    keys::{Command, Pressed, command_of},
    page,
    state::Action,
};

/// Listens to the keyboard.
#[hook]
pub fn use_keys(part: &PartProps) {
    let part = part.clone();
    use_effect_with(part.editor.clone(), move |_| {
        let window = page::window().ok();
        let down = part.clone();
        let up = part.clone();
        let listeners = window.map(|window| {
            let options = gloo::events::EventListenerOptions::enable_prevent_default();
            let pressed = EventListener::new_with_options(&window, "keydown", options, move |event| {
                if let Some(event) = event.dyn_ref::<KeyboardEvent>() {
                    on_key(&down, event);
                }
            });
            let released = EventListener::new(&window, "keyup", move |_| {
                up.controller.hand.ready(false);
                if up.editor.is_comparing {
                    up.editor.dispatch(Action::Compare(false));
                }
            });
            (pressed, released)
        });
        move || drop(listeners)
    });
}

fn on_key(part: &PartProps, event: &KeyboardEvent) {
    let is_command = event.ctrl_key() || event.meta_key();
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let is_in = |names: &[&str]| target.as_ref().is_some_and(|element| names.contains(&element.tag_name().as_str()));
    // Buttons, sliders and lists have keys of their own.
    let is_button = is_in(&["BUTTON", "SUMMARY", "A"]);
    if event.key() == " " && !is_button && !is_in(&["INPUT", "SELECT"]) {
        part.controller.hand.ready(true);
        return event.prevent_default();
    }
    let pressed = Pressed { key: event.key(), command: is_command, shift: event.shift_key() };
    let Some(command) = command_of(&pressed) else { return };
    if is_in(&["INPUT", "SELECT"]) && !is_command && command != Command::Escape {
        return;
    }
    if is_button && command == Command::Press {
        return;
    }
    event.prevent_default();
    perform(part, command);
}
