//! The panel in which a person chooses how to save, and sees how large the file becomes.

use std::rc::Rc;

use brushaway::protocol::Beside;
use brushaway_ui::{Button, Icon, bytes_words, t};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::focus::focus;
use crate::{
    app::PartProps,
    saving::{Draft, JPEG, QUALITIES, Save, USUAL_QUALITY},
    state::Action,
};

/// The panel.
#[component]
pub fn SavePanel(part: &PartProps) -> Html {
    let panel = use_node_ref();
    use_drafts(part);
    use_focus_for_a_while(&panel);
    let close = choose(part, |()| Save::Panel(false));
    let saving = &part.editor.saving;
    let is_ready = matches!(saving.draft, Draft::Ready { .. });
    let save = {
        let part = part.clone();
        Callback::from(move |()| part.controller.save_draft(part.editor.file_name()))
    };
    let onkeydown = {
        let save = save.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter" && is_ready {
                event.prevent_default();
                save.emit(());
            }
        })
    };
    let name = part.editor.picture().map(|picture| saving.name(&picture.name)).unwrap_or_default();
    html! {
        <div class="veil">
            <section class="card save-panel" role="dialog" aria-modal="true" aria-labelledby="save-title" tabindex="-1"
                ref={panel}>
                <div class="head">
                    <h1 id="save-title">{ t!("save_title") }</h1>
                    <Button action="close-save" label={t!("action_close")} icon={Icon::Close} compact=true keys="Esc"
                        onclick={close} />
                </div>
                <label class="field">
                    <span>{ t!("save_name") }</span>
                    <span class="file-name" dir="ltr">
                        <input type="text" name="file-name" dir="auto" value={name} spellcheck="false" autocomplete="off"
                            oninput={typed(part, Save::Name)} {onkeydown} />
                        <span>{ format!(".{}", part.editor.recipe().format) }</span>
                    </span>
                </label>
                { formats(part) }
                { quality(part) }
                { beside(part) }
                <div class="outcome">
                    { draft(part) }
                    <div class="choices">
                        { share(part) }
                        <Button action="save-draft" label={t!("action_save")} icon={Icon::Save} kind="primary"
                            disabled={!is_ready} onclick={save} />
                    </div>
                </div>
            </section>
        </div>
    }
}

/// Encodes a file for each choice that makes another one.
#[hook]
fn use_drafts(part: &PartProps) {
    let controller = Rc::clone(&part.controller);
    let (serial, recipe) = (part.editor.saving.serial(), part.editor.recipe());
    use_effect_with(serial, {
        let controller = Rc::clone(&controller);
        move |serial| controller.draft(*serial, recipe)
    });
    use_effect_with((), move |()| move || controller.drop_draft(u32::MAX));
}

/// The keyboard is in the panel while it is open, and where it was before afterwards.
#[hook]
fn use_focus_for_a_while(panel: &NodeRef) {
    use_effect_with(panel.clone(), |panel| {
        let before = crate::page::document().ok().and_then(|document| document.active_element());
        focus(panel.cast());
        move || focus(before.and_then(|element| wasm_bindgen::JsCast::dyn_into(element).ok()))
    });
}

fn choose<T: 'static>(part: &PartProps, save: impl Fn(T) -> Save + 'static) -> Callback<T> {
    let editor = part.editor.clone();
    Callback::from(move |value: T| editor.dispatch(Action::Save(save(value))))
}

/// What an input holds after an event, as a choice.
fn input<E, T>(part: &PartProps, read: fn(&HtmlInputElement) -> T, save: impl Fn(T) -> Save + 'static) -> Callback<E>
where
    E: TargetCast + 'static,
    T: 'static,
{
    let chosen = choose(part, save);
    Callback::from(move |event: E| {
        if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
            chosen.emit(read(&input));
        }
    })
}

fn typed(part: &PartProps, save: impl Fn(String) -> Save + 'static) -> Callback<InputEvent> {
    input(part, HtmlInputElement::value, save)
}

fn ticked(part: &PartProps, save: impl Fn(bool) -> Save + 'static) -> Callback<Event> {
    input(part, HtmlInputElement::checked, save)
}

