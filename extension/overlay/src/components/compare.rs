//! The picture and its result, looked at together.

use std::{cell::Cell, rc::Rc};

use brushaway_browser::error::JsError;
use brushaway_ui::{Button, Icon, number_words, t};
use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{Element, HtmlCanvasElement, HtmlElement, ResizeObserver};
use yew::{prelude::*, virtual_dom::VNode};

use super::focus::focus;
use crate::{
    app::{PartProps, perform, zoom},
    comparing::{Compare, Look, divider_after},
    keys::Command,
    page,
    state::Action,
    surface::context,
};

/// How much a wheel that turned by a pixel zooms, as where one paints.
const ZOOM_PER_PIXEL: f64 = 0.0028;

/// The buttons for each way to look.
#[component]
pub fn Looks(part: &PartProps) -> Html {
    let button = |look: Look, action: &'static str, label: String, icon: Icon, keys: &'static str| {
        let onclick = {
            let part = part.clone();
            Callback::from(move |()| perform(&part, Command::Look(look)))
        };
        html! {
            <Button {action} {label} {icon} {keys} compact=true pressed={part.editor.looking() == Some(look)}
                disabled={!part.editor.can_compare()} {onclick} />
        }
    };
    html! {
        <div class="looks" role="group" aria-label={t!("compare_label")}>
            { button(Look::Split, "look-split", t!("compare_split"), Icon::Split, "Y") }
            { button(Look::Beside, "look-beside", t!("compare_beside"), Icon::Beside, "Shift+Y") }
            { button(Look::Changes, "look-changes", t!("compare_changes"), Icon::Changes, "D") }
        </div>
    }
}

/// The picture and its result, in the way that was chosen. It is moved and zoomed, not painted on.
#[component]
pub fn Comparison(part: &PartProps) -> Html {
    let stage = use_node_ref();
    let before = use_node_ref();
    let hand = use_memo((), |()| Hand::default());
    use_counting(part);
    use_wheel(part, &stage);
    use_drawing(part, &before);
    let (Some(picture), Some(look)) = (part.editor.picture(), part.editor.looking()) else { return Html::default() };
    let surface = &part.controller.surface;
    let shape = format!("--width:{};--height:{}", picture.size.width(), picture.size.height());
    let view = part.editor.view;
    let divider = part.editor.comparing.divider;
    let style = format!("{};--corner:{:.2}px;--scale:{:.5};--divider:{divider:.4}", view.css(), view.left, view.scale);
    let class = classes!("picture", part.editor.is_comparing.then_some("comparing"));
    let label = if look == Look::Changes { t!("compare_changes") } else { t!("compare_after") };
    html! {
        <main class={classes!("stage", "looking", look.name())} dir="ltr" ref={stage}
            oncontextmenu={|event: MouseEvent| event.prevent_default()}
            onpointerdown={grip(part, &hand)} onpointermove={drag(part, &hand)}
            onpointerup={let_go(&hand)} onpointercancel={let_go(&hand)}>
            if look == Look::Beside {
                <div class="pane">
                    <div class="picture" style={shape.clone()} role="img" aria-label={t!("compare_before")}>
                        <canvas class="before" ref={before} />
                    </div>
                    <span class="tag" aria-hidden="true">{ t!("compare_before") }</span>
                </div>
            }
            <div class="pane">
                <div {class} style={shape} role="group" aria-label={t!("compare_label")}>
                    <div class="view" {style} role="img" aria-label={label}>
                        { VNode::VRef(surface.source.clone().into()) }
                        { VNode::VRef(surface.result.clone().into()) }
                        { VNode::VRef(surface.marks.clone().into()) }
                        { VNode::VRef(surface.brush.clone().into()) }
                    </div>
                    if look == Look::Split { <Divider ..part.clone() /> }
                </div>
                { tags(part, look) }
            </div>
        </main>
    }
}

/// Words over the picture: which side is which, or how much is not the same.
fn tags(part: &PartProps, look: Look) -> Html {
    let tag = |class: &'static str, words: String| html! { <span class={classes!("tag", class)} aria-hidden="true">{ words }</span> };
    match look {
        Look::Split => {
            let sides = [tag("", t!("compare_before")), tag("far", t!("compare_after"))];
            html! { <>{ for sides }</> }
        }
        Look::Beside => tag("", t!("compare_after")),
        Look::Changes => {
            let share = part.editor.comparing.counted.map(|counted| {
                let (percent, digits) = counted.percent();
                t!("compare_share", number_words(percent, digits))
            });
            html! { <span class="tag" role="status" data-share="">{ share.unwrap_or_else(|| t!("compare_counting")) }</span> }
        }
    }
}

