//! The picture with the paint over it.

use std::{cell::Cell, rc::Rc};

use brushaway_ui::t;
use gloo::events::EventListener;
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{Element, HtmlElement, ResizeObserver};
use yew::{prelude::*, virtual_dom::VNode};

use crate::{
    app::{PartProps, perform, zoom},
    keys::{Command, SIZE_STEP},
    page,
    pen::Pen,
    state::Action,
};

/// How much a wheel that turned by a pixel zooms: a notch of a mouse, 120, by 1.4.
const ZOOM_PER_PIXEL: f64 = 0.0028;

/// The picture.
#[component]
pub fn Stage(part: &PartProps) -> Html {
    let pen = use_memo((), |()| Pen::default());
    let hand = use_memo((), |()| Hand::default());
    let cursor = use_node_ref();
    use_fitting(part);
    use_wheel(part);
    let Some(picture) = part.editor.picture() else { return Html::default() };
    let surface = &part.controller.surface;
    let style = format!("--width:{};--height:{}", picture.size.width(), picture.size.height());
    let class = classes!(
        "picture",
        part.editor.is_comparing.then_some("comparing"),
        (part.editor.result.is_some() && part.editor.is_result_current).then_some("with-result"),
    );
    html! {
        <main class="stage" dir="ltr" oncontextmenu={|event: MouseEvent| event.prevent_default()}>
            <div {class} {style} tabindex="0" role="img" aria-label={t!("stage_label")}
                onpointerdown={begin(part, &pen, &hand)} onpointermove={extend(part, &pen, &hand, &cursor)}
                onpointerup={end(part, &pen, &hand)} onpointercancel={end(part, &pen, &hand)}
                onpointerleave={hide(&cursor)}>
                <div class="view" style={part.editor.view.css()}>
                    { VNode::VRef(surface.source.clone().into()) }
                    { VNode::VRef(surface.result.clone().into()) }
                    { VNode::VRef(surface.brush.clone().into()) }
                </div>
                <div class="cursor" ref={cursor} hidden=true />
            </div>
        </main>
    }
}

/// The middle button moves the picture instead of painting on it.
const MIDDLE_BUTTON: i16 = 1;

/// Moves a picture that is seen only in part.
#[derive(Debug, Default)]
struct Hand {
    /// The pointer that holds it, and where it was.
    held: Cell<Option<(i32, f64, f64)>>,
}

impl Hand {
    /// Takes hold, if the event means that.
    fn grips(&self, event: &PointerEvent) -> bool {
        if event.button() == MIDDLE_BUTTON {
            // Else the browser begins to scroll by itself.
            event.prevent_default();
            self.held.set(Some((event.pointer_id(), f64::from(event.client_x()), f64::from(event.client_y()))));
        }
        self.held.get().is_some()
    }

    /// How far the picture is to move; none if it is not held.
    fn moves(&self, event: &PointerEvent) -> Option<(f64, f64)> {
        let (pointer, x, y) = self.held.get().filter(|(pointer, ..)| *pointer == event.pointer_id())?;
        let (to_x, to_y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        self.held.set(Some((pointer, to_x, to_y)));
        Some((to_x - x, to_y - y))
    }

    /// Lets go.
    fn lets_go(&self, event: &PointerEvent) {
        self.held.set(self.held.get().filter(|(pointer, ..)| *pointer != event.pointer_id()));
    }
}

fn begin(part: &PartProps, pen: &Rc<Pen>, hand: &Rc<Hand>) -> Callback<PointerEvent> {
    let (part, pen, hand) = (part.clone(), Rc::clone(pen), Rc::clone(hand));
    Callback::from(move |event: PointerEvent| {
        if hand.grips(&event) {
            return;
        }
        if part.editor.is_comparing {
            part.editor.dispatch(Action::Compare(false));
        }
        pen.begin(&event, &part.controller.surface, part.editor.tool, part.editor.radius);
    })
}

fn extend(part: &PartProps, pen: &Rc<Pen>, hand: &Rc<Hand>, cursor: &NodeRef) -> Callback<PointerEvent> {
    let (part, pen, hand, cursor) = (part.clone(), Rc::clone(pen), Rc::clone(hand), cursor.clone());
    Callback::from(move |event: PointerEvent| {
        if let (Some(by), Some(frame)) = (hand.moves(&event), part.controller.surface.frame()) {
            part.editor.dispatch(Action::Pan(by, frame));
        }
        pen.extend(&event, &part.controller.surface);
        if let Some(cursor) = cursor.cast::<HtmlElement>() {
            follow(&event, &cursor, &part);
        }
    })
}

fn end(part: &PartProps, pen: &Rc<Pen>, hand: &Rc<Hand>) -> Callback<PointerEvent> {
    let (editor, pen, hand) = (part.editor.clone(), Rc::clone(pen), Rc::clone(hand));
    Callback::from(move |event: PointerEvent| {
        hand.lets_go(&event);
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
    // The ring does not grow with the picture, so its place is that in the frame.
    let Some(frame) = cursor.parent_element().map(|frame| frame.get_bounding_client_rect()) else { return };
    let (x, y) = (f64::from(event.client_x()) - frame.x(), f64::from(event.client_y()) - frame.y());
    let style = format!("width:{diameter}px;height:{diameter}px;transform:translate({x}px,{y}px) translate(-50%,-50%)");
    cursor.style().set_css_text(&style);
    cursor.set_hidden(false);
}

/// The wheel changes the brush; with Ctrl, as which two fingers on a trackpad are told, it zooms.
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
    if event.ctrl_key() {
        // Else the browser would zoom the page.
        event.prevent_default();
    }
    let over = |class: &str| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        target.and_then(|target| target.closest(class).ok().flatten())
    };
    let Some(stage) = over(".stage") else { return };
    if event.ctrl_key() {
        let Some(picture) = stage.query_selector(".picture").ok().flatten() else { return };
        let frame = picture.get_bounding_client_rect();
        let at = (f64::from(event.client_x()) - frame.x(), f64::from(event.client_y()) - frame.y());
        zoom(part, (-event.delta_y() * ZOOM_PER_PIXEL).exp(), Some(at));
    } else {
        let factor = if event.delta_y() < 0.0 { SIZE_STEP } else { 1.0 / SIZE_STEP };
        perform(part, Command::Scale(factor));
    }
}

/// Keeps the paint's canvas as fine as the screen.
#[hook]
fn use_fitting(part: &PartProps) {
    // The observer outlives a render; the paint it needs is the newest.
    let newest = use_mut_ref(|| part.clone());
    *newest.borrow_mut() = part.clone();
    let brush = part.controller.surface.brush.clone();
    let zoomed = part.clone();
    use_effect_with(part.editor.view.scale.to_bits(), move |_| {
        if let Err(error) = zoomed.controller.surface.fit(&zoomed.editor.painting) {
            log::error!("{error}");
        }
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
