//! The stroke in the making: drawn at once, told to the state only when the brush is lifted.
//!
//! So a long stroke on a large picture costs the same at its end as at its start, and nothing renders while painting.

use std::{cell::RefCell, rc::Rc};

use brushaway::{
    geometry::Point,
    mask::{Stroke, Tool},
};
use web_sys::PointerEvent;

use crate::surface::Surface;

/// Turns pointer events into a stroke.
#[derive(Debug, Default)]
pub struct Pen {
    drawing: RefCell<Option<(i32, Stroke)>>,
}

/// The right button and a pen's other end erase, whatever tool is chosen.
const SECONDARY_BUTTON: i16 = 2;
const PEN_ERASER_BUTTON: i16 = 5;

impl Pen {
    /// The brush touches the picture.
    pub fn begin(&self, event: &PointerEvent, surface: &Surface, tool: Tool, radius: f32) {
        let tool = if matches!(event.button(), SECONDARY_BUTTON | PEN_ERASER_BUTTON) { Tool::Eraser } else { tool };
        let is_ours = matches!(event.button(), 0 | SECONDARY_BUTTON | PEN_ERASER_BUTTON);
        if !is_ours || self.drawing.borrow().is_some() {
            return;
        }
        // Without capture a stroke that leaves the picture would end there; it still works, only worse.
        if surface.brush.set_pointer_capture(event.pointer_id()).is_err() {
            log::debug!("no pointer capture");
        }
        let Some(point) = place(event, surface) else { return };
        let stroke = Stroke { tool, radius, points: vec![point] };
        draw(surface, &stroke, 0);
        self.drawing.replace(Some((event.pointer_id(), stroke)));
    }

    /// The brush moves.
    pub fn extend(&self, event: &PointerEvent, surface: &Surface) {
        let mut drawing = self.drawing.borrow_mut();
        let Some((pointer, stroke)) = drawing.as_mut() else { return };
        if *pointer != event.pointer_id() {
            return;
        }
        if let Some(point) = place(event, surface) {
            stroke.points.push(point);
            draw(surface, stroke, stroke.points.len().saturating_sub(2));
        }
    }

    /// The brush is lifted; returns the stroke.
    pub fn end(&self, event: &PointerEvent) -> Option<Rc<Stroke>> {
        let mut drawing = self.drawing.borrow_mut();
        let ended = drawing.take_if(|(pointer, _)| *pointer == event.pointer_id());
        ended.map(|(_, stroke)| Rc::new(stroke))
    }
}

fn draw(surface: &Surface, stroke: &Stroke, first: usize) {
    if let Err(error) = surface.paint(stroke, first) {
        log::error!("{error}");
    }
}

/// Where an event is in image pixels.
fn place(event: &PointerEvent, surface: &Surface) -> Option<Point> {
    let rect = surface.brush.get_bounding_client_rect();
    let scale = f64::from(surface.size()?.width()) / rect.width();
    let x = (f64::from(event.client_x()) - rect.x()) * scale;
    let y = (f64::from(event.client_y()) - rect.y()) * scale;
    Some(Point::new(x as f32, y as f32))
}
