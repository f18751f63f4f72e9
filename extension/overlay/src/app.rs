//! The whole editor: what is shown in each phase, and which key does what.

use std::rc::Rc;

use brushaway::geometry::Point;
use brushaway_browser::platform;
use brushaway_ui::t;
use web_sys::{Blob, ClipboardEvent, DragEvent};
use yew::prelude::*;

use crate::{
    actions::Place,
    comparing::{Compare, Look},
    components::{
        Asking, BatchPanel, Closing, Comparison, Dock, Failed, Header, Help, History, ModelsPanel, SavePanel, Stage,
        Start, StripView,
    },
    controller::Controller,
    keyboard::use_keys,
    keys::Command,
    marking::marked,
    masks::Reshape,
    page,
    painting::Travel,
    pen::Made,
    results,
    saving::Save,
    state::{Action, Editor, Job, Phase},
    strip::StripChange,
};

/// What every part of the editor gets.
#[derive(Properties, Debug, Clone, PartialEq)]
pub struct PartProps {
    /// What is shown.
    pub editor: UseReducerHandle<Editor>,
    /// What acts.
    pub controller: Rc<Controller>,
}

/// What the editor gets.
#[derive(Properties, Debug, Clone, PartialEq)]
pub struct AppProps {
    /// Where it was opened.
    pub place: Place,
}

/// The editor.
#[component]
pub fn App(props: &AppProps) -> Html {
    let editor = use_reducer(Editor::default);
    let dispatcher = editor.dispatcher();
    let controller = use_memo((), move |()| Controller::new(dispatcher));
    let controller = match &*controller {
        Ok(controller) => Rc::clone(controller),
        Err(error) => return html! { <p role="alert">{ error.to_string() }</p> },
    };
    let part = PartProps { editor: editor.clone(), controller: Rc::clone(&controller) };

    use_effect_with((), {
        let (controller, place) = (Rc::clone(&controller), props.place);
        move |()| controller.arrive(place)
    });
    use_repainting(&part);
    use_keys(&part);
    use_files(&part, props.place);

    html! {
        <div class={classes!("editor", (props.place == Place::Frame).then_some("framed"))} role="dialog" aria-modal="true"
            aria-label={t!("editor_label")} data-phase={phase_name(&editor.phase)} data-job={job_name(&editor.job)}
            data-result={result_name(&editor)} data-backend={backend_name(&editor)} data-seconds={seconds(&editor)}
            data-width={editor.picture().map(|p| p.size.width().to_string())}
            data-height={editor.picture().map(|p| p.size.height().to_string())}
            data-strokes={editor.painting.marks().count().to_string()} data-steps={editor.painting.steps().len().to_string()} data-revision={editor.painting.revision().to_string()} data-kept={editor.painting.changes().to_string()}
            data-dirty={editor.is_dirty.to_string()}
            data-look={editor.looking().map(Look::name)} data-put={editor.is_put.map(|is_put| is_put.to_string())}
            data-changed={editor.comparing.counted.map(|counted| counted.changed.to_string())}
            data-engine={engine_name(&editor)} data-model={model_name(&editor)}
            data-zoom={format!("{:.3}", editor.view.scale)} data-candidates={editor.improving.candidates.len().to_string()}>
            <Header ..part.clone() />
            if editor.strip.is_worth_showing() { <StripView ..part.clone() /> }
            { body(&part) }
            if editor.is_in_history && editor.picture().is_some() { <History ..part.clone() /> }
            if editor.picture().is_some() { <Dock ..part.clone() /> }
            if editor.is_helping { <Help ..part.clone() /> }
            if editor.improving.is_open { <ModelsPanel ..part.clone() /> }
            if editor.strip.batch.is_some() { <BatchPanel ..part.clone() /> }
            if editor.saving.is_open { <SavePanel ..part.clone() /> }
            if editor.is_closing { <Closing ..part.clone() /> }
        </div>
    }
}

fn body(part: &PartProps) -> Html {
    match &part.editor.phase {
        Phase::Opening => html! {
            <main class="stage"><p class="opening" role="status"><span class="spinner" />{ t!("opening") }</p></main>
        },
        Phase::Empty => html! { <Start ..part.clone() /> },
        Phase::Asking(_) => html! { <Asking ..part.clone() /> },
        Phase::Ready(_) if part.editor.looking().is_some() => html! { <Comparison ..part.clone() /> },
        Phase::Ready(_) => html! { <Stage ..part.clone() /> },
        Phase::Failed(_) => html! { <Failed ..part.clone() /> },
    }
}

/// Has the engine work whenever the paint changes.
#[hook]
fn use_repainting(part: &PartProps) {
    let part = part.clone();
    use_effect_with(part.editor.painting.revision(), move |revision| {
        part.controller.painting.replace(part.editor.painting.clone());
        if *revision > 0 {
            marked(&part);
        } else {
            // Another picture: nothing is marked on it yet.
            part.controller.show_marks();
        }
    });
}

