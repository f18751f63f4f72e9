//! The tools under the picture, and the line that says what is going on.

use std::rc::Rc;

use brushaway::{
    engine::Stage,
    mask::Tool,
    protocol::{EngineStatus, JobId, ModelState},
};
use brushaway_ui::{
    Button, Icon, alert, backend_words, cpu_reason_words, duration_words, number_words, t, transfer_words,
};
use web_sys::{File, HtmlInputElement};
use yew::prelude::*;

use super::{
    compare::Looks,
    improve::{Candidates, ImproveButtons},
    mask_menu::MaskMenu,
};
use crate::{
    app::{PartProps, perform},
    instrument::Instrument,
    keys::Command,
    state::{Action, Editor, Job, Progress, RADIUS},
};

/// The tools.
#[component]
pub fn Dock(part: &PartProps) -> Html {
    let editor = &part.editor;
    let command = |command: Command| {
        let part = part.clone();
        Callback::from(move |()| perform(&part, command))
    };
    let is_blank = editor.painting.is_blank();
    let tool = |instrument: Instrument, action: &'static str, label: String, icon: Icon, keys: &'static str| {
        html! {
            <Button {action} {label} {icon} {keys} compact=true pressed={editor.instrument == instrument}
                onclick={command(Command::Choose(instrument))} />
        }
    };
    html! {
        <footer class="dock">
            { status(part) }
            <Candidates ..part.clone() />
            <div class="tools" role="toolbar" aria-label={t!("editor_label")}>
                <div class="group">
                    { tool(Instrument::Paint(Tool::Brush), "brush", t!("tool_brush"), Icon::Brush, "B") }
                    { tool(Instrument::Paint(Tool::Eraser), "eraser", t!("tool_eraser"), Icon::Eraser, "E") }
                    { tool(Instrument::Restore, "restore", t!("tool_restore"), Icon::Restore, "V") }
                    { tool(Instrument::Select, "select", t!("tool_select"), Icon::Wand, "O") }
                    { tool(Instrument::Rectangle, "rectangle", t!("tool_rectangle"), Icon::Rectangle, "Q") }
                    { tool(Instrument::Lasso, "lasso", t!("tool_lasso"), Icon::Lasso, "L") }
                    { tool(Instrument::Polygon, "polygon", t!("tool_polygon"), Icon::Polygon, "P") }
                    { size(part) }
                </div>
                <div class="group">
                    <Button action="undo" label={t!("action_undo")} icon={Icon::Undo} compact=true keys="Ctrl+Z"
                        disabled={!editor.painting.can_undo()} onclick={command(Command::Undo)} />
                    <Button action="redo" label={t!("action_redo")} icon={Icon::Redo} compact=true keys="Ctrl+Shift+Z"
                        disabled={!editor.painting.can_redo()} onclick={command(Command::Redo)} />
                    <Button action="history" label={t!("history_title")} icon={Icon::History} compact=true keys="J"
                        expanded={editor.is_in_history} onclick={command(Command::History)} />
                    <Button action="clear" label={t!("action_clear")} icon={Icon::Clear} compact=true keys="Del"
                        disabled={is_blank} onclick={command(Command::Clear)} />
                    <MaskMenu ..part.clone() />
                </div>
                <div class="group">
                    { compare(part) }
                    <Looks ..part.clone() />
                    <Button action="keep" label={t!("action_keep")} icon={Icon::Keep} keys="K"
                        disabled={!editor.can_keep()} onclick={command(Command::Keep)} />
                    <ImproveButtons ..part.clone() />
                    if let Some(job) = editor.running() {
                        <Button action="cancel" label={t!("action_cancel")} icon={Icon::Stop} kind="primary" keys="Esc"
                            onclick={cancel(part, job)} />
                    } else {
                        <Button action="run" label={t!("action_run")} icon={Icon::Run} kind="primary" keys="R"
                            disabled={is_blank} onclick={command(Command::Run)} />
                    }
                </div>
            </div>
        </footer>
    }
}

fn cancel(part: &PartProps, job: JobId) -> Callback<()> {
    let controller = Rc::clone(&part.controller);
    Callback::from(move |()| controller.cancel(job))
}

fn size(part: &PartProps) -> Html {
    let editor = part.editor.clone();
    // Equal steps of the slider are equal ratios of the size.
    let (smallest, largest) = (RADIUS.start().ln(), RADIUS.end().ln());
    let value = editor.radius;
    let oninput = Callback::from(move |event: InputEvent| {
        if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
            editor.dispatch(Action::Resize((input.value_as_number() as f32).exp()));
        }
    });
    let diameter = format!("{:.0} px", value * 2.0);
    html! {
        <label class="size-slider" dir="ltr" title={t!("tool_size") + " ([ ])"}>
            <input type="range" name="size" min={smallest.to_string()} max={largest.to_string()} step="0.01"
                value={value.ln().to_string()} aria-label={t!("tool_size")} aria-valuetext={diameter.clone()} {oninput} />
            <output>{ diameter }</output>
        </label>
    }
}

