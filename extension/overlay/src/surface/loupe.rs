//! A magnifying glass for what is too small to paint on, or hidden under a finger.

use brushaway::geometry::Point;
use brushaway_browser::error::JsError;
use web_sys::HtmlCanvasElement;

use super::{Surface, context, set};
use crate::page;

/// Its side in CSS pixels, as the style sheet has it.
const SIDE_PX: f64 = 128.0;

/// How much larger than on the screen things are in it.
const MAGNIFICATION: f64 = 3.0;

/// The mark in its middle is so long, in CSS pixels, to either side.
const CROSS_PX: f64 = 6.0;

impl Surface {
    /// Draws what is around a point of the picture, with the paint on it, in large.
    ///
    /// # Errors
    /// [`JsError`] if there is no drawing context.
    pub(crate) fn draw_loupe(&self, canvas: &HtmlCanvasElement, at: Point) -> Result<(), JsError> {
        let Some(picture) = self.size() else { return Ok(()) };
        let ratio = page::window()?.device_pixel_ratio();
        let length = (SIDE_PX * ratio).round() as u32;
        if canvas.width() != length {
            canvas.set_width(length);
            canvas.set_height(length);
        }
        let side = f64::from(length);
        let context = context(canvas)?;
        // Pixels of the picture are to be seen as such.
        set(&context, "imageSmoothingQuality", "low")?;
        let shown = SIDE_PX / MAGNIFICATION / f64::from(self.css_px_per_pixel());
        let (left, top) = (f64::from(at.x) - shown / 2.0, f64::from(at.y) - shown / 2.0);
        context.clear_rect(0.0, 0.0, side, side);
        for (layer, opacity) in [(&self.source, 1.0), (&self.result, 1.0), (&self.brush, 0.5)] {
            // The paint has pixels of its own.
            let scale = f64::from(layer.width()) / f64::from(picture.width());
            context.set_global_alpha(opacity);
            context
                .draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                    layer,
                    left * scale,
                    top * scale,
                    shown * scale,
                    shown * scale,
                    0.0,
                    0.0,
                    side,
                    side,
                )
                .map_err(JsError::of("draw the loupe"))?;
        }
        context.set_global_alpha(1.0);
        let (middle, reach) = (side / 2.0, CROSS_PX * ratio);
        context.begin_path();
        context.move_to(middle - reach, middle);
        context.line_to(middle + reach, middle);
        context.move_to(middle, middle - reach);
        context.line_to(middle, middle + reach);
        for (width, colour) in [(3.0, "#000"), (1.0, "#fff")] {
            context.set_line_width(width * ratio);
            context.set_stroke_style_str(colour);
            context.stroke();
        }
        Ok(())
    }
}
