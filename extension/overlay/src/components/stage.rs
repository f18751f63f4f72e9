//! The picture with the paint over it.

use std::rc::Rc;

use brushaway_ui::t;
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{HtmlElement, ResizeObserver};
use yew::{prelude::*, virtual_dom::VNode};

use crate::{
    app::{PartProps, perform},
    keys::{Command, SIZE_STEP},
    pen::Pen,
    state::Action,
};

/// The picture.
#[component]
pub fn Stage(part: &PartProps) -> Html {
    let pen = use_memo((), |()| Pen::default());
    let cursor = use_node_ref();
    use_fitting(part);
    let Some(picture) = part.editor.picture() else { return Html::default() };
    let surface = &part.controller.surface;
    let style = format!("--width:{};--height:{}", picture.size.width(), picture.size.height());
    let class = classes!(
        "picture",
        part.editor.is_comparing.then_some("comparing"),
        (part.editor.result.is_some() && part.editor.is_result_current).then_some("with-result"),
    );
    let onwheel = {
        let part = part.clone();
        Callback::from(move |event: WheelEvent| {
            let factor = if event.delta_y() < 0.0 { SIZE_STEP } else { 1.0 / SIZE_STEP };
            perform(&part, Command::Scale(factor));
        })
    };
    html! {
        <main class="stage" dir="ltr" {onwheel} oncontextmenu={|event: MouseEvent| event.prevent_default()}>
            <div {class} {style} tabindex="0" role="img" aria-label={t!("stage_label")}
                onpointerdown={begin(part, &pen)} onpointermove={extend(part, &pen, &cursor)}
                onpointerup={end(part, &pen)} onpointercancel={end(part, &pen)}
                onpointerleave={hide(&cursor)}>
                { VNode::VRef(surface.source.clone().into()) }
                { VNode::VRef(surface.result.clone().into()) }
                { VNode::VRef(surface.brush.clone().into()) }
                <div class="cursor" ref={cursor} hidden=true />
            </div>
        </main>
    }
}

fn begin(part: &PartProps, pen: &Rc<Pen>) -> Callback<PointerEvent> {
    let (part, pen) = (part.clone(), Rc::clone(pen));
    Callback::from(move |event: PointerEvent| {
        if part.editor.is_comparing {
            part.editor.dispatch(Action::Compare(false));
        }
        pen.begin(&event, &part.controller.surface, part.editor.tool, part.editor.radius);
    })
}

fn extend(part: &PartProps, pen: &Rc<Pen>, cursor: &NodeRef) -> Callback<PointerEvent> {
    let (part, pen, cursor) = (part.clone(), Rc::clone(pen), cursor.clone());
    Callback::from(move |event: PointerEvent| {
        pen.extend(&event, &part.controller.surface);
        if let Some(cursor) = cursor.cast::<HtmlElement>() {
            follow(&event, &cursor, &part);
        }
    })
}

fn end(part: &PartProps, pen: &Rc<Pen>) -> Callback<PointerEvent> {
    let (editor, pen) = (part.editor.clone(), Rc::clone(pen));
    Callback::from(move |event: PointerEvent| {
        if let Some(stroke) = pen.end(&event) {
            editor.dispatch(Action::Draw(stroke));
        }
    })
}

fn hide(cursor: &NodeRef) -> Callback<PointerEvent> {
    let cursor = cursor.clone();
    Callback::from(move |_| {
        if let Some(cursor) = cursor.cast::<HtmlElement>() {
            cursor.set_hidden(true);
        }
    })
}

/// Moves the ring that shows the brush. It never goes through a render, so that it keeps up with the hand.
fn follow(event: &PointerEvent, cursor: &HtmlElement, part: &PartProps) {
    let Some(size) = part.controller.surface.size() else { return };
    let rect = part.controller.surface.brush.get_bounding_client_rect();
    let diameter = f64::from(part.editor.radius) * 2.0 * rect.width() / f64::from(size.width());
    let (x, y) = (f64::from(event.client_x()) - rect.x(), f64::from(event.client_y()) - rect.y());
    let style = format!("width:{diameter}px;height:{diameter}px;transform:translate({x}px,{y}px) translate(-50%,-50%)");
    cursor.style().set_css_text(&style);
    cursor.set_hidden(false);
}

/// Keeps the paint's canvas as fine as the screen.
#[hook]
fn use_fitting(part: &PartProps) {
    // The observer outlives a render; the paint it needs is the newest.
    let newest = use_mut_ref(|| part.clone());
    *newest.borrow_mut() = part.clone();
    let brush = part.controller.surface.brush.clone();
    use_effect_with((), move |()| {
        let fit = Closure::<dyn FnMut(JsValue)>::new(move |_| {
            let part = newest.borrow().clone();
            if let Err(error) = part.controller.surface.fit(&part.editor.painting) {
                log::error!("{error}");
            }
        });
        let observer = ResizeObserver::new(fit.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(&brush);
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop(fit);
        }
    });
}