/// The file that a person chose; the input forgets it, so that the same file can be chosen again.
pub(super) fn chosen_file(event: &Event) -> Option<File> {
    let input = event.target_dyn_into::<HtmlInputElement>()?;
    let file = input.files()?.get(0)?;
    input.set_value("");
    Some(file)
}

fn compare(part: &PartProps) -> Html {
    let show = |is_comparing: bool| {
        let editor = part.editor.clone();
        Callback::from(move |_: PointerEvent| editor.dispatch(Action::Compare(is_comparing)))
    };
    let label = t!("action_compare");
    html! {
        <button type="button" class="button" data-action="compare" aria-pressed={part.editor.is_comparing.to_string()}
            disabled={!part.editor.can_compare()} title={label.clone() + " (C)"}
            onpointerdown={show(true)} onpointerup={show(false)} onpointerleave={show(false)}>
            { brushaway_ui::icon(Icon::Compare) }<span>{ label }</span>
        </button>
    }
}

fn status(part: &PartProps) -> Html {
    let editor = &part.editor;
    if let Job::Failed(fault) = &editor.job {
        let retry = {
            let part = part.clone();
            Callback::from(move |()| perform(&part, Command::Run))
        };
        return html! {
            <div class="status fault">
                { alert(fault) }
                if fault.action == brushaway::protocol::Action::Retry {
                    <Button action="retry" label={t!("action_retry")} onclick={retry} />
                }
            </div>
        };
    }
    let progress = match editor.job {
        Job::Running { progress: Some(Progress { done, total, .. }), .. } if total > 0 => {
            Some(done as f64 / total as f64)
        }
        _ => None,
    };
    html! {
        <div class="status">
            <p role="status">
                if editor.running().is_some() { <span class="spinner" /> }
                { sentence(editor) }
            </p>
            if let Some(share) = progress {
                <progress value={share.to_string()} max="1" aria-label={t!("working")} />
            }
            { for notes(editor).into_iter().map(|note| html! { <p class="note">{ note }</p> }) }
        </div>
    }
}

/// The one sentence that matters now.
fn sentence(editor: &Editor) -> String {
    match (&editor.job, editor.result) {
        (Job::Running { improver: Some(name), progress, .. }, _) => improving_words(name, *progress),
        (Job::Running { .. }, Some(Stage::Network)) => t!("working_texture"),
        (Job::Running { .. }, Some(Stage::Preview)) => t!("working_draft"),
        (Job::Running { .. }, _) if !is_engine_ready(editor) => t!("loading_model"),
        (Job::Running { progress: Some(Progress { done, total, .. }), .. }, _) => {
            t!("working_step", (done + 1).min(*total), total)
        }
        (Job::Running { .. }, _) => t!("working"),
        _ if editor.is_saving => t!("saving"),
        _ if editor.notice.is_some() => editor.notice.clone().unwrap_or_default(),
        (Job::Done(report), _) => {
            t!("done", number_words(report.total_millis / 1000.0, 1), backend_words(report.backend))
        }
        (Job::Cancelled, _) => t!("cancelled"),
        _ => hint(editor.instrument),
    }
}

/// What the instrument in hand is for.
fn hint(instrument: Instrument) -> String {
    match instrument {
        Instrument::Paint(_) => t!("hint_paint"),
        Instrument::Restore => t!("hint_restore"),
        Instrument::Select => t!("hint_select"),
        Instrument::Rectangle | Instrument::Lasso => t!("hint_area"),
        Instrument::Polygon => t!("hint_polygon"),
    }
}

fn improving_words(name: &str, progress: Option<Progress>) -> String {
    let Some(Progress { done, total, seconds_left }) = progress else { return t!("improve_loading", name) };
    let words = t!("improve_working", name, (done + 1).min(total), total);
    match seconds_left {
        Some(seconds) => t!("joined", words, t!("time_left", duration_words(seconds))),
        None => words,
    }
}

fn is_engine_ready(editor: &Editor) -> bool {
    editor.engine.as_ref().is_some_and(|engine| matches!(engine.status, EngineStatus::Ready { .. }))
}

/// What the person should know besides: nothing is done in silence.
fn notes(editor: &Editor) -> Vec<String> {
    let picture = editor.picture().map(|picture| picture.notes.clone()).unwrap_or_default();
    let mut notes: Vec<String> = picture.into_iter().map(|key| t!(key)).collect();
    if let Some(model) = editor.improving.coming()
        && let ModelState::Coming(transfer) = &model.state
    {
        notes.push(t!("model_coming", model.name, transfer_words(transfer, model.len_bytes)));
    }
    // Whoever never had WebGPU need not be told on every picture; a failure is news.
    if let Some(reason @ brushaway::protocol::CpuReason::Failed(_)) = editor.cpu_reason() {
        notes.push(cpu_reason_words(reason));
    }
    notes
}
