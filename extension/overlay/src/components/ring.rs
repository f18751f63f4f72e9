//! What goes with the hand: the ring that shows the brush, and the loupe. Neither goes through a render, so that both keep
//! up.

use web_sys::{HtmlCanvasElement, HtmlElement};
use yew::prelude::*;

use crate::app::PartProps;

/// A ring smaller than this, in CSS pixels, hides nothing, but what is under it is too small to see.
const SMALL_PX: f64 = 14.0;

/// The elements.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ring {
    /// A circle as large as the brush.
    pub(super) cursor: NodeRef,
    /// A canvas that shows what is under the brush.
    pub(super) loupe: NodeRef,
}

impl Ring {
    /// Hides both when the pointer leaves.
    pub(super) fn hidden(&self) -> Callback<PointerEvent> {
        let this = self.clone();
        Callback::from(move |_| {
            this.lift();
            if let Some(cursor) = this.cursor.cast::<HtmlElement>() {
                cursor.set_hidden(true);
            }
        })
    }

    /// The brush is lifted: there is nothing to look at more closely.
    pub(super) fn lift(&self) {
        if let Some(loupe) = self.loupe.cast::<HtmlElement>() {
            loupe.set_hidden(true);
        }
    }

    /// Goes where the pointer is.
    pub(super) fn follow(&self, event: &PointerEvent, part: &PartProps) {
        let surface = &part.controller.surface;
        let Some((size, cursor)) = surface.size().zip(self.cursor.cast::<HtmlElement>()) else { return };
        let rect = surface.brush.get_bounding_client_rect();
        let diameter = f64::from(part.editor.radius) * 2.0 * rect.width() / f64::from(size.width());
        // The ring does not grow with the picture, so its place is that in the frame.
        let Some(frame) = cursor.parent_element().map(|frame| frame.get_bounding_client_rect()) else { return };
        let (x, y) = (f64::from(event.client_x()) - frame.x(), f64::from(event.client_y()) - frame.y());
        let hardness = part.editor.instrument.hardness(part.editor.hardness);
        let style = format!(
            "--hardness:{hardness};width:{diameter}px;height:{diameter}px;transform:translate({x}px,{y}px) translate(-50%,-50%)"
        );
        cursor.style().set_css_text(&style);
        cursor.set_hidden(false);
        self.look_closely(event, part, diameter, x < frame.width() / 2.0);
    }

    /// Shows what is under the brush in large, at the side of the picture where the hand is not.
    fn look_closely(&self, event: &PointerEvent, part: &PartProps, diameter: f64, is_left: bool) {
        let Some(loupe) = self.loupe.cast::<HtmlCanvasElement>() else { return };
        let is_hard_to_see = event.pointer_type() == "touch" || diameter < SMALL_PX;
        let Some(tip) = part.controller.pen.tip().filter(|_| is_hard_to_see) else {
            loupe.set_hidden(true);
            return;
        };
        if loupe.class_list().toggle_with_force("far", is_left).is_err() {
            log::debug!("the loupe stays where it is");
        }
        match part.controller.surface.draw_loupe(&loupe, tip) {
            Ok(()) => loupe.set_hidden(false),
            Err(error) => log::error!("{error}"),
        }
    }
}
