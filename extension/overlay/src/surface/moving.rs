//! The picture while a hand moves it: only the part in view, as fine as the screen.
//!
//! Without a graphics card the browser copies each canvas whenever its place changes, 48 MB a frame for 12 megapixels, and
//! draws it from there. What is in view is a tenth of that.

use std::cell::RefCell;

use brushaway_browser::error::JsError;
use web_sys::{Element, HtmlCanvasElement};

use super::{Surface, context, set};
use crate::{page, view::View};

/// What is seen where a picture is transparent.
const GROUND: &str = "#dedede";

/// So far beyond the stage things are seen, in CSS pixels, as the style sheet has it.
const MARGIN_PX: f64 = 12.0;

/// What failed, in errors.
const MOVE: &str = "move the picture";

/// A canvas over all that is seen of the stage, and what is the same for as long as the hand does not let go.
#[derive(Debug)]
pub struct Still {
    /// What is in view.
    pub canvas: HtmlCanvasElement,
    held: RefCell<Option<Held>>,
}

/// How things are when the hand takes hold.
#[derive(Debug, Clone, Copy)]
struct Held {
    /// Of the place where the picture fits, relative to the canvas, in CSS pixels.
    left: f64,
    top: f64,
    /// CSS pixels that a pixel of the picture is long where it fits.
    scale: f64,
    /// Pixels of the screen in a CSS pixel.
    ratio: f64,
    result_opacity: f64,
    paint_opacity: f64,
}

impl Still {
    pub(super) fn new() -> Result<Self, JsError> {
        let canvas = page::canvas(1, 1)?;
        canvas.set_class_name("still");
        Ok(Self { canvas, held: RefCell::default() })
    }
}

impl Surface {
    /// A hand takes hold of the picture, also beyond its edge: from now on [`Surface::draw_moved`] shows it.
    ///
    /// # Errors
    /// [`JsError`] if there is no picture on the screen.
    pub(crate) fn take_hold(&self, pointer: i32, view: View) -> Result<(), JsError> {
        let missing = |what: &str| JsError::unexpected(MOVE, format!("no {what}"));
        let size = self.size().ok_or_else(|| missing("picture"))?;
        let frame = self.frame_element().ok_or_else(|| missing("frame"))?;
        if frame.set_pointer_capture(pointer).is_err() {
            log::debug!("the pointer is gone already");
        }
        let stage = frame.parent_element().ok_or_else(|| missing("stage"))?;
        let ratio = page::window()?.device_pixel_ratio();
        let (place, around) = (frame.get_bounding_client_rect(), stage.get_bounding_client_rect());
        let (width, height) = (around.width() + 2.0 * MARGIN_PX, around.height() + 2.0 * MARGIN_PX);
        let (left, top) = (place.x() - around.x() + MARGIN_PX, place.y() - around.y() + MARGIN_PX);
        let canvas = &self.still.canvas;
        canvas.set_width((width * ratio).round() as u32);
        canvas.set_height((height * ratio).round() as u32);
        let style = format!("left:{:.3}px;top:{:.3}px;width:{width:.3}px;height:{height:.3}px", -left, -top);
        canvas.set_attribute("style", &style).map_err(JsError::of(MOVE))?;
        let held = Held {
            left,
            top,
            scale: place.width() / f64::from(size.width()),
            ratio,
            result_opacity: opacity(&self.result)?,
            paint_opacity: opacity(&self.brush)?,
        };
        self.still.held.replace(Some(held));
        self.draw_moved(view)?;
        frame.class_list().add_1("moving").map_err(JsError::of(MOVE))
    }

    /// The hand has let go: the canvases show the picture again.
    pub(crate) fn let_go(&self) {
        self.still.held.take();
        if let Some(frame) = self.frame_element()
            && frame.class_list().remove_1("moving").is_err()
        {
            log::debug!("the picture stays as it was held");
        }
    }

    /// Draws what is in view now, if a hand holds the picture.
    ///
    /// # Errors
    /// [`JsError`] if there is no drawing context.
    pub(crate) fn draw_moved(&self, view: View) -> Result<(), JsError> {
        let (Some(held), Some(size)) = (*self.still.held.borrow(), self.size()) else { return Ok(()) };
        let (width, height) = (f64::from(size.width()), f64::from(size.height()));
        let canvas = &self.still.canvas;
        let context = context(canvas)?;
        let failed = || JsError::of(MOVE);
        context.reset_transform().map_err(failed())?;
        context.clear_rect(0.0, 0.0, f64::from(canvas.width()), f64::from(canvas.height()));
        let scale = held.scale * view.scale * held.ratio;
        let (x, y) = ((held.left + view.left) * held.ratio, (held.top + view.top) * held.ratio);
        context.set_transform(scale, 0.0, 0.0, scale, x, y).map_err(failed())?;
        // Finer looks take all of the picture, not what is in view.
        set(&context, "imageSmoothingQuality", "low")?;
        context.set_global_alpha(1.0);
        context.set_fill_style_str(GROUND);
        context.fill_rect(0.0, 0.0, width, height);
        let layers = [(&self.source, 1.0), (&self.result, held.result_opacity), (&self.brush, held.paint_opacity)];
        for (layer, opacity) in layers.into_iter().filter(|(_, opacity)| *opacity > 0.0) {
            context.set_global_alpha(opacity);
            // The paint has pixels of its own.
            let drawn = context.draw_image_with_html_canvas_element_and_dw_and_dh(layer, 0.0, 0.0, width, height);
            drawn.map_err(failed())?;
        }
        Ok(())
    }

    /// The place where the picture fits.
    fn frame_element(&self) -> Option<Element> {
        self.source.parent_element()?.parent_element()
    }
}

/// How much of an element is seen, 0 to 1.
fn opacity(element: &Element) -> Result<f64, JsError> {
    let style = page::window()?.get_computed_style(element).map_err(JsError::of(MOVE))?;
    let style = style.ok_or_else(|| JsError::unexpected(MOVE, "no style"))?;
    let value = |name: &str| style.get_property_value(name).map_err(JsError::of(MOVE));
    Ok(if value("visibility")? == "hidden" { 0.0 } else { value("opacity")?.parse().unwrap_or(1.0) })
}