/// Shows the paint as it is now and starts a job for it.
pub fn repaint(part: &PartProps) {
    let PartProps { editor, controller } = part;
    controller.show_marks();
    if editor.painting.is_blank() {
        controller.drop_result(editor.running());
        controller.remember_past();
    } else {
        controller.run(editor, None);
    }
}

/// Has a bigger model work on the mask, or shows which there are.
fn improve(part: &PartProps) {
    let PartProps { editor, controller } = part;
    match editor.improving.model() {
        Some(model) => {
            let seed = editor.improving.next_seed(model, platform::chance);
            controller.run(editor, Some((model, seed)));
        }
        None => editor.dispatch(Action::Shelve(true)),
    }
}

/// Does what a key or a button asks for, if it makes sense now.
pub fn perform(part: &PartProps, command: Command) {
    let PartProps { editor, controller } = part;
    match command {
        Command::Escape => leave(part),
        Command::Help if !editor.is_closing && !editor.improving.is_open && !editor.saving.is_open => {
            editor.dispatch(Action::Help(!editor.is_helping));
        }
        // The panel has a button for it.
        Command::Save if editor.saving.is_open => results::perform(part, command),
        _ if editor.picture().is_none() || editor.is_asking() => {}
        Command::Choose(instrument) => {
            controller.pen.drop(&controller.surface);
            editor.dispatch(Action::Choose(instrument));
        }
        Command::Reshape(Reshape::Grow | Reshape::Shrink | Reshape::Smooth | Reshape::FillHoles | Reshape::Shadow)
        | Command::ExportMask
            if editor.painting.is_blank() =>
        {
            editor.dispatch(Action::Tell(t!("nothing_painted")));
        }
        Command::Reshape(reshape) => controller.reshape(reshape),
        Command::ExportMask => controller.export_mask(),
        // There is no paint to see.
        Command::Steer(..) | Command::Press if editor.looking().is_some() => {}
        Command::Steer(across, down) => steer(part, across, down),
        Command::Press => press(part),
        Command::Scale(factor) => editor.dispatch(Action::Resize(editor.radius * factor)),
        Command::Harden(by) => editor.dispatch(Action::Harden(editor.hardness + by)),
        Command::Zoom(factor) => zoom(part, factor, None),
        Command::Fit => editor.dispatch(Action::Fit),
        Command::Actual => {
            let actual = controller.surface.frame().map_or(1.0, |frame| frame.actual.max(1.0));
            zoom(part, actual / editor.view.scale, None);
        }
        Command::Undo => controller.travel(editor, Travel::Back),
        Command::Redo => controller.travel(editor, Travel::Forth),
        Command::Picture(places) => {
            if let Some(id) = editor.strip.neighbour(places) {
                controller.show_picture(id);
            }
        }
        Command::History => editor.dispatch(Action::History(!editor.is_in_history)),
        Command::Clear if !editor.painting.is_blank() => editor.dispatch(Action::Clear),
        Command::Run if editor.painting.is_blank() => editor.dispatch(Action::Tell(t!("nothing_painted"))),
        Command::Run => repaint(part),
        Command::Improve if editor.can_improve() => improve(part),
        Command::Models => editor.dispatch(Action::Shelve(true)),
        Command::Keep if editor.can_keep() => controller.keep(),
        Command::Copy if editor.can_export() => controller.copy(),
        Command::Save | Command::SaveAs | Command::Look(_) | Command::Put | Command::OpenTab => {
            results::perform(part, command);
        }
        Command::Compare if editor.can_compare() => editor.dispatch(Action::Compare(true)),
        Command::Help | Command::Clear | Command::Improve | Command::Keep | Command::Copy | Command::Compare => {}
    }
}

/// Moves the keyboard's cursor, by a brush's radius a step; the first time it comes to the middle.
fn steer(part: &PartProps, across: f32, down: f32) {
    let Some(picture) = part.editor.picture() else { return };
    let (width, height) = (picture.size.width() as f32, picture.size.height() as f32);
    let step = part.editor.radius.max(1.0);
    let at = part.editor.caret.map_or_else(
        || Point::new(width / 2.0, height / 2.0),
        |at| Point::new((at.x + across * step).clamp(0.0, width), (at.y + down * step).clamp(0.0, height)),
    );
    part.controller.pen.hover(at, &part.controller.surface);
    part.editor.dispatch(Action::Steer(Some(at)));
}

/// Presses on the picture at the keyboard's cursor. Without one it can only be meant to close a polygon.
fn press(part: &PartProps) {
    let PartProps { editor, controller } = part;
    let surface = &controller.surface;
    let made = match editor.caret {
        Some(at) => controller.pen.press(at, surface, editor.brush()),
        None => controller.pen.close_polygon(surface),
    };
    take(part, made);
}

/// Does with what was made what it is for.
pub fn take(part: &PartProps, made: Option<Made>) {
    match made {
        Some(Made::Mark(mark)) => part.editor.dispatch(Action::Draw(Rc::new(mark))),
        Some(Made::Pointed(pointed)) => part.controller.select(pointed),
        Some(Made::Restored(stroke)) => part.controller.restore(&part.editor, stroke),
        None => {}
    }
}

