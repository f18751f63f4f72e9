//! What can be done to the mask as a whole.

use std::rc::Rc;

use brushaway_ui::{Button, Icon, number_words, t};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::dock::chosen_file;
use crate::{
    app::{PartProps, perform},
    keys::Command,
    masks::Reshape,
    state::Action,
};

/// The widest edge that can be chosen, in pixels.
const MOST_FEATHER_PX: u32 = 64;

/// The button and, above it, what it opens.
#[component]
pub fn MaskMenu(part: &PartProps) -> Html {
    let editor = &part.editor;
    let toggle = {
        let editor = editor.clone();
        Callback::from(move |()| editor.dispatch(Action::MaskMenu(!editor.is_in_mask_menu)))
    };
    let is_blank = editor.painting.is_blank();
    let item = |action: &'static str, label: String, keys: &'static str, command: Command, disabled: bool| {
        let part = part.clone();
        let onclick = Callback::from(move |()| perform(&part, command));
        html! { <Button {action} {label} {keys} {disabled} {onclick} /> }
    };
    let reshape = |action, label, keys, reshape| {
        let disabled = is_blank && reshape != Reshape::Invert;
        item(action, label, keys, Command::Reshape(reshape), disabled)
    };
    let changes = [
        reshape("grow", t!("mask_grow"), "G", Reshape::Grow),
        reshape("shrink", t!("mask_shrink"), "Shift+G", Reshape::Shrink),
        reshape("smooth", t!("mask_smooth"), "T", Reshape::Smooth),
        reshape("fill-holes", t!("mask_fill_holes"), "H", Reshape::FillHoles),
        reshape("shadow", t!("mask_shadow"), "W", Reshape::Shadow),
        reshape("invert", t!("mask_invert"), "N", Reshape::Invert),
    ];
    html! {
        <div class="menu-place">
            <Button action="mask-menu" label={t!("mask_menu")} icon={Icon::Mask} compact=true
                expanded={editor.is_in_mask_menu} onclick={toggle} />
            <div class="menu" role="group" aria-label={t!("mask_menu")} hidden={!editor.is_in_mask_menu}>
                { for changes }
                { hardness(part) }
                { feather(part) }
                { import(part) }
                { item("export-mask", t!("mask_export"), "X", Command::ExportMask, is_blank) }
            </div>
        </div>
    }
}

/// How much of the brush is hard.
fn hardness(part: &PartProps) -> Html {
    let editor = part.editor.clone();
    let percent = (editor.hardness * 100.0).round();
    let oninput = Callback::from(move |event: InputEvent| {
        if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
            editor.dispatch(Action::Harden(input.value_as_number() as f32 / 100.0));
        }
    });
    let words = format!("{percent:.0} %");
    html! {
        <label class="slider">
            <span>{ t!("hardness_label") }</span>
            <input type="range" name="hardness" min="0" max="100" step="5" value={percent.to_string()}
                aria-valuetext={words.clone()} {oninput} />
            <output>{ words }</output>
        </label>
    }
}

/// How wide the edge fades; at its left end the engine chooses.
fn feather(part: &PartProps) -> Html {
    let editor = part.editor.clone();
    let chosen = editor.feather_px;
    let oninput = Callback::from(move |event: InputEvent| {
        if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
            let value = input.value_as_number();
            editor.dispatch(Action::Feather((value >= 0.0).then_some(value as u32)));
        }
    });
    let words = chosen.map_or_else(|| t!("feather_auto"), |px| t!("pixels", number_words(px.into(), 0)));
    let value = chosen.map_or(-1, i64::from).to_string();
    html! {
        <label class="slider">
            <span>{ t!("feather_label") }</span>
            <input type="range" name="feather" min="-1" max={MOST_FEATHER_PX.to_string()} step="1" {value}
                aria-valuetext={words.clone()} {oninput} />
            <output>{ words }</output>
        </label>
    }
}

fn import(part: &PartProps) -> Html {
    let controller = Rc::clone(&part.controller);
    let onchange = Callback::from(move |event: Event| {
        if let Some(file) = chosen_file(&event) {
            controller.import_mask(file.into());
        }
    });
    html! {
        <label class="button file" data-action="import-mask">
            <span>{ t!("action_import_mask") }</span>
            <input type="file" name="mask" accept="image/*" {onchange} />
        </label>
    }
}