fn formats(part: &PartProps) -> Html {
    let chosen = part.editor.recipe().format;
    let formats = part.editor.picture().map(|picture| picture.formats.clone()).unwrap_or_default();
    let own = formats.first().cloned();
    let one = |format: String| {
        let onchange = {
            let format = format.clone();
            choose(part, move |_: Event| Save::Format(format.clone()))
        };
        let words = match format.as_str() {
            JPEG => "JPEG".to_owned(),
            "webp" => "WebP".to_owned(),
            other => other.to_uppercase(),
        };
        html! {
            <label class="segment">
                <input type="radio" name="format" value={format.clone()} checked={format == chosen} {onchange} />
                <span>{ words }</span>
            </label>
        }
    };
    let words = match chosen.as_str() {
        JPEG => t!("note_jpeg"),
        "webp" => t!("save_webp"),
        _ => t!("save_png"),
    };
    html! {
        <fieldset class="field">
            <legend>{ t!("format_label") }</legend>
            <div class="segments">{ for formats.into_iter().map(one) }</div>
            if own.as_ref() == Some(&chosen) { <p class="note">{ t!("save_own") }</p> }
            <p class="note">{ words }</p>
        </fieldset>
    }
}

fn quality(part: &PartProps) -> Html {
    let recipe = part.editor.recipe();
    if recipe.format != JPEG {
        return Html::default();
    }
    let has_own = part.editor.own_format() == JPEG;
    let percent = recipe.quality.unwrap_or(USUAL_QUALITY);
    let is_own = recipe.quality.is_none();
    let oninput: Callback<InputEvent> =
        input(part, |input| input.value_as_number() as u8, |percent| Save::Quality(Some(percent)));
    let label = if has_own { t!("save_quality_own") } else { t!("save_quality_usual") };
    html! {
        <fieldset class="field">
            <legend>{ t!("save_quality") }</legend>
            <label class="tick">
                <input type="checkbox" name="own-quality" checked={is_own}
                    onchange={ticked(part, |is_own| Save::Quality((!is_own).then_some(USUAL_QUALITY)))} />
                <span>{ label }</span>
            </label>
            if !is_own {
                <label class="size-slider" dir="ltr">
                    <input type="range" name="quality" min={QUALITIES.start().to_string()} max={QUALITIES.end().to_string()}
                        value={percent.to_string()} aria-label={t!("save_quality")} {oninput} />
                    <output>{ percent }</output>
                </label>
            }
        </fieldset>
    }
}

fn beside(part: &PartProps) -> Html {
    let beside = part.editor.saving.beside;
    let keep = ticked(part, |keeps| Save::Beside(if keeps { Beside::WithoutPlace } else { Beside::Nothing }));
    let place = ticked(part, |keeps| Save::Beside(if keeps { Beside::All } else { Beside::WithoutPlace }));
    html! {
        <fieldset class="field">
            <legend>{ t!("save_beside") }</legend>
            <label class="tick">
                <input type="checkbox" name="keep-beside" checked={beside != Beside::Nothing} onchange={keep} />
                <span>{ t!("save_keep") }</span>
            </label>
            <label class="tick">
                <input type="checkbox" name="keep-place" checked={beside == Beside::All}
                    disabled={beside == Beside::Nothing} onchange={place} />
                <span>{ t!("save_place") }</span>
            </label>
        </fieldset>
    }
}

/// How large the file is, and the picture of it, which can be dragged.
fn draft(part: &PartProps) -> Html {
    match &part.editor.saving.draft {
        Draft::Coming => html! {
            <p class="draft" role="status"><span class="thumb"><span class="spinner" /></span>{ t!("saving") }</p>
        },
        Draft::Failed(fault) => {
            html! { <p class="draft" role="alert" title={fault.detail.clone()}>{ t!(&fault.message) }</p> }
        }
        Draft::Ready { len_bytes, object_url } => {
            let ondragstart = {
                let (part, object_url) = (part.clone(), object_url.clone());
                Callback::from(move |event: DragEvent| {
                    let Some(data) = event.data_transfer() else { return };
                    if let Err(fault) = part.controller.drag_draft(&data, &object_url, &part.editor.file_name()) {
                        log::error!("{fault}");
                        event.prevent_default();
                    }
                })
            };
            html! {
                <div class="draft">
                    // Of a dragged image the browser would make a file of its own beside ours, with no name to speak of.
                    <span class="thumb" title={t!("save_drag")} draggable="true" data-action="drag" {ondragstart}>
                        <img src={object_url.clone()} alt="" draggable="false" />
                    </span>
                    <p role="status" data-bytes={len_bytes.to_string()}>{ t!("save_size", bytes_words(*len_bytes)) }</p>
                    <p class="note">{ t!("save_drag") }</p>
                </div>
            }
        }
    }
}

/// Only where the platform can.
fn share(part: &PartProps) -> Html {
    let name = part.editor.file_name();
    let is_ready = matches!(part.editor.saving.draft, Draft::Ready { .. });
    if !is_ready || !part.controller.can_share_draft(&name) {
        return Html::default();
    }
    let controller = Rc::clone(&part.controller);
    let onclick = Callback::from(move |()| controller.share_draft(&name));
    html! { <Button action="share" label={t!("action_share")} icon={Icon::Share} {onclick} /> }
}
