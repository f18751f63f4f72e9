//! The pictures of a tab, and one mask used on all of them.

use std::rc::Rc;

use brushaway_ui::{Button, Icon, bytes_words, t};
use yew::prelude::*;

use super::focus::use_focus;
use crate::{
    app::PartProps,
    state::Action,
    strip::{Batch, Entry, StripChange},
};

/// The row of pictures.
#[component]
pub fn StripView(part: &PartProps) -> Html {
    let editor = &part.editor;
    let start = {
        let part = part.clone();
        Callback::from(move |()| {
            let total = part.editor.strip.entries().len();
            part.editor.dispatch(Action::Strip(StripChange::Batch(Some(Batch::of(total)))));
            part.controller.same_on_all(&part.editor);
        })
    };
    let can_start = editor.picture().is_some() && !editor.painting.is_blank();
    html! {
        <nav class="strip" aria-label={t!("strip_label")}>
            <ul>{ for editor.strip.entries().iter().map(|entry| item(part, entry)) }</ul>
            <Button action="same-on-all" label={t!("strip_all")} icon={Icon::Mask} disabled={!can_start} onclick={start} />
        </nav>
    }
}

fn item(part: &PartProps, entry: &Entry) -> Html {
    let strip = &part.editor.strip;
    let is_shown = strip.shown() == Some(entry.id);
    let is_unsaved = if is_shown { part.editor.is_dirty } else { entry.is_unsaved };
    let label = if is_unsaved { t!("strip_unsaved", entry.name.clone()) } else { entry.name.clone() };
    let show = {
        let (controller, id) = (Rc::clone(&part.controller), entry.id);
        Callback::from(move |_: MouseEvent| {
            if !is_shown {
                controller.show_picture(id);
            }
        })
    };
    let remove = {
        let (controller, entry) = (Rc::clone(&part.controller), entry.clone());
        Callback::from(move |()| controller.remove_picture(&entry))
    };
    html! {
        <li key={entry.id} class={classes!(is_unsaved.then_some("unsaved"))}>
            <button type="button" class="entry" aria-current={is_shown.then_some("true")} aria-label={label.clone()}
                title={label} data-action={format!("picture-{}", entry.id)} onclick={show}>
                <img src={entry.address.clone()} alt="" decoding="async" />
            </button>
            if !is_shown {
                <Button action="remove-picture" label={t!("strip_remove", entry.name.clone())} icon={Icon::Close}
                    compact=true onclick={remove} />
            }
        </li>
    }
}

/// How one mask goes through all pictures, and what came of it.
#[component]
pub fn BatchPanel(part: &PartProps) -> Html {
    let panel = use_node_ref();
    use_focus(&panel);
    let Some(batch) = &part.editor.strip.batch else { return Html::default() };
    let stop = {
        let controller = Rc::clone(&part.controller);
        Callback::from(move |()| controller.stop_batch())
    };
    let close = {
        let editor = part.editor.clone();
        Callback::from(move |()| editor.dispatch(Action::Strip(StripChange::Batch(None))))
    };
    let save = {
        let controller = Rc::clone(&part.controller);
        Callback::from(move |()| controller.save_batch())
    };
    html! {
        <div class="veil">
            <section class="card batch" role="dialog" aria-modal="true" aria-labelledby="batch-title" tabindex="-1"
                ref={panel} data-batch={if batch.is_over { "over" } else { "running" }}>
                <h1 id="batch-title">{ t!("strip_all") }</h1>
                if batch.is_over {
                    <p role="status">{ t!("batch_done", batch.made(), batch.total) }</p>
                } else {
                    <p role="status">{ t!("batch_working", batch.done + 1, batch.total) }</p>
                    <progress value={batch.done.to_string()} max={batch.total.to_string()} aria-label={t!("working")} />
                }
                { left_out(batch) }
                <div class="choices">
                    if batch.is_over {
                        if let Some(length) = batch.len_bytes {
                            <Button action="save-batch" label={t!("batch_save", bytes_words(length))} icon={Icon::Save}
                                kind="primary" onclick={save} />
                        }
                        <Button action="close-batch" label={t!("action_close")} keys="Esc" onclick={close} />
                    } else {
                        <Button action="stop-batch" label={t!("action_cancel")} keys="Esc" onclick={stop} />
                    }
                </div>
            </section>
        </div>
    }
}

fn left_out(batch: &Batch) -> Html {
    if batch.left_out.is_empty() {
        return Html::default();
    }
    let line = |(name, why): &(String, String)| {
        let words = t!("batch_left_out", name.clone(), t!(why));
        html! { <li>{ words }</li> }
    };
    html! { <ul class="left-out">{ for batch.left_out.iter().map(line) }</ul> }
}
