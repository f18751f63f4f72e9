//! Models beyond the built-in one: what they are, where they are, what can be done with them.

use brushaway::{
    models::ModelId,
    protocol::{
        Action as FaultAction, Fault, ModelReport, ModelState, ModelsReport, RunReport, Transfer, TransferPhase,
    },
};
use brushaway_browser::platform;
use web_sys::{File, HtmlInputElement};
use yew::prelude::*;

use crate::{
    Icon, alert,
    button::Button,
    icon,
    language::number_words,
    t,
    words::{backend_words, bytes_words, duration_words},
};

/// What a person wants of a model.
#[derive(Debug, Clone, PartialEq)]
pub enum ModelWish {
    /// It shall do the improving.
    Choose,
    /// Fetch it, or go on; from this hub, if one is named.
    Get {
        /// Another hub with the same files.
        mirror: Option<String>,
    },
    /// Stop fetching it for now.
    Pause,
    /// Here are files of it.
    Take(Vec<File>),
    /// Read once more what is here of it, to see whether it is still what came.
    Check,
    /// Delete what is here of it.
    Delete,
}

/// What a [`Models`] takes.
#[derive(Properties, PartialEq, Debug)]
pub struct ModelsProps {
    /// All models, or why they are not known; nothing while they are being looked for.
    pub shelf: Option<Result<ModelsReport, Fault>>,
    /// The one that does the improving.
    pub chosen: Option<ModelId>,
    /// Another hub that was used before.
    #[prop_or_default]
    pub mirror: Option<String>,
    /// How long the last job of each model took here, as far as that is known.
    #[prop_or_default]
    pub runs: Vec<RunReport>,
    /// What the person wants.
    pub onwish: Callback<(ModelId, ModelWish)>,
    /// Look for them again.
    pub onretry: Callback<()>,
}

/// All models beyond the built-in one.
#[component]
pub fn Models(props: &ModelsProps) -> Html {
    let shelf = match &props.shelf {
        Some(Ok(shelf)) => shelf,
        Some(Err(fault)) => {
            return html! {
                <div class="fault" data-models="failed">
                    { alert(fault) }
                    <Button action="retry-models" label={t!("action_retry")} kind="primary" onclick={props.onretry.clone()} />
                </div>
            };
        }
        None => return html! { <p role="status"><span class="spinner" />{ t!("popup_starting") }</p> },
    };
    let card = |model: &ModelReport| {
        let run = props.runs.iter().find(|run| run.model == model.name).cloned();
        let (id, onwish) = (model.id.clone(), props.onwish.clone());
        let onwish = Callback::from(move |wish| onwish.emit((id.clone(), wish)));
        html! {
            <Card key={model.id.0.clone()} model={model.clone()} run={run} free_bytes={shelf.free_bytes}
                is_chosen={props.chosen.as_ref() == Some(&model.id)} mirror={props.mirror.clone()} {onwish} />
        }
    };
    html! { <div class="models">{ for shelf.big().map(card) }</div> }
}

#[derive(Properties, PartialEq, Debug)]
struct CardProps {
    model: ModelReport,
    run: Option<RunReport>,
    free_bytes: Option<u64>,
    is_chosen: bool,
    mirror: Option<String>,
    onwish: Callback<ModelWish>,
}

/// What a card asks before it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Nothing,
    Mirror,
    Delete,
}

