//! The paint over the picture: drawn as it is made, made into a mask where one is needed.

use brushaway::{
    geometry::{Point, Size},
    mask::{Mark, Mask, Stroke, Tool},
};
use brushaway_browser::error::JsError;
use web_sys::{CanvasRenderingContext2d, CanvasWindingRule, Element, HtmlCanvasElement, HtmlImageElement};

use super::{Surface, clear, context, put_pixels};
use crate::{
    page,
    painting::{Painting, Step},
};

/// Paint is opaque here; the style sheet makes the whole canvas see-through, so that strokes do not add up.
const PAINT: &str = "#ff3b6b";

/// Of the rim of a soft brush: lighter, because less of the result shows there.
const RIM: &str = "#ff9db5";

/// Of the brush that brings the original back.
const ORIGINAL: &str = "#2f8cff";

/// The longer side of the paint's canvas, in pixels.
const MOST_PAINT_PX: f64 = 4096.0;

/// What paint stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Something is to go.
    Mask,
    /// The original is to come back.
    Original,
}

/// A canvas for the paint of a picture, of any resolution.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paper<'a> {
    /// It has the picture's shape.
    pub(crate) canvas: &'a HtmlCanvasElement,
    /// Of the picture.
    pub(crate) size: Size,
}

impl Surface {
    /// Fits the paint's canvas to its place on screen and paints again.
    ///
    /// # Errors
    /// [`JsError`] if there is no drawing context.
    pub fn fit(&self, painting: &Painting) -> Result<(), JsError> {
        let ratio = page::window()?.device_pixel_ratio();
        let rect = self.brush.get_bounding_client_rect();
        // Of a picture seen at a large scale there is more paint than anybody sees; it gets no finer than this.
        let shrink = (MOST_PAINT_PX / (rect.width().max(rect.height()) * ratio)).min(1.0);
        let side = |length: f64| (length * ratio * shrink).round().max(1.0) as u32;
        self.brush.set_width(side(rect.width()));
        self.brush.set_height(side(rect.height()));
        self.paint_all(painting)
    }

    /// Paints everything again.
    ///
    /// # Errors
    /// [`JsError`] if there is no drawing context.
    pub fn paint_all(&self, painting: &Painting) -> Result<(), JsError> {
        clear(&self.brush)?;
        let Some(paper) = self.paper() else { return Ok(()) };
        if let Some(picture) = painting.base() {
            paper.paint_base(&picture.image)?;
        }
        painting.marks().try_for_each(|mark| paper.paint_mark(mark))
    }

    /// Paints a stroke in the making from its point `first` on, so that one that grows costs the same all along.
    ///
    /// # Errors
    /// [`JsError`] if there is no drawing context.
    pub fn paint(&self, stroke: &Stroke, first: usize, ink: Ink) -> Result<(), JsError> {
        self.paper().map_or(Ok(()), |paper| paper.paint(stroke, first, ink))
    }

    fn paper(&self) -> Option<Paper<'_>> {
        Some(Paper { canvas: &self.brush, size: self.size()? })
    }

    /// Shows a line around what an area will be, through these points; none hides it.
    pub fn outline(&self, points: &[Point]) {
        let corners = points.iter().map(|point| format!("{:.1} {:.1}", point.x, point.y)).collect::<Vec<_>>();
        let path = if corners.is_empty() { String::new() } else { format!("M{}Z", corners.join("L")) };
        if let Some(line) = self.outline.first_element_child()
            && line.set_attribute("d", &path).is_err()
        {
            log::debug!("no outline");
        }
    }

    /// CSS pixels that a pixel of the picture is long on the screen.
    pub fn css_px_per_pixel(&self) -> f32 {
        let width = self.size().map_or(1.0, |size| f64::from(size.width()));
        (self.brush.get_bounding_client_rect().width() / width) as f32
    }

    /// What is marked, at the picture's own resolution.
    ///
    /// # Errors
    /// [`JsError`] if there is no picture, or an imported mask is of another size.
    pub fn mask(&self, painting: &Painting) -> Result<Mask, JsError> {
        let what = "make the mask";
        let size = self.size().ok_or_else(|| JsError::unexpected(what, "there is no picture"))?;
        let mut mask = match painting.base() {
            Some(picture) => {
                let pixels = pixels_of(&picture.image, size.into())?;
                let coverage: Vec<u8> = pixels.chunks_exact(4).map(brightness).collect();
                Mask::from_coverage(size, &coverage).map_err(|error| JsError::unexpected(what, error.to_string()))?
            }
            None => Mask::empty(size),
        };
        mask.apply_marks(painting.marks().map(|mark| &**mark));
        Ok(mask)
    }
}

