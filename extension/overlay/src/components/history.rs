//! All that was done, step by step, to go back to and forth.

use std::rc::Rc;

use brushaway::{
    mask::{Mark, Tool},
    protocol::Change,
};
use brushaway_ui::{Button, Icon, t};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlCanvasElement};
use yew::prelude::*;

use crate::{
    app::PartProps,
    painting::{Step, Travel},
    state::Action,
};

/// The list of steps, beside the picture.
#[component]
pub fn History(part: &PartProps) -> Html {
    let editor = &part.editor;
    let list = use_node_ref();
    use_small_pictures(part, &list);
    let close = {
        let editor = editor.clone();
        Callback::from(move |()| editor.dispatch(Action::History(false)))
    };
    let names = std::iter::once(t!("history_original")).chain(editor.painting.all().map(name));
    let here = editor.painting.steps().len();
    html! {
        <aside class="history" aria-labelledby="history-title">
            <div class="head">
                <h2 id="history-title">{ t!("history_title") }</h2>
                <Button action="close-history" label={t!("action_close")} icon={Icon::Close} compact=true keys="J"
                    onclick={close} />
            </div>
            <ol ref={list}>
                { for names.enumerate().map(|(number, name)| entry(part, number, here, name)) }
            </ol>
        </aside>
    }
}

fn entry(part: &PartProps, number: usize, here: usize, name: String) -> Html {
    let onclick = {
        let (editor, controller) = (part.editor.clone(), Rc::clone(&part.controller));
        Callback::from(move |_: MouseEvent| controller.travel(&editor, Travel::To(number)))
    };
    let is_undone = number > here;
    let label = is_undone.then(|| t!("history_undone", name.clone()));
    html! {
        <li>
            <button type="button" class={classes!("entry", is_undone.then_some("undone"))} {onclick}
                data-action={format!("step-{number}")} aria-label={label}
                aria-current={(number == here).then_some("step")}>
                <canvas aria-hidden="true" />
                <span>{ name }</span>
            </button>
        </li>
    }
}

fn name(step: &Step) -> String {
    match step {
        Step::Mark(mark) => match &**mark {
            mark if mark.tool() == Tool::Eraser => t!("tool_eraser"),
            Mark::Stroke(_) => t!("tool_brush"),
            Mark::Area(_) => t!("history_area"),
        },
        Step::Picture(_) => t!("history_mask"),
        Step::Nothing => t!("action_clear"),
        Step::Changed(Change::Kept) => t!("history_kept"),
        Step::Changed(Change::Restored) => t!("tool_restore"),
    }
}

/// Draws beside each step what the picture was like after it, and keeps the step that one is at in view.
#[hook]
fn use_small_pictures(part: &PartProps, list: &NodeRef) {
    let (editor, controller, list) = (part.editor.clone(), Rc::clone(&part.controller), list.clone());
    use_effect_with(part.editor.painting.revision(), move |_| {
        let Some(list) = list.cast::<Element>() else { return };
        controller.remember();
        let canvases = list.get_elements_by_tag_name("canvas");
        let canvas = |at| canvases.item(at)?.dyn_into::<HtmlCanvasElement>().ok();
        let canvases: Vec<_> = (0..canvases.length()).filter_map(canvas).collect();
        if let Err(error) = controller.surface.draw_steps(&editor.painting, &controller.snapshots, &canvases) {
            log::error!("{error}");
        }
        if let Some(current) = list.query_selector("[aria-current]").ok().flatten() {
            let nearest = web_sys::ScrollIntoViewOptions::new();
            nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
            current.scroll_into_view_with_scroll_into_view_options(&nearest);
        }
    });
}