/// The line between the picture and the result.
#[component]
fn Divider(part: &PartProps) -> Html {
    let handle = use_node_ref();
    let held = use_mut_ref(|| None::<i32>);
    let divider = part.editor.comparing.divider;
    let percent = format!("{:.0}", divider * 100.0);
    let go = {
        let editor = part.editor.clone();
        Callback::from(move |share: f64| editor.dispatch(Action::Comparing(Compare::Divide(share))))
    };
    let onkeydown = {
        let go = go.clone();
        Callback::from(move |event: KeyboardEvent| {
            if let Some(share) = divider_after(&event.key(), event.shift_key(), divider) {
                // Neither the page nor the editor's own keys get these.
                event.prevent_default();
                event.stop_propagation();
                go.emit(share);
            }
        })
    };
    let onpointerdown = {
        let (held, handle) = (Rc::clone(&held), handle.clone());
        Callback::from(move |event: PointerEvent| {
            if event.button() != 0 {
                return;
            }
            // Else the picture would be taken hold of.
            event.stop_propagation();
            if let Some(handle) = handle.cast::<HtmlElement>() {
                capture(&handle, event.pointer_id());
                focus(Some(handle));
            }
            held.replace(Some(event.pointer_id()));
        })
    };
    let onpointermove = {
        let (held, handle, go) = (Rc::clone(&held), handle.clone(), go);
        Callback::from(move |event: PointerEvent| {
            let frame = handle.cast::<Element>().and_then(|handle| handle.parent_element());
            if let (true, Some(frame)) = (*held.borrow() == Some(event.pointer_id()), frame) {
                let rect = frame.get_bounding_client_rect();
                go.emit((f64::from(event.client_x()) - rect.x()) / rect.width());
            }
        })
    };
    let release = Callback::from(move |_: PointerEvent| *held.borrow_mut() = None);
    html! {
        <div class="divider" style={format!("inset-inline-start:{:.3}%", divider * 100.0)} ref={handle}
            role="slider" tabindex="0" data-action="divider" aria-label={t!("compare_divider")} aria-orientation="horizontal"
            aria-valuemin="0" aria-valuemax="100" aria-valuenow={percent.clone()} aria-valuetext={percent + " %"}
            {onkeydown} {onpointerdown} {onpointermove} onpointerup={release.clone()} onpointercancel={release}>
            <span class="knob">{ brushaway_ui::icon(Icon::Split) }</span>
        </div>
    }
}

/// Without capture a move that leaves the element would end there; it still works, only worse.
fn capture(element: &Element, pointer: i32) {
    if element.set_pointer_capture(pointer).is_err() {
        log::debug!("no pointer capture");
    }
}

/// Moves the picture: the pointer that holds it, and where that was.
type Hand = Cell<Option<(i32, f64, f64)>>;

fn grip(part: &PartProps, hand: &Rc<Hand>) -> Callback<PointerEvent> {
    let (brush, hand) = (part.controller.surface.brush.clone(), Rc::clone(hand));
    Callback::from(move |event: PointerEvent| {
        // Else the browser begins to scroll or to select by itself.
        event.prevent_default();
        if hand.get().is_none()
            && let Some(stage) = brush.closest(".stage").ok().flatten()
        {
            capture(&stage, event.pointer_id());
            hand.set(Some((event.pointer_id(), f64::from(event.client_x()), f64::from(event.client_y()))));
        }
    })
}