#[component]
fn Card(props: &CardProps) -> Html {
    let CardProps { model, onwish, .. } = props;
    let asked = use_state(|| Asked::Nothing);
    let field = use_node_ref();
    let wish = |wish: ModelWish| onwish.reform(move |()| wish.clone());
    let ask = |next: Asked| {
        let asked = asked.setter();
        Callback::from(move |()| asked.set(next))
    };
    let get = || {
        let (onwish, field, known) = (onwish.clone(), field.clone(), props.mirror.clone());
        Callback::from(move |()| {
            let typed = field.cast::<HtmlInputElement>().map(|input| input.value().trim().to_owned());
            onwish.emit(ModelWish::Get { mirror: typed.or_else(|| known.clone()).filter(|url| !url.is_empty()) });
        })
    };
    let remove = html! {
        <Button action="delete" label={t!("model_delete")} onclick={ask(Asked::Delete)} />
    };
    let size = bytes_words(model.len_bytes);
    let actions = match &model.state {
        _ if *asked == Asked::Delete => html! {
            <>
                <p class="note">{ t!("model_delete_ask", bytes_words(model.done_bytes())) }</p>
                <Button action="delete-confirm" label={t!("model_delete")} kind="danger"
                    onclick={let (asked, onwish) = (asked.setter(), onwish.clone());
                        Callback::from(move |()| { asked.set(Asked::Nothing); onwish.emit(ModelWish::Delete); })} />
                <Button action="delete-not" label={t!("model_delete_not")} onclick={ask(Asked::Nothing)} />
            </>
        },
        ModelState::BuiltIn => Html::default(),
        ModelState::Absent => html! {
            <>
                <Button action="get" label={t!("model_get", size)} icon={Icon::Save} kind="primary" onclick={get()} />
                { take(onwish) }
            </>
        },
        ModelState::Coming(_) => html! {
            <>
                <Button action="pause" label={t!("model_pause")} onclick={wish(ModelWish::Pause)} />
                <Button action="stop" label={t!("action_cancel")} onclick={wish(ModelWish::Delete)} />
            </>
        },
        ModelState::Paused { .. } => html! {
            <>
                <Button action="get" label={t!("model_resume")} icon={Icon::Save} kind="primary" onclick={get()} />
                { take(onwish) }
                { remove }
            </>
        },
        ModelState::Failed { fault, done_bytes } => html! {
            <>
                if fault.action != FaultAction::OpenFile {
                    <Button action="get" label={t!("action_retry")} kind="primary" onclick={get()} />
                }
                { take(onwish) }
                if *done_bytes > 0 { { remove } }
            </>
        },
        ModelState::Installed => html! {
            <>
                if !props.is_chosen {
                    <Button action="choose" label={t!("model_choose")} kind="primary" onclick={wish(ModelWish::Choose)} />
                }
                <Button action="check" label={t!("model_check")} onclick={wish(ModelWish::Check)} />
                { remove }
            </>
        },
        ModelState::Checking(_) => html! {
            <Button action="pause" label={t!("action_cancel")} onclick={wish(ModelWish::Pause)} />
        },
    };
    let can_get = matches!(model.state, ModelState::Absent | ModelState::Paused { .. } | ModelState::Failed { .. });
    let wants_mirror = *asked == Asked::Mirror
        || matches!(&model.state, ModelState::Failed { fault, .. } if fault.action == FaultAction::ChooseMirror);
    html! {
        <article class="model" data-model={model.id.0.clone()} data-state={state_name(&model.state)}
            data-done={model.done_bytes().to_string()} aria-label={model.name.clone()}>
            <header>
                <strong>{ &model.name }</strong>
                if props.is_chosen && model.is_usable() { <span class="badge">{ t!("model_chosen") }</span> }
                <span class="note"><bdi>{ facts(model, props.run.as_ref()) }</bdi></span>
            </header>
            { status(model) }
            if can_get { { conditions(model, props.free_bytes) } }
            if can_get && wants_mirror {
                <label class="field">
                    { t!("model_mirror_label") }
                    <input type="url" name="mirror" ref={field} placeholder="https://"
                        value={props.mirror.clone().unwrap_or_default()} />
                </label>
            }
            <div class="choices">
                { actions }
                if can_get && !wants_mirror {
                    <Button action="mirror" label={t!("model_mirror")} onclick={ask(Asked::Mirror)} />
                }
            </div>
        </article>
    }
}

