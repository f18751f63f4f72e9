//! What is shown when there is no picture to work on, or when something must be decided.

use std::rc::Rc;

use brushaway_ui::{Button, Icon, alert, t};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::{
    app::{PartProps, files, leave},
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
                <OpenAddress ..part.clone() />
                <p class="note">{ t!("start_or") }</p>
                if let Some(notice) = &part.editor.notice { <p role="status">{ notice }</p> }
            </section>
        </main>
    }
}

/// A button that asks for files and opens them.
#[component]
pub fn OpenFile(part: &PartProps) -> Html {
    let controller = Rc::clone(&part.controller);
    let onchange = Callback::from(move |event: Event| {
        if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
            controller.open_files(input.files().as_ref().map(files).unwrap_or_default());
            // So that the same file can be chosen again.
            input.set_value("");
        }
    });
    // Once there is a picture another one is not the main thing to do.
    let is_first = part.editor.picture().is_none();
    let class = classes!("button", "file", if is_first { "primary" } else { "compact" });
    html! {
        <label {class} data-action="open" title={t!("action_open")}>
            { brushaway_ui::icon(Icon::Open) }
            <span class={classes!((!is_first).then_some("read-only"))}>{ t!("action_open") }</span>
            <input type="file" name="open" accept="image/*" multiple=true {onchange} />
        </label>
    }
}

/// A field for the address of a picture on the web.
#[component]
fn OpenAddress(part: &PartProps) -> Html {
    let controller = Rc::clone(&part.controller);
    let field = use_node_ref();
    let onsubmit = {
        let field = field.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(input) = field.cast::<HtmlInputElement>() {
                controller.open_address(&input.value());
            }
        })
    };
    html! {
        <form class="address" {onsubmit}>
            <label for="address">{ t!("address_label") }</label>
            <input id="address" name="address" type="url" dir="ltr" placeholder="https://" autocomplete="off"
                spellcheck="false" ref={field} />
            <button type="submit" class="button" data-action="open-address">{ t!("address_open") }</button>
        </form>
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
                } else if ask.is_named {
                    <p>{ t!("ask_named", ask.host) }</p>
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
                if !ask.can_capture && !ask.is_named { <p class="note">{ t!("ask_hidden") }</p> }
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
                { alert(fault) }
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
        Callback::from(move |()| controller.leave(false))
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
