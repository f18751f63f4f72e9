//! The top line: which picture, and what to do with it in the end.

use brushaway_ui::{Button, Icon, t};
use yew::prelude::*;

use super::dialogs::OpenFile;
use crate::{
    app::{PartProps, leave, perform},
    keys::{Command, ZOOM_STEP},
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
    let is_over_page = part.controller.host.borrow().is_some();
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
                if !is_over_page { <OpenFile ..part.clone() /> }
                { zooming(part) }
                { page_buttons(part) }
                <Button action="copy" label={t!("action_copy")} icon={Icon::Copy} keys="Ctrl+C"
                    disabled={!editor.can_export()} onclick={command(Command::Copy)} />
                <div class="save">
                    <Button action="save" label={t!("action_save")} icon={Icon::Save} kind="primary" keys="Ctrl+S"
                        disabled={!editor.can_export()} onclick={command(Command::Save)} />
                    <Button action="save-as" label={t!("save_as")} icon={Icon::More} kind="primary" compact=true
                        keys="Ctrl+Shift+S" disabled={!editor.can_export()} onclick={command(Command::SaveAs)} />
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

/// Only over a page: what the page is to show, and a way out of it.
fn page_buttons(part: &PartProps) -> Html {
    let editor = &part.editor;
    let command = |command: Command| {
        let part = part.clone();
        Callback::from(move |()| perform(&part, command))
    };
    let is_over_page = part.controller.host.borrow().is_some();
    let is_put = editor.is_put == Some(true);
    html! {
        <>
            if editor.is_put.is_some() {
                <Button action="put" label={if is_put { t!("action_take_back") } else { t!("action_put") }} icon={Icon::Put}
                    keys="U" pressed={is_put} disabled={!editor.can_put()} onclick={command(Command::Put)} />
            }
            if is_over_page {
                <Button action="open-tab" label={t!("action_tab")} icon={Icon::Tab} compact=true keys="Shift+T"
                    disabled={!editor.can_export()} onclick={command(Command::OpenTab)} />
            }
        </>
    }
}
