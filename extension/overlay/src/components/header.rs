//! The top line: which picture, and what to do with it in the end.

use brushaway_ui::{Button, Icon, t};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::{
    app::{PartProps, leave, perform},
    keys::{Command, ZOOM_STEP},
    state::Action,
};

/// The top line.
#[component]
pub fn Header(part: &PartProps) -> Html {
    let editor = &part.editor;
    let command = |command: Command| {
        let part = part.clone();
        Callback::from(move |()| perform(&part, command))
    };
    let close = {
        let part = part.clone();
        Callback::from(move |()| leave(&part))
    };
    html! {
        <header class="header">
            <div class="title">
                <strong>{ t!("editor_title") }</strong>
                if let Some(picture) = editor.picture() {
                    <span class="name" dir="auto" title={picture.name.clone()}>{ &picture.name }</span>
                    <span class="size" dir="ltr">{ format!("{} × {}", picture.size.width(), picture.size.height()) }</span>
                }
            </div>
            if editor.picture().is_some() {
                { zooming(part) }
                <Button action="copy" label={t!("action_copy")} icon={Icon::Copy} keys="Ctrl+C"
                    disabled={!editor.can_export()} onclick={command(Command::Copy)} />
                <div class="save">
                    <Button action="save" label={t!("action_save")} icon={Icon::Save} kind="primary" keys="Ctrl+S"
                        disabled={!editor.can_export()} onclick={command(Command::Save)} />
                    { formats(part) }
                </div>
            }
            <Button action="help" label={t!("help_title")} icon={Icon::Help} compact=true keys="?"
                onclick={command(Command::Help)} />
            <Button action="close" label={t!("action_close")} icon={Icon::Close} compact=true keys="Esc" onclick={close} />
        </header>
    }
}

/// Smaller, how large, larger.
fn zooming(part: &PartProps) -> Html {
    let by = |factor: f64| {
        let part = part.clone();
        Callback::from(move |()| perform(&part, Command::Zoom(factor)))
    };
    let scale = part.editor.view.scale;
    html! {
        <div class="zoom" role="group" aria-label={t!("zoom_label")}>
            <Button action="smaller" label={t!("action_smaller")} icon={Icon::Smaller} compact=true keys="-"
                disabled={scale <= 1.0} onclick={by(1.0 / ZOOM_STEP)} />
            <output>{ format!("{:.0} %", scale * 100.0) }</output>
            <Button action="larger" label={t!("action_larger")} icon={Icon::Larger} compact=true keys="+"
                onclick={by(ZOOM_STEP)} />
        </div>
    }
}

fn formats(part: &PartProps) -> Html {
    let editor = part.editor.clone();
    let chosen = editor.format();
    let formats = editor.picture().map(|picture| picture.formats.clone()).unwrap_or_default();
    let onchange = Callback::from(move |event: Event| {
        if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
            editor.dispatch(Action::Format(select.value()));
        }
    });
    html! {
        <select name="format" aria-label={t!("format_label")} title={t!("note_jpeg")} {onchange}>
            { for formats.into_iter().map(|format| html! {
                <option value={format.clone()} selected={format == chosen}>{ format.to_uppercase() }</option>
            }) }
        </select>
    }
}
