//! Bigger models, and the results to choose from.

use std::rc::Rc;

use brushaway::models::ModelId;
use brushaway_ui::{Button, Icon, ModelWish, Models, settings_after, t};
use yew::prelude::*;

use super::focus::use_focus;
use crate::{
    app::{PartProps, perform},
    improving::Candidate,
    keys::Command,
    state::Action,
};

/// The button that has a bigger model work on the mask, and the one beside it that shows all models.
#[component]
pub fn ImproveButtons(part: &PartProps) -> Html {
    let editor = &part.editor;
    let improve = {
        let part = part.clone();
        Callback::from(move |()| perform(&part, Command::Improve))
    };
    let open = {
        let editor = editor.clone();
        Callback::from(move |()| editor.dispatch(Action::Shelve(!editor.improving.is_open)))
    };
    let is_next = editor.improving.shown().is_some_and(|shown| {
        editor.improving.model().is_some_and(|model| model.has_seeds && model.name == shown.report.model)
    });
    let label = if is_next { t!("action_again") } else { t!("action_improve") };
    html! {
        <>
            <Button action="improve" {label} icon={Icon::Improve} keys="I" disabled={!editor.can_improve()}
                onclick={improve} />
            <Button action="models" label={t!("action_models")} icon={Icon::Models} compact=true keys="M"
                pressed={editor.improving.is_open} onclick={open} />
        </>
    }
}

/// The panel with all models.
#[component]
pub fn ModelsPanel(part: &PartProps) -> Html {
    let editor = &part.editor;
    let panel = use_node_ref();
    use_focus(&panel);
    let close = {
        let editor = editor.clone();
        Callback::from(move |()| editor.dispatch(Action::Shelve(false)))
    };
    let onwish = {
        let (editor, controller) = (editor.clone(), Rc::clone(&part.controller));
        Callback::from(move |(model, wish): (ModelId, ModelWish)| {
            editor.dispatch(Action::Prefer(settings_after(&editor.improving.settings, &model, &wish)));
            controller.wish(model, wish);
        })
    };
    let onretry = {
        let controller = Rc::clone(&part.controller);
        Callback::from(move |()| controller.describe_models())
    };
    let chosen = editor.improving.model().map(|model| model.id.clone());
    html! {
        <div class="veil">
            <section class="card shelf" role="dialog" aria-modal="true" aria-labelledby="improve-title"
                tabindex="-1" ref={panel}>
                <div class="head">
                    <h1 id="improve-title">{ t!("improve_title") }</h1>
                    <Button action="close-models" label={t!("action_close")} icon={Icon::Close} compact=true keys="Esc"
                        onclick={close} />
                </div>
                <p>{ t!("improve_reason") }</p>
                <Models shelf={editor.improving.shelf.clone()} {chosen}
                    mirror={editor.improving.settings.mirror.clone()} {onwish} {onretry} />
                if let Some(notice) = &editor.notice { <p role="alert">{ notice }</p> }
            </section>
        </div>
    }
}

/// All results of the mask, to choose from. One alone is no choice.
#[component]
pub fn Candidates(part: &PartProps) -> Html {
    let editor = &part.editor;
    if editor.improving.candidates.len() < 2 {
        return Html::default();
    }
    let is_busy = editor.running().is_some();
    let candidate = |candidate: &Candidate| {
        let (controller, job) = (Rc::clone(&part.controller), candidate.job);
        let onclick = Callback::from(move |_: MouseEvent| controller.choose(job));
        let label = words(candidate);
        let is_shown = editor.improving.shown == Some(job);
        html! {
            <button type="button" role="radio" class="candidate" key={job.0} data-action="candidate" data-job={job.0.to_string()}
                aria-checked={is_shown.to_string()} aria-label={label.clone()} title={label} disabled={is_busy} {onclick}>
                <img src={candidate.thumbnail.clone()} alt="" />
            </button>
        }
    };
    html! {
        <div class="candidates" role="radiogroup" aria-label={t!("candidates_label")}>
            { for editor.improving.candidates.iter().map(candidate) }
        </div>
    }
}

fn words(candidate: &Candidate) -> String {
    match candidate.report.seed {
        Some(seed) => t!("candidate_seed", candidate.report.model, seed),
        None => candidate.report.model.clone(),
    }
}