impl Paper<'_> {
    /// Paints a step over those before it.
    ///
    /// # Errors
    /// [`JsError`] if there is no drawing context.
    pub(crate) fn paint_step(&self, step: &Step) -> Result<(), JsError> {
        match step {
            Step::Mark(mark) => self.paint_mark(mark),
            Step::Picture(picture) => clear(self.canvas).and_then(|()| self.paint_base(&picture.image)),
            Step::Nothing | Step::Changed(_) => clear(self.canvas),
        }
    }

    fn paint_mark(&self, mark: &Mark) -> Result<(), JsError> {
        match mark {
            Mark::Stroke(stroke) => self.paint(stroke, 0, Ink::Mask),
            Mark::Area(area) => self.paint_area(&area.rings, area.tool),
        }
    }

    fn paint_area(&self, rings: &[Vec<Point>], tool: Tool) -> Result<(), JsError> {
        let (context, scale) = self.context(tool, Ink::Mask)?;
        context.begin_path();
        for ring in rings {
            for (number, point) in ring.iter().enumerate() {
                let (x, y) = (f64::from(point.x) * scale, f64::from(point.y) * scale);
                if number == 0 { context.move_to(x, y) } else { context.line_to(x, y) }
            }
            context.close_path();
        }
        context.fill_with_canvas_winding_rule(CanvasWindingRule::Evenodd);
        context.set_global_composite_operation("source-over").map_err(JsError::of("paint"))
    }

    /// What paints, set up for a tool, and how many pixels here a pixel of the picture is long.
    fn context(&self, tool: Tool, ink: Ink) -> Result<(CanvasRenderingContext2d, f64), JsError> {
        let context = context(self.canvas)?;
        let operation = match tool {
            Tool::Brush => "source-over",
            Tool::Eraser => "destination-out",
        };
        context.set_global_composite_operation(operation).map_err(JsError::of("paint"))?;
        let colour = match ink {
            Ink::Mask => PAINT,
            Ink::Original => ORIGINAL,
        };
        context.set_stroke_style_str(colour);
        context.set_fill_style_str(colour);
        Ok((context, f64::from(self.canvas.width()) / f64::from(self.size.width())))
    }

    fn paint(&self, stroke: &Stroke, first: usize, ink: Ink) -> Result<(), JsError> {
        let (context, scale) = self.context(stroke.tool, ink)?;
        match (stroke.is_soft(), stroke.tool) {
            (false, _) => line(&context, stroke, first, scale, 1.0),
            (true, Tool::Eraser) => line(&context, stroke, first, scale, f32::midpoint(stroke.hardness, 1.0)),
            (true, Tool::Brush) => {
                // The rim goes under what is there: painted over itself it gets no stronger.
                context.set_global_composite_operation("destination-over").map_err(JsError::of("paint"))?;
                context.set_stroke_style_str(RIM);
                line(&context, stroke, first, scale, 1.0);
                context.set_global_composite_operation("source-over").map_err(JsError::of("paint"))?;
                context.set_stroke_style_str(PAINT);
                if stroke.hardness > 0.0 {
                    line(&context, stroke, first, scale, stroke.hardness);
                }
            }
        }
        context.set_global_composite_operation("source-over").map_err(JsError::of("paint"))
    }

    fn paint_base(&self, image: &HtmlImageElement) -> Result<(), JsError> {
        let context = context(self.canvas)?;
        let (width, height) = (self.canvas.width(), self.canvas.height());
        let (w, h) = (f64::from(width), f64::from(height));
        let drawn = context.draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, w, h);
        drawn.map_err(JsError::of("paint the mask"))?;
        let pixels = context.get_image_data(0.0, 0.0, w, h).map_err(JsError::of("paint the mask"))?;
        let mut data = pixels.data();
        for pixel in data.chunks_exact_mut(4) {
            pixel.copy_from_slice(&if brightness(pixel) < 128 { [0; 4] } else { [0xff, 0x3b, 0x6b, 0xff] });
        }
        put_pixels(self.canvas, &data, width, (0.0, 0.0))
    }
}

/// Draws the line of a stroke from its point `first` on, as wide as a share of the stroke.
fn line(context: &CanvasRenderingContext2d, stroke: &Stroke, first: usize, scale: f64, share: f32) {
    let at = |point: &Point| (f64::from(point.x) * scale, f64::from(point.y) * scale);
    context.set_line_cap("round");
    context.set_line_join("round");
    let Some(points) = stroke.points.get(first..).filter(|points| !points.is_empty()) else { return };
    // Under changing pressure each piece has its width; else one line does, which is drawn faster.
    let pieces = if stroke.pressures.is_empty() || points.len() == 1 { points.len() } else { 2 };
    for (number, piece) in points.windows(pieces).enumerate() {
        context.set_line_width(f64::from(stroke.radius_at(first + number + pieces - 1) * share) * 2.0 * scale);
        context.begin_path();
        let (x, y) = at(&piece[0]);
        context.move_to(x, y);
        // A line to where it starts makes a dot.
        context.line_to(x, y);
        for (x, y) in piece[1..].iter().map(at) {
            context.line_to(x, y);
        }
        context.stroke();
    }
}

/// An image's own pixels at this width and height, RGBA.
///
/// # Errors
/// [`JsError`] if there is no drawing context.
fn pixels_of(image: &HtmlImageElement, (width, height): (u32, u32)) -> Result<Vec<u8>, JsError> {
    let canvas = page::canvas(width, height)?;
    let (w, h) = (f64::from(width), f64::from(height));
    let context = context(&canvas)?;
    let drawn = context.draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, w, h);
    drawn.map_err(JsError::of("read a picture"))?;
    Ok(context.get_image_data(0.0, 0.0, w, h).map_err(JsError::of("read a picture"))?.data().0)
}

/// How bright a pixel is over black, as masks are read: see-through is black.
fn brightness(pixel: &[u8]) -> u8 {
    (pixel[..3].iter().map(|&value| u32::from(value)).sum::<u32>() / 3 * u32::from(pixel[3]) / 255) as u8
}

/// The element that draws outlines.
pub(super) fn outline() -> Result<Element, JsError> {
    const SVG: Option<&str> = Some("http://www.w3.org/2000/svg");
    let element = |name: &str| page::document()?.create_element_ns(SVG, name).map_err(JsError::of("make an element"));
    let (outline, line) = (element("svg")?, element("path")?);
    for (name, value) in [("class", "outline"), ("aria-hidden", "true"), ("preserveAspectRatio", "none")] {
        outline.set_attribute(name, value).map_err(JsError::of("make an element"))?;
    }
    outline.append_child(&line).map_err(JsError::of("make an element"))?;
    Ok(outline)
}
