//! What a hand paints.

use serde::{Deserialize, Serialize};

use super::{Mask, Tool};
use crate::geometry::{Point, Size};

/// One movement of a round tool: the area within its radius of the line through `points`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stroke {
    /// What it does.
    pub tool: Tool,
    /// In image pixels, under full pressure.
    pub radius: f32,
    /// In image pixels, in the order drawn. One point makes a dot, none makes nothing.
    pub points: Vec<Point>,
    /// How hard the pen was pressed at each point, above 0 and at most 1: the radius there is so much of `radius`.
    /// Points without one were under full pressure, as all of a mouse are.
    #[serde(default)]
    pub pressures: Vec<f32>,
    /// How much of the radius is hard, 0 to 1: there the stroke does all that it does; from there to its edge it does less and
    /// less. A mask, which knows no less, is filled to the edge of a brush and kept to the
    /// middle of the soft rim of an eraser.
    #[serde(default = "wholly")]
    pub hardness: f32,
}

/// The hardness of strokes that do not tell theirs.
const fn wholly() -> f32 {
    1.0
}

impl Stroke {
    /// A hard stroke under full pressure.
    pub const fn new(tool: Tool, radius: f32, points: Vec<Point>) -> Self {
        Self { tool, radius, points, pressures: Vec::new(), hardness: 1.0 }
    }

    /// Whether its edge is soft.
    pub fn is_soft(&self) -> bool {
        self.hardness < 1.0
    }

    /// Calls `visit` with each pixel within reach of the line if so much of the radius counts: its number, the square of its
    /// distance from the line, and the radius there. Between two points the radius changes evenly; a pixel near a joint is
    /// visited once for each piece. Strokes of non-finite points or radii reach nothing.
    pub(crate) fn sweep(&self, size: Size, share: f32, mut visit: impl FnMut(usize, f32, f32)) {
        let dots = self.dots(share);
        if let [dot] = dots[..] {
            sweep_piece(dot, dot, size, &mut visit);
        }
        for ends in dots.windows(2) {
            if let [from, to] = *ends {
                sweep_piece(from, to, size, &mut visit);
            }
        }
    }

    fn dots(&self, share: f32) -> Vec<Dot> {
        // A point thinner than a pixel still marks the pixel it is in.
        let radius = |point: usize| (self.radius_at(point) * share).max(std::f32::consts::FRAC_1_SQRT_2);
        let dots = self.points.iter().enumerate().map(|(point, &at)| Dot { at, radius: radius(point) });
        let dots: Vec<Dot> = dots.collect();
        if dots.iter().all(|dot| dot.radius.is_finite() && dot.at.is_finite()) { dots } else { Vec::new() }
    }

    /// The radius at a point, by its number.
    pub fn radius_at(&self, point: usize) -> f32 {
        self.radius * self.pressures.get(point).copied().unwrap_or(1.0)
    }
}

/// A point of a stroke, and how far it reaches.
#[derive(Debug, Clone, Copy)]
struct Dot {
    at: Point,
    radius: f32,
}

impl Mask {
    /// Applies a stroke: each pixel whose centre lies within the radius of the line is filled or kept. Between two points
    /// the radius changes evenly.
    ///
    /// Strokes of non-finite points or radii leave the mask as it is.
    pub fn apply(&mut self, stroke: &Stroke) {
        let value = stroke.tool.value();
        let share = match stroke.tool {
            Tool::Eraser => f32::midpoint(stroke.hardness, 1.0),
            Tool::Brush => 1.0,
        };
        let size = self.size();
        stroke.sweep(size, share, |pixel, _, _| self.data[pixel] = value);
    }
}