const fn state_name(state: &ModelState) -> &'static str {
    match state {
        ModelState::BuiltIn => "built-in",
        ModelState::Absent => "absent",
        ModelState::Coming(_) => "coming",
        ModelState::Paused { .. } => "paused",
        ModelState::Failed { .. } => "failed",
        ModelState::Installed => "installed",
        ModelState::Checking(_) => "checking",
    }
}

fn facts(model: &ModelReport, run: Option<&RunReport>) -> String {
    let mut facts = vec![bytes_words(model.len_bytes), model.licence.clone()];
    facts.extend(model.host.clone());
    facts.extend(run.map(|run| t!("device_run", number_words(run.seconds, 1), backend_words(run.backend))));
    facts.join(" · ")
}

/// What a person should know before they fetch anything.
fn conditions(model: &ModelReport, free_bytes: Option<u64>) -> Html {
    let host = model.host.clone().unwrap_or_default();
    let missing_bytes = model.len_bytes.saturating_sub(model.done_bytes());
    let is_tight = free_bytes.is_some_and(|free| free < missing_bytes);
    html! {
        <p class="note">
            { t!("model_consent", host) }
            if let Some(free) = free_bytes { { " " } { t!("model_free", bytes_words(free)) } }
            if is_tight { { " " } <strong>{ t!("model_tight") }</strong> }
            if platform::is_metered() { { " " } <strong>{ t!("model_metered") }</strong> }
            if model.needs_gpu { { " " } { t!("model_needs_gpu") } }
        </p>
    }
}

fn status(model: &ModelReport) -> Html {
    match &model.state {
        ModelState::Coming(transfer) | ModelState::Checking(transfer) => html! {
            <>
                <progress max="1" value={(transfer.done_bytes as f64 / model.len_bytes.max(1) as f64).to_string()}
                    aria-label={model.name.clone()} />
                <p role="status">{ transfer_words(transfer, model.len_bytes) }</p>
            </>
        },
        ModelState::Paused { done_bytes } => {
            html! { <p>{ t!("model_paused", bytes_words(*done_bytes), bytes_words(model.len_bytes)) }</p> }
        }
        ModelState::Failed { fault, .. } => {
            html! { <p role="alert" data-fault={fault.message.clone()} title={fault.detail.clone()}>{ t!(&fault.message) }</p> }
        }
        ModelState::Installed => html! { <p role="status">{ t!("model_installed") }</p> },
        ModelState::BuiltIn | ModelState::Absent => Html::default(),
    }
}

/// How far a transfer is, in one line.
pub fn transfer_words(transfer: &Transfer, len_bytes: u64) -> String {
    let amount = || t!("model_amount", bytes_words(transfer.done_bytes), bytes_words(len_bytes));
    match transfer.phase {
        TransferPhase::Queued => t!("model_queued"),
        TransferPhase::Checking => t!("model_checking", amount()),
        TransferPhase::Waiting => t!("model_waiting", amount()),
        TransferPhase::Fetching => {
            let mut words = vec![amount()];
            words.extend(transfer.bytes_per_second.map(|speed| t!("model_speed", bytes_words(speed as u64))));
            words.extend(transfer.seconds_left.map(|seconds| t!("time_left", duration_words(seconds))));
            words.into_iter().reduce(|words, more| t!("joined", words, more)).unwrap_or_default()
        }
    }
}

fn take(onwish: &Callback<ModelWish>) -> Html {
    let onwish = onwish.clone();
    let onchange = Callback::from(move |event: Event| {
        let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
        let Some(files) = input.files() else { return };
        let files: Vec<File> = (0..files.length()).filter_map(|index| files.get(index)).collect();
        input.set_value("");
        if !files.is_empty() {
            onwish.emit(ModelWish::Take(files));
        }
    });
    html! {
        <label class="button file" data-action="take">
            { icon(Icon::Open) }<span>{ t!("model_take") }</span>
            <input type="file" name="model-files" accept=".onnx" multiple=true {onchange} />
        </label>
    }
}
