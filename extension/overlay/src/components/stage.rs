//! The picture with the paint over it.

use std::rc::Rc;

use brushaway::geometry::Point;
use brushaway_browser::{clock, error::JsError, task};
use brushaway_ui::t;
use gloo::events::EventListener;
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{Element, ResizeObserver};
use yew::{prelude::*, virtual_dom::VNode};

use super::ring::Ring;
use crate::{
    app::{PartProps, perform, take, zoom},
    gestures::Motion,
    keys::{Command, SIZE_STEP},
    page,
    state::Action,
};

/// How much a wheel that turned by a pixel zooms: a notch of a mouse, 120, by 1.4.
const ZOOM_PER_PIXEL: f64 = 0.0028;

/// A hand that has not zoomed for so long rests.
const REST_MILLIS: u32 = 120;

/// The picture.
#[component]
pub fn Stage(part: &PartProps) -> Html {
    let ring = Ring { cursor: use_node_ref(), loupe: use_node_ref() };
    use_fitting(part);
    use_wheel(part);
    use_moving(part);
    let Some(picture) = part.editor.picture() else { return Html::default() };
    let surface = &part.controller.surface;
    let style = format!("--width:{};--height:{}", picture.size.width(), picture.size.height());
    let class = classes!(
        "picture",
        (!part.editor.instrument.is_round()).then_some("pointing"),
        part.editor.is_comparing.then_some("comparing"),
        (part.editor.result.is_some() && part.editor.is_result_current).then_some("with-result"),
        part.editor.result.is_none().then_some("without-result"),
    );
    html! {
        <main class="stage" dir="ltr" oncontextmenu={|event: MouseEvent| event.prevent_default()}>
            <div {class} {style} tabindex="0" role="img" aria-label={t!("stage_label")}
                onpointerdown={begin(part)} onpointermove={extend(part, &ring)} onpointerup={end(part, &ring)}
                onpointercancel={end(part, &ring)} onpointerleave={ring.hidden()} ondblclick={close_polygon(part)}>
                <div class="view" style={part.editor.view.css()}>
                    { VNode::VRef(surface.source.clone().into()) }
                    { VNode::VRef(surface.result.clone().into()) }
                    { VNode::VRef(surface.brush.clone().into()) }
                    { VNode::VRef(surface.outline.clone().into()) }
                    if let Some(at) = part.editor.caret { { caret(part, at) } }
                </div>
                { VNode::VRef(surface.still.canvas.clone().into()) }
                <div class="cursor" ref={ring.cursor.clone()} hidden=true />
                <canvas class="loupe" ref={ring.loupe.clone()} hidden=true />
            </div>
        </main>
    }
}

fn begin(part: &PartProps) -> Callback<PointerEvent> {
    let part = part.clone();
    Callback::from(move |event: PointerEvent| {
        let PartProps { editor, controller } = &part;
        if controller.hand.grips(&event) {
            controller.drop_mark();
            if let Err(error) = controller.surface.take_hold(event.pointer_id(), editor.view) {
                log::error!("{error}");
            }
            return;
        }
        if editor.is_comparing {
            editor.dispatch(Action::Compare(false));
        }
        if editor.is_in_mask_menu {
            editor.dispatch(Action::MaskMenu(false));
        }
        if editor.caret.is_some() {
            editor.dispatch(Action::Steer(None));
        }
        take(&part, controller.pen.begin(&event, &controller.surface, editor.brush()));
    })
}

fn extend(part: &PartProps, ring: &Ring) -> Callback<PointerEvent> {
    let (part, ring) = (part.clone(), ring.clone());
    Callback::from(move |event: PointerEvent| {
        let controller = &part.controller;
        if let Some(motion) = controller.hand.moves(&event) {
            follow_hand(&part, &event, motion);
        } else if !controller.hand.is_pinching() {
            controller.pen.extend(&event, &controller.surface);
        }
        ring.follow(&event, &part);
    })
}

/// Moves and enlarges the picture as the hand says.
fn follow_hand(part: &PartProps, event: &PointerEvent, motion: Motion) {
    let Some(frame) = part.controller.surface.frame() else { return };
    part.editor.dispatch(Action::Pan(motion.by, frame));
    let Some(factor) = motion.factor else { return };
    let target = event.current_target().and_then(|target| target.dyn_into::<Element>().ok());
    if let Some(place) = target.map(|target| target.get_bounding_client_rect()) {
        zoom(part, factor, Some((motion.around.0 - place.x(), motion.around.1 - place.y())));
    }
}