/// Visits the pixels within reach of the segment between two dots.
fn sweep_piece(from: Dot, to: Dot, size: Size, visit: &mut impl FnMut(usize, f32, f32)) {
    let (dx, dy) = (to.at.x - from.at.x, to.at.y - from.at.y);
    // No `mul_add` here: wasm has no such instruction and would call a slow function.
    let length_squared = dx * dx + dy * dy;
    let (widening, reach) = (to.radius - from.radius, from.radius.max(to.radius));
    let (width, height) = size.into();
    let columns = pixel_span(from.at.x.min(to.at.x) - reach, from.at.x.max(to.at.x) + reach, width);
    let rows = pixel_span(from.at.y.min(to.at.y) - reach, from.at.y.max(to.at.y) + reach, height);
    for y in rows {
        let py = y as f32 + 0.5 - from.at.y;
        let row = y as usize * width as usize;
        for x in columns.clone() {
            let px = x as f32 + 0.5 - from.at.x;
            let along = if length_squared > 0.0 { ((px * dx + py * dy) / length_squared).clamp(0.0, 1.0) } else { 0.0 };
            let (ex, ey) = (px - along * dx, py - along * dy);
            let (squared, radius) = (ex * ex + ey * ey, from.radius + along * widening);
            if squared <= radius * radius {
                visit(row + x as usize, squared, radius);
            }
        }
    }
}

/// The whole pixels between two coordinates, cut to `0..limit`.
fn pixel_span(from: f32, to: f32, limit: u32) -> std::ops::Range<u32> {
    // Float to integer casts saturate, so coordinates outside the image become its edges.
    let end = (to.ceil() as u32).min(limit);
    (from.floor() as u32).min(end)..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Rect;

    fn size() -> Size {
        Size::new(64, 48).unwrap()
    }

    fn stroke(tool: Tool, radius: f32, points: &[(f32, f32)]) -> Stroke {
        Stroke::new(tool, radius, points.iter().map(|&(x, y)| Point::new(x, y)).collect())
    }

    #[test]
    fn a_dot_covers_its_circle() {
        let mut mask = Mask::empty(size());
        mask.apply(&stroke(Tool::Brush, 10.0, &[(30.0, 20.0)]));
        assert_eq!(mask.bounds(), Rect::between(20, 10, 40, 30));
        let circle = std::f32::consts::PI * 100.0;
        assert!((mask.count() as f32 - circle).abs() < 12.0, "{} of {circle}", mask.count());
    }

    #[test]
    fn a_fast_movement_leaves_no_gap() {
        let mut mask = Mask::empty(size());
        mask.apply(&stroke(Tool::Brush, 2.0, &[(2.0, 24.0), (62.0, 24.0)]));
        assert!((2..62).all(|x| mask.is_fill(x, 24)));
    }

    #[test]
    fn the_eraser_undoes_the_brush() {
        let mut mask = Mask::empty(size());
        mask.apply(&stroke(Tool::Brush, 6.0, &[(10.0, 10.0), (50.0, 40.0)]));
        mask.apply(&stroke(Tool::Eraser, 6.0, &[(10.0, 10.0), (50.0, 40.0)]));
        assert_eq!(mask.bounds(), None);
    }

    #[test]
    fn strokes_outside_the_image_or_of_nonsense_do_nothing() {
        let mut mask = Mask::empty(size());
        mask.apply(&stroke(Tool::Brush, 5.0, &[(-100.0, -100.0), (-90.0, 500.0)]));
        mask.apply(&stroke(Tool::Brush, f32::NAN, &[(f32::INFINITY, 1.0)]));
        mask.apply(&stroke(Tool::Brush, 5.0, &[]));
        assert_eq!(mask.count(), 0);
    }

    #[test]
    fn the_thinnest_brush_marks_a_pixel() {
        let mut mask = Mask::empty(size());
        mask.apply(&stroke(Tool::Brush, 0.1, &[(5.9, 7.2)]));
        assert!(mask.is_fill(5, 7));
    }

    #[test]
    fn a_pen_pressed_less_paints_a_thinner_line() {
        let mut mask = Mask::empty(size());
        let pressures = vec![0.5, 1.0];
        mask.apply(&Stroke { pressures, ..stroke(Tool::Brush, 10.0, &[(12.0, 24.0), (50.0, 24.0)]) });
        let thickness = |x: u32| (0..48).filter(|&y| mask.is_fill(x, y)).count();
        assert_eq!((thickness(12), thickness(50)), (10, 20));
        assert!((14..=16).contains(&thickness(31)), "{}", thickness(31));
    }
}
