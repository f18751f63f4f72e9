//! What is shown when there is no picture to work on, or when something must be decided.

use std::rc::Rc;

use brushaway_ui::{Button, Icon, t};
use yew::prelude::*;

use super::dock::chosen_file;
use crate::{
    app::{PartProps, leave},
    state::{Action, Phase},
};

/// An empty editor that waits for a file.
#[component]
pub fn Start(part: &PartProps) -> Html {
    html! {
        <main class="stage">
            <section class="card">
                <h1>{ t!("start_title") }</h1>
                <p>{ t!("start_reason") }</p>
                <OpenFile ..part.clone() />
                <p class="note">{ t!("start_or") }</p>
                if let Some(notice) = &part.editor.notice { <p role="status">{ notice }</p> }
            </section>
        </main>
    }
}

/// A button that asks for a file and opens it.
#[component]
fn OpenFile(part: &PartProps) -> Html {
    let controller = Rc::clone(&part.controller);
    let onchange = Callback::from(move |event: Event| {
        if let Some(file) = chosen_file(&event) {
            let name = file.name();
            controller.open_file(file.into(), name);
        }
    });
    html! {
        <label class="button primary file" data-action="open">
            { brushaway_ui::icon(Icon::Open) }<span>{ t!("action_open") }</span>
            <input type="file" name="open" accept="image/*" {onchange} />
        </label>
    }
}

/// How shall the picture of another site be read?
#[component]
pub fn Asking(part: &PartProps) -> Html {
    let Phase::Asking(ask) = &part.editor.phase else { return Html::default() };
    let allow = {
        let controller = Rc::clone(&part.controller);
        Callback::from(move |()| controller.allow())
    };
    let capture = {
        let controller = Rc::clone(&part.controller);
        Callback::from(move |()| controller.capture())
    };
    html! {
        <main class="stage">
            <section class="card" role="group" aria-labelledby="ask-title">
                <h1 id="ask-title">{ t!("ask_title") }</h1>
                if let Some(reason) = &ask.refused {
                    <p role="alert">{ t!("ask_refused", ask.host, reason) }</p>
                } else {
                    <p>{ t!("ask_reason", ask.host) }</p>
                }
                <div class="choices">
                    if ask.refused.is_none() && !ask.host.is_empty() {
                        <Button action="allow" label={t!("action_allow", ask.host)} kind="primary" onclick={allow} />
                    }
                    if ask.can_capture {
                        <Button action="screenshot" label={t!("action_screenshot")} onclick={capture} />
                    }
                </div>
                if !ask.can_capture { <p class="note">{ t!("ask_hidden") }</p> }
                if let Some(notice) = &part.editor.notice { <p role="alert">{ notice }</p> }
            </section>
        </main>
    }
}

/// There will be no picture.
#[component]
pub fn Failed(part: &PartProps) -> Html {
    let Phase::Failed(fault) = &part.editor.phase else { return Html::default() };
    let close = {
        let part = part.clone();
        Callback::from(move |()| leave(&part))
    };
    // Over a page the editor belongs to the page's picture; a tab can take another one.
    let is_tab = part.controller.host.borrow().is_none();
    let kind = if is_tab { "" } else { "primary" };
    html! {
        <main class="stage">
            <section class="card">
                <h1>{ t!("failed_title") }</h1>
                <p role="alert" title={fault.detail.clone()}>{ t!(&fault.message) }</p>
                <div class="choices">
                    if is_tab { <OpenFile ..part.clone() /> }
                    <Button action="dismiss" label={t!("action_close")} {kind} onclick={close} />
                </div>
            </section>
        </main>
    }
}

/// Something would be lost.
#[component]
pub fn Closing(part: &PartProps) -> Html {
    let stay = {
        let editor = part.editor.clone();
        Callback::from(move |()| editor.dispatch(Action::Stay))
    };
    let close = {
        let controller = Rc::clone(&part.controller);
        Callback::from(move |()| controller.discard())
    };
    html! {
        <div class="veil">
            <section class="card" role="alertdialog" aria-modal="true" aria-labelledby="close-title">
                <h1 id="close-title">{ t!("close_title") }</h1>
                <p>{ t!("close_reason") }</p>
                <div class="choices">
                    <Button action="continue" label={t!("close_continue")} kind="primary" onclick={stay} />
                    <Button action="confirm-close" label={t!("close_confirm")} kind="danger" onclick={close} />
                </div>
            </section>
        </div>
    }
}
