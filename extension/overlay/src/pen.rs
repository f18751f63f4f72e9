//! The mark in the making: drawn at once, told to the state only when it is finished.
//!
//! So a long stroke on a large picture costs the same at its end as at its start, and nothing renders while painting.

use std::cell::RefCell;

use brushaway::{
    geometry::Point,
    mask::{Area, Mark, Stroke, Tool},
};
use wasm_bindgen::JsCast as _;
use web_sys::PointerEvent;

use crate::{
    instrument::Instrument,
    surface::{Ink, Surface},
};

/// Turns pointer events into marks and clicks.
#[derive(Debug, Default)]
pub struct Pen {
    drawing: RefCell<Option<Drawing>>,
}

/// What is in the hand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brush {
    /// What it does.
    pub instrument: Instrument,
    /// In image pixels.
    pub radius: f32,
    /// How much of the radius is hard, 0 to 1.
    pub hardness: f32,
}

/// What came of a movement.
#[derive(Debug, Clone, PartialEq)]
pub enum Made {
    /// Something was marked.
    Mark(Mark),
    /// An object was pointed at.
    Pointed(Pointed),
    /// The original is to come back there.
    Restored(Stroke),
}

/// How an object was pointed at.
#[derive(Debug, Clone, PartialEq)]
pub struct Pointed {
    /// One point, or two corners of a box around it.
    pub points: Vec<Point>,
    /// It belongs to the object that was pointed at before.
    pub is_more: bool,
    /// It is no part of that object.
    pub is_not: bool,
}

/// What is being made.
#[derive(Debug)]
struct Drawing {
    /// The pointer that draws; none between the corners of a polygon.
    pointer: Option<i32>,
    instrument: Instrument,
    stroke: Stroke,
    is_more: bool,
}

/// The right button and a pen's other end take out, whatever tool is chosen.
const SECONDARY_BUTTON: i16 = 2;
const PEN_ERASER_BUTTON: i16 = 5;

/// A press that moved less than this, in CSS pixels, was a click.
const CLICK_PX: f32 = 4.0;

/// A corner this near to the first one, in CSS pixels, closes a polygon.
const CLOSING_PX: f32 = 10.0;

/// A pen that barely touches still paints so much of its size.
const LEAST_PRESSURE: f32 = 0.15;

impl Pen {
    /// The instrument touches the picture; returns what that finished.
    pub fn begin(&self, event: &PointerEvent, surface: &Surface, brush: Brush) -> Option<Made> {
        let Brush { instrument, radius, hardness } = brush;
        let is_turned = matches!(event.button(), SECONDARY_BUTTON | PEN_ERASER_BUTTON);
        if !is_turned && event.button() != 0 {
            return None;
        }
        let point = Sheet::of(surface)?.place(event);
        if self.is_polygon() {
            return self.corner(point, surface);
        }
        if self.drawing.borrow().is_some() {
            return None;
        }
        // Without capture a stroke that leaves the picture would end there; it still works, only worse.
        if surface.brush.set_pointer_capture(event.pointer_id()).is_err() {
            log::debug!("no pointer capture");
        }
        let stroke = Stroke {
            pressures: pressure(event).into_iter().collect(),
            hardness: instrument.hardness(hardness),
            ..Stroke::new(instrument.tool(is_turned || event.alt_key()), radius, vec![point])
        };
        let pointer = (instrument != Instrument::Polygon).then(|| event.pointer_id());
        let drawing = Drawing { pointer, instrument, stroke, is_more: event.shift_key() };
        drawing.show(surface, 0, None);
        self.drawing.replace(Some(drawing));
        None
    }

    /// The instrument moves.
    pub fn extend(&self, event: &PointerEvent, surface: &Surface) {
        let mut drawing = self.drawing.borrow_mut();
        let Some(drawing) = drawing.as_mut() else { return };
        if drawing.pointer.is_some_and(|pointer| pointer != event.pointer_id()) {
            return;
        }
        let first = drawing.stroke.points.len().saturating_sub(1);
        // A fast hand makes more points than the browser has frames.
        let all = event.get_coalesced_events();
        let mut events: Vec<PointerEvent> = all.iter().map(wasm_bindgen::JsCast::unchecked_into).collect();
        if events.is_empty() {
            events.push(event.clone().unchecked_into());
        }
        // Asked once for all of them: the browser may have to lay the page out to answer.
        let Some(sheet) = Sheet::of(surface) else { return };
        let mut hover = None;
        for event in &events {
            let point = sheet.place(event);
            match drawing.instrument {
                Instrument::Polygon => hover = Some(point),
                Instrument::Rectangle | Instrument::Select => {
                    drawing.stroke.points.truncate(1);
                    drawing.stroke.points.push(point);
                }
                Instrument::Paint(_) | Instrument::Restore | Instrument::Lasso => {
                    drawing.stroke.points.push(point);
                    drawing.stroke.pressures.extend(pressure(event));
                }
            }
        }
        drawing.show(surface, first, hover);
    }