fn end(part: &PartProps, ring: &Ring) -> Callback<PointerEvent> {
    let (part, ring) = (part.clone(), ring.clone());
    Callback::from(move |event: PointerEvent| {
        ring.lift();
        if part.controller.hand.lets_go(&event) {
            part.controller.surface.let_go();
        }
        take(&part, part.controller.pen.end(&event, &part.controller.surface));
    })
}

/// A second click at the same place joins the corners.
fn close_polygon(part: &PartProps) -> Callback<MouseEvent> {
    let part = part.clone();
    Callback::from(move |_| take(&part, part.controller.pen.close_polygon(&part.controller.surface)))
}

/// The keyboard's cursor: where it is and how large the brush.
fn caret(part: &PartProps, at: Point) -> Html {
    let Some(size) = part.editor.picture().map(|picture| picture.size) else { return Html::default() };
    let share = |length: f32, of: u32| format!("{:.3}%", length / of as f32 * 100.0);
    let width = share(part.editor.radius * 2.0, size.width());
    let style = format!("left:{};top:{};width:{width}", share(at.x, size.width()), share(at.y, size.height()));
    html! {
        <div class={classes!("caret", part.editor.instrument.is_round().then_some("round"))} {style}>
            <span class="read-only" role="status">{ t!("caret", format!("{:.0}", at.x), format!("{:.0}", at.y)) }</span>
        </div>
    }
}

/// The wheel zooms, as do two fingers on a trackpad, which the browser tells as a wheel with Ctrl; with Shift it changes the
/// brush.
#[hook]
fn use_wheel(part: &PartProps) {
    let newest = use_mut_ref(|| part.clone());
    *newest.borrow_mut() = part.clone();
    use_effect_with((), move |()| {
        let options = gloo::events::EventListenerOptions::enable_prevent_default();
        let listener = page::window().ok().map(|window| {
            EventListener::new_with_options(&window, "wheel", options, move |event| {
                let part = newest.borrow().clone();
                if let Some(event) = event.dyn_ref::<WheelEvent>() {
                    on_wheel(&part, event);
                }
            })
        });
        move || drop(listener)
    });
}

fn on_wheel(part: &PartProps, event: &WheelEvent) {
    let over = |class: &str| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        target.and_then(|target| target.closest(class).ok().flatten())
    };
    let stage = over(".stage");
    if stage.is_some() || event.ctrl_key() {
        // Else the browser would zoom or scroll the page.
        event.prevent_default();
    }
    let Some(stage) = stage else { return };
    // The browser turns a wheel with Shift into one that rolls sideways.
    let by = if event.delta_y() == 0.0 { event.delta_x() } else { event.delta_y() };
    if event.shift_key() {
        perform(part, Command::Scale(if by < 0.0 { SIZE_STEP } else { 1.0 / SIZE_STEP }));
    } else {
        let Some(picture) = stage.query_selector(".picture").ok().flatten() else { return };
        let frame = picture.get_bounding_client_rect();
        let at = (f64::from(event.client_x()) - frame.x(), f64::from(event.client_y()) - frame.y());
        zoom(part, (-by * ZOOM_PER_PIXEL).exp(), Some(at));
    }
}

/// Draws what comes into view while a hand moves the picture.
#[hook]
fn use_moving(part: &PartProps) {
    let controller = Rc::clone(&part.controller);
    use_effect_with(part.editor.view, move |view| {
        if let Err(error) = controller.surface.draw_moved(*view) {
            log::error!("{error}");
        }
    });
}

/// Keeps the paint's canvas as fine as the screen.
#[hook]
fn use_fitting(part: &PartProps) {
    // The observer outlives a render; the paint it needs is the newest.
    let newest = use_mut_ref(|| part.clone());
    *newest.borrow_mut() = part.clone();
    let brush = part.controller.surface.brush.clone();
    let (controller, zooms) = (Rc::clone(&part.controller), use_mut_ref(|| 0_u32));
    use_effect_with(part.editor.view.scale.to_bits(), move |_| {
        *zooms.borrow_mut() += 1;
        let zoom = *zooms.borrow();
        // Each notch of the wheel would paint everything anew; until the hand rests the paint is only seen larger.
        task::spawn("fit the paint", async move {
            loop {
                clock::sleep_millis(REST_MILLIS).await;
                if *zooms.borrow() != zoom {
                    return Ok::<(), JsError>(());
                }
                if !controller.pen.is_drawing() {
                    return controller.surface.fit(&controller.painting.borrow());
                }
            }
        });
    });
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