/// Makes the picture larger by `factor`; what is at the point `at` of its frame stays there, else what is in the middle.
pub fn zoom(part: &PartProps, factor: f64, at: Option<(f64, f64)>) {
    if let Some(frame) = part.controller.surface.frame() {
        let at = at.unwrap_or((frame.width / 2.0, frame.height / 2.0));
        part.editor.dispatch(Action::Zoom(factor, at, frame));
    }
}

/// Esc and the close button: stops what runs, else asks if something would be lost, else leaves.
pub fn leave(part: &PartProps) {
    let PartProps { editor, controller } = part;
    if controller.pen.drop(&controller.surface) {
        // What is in the making goes first.
    } else if editor.is_in_mask_menu {
        editor.dispatch(Action::MaskMenu(false));
    } else if editor.is_in_history && !editor.is_asking() {
        editor.dispatch(Action::History(false));
    } else if editor.is_helping {
        editor.dispatch(Action::Help(false));
    } else if editor.is_closing {
        editor.dispatch(Action::Stay);
    } else if editor.improving.is_open {
        editor.dispatch(Action::Shelve(false));
    } else if let Some(batch) = &editor.strip.batch {
        if batch.is_over {
            editor.dispatch(Action::Strip(StripChange::Batch(None)));
        } else {
            controller.stop_batch();
        }
    } else if editor.saving.is_open {
        editor.dispatch(Action::Save(Save::Panel(false)));
    } else if editor.looking().is_some() {
        editor.dispatch(Action::Comparing(Compare::Look(None)));
    } else if let Some(job) = editor.running() {
        controller.cancel(job);
    } else if editor.would_lose() {
        editor.dispatch(Action::Close);
    } else {
        controller.leave(editor.has_open_marks());
    }
}

/// Files that are dropped or pasted. Only in a tab: over a page the editor belongs to the page's picture.
#[hook]
fn use_files(part: &PartProps, place: Place) {
    let controller = Rc::clone(&part.controller);
    use_effect_with((), move |()| {
        if place == Place::Frame {
            return;
        }
        let (dropped, pasted) = (Rc::clone(&controller), controller);
        let listening = page::listen("dragover", |event: DragEvent| event.prevent_default())
            .and_then(|()| {
                page::listen("drop", move |event: DragEvent| {
                    event.prevent_default();
                    open_all(&dropped, event.data_transfer());
                })
            })
            .and_then(|()| {
                page::listen("paste", move |event: ClipboardEvent| open_all(&pasted, event.clipboard_data()))
            });
        if let Err(error) = listening {
            log::error!("{error}");
        }
    });
}

/// Opens the files that came, or the picture at the address that did.
fn open_all(controller: &Rc<Controller>, data: Option<web_sys::DataTransfer>) {
    let Some(data) = data else { return };
    let files = data.files().as_ref().map(files).unwrap_or_default();
    if files.is_empty() {
        let text = |kind: &str| data.get_data(kind).ok().filter(|text| !text.is_empty());
        // A picture that is dragged from a page comes as its address.
        if let Some(address) = text("text/uri-list").or_else(|| text("text/plain")) {
            controller.open_address(&address);
        }
    } else {
        controller.open_files(files);
    }
}

/// Files with their names.
pub fn files(list: &web_sys::FileList) -> Vec<(Blob, String)> {
    let files = (0..list.length()).filter_map(|at| list.get(at));
    files.map(|file| (file.clone().into(), file.name())).collect()
}

const fn phase_name(phase: &Phase) -> &'static str {
    match phase {
        Phase::Opening => "opening",
        Phase::Empty => "empty",
        Phase::Asking(_) => "asking",
        Phase::Ready(_) => "ready",
        Phase::Failed(_) => "failed",
    }
}

const fn job_name(job: &Job) -> &'static str {
    match job {
        Job::Idle => "idle",
        Job::Running { .. } => "running",
        Job::Done(_) => "done",
        Job::Failed(_) => "failed",
        Job::Cancelled => "cancelled",
    }
}

fn result_name(editor: &Editor) -> &'static str {
    use brushaway::engine::Stage;
    match editor.result {
        None => "none",
        Some(Stage::Preview) => "preview",
        Some(Stage::Network) => "network",
        Some(Stage::Textured) => "textured",
    }
}

fn backend_name(editor: &Editor) -> Option<String> {
    match &editor.job {
        Job::Done(report) => Some(brushaway_ui::backend_words(report.backend)),
        _ => None,
    }
}

fn seconds(editor: &Editor) -> Option<String> {
    match &editor.job {
        Job::Done(report) => Some(format!("{:.2}", report.total_millis / 1000.0)),
        _ => None,
    }
}

/// The model whose result shows.
fn model_name(editor: &Editor) -> Option<String> {
    match &editor.job {
        Job::Done(report) => Some(report.model.clone()),
        _ => None,
    }
}

fn engine_name(editor: &Editor) -> Option<&'static str> {
    use brushaway::protocol::EngineStatus;
    Some(match editor.engine.as_ref()?.status {
        EngineStatus::Starting => "starting",
        EngineStatus::Ready { .. } => "ready",
        EngineStatus::Failed(_) => "failed",
    })
}