    /// The instrument is lifted; returns what it made.
    pub fn end(&self, event: &PointerEvent, surface: &Surface) -> Option<Made> {
        let is_ours = |drawing: &mut Drawing| drawing.pointer == Some(event.pointer_id());
        let drawing = self.drawing.borrow_mut().take_if(is_ours)?;
        surface.outline(&[]);
        drawing.finished(surface.css_px_per_pixel())
    }

    /// The keyboard presses at `point`: a dot of the brush, the first or the second corner of a box, a click.
    pub fn press(&self, point: Point, surface: &Surface, brush: Brush) -> Option<Made> {
        let Brush { instrument, radius, hardness } = brush;
        let single = |instrument: Instrument| Drawing {
            pointer: None,
            instrument,
            stroke: Stroke {
                hardness: instrument.hardness(hardness),
                ..Stroke::new(instrument.tool(false), radius, vec![point])
            },
            is_more: false,
        };
        match instrument {
            Instrument::Paint(_) | Instrument::Restore | Instrument::Select => single(instrument).finished(1.0),
            // Whoever cannot draw a line goes from corner to corner.
            Instrument::Polygon | Instrument::Lasso if self.is_polygon() => self.corner(point, surface),
            Instrument::Polygon | Instrument::Lasso => {
                self.drawing.replace(Some(single(Instrument::Polygon)));
                None
            }
            Instrument::Rectangle => {
                let begun = self.drawing.take();
                let Some(mut drawing) = begun else {
                    self.drawing.replace(Some(single(instrument)));
                    return None;
                };
                drawing.stroke.points.truncate(1);
                drawing.stroke.points.push(point);
                surface.outline(&[]);
                drawing.finished(surface.css_px_per_pixel())
            }
        }
    }

    /// The keyboard's cursor is at `point`: shows what a press there would make.
    pub fn hover(&self, point: Point, surface: &Surface) {
        if let Some(drawing) = self.drawing.borrow().as_ref().filter(|drawing| drawing.pointer.is_none()) {
            drawing.show(surface, 0, Some(point));
        }
    }

    /// Whether something is in the making.
    pub fn is_drawing(&self) -> bool {
        self.drawing.borrow().is_some()
    }

    /// Where paint was put last, while it is being put.
    pub fn tip(&self) -> Option<Point> {
        let drawing = self.drawing.borrow();
        let drawing = drawing.as_ref().filter(|drawing| drawing.instrument.is_round())?;
        drawing.stroke.points.last().copied()
    }

    /// Whether a polygon has corners already.
    pub fn is_polygon(&self) -> bool {
        self.drawing.borrow().as_ref().is_some_and(|drawing| drawing.instrument == Instrument::Polygon)
    }

    /// Joins the last corner of a polygon to the first.
    pub fn close_polygon(&self, surface: &Surface) -> Option<Made> {
        let drawing = self.drawing.borrow_mut().take_if(|drawing| drawing.instrument == Instrument::Polygon)?;
        surface.outline(&[]);
        drawing.finished(surface.css_px_per_pixel())
    }

    /// Takes back what is in the making; says whether there was something.
    pub fn drop(&self, surface: &Surface) -> bool {
        let dropped = self.drawing.take();
        surface.outline(&[]);
        dropped.is_some()
    }

    /// Another corner of a polygon; the first one again, or the last one, closes it.
    fn corner(&self, point: Point, surface: &Surface) -> Option<Made> {
        let closes = self.drawing.borrow().as_ref().is_some_and(|drawing| {
            let near = |corner: Option<&Point>| {
                corner.is_some_and(|corner| distance(*corner, point) * surface.css_px_per_pixel() < CLOSING_PX)
            };
            near(drawing.stroke.points.first()) || near(drawing.stroke.points.last())
        });
        if closes {
            return self.close_polygon(surface);
        }
        if let Some(drawing) = self.drawing.borrow_mut().as_mut() {
            drawing.stroke.points.push(point);
            drawing.show(surface, 0, None);
        }
        None
    }
}

impl Drawing {
    /// Shows it, from its point `first` on if it is painted, and as if `hover` were its next.
    fn show(&self, surface: &Surface, first: usize, hover: Option<Point>) {
        let points = &self.stroke.points;
        let shown = match (self.instrument, points.first(), hover.or_else(|| points.last().copied())) {
            (Instrument::Paint(_), ..) => surface.paint(&self.stroke, first, Ink::Mask),
            (Instrument::Restore, ..) => surface.paint(&self.stroke, first, Ink::Original),
            (Instrument::Rectangle | Instrument::Select, Some(from), Some(to)) => {
                surface.outline(&rectangle(*from, to));
                Ok(())
            }
            _ => {
                surface.outline(&points.iter().copied().chain(hover).collect::<Vec<_>>());
                Ok(())
            }
        };
        if let Err(error) = shown {
            log::error!("{error}");
        }
    }