fn drag(part: &PartProps, hand: &Rc<Hand>) -> Callback<PointerEvent> {
    let (part, hand) = (part.clone(), Rc::clone(hand));
    Callback::from(move |event: PointerEvent| {
        let Some((pointer, x, y)) = hand.get().filter(|(pointer, ..)| *pointer == event.pointer_id()) else { return };
        let (to_x, to_y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        hand.set(Some((pointer, to_x, to_y)));
        if let Some(frame) = part.controller.surface.frame() {
            part.editor.dispatch(Action::Pan((to_x - x, to_y - y), frame));
        }
    })
}

fn let_go(hand: &Rc<Hand>) -> Callback<PointerEvent> {
    let hand = Rc::clone(hand);
    Callback::from(move |event: PointerEvent| {
        hand.set(hand.get().filter(|(pointer, ..)| *pointer != event.pointer_id()));
    })
}

/// Counts the pixels that are not the same whenever others are on the screen.
#[hook]
fn use_counting(part: &PartProps) {
    let is_wanted = part.editor.looking() == Some(Look::Changes);
    let (controller, editor) = (Rc::clone(&part.controller), part.editor.dispatcher());
    use_effect_with((is_wanted, part.editor.pixels()), move |(is_wanted, _)| {
        if !*is_wanted {
            controller.surface.forget_marks();
            return;
        }
        match controller.surface.count_changes() {
            Ok(counted) => editor.dispatch(Action::Comparing(Compare::Count(counted))),
            Err(error) => log::error!("{error}"),
        }
    });
}

/// The wheel zooms, in each of the two pictures to the pointer.
#[hook]
fn use_wheel(part: &PartProps, stage: &NodeRef) {
    let newest = use_mut_ref(|| part.clone());
    *newest.borrow_mut() = part.clone();
    use_effect_with(stage.clone(), move |stage| {
        let options = EventListenerOptions::enable_prevent_default();
        let listener = stage.cast::<Element>().map(|stage| {
            EventListener::new_with_options(&stage, "wheel", options, move |event| {
                let part = newest.borrow().clone();
                if let Some(event) = event.dyn_ref::<WheelEvent>() {
                    event.prevent_default();
                    on_wheel(&part, event);
                }
            })
        });
        move || drop(listener)
    });
}

fn on_wheel(part: &PartProps, event: &WheelEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let pane = target.and_then(|target| target.closest(".pane").ok().flatten());
    let Some(picture) = pane.and_then(|pane| pane.query_selector(".picture").ok().flatten()) else { return };
    let frame = picture.get_bounding_client_rect();
    let at = (f64::from(event.client_x()) - frame.x(), f64::from(event.client_y()) - frame.y());
    zoom(part, (-event.delta_y() * ZOOM_PER_PIXEL).exp(), Some(at));
}

/// Keeps the picture beside the result the same part of the picture.
#[hook]
fn use_drawing(part: &PartProps, before: &NodeRef) {
    let newest = use_mut_ref(|| part.clone());
    *newest.borrow_mut() = part.clone();
    let look = part.editor.looking();
    use_effect({
        let (part, before) = (part.clone(), before.clone());
        move || draw_before(&part, &before)
    });
    use_effect_with((look, before.clone()), move |(_, before)| {
        let canvas = before.cast::<HtmlCanvasElement>();
        let (before, part) = (before.clone(), newest);
        let fit = Closure::<dyn FnMut(JsValue)>::new(move |_| draw_before(&part.borrow(), &before));
        let observer = ResizeObserver::new(fit.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(canvas)) = (&observer, &canvas) {
            observer.observe(canvas);
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop(fit);
        }
    });
}

fn draw_before(part: &PartProps, before: &NodeRef) {
    if let Some(canvas) = before.cast::<HtmlCanvasElement>()
        && let Err(error) = draw_part(part, &canvas)
    {
        log::error!("{error}");
    }
}

/// Draws the part of the picture that is seen, at the screen's resolution: a second copy of a large picture would be dear.
fn draw_part(part: &PartProps, canvas: &HtmlCanvasElement) -> Result<(), JsError> {
    let (surface, view) = (&part.controller.surface, part.editor.view);
    let (Some(frame), Some(size)) = (surface.frame(), surface.size()) else { return Ok(()) };
    let ratio = page::window()?.device_pixel_ratio();
    let (width, height) = ((frame.width * ratio).round().max(1.0), (frame.height * ratio).round().max(1.0));
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let (across, down) = (f64::from(size.width()) / frame.width, f64::from(size.height()) / frame.height);
    let (left, top) = (-view.left / view.scale * across, -view.top / view.scale * down);
    let (w, h) = (f64::from(size.width()) / view.scale, f64::from(size.height()) / view.scale);
    context(canvas)?
        .draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
            &surface.source,
            left,
            top,
            w,
            h,
            0.0,
            0.0,
            width,
            height,
        )
        .map_err(JsError::of("draw the picture"))
}