    /// What it is now that it is finished; nothing if it is too small to mean something.
    fn finished(self, css_px_per_pixel: f32) -> Option<Made> {
        let Self { instrument, stroke, is_more, .. } = self;
        let tool = stroke.tool;
        let area = |ring: Vec<Point>| Some(Made::Mark(Mark::Area(Area { tool, rings: vec![ring] })));
        let reach = stroke.points.iter().map(|point| distance(stroke.points[0], *point)).fold(0.0, f32::max);
        let is_click = reach * css_px_per_pixel < CLICK_PX;
        // A box that is a line holds nothing.
        let is_flat = |from: Point, to: Point| (from.x - to.x).abs().min((from.y - to.y).abs()) < 0.5;
        match (instrument, &stroke.points[..]) {
            (Instrument::Paint(_), _) => Some(Made::Mark(Mark::Stroke(stroke))),
            (Instrument::Restore, _) => Some(Made::Restored(stroke)),
            (Instrument::Select, [first, ..]) => {
                let points = if is_click { vec![*first] } else { stroke.points };
                let is_not = tool == Tool::Eraser;
                Some(Made::Pointed(Pointed { points, is_more: is_more || is_not, is_not }))
            }
            (Instrument::Rectangle, [from, to]) if !is_click && !is_flat(*from, *to) => area(rectangle(*from, *to)),
            (Instrument::Lasso | Instrument::Polygon, [_, _, _, ..]) if !is_click => area(stroke.points),
            _ => None,
        }
    }
}

fn rectangle(from: Point, to: Point) -> Vec<Point> {
    vec![from, Point::new(to.x, from.y), to, Point::new(from.x, to.y)]
}

fn distance(a: Point, b: Point) -> f32 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// How hard a pen is pressed; a mouse and a finger press with all of their size.
fn pressure(event: &PointerEvent) -> Option<f32> {
    (event.pointer_type() == "pen").then(|| event.pressure().clamp(LEAST_PRESSURE, 1.0))
}

/// Where the picture is on the screen.
#[derive(Debug, Clone, Copy)]
struct Sheet {
    /// In CSS pixels.
    left: f64,
    /// In CSS pixels.
    top: f64,
    /// Image pixels per CSS pixel.
    scale: f64,
}

impl Sheet {
    /// Nothing while there is no picture.
    fn of(surface: &Surface) -> Option<Self> {
        let rect = surface.brush.get_bounding_client_rect();
        Some(Self { left: rect.x(), top: rect.y(), scale: f64::from(surface.size()?.width()) / rect.width() })
    }

    /// Where an event is in image pixels.
    fn place(self, event: &PointerEvent) -> Point {
        let x = (f64::from(event.client_x()) - self.left) * self.scale;
        let y = (f64::from(event.client_y()) - self.top) * self.scale;
        Point::new(x as f32, y as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(instrument: Instrument, tool: Tool, points: &[(f32, f32)], is_more: bool) -> Option<Made> {
        let points = points.iter().map(|&(x, y)| Point::new(x, y)).collect();
        Drawing { pointer: None, instrument, stroke: Stroke::new(tool, 5.0, points), is_more }.finished(1.0)
    }

    #[test]
    fn a_dragged_box_has_four_corners() {
        let made = finished(Instrument::Rectangle, Tool::Brush, &[(10.0, 10.0), (30.0, 20.0)], false);
        let Some(Made::Mark(Mark::Area(area))) = made else { panic!("{made:?}") };
        assert_eq!(area.rings[0].len(), 4);
    }

    #[test]
    fn what_is_too_small_to_be_meant_marks_nothing() {
        for instrument in [Instrument::Rectangle, Instrument::Lasso, Instrument::Polygon] {
            assert_eq!(finished(instrument, Tool::Brush, &[(10.0, 10.0), (11.0, 10.0)], false), None);
        }
        assert_eq!(finished(Instrument::Polygon, Tool::Brush, &[(0.0, 0.0), (99.0, 0.0)], false), None);
    }

    #[test]
    fn a_shaky_click_points_at_one_point() {
        let made = finished(Instrument::Select, Tool::Brush, &[(10.0, 10.0), (12.0, 11.0)], false);
        let points = vec![Point::new(10.0, 10.0)];
        assert_eq!(made, Some(Made::Pointed(Pointed { points, is_more: false, is_not: false })));
    }

    #[test]
    fn what_is_no_part_refines_what_was_pointed_at() {
        let made = finished(Instrument::Select, Tool::Eraser, &[(10.0, 10.0)], false);
        let points = vec![Point::new(10.0, 10.0)];
        assert_eq!(made, Some(Made::Pointed(Pointed { points, is_more: true, is_not: true })));
    }
}
