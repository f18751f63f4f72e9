//! Small pictures: of results, of what was done step by step, and of the picture itself.

use std::cell::RefCell;

use brushaway::{geometry::Size, image::Image};
use brushaway_browser::error::JsError;
use web_sys::HtmlCanvasElement;

use super::{Surface, context, image_of, paint::Paper, set};
use crate::{
    page,
    painting::{Painting, Step},
};

/// Side of a small picture of a result, in pixels: sharp at 56 CSS pixels on a fine screen.
const THUMBNAIL_PX: u32 = 112;

/// What failed, in errors.
const REDUCE: &str = "reduce the picture";

/// How opaque paint is in a small picture.
const PAINT_OPACITY: f64 = 0.6;

/// The picture in small, as it was after each of its changes.
#[derive(Debug, Default)]
pub(crate) struct Snapshots(RefCell<Vec<Option<HtmlCanvasElement>>>);

impl Surface {
    /// A small picture of what the result changed, as a `data:` URL.
    ///
    /// # Errors
    /// [`JsError`] if there is no result, or no drawing context.
    pub fn thumbnail(&self) -> Result<String, JsError> {
        let failed = || JsError::of("draw a small picture");
        let rect = self.changed.get().ok_or_else(|| JsError::unexpected("draw a small picture", "no result"))?;
        let canvas = page::canvas(THUMBNAIL_PX, THUMBNAIL_PX)?;
        // All of it, in the middle.
        let scale = f64::from(THUMBNAIL_PX) / f64::from(rect.size.longer_side());
        let side = f64::from(THUMBNAIL_PX) / scale;
        let middle = |start: u32, length: u32| f64::from(start) + f64::from(length) / 2.0 - side / 2.0;
        let (left, top) = (middle(rect.x, rect.size.width()), middle(rect.y, rect.size.height()));
        let target = context(&canvas)?;
        for layer in [&self.source, &self.result] {
            target
                .draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                    layer,
                    left,
                    top,
                    side,
                    side,
                    0.0,
                    0.0,
                    f64::from(THUMBNAIL_PX),
                    f64::from(THUMBNAIL_PX),
                )
                .map_err(failed())?;
        }
        canvas.to_data_url_with_type("image/jpeg").map_err(failed())
    }

    /// The picture that jobs start from, at most `longest_px` wide and high.
    ///
    /// # Errors
    /// [`JsError`] if there is no picture.
    pub fn reduced(&self, longest_px: u32) -> Result<Image, JsError> {
        let (canvas, small) = self.small(longest_px)?;
        image_of(&canvas, (0.0, 0.0, f64::from(small.width()), f64::from(small.height())), small)
    }

    fn small(&self, longest_px: u32) -> Result<(HtmlCanvasElement, Size), JsError> {
        let small = self.small_size(longest_px)?;
        let canvas = page::canvas(small.width(), small.height())?;
        let (w, h) = (f64::from(small.width()), f64::from(small.height()));
        let context = context(&canvas)?;
        set(&context, "imageSmoothingQuality", "high")?;
        let drawn = context.draw_image_with_html_canvas_element_and_dw_and_dh(&self.source, 0.0, 0.0, w, h);
        drawn.map_err(JsError::of(REDUCE))?;
        Ok((canvas, small))
    }

    /// The size of the picture if it is at most `longest_px` wide and high.
    fn small_size(&self, longest_px: u32) -> Result<Size, JsError> {
        let size = self.size().ok_or_else(|| JsError::unexpected(REDUCE, "there is none"))?;
        let shrink = (f64::from(longest_px) / f64::from(size.longer_side())).min(1.0);
        let reduced = |length: u32| (f64::from(length) * shrink).round().max(1.0) as u32;
        let small = Size::new(reduced(size.width()), reduced(size.height()));
        small.map_err(|error| JsError::unexpected(REDUCE, error.to_string()))
    }

    /// Draws into each canvas what the picture was before all steps, after the first, after the second...
    ///
    /// # Errors
    /// [`JsError`] if there is no drawing context.
    pub(crate) fn draw_steps(
        &self,
        painting: &Painting,
        snapshots: &Snapshots,
        canvases: &[HtmlCanvasElement],
    ) -> Result<(), JsError> {
        let Some(size) = self.size() else { return Ok(()) };
        let small = self.small_size(THUMBNAIL_PX)?;
        let paint = page::canvas(small.width(), small.height())?;
        let paper = Paper { canvas: &paint, size };
        let mut changes = 0;
        let steps = std::iter::once(None).chain(painting.all().map(Some));
        for (step, canvas) in steps.zip(canvases) {
            if let Some(step) = step {
                paper.paint_step(step)?;
                changes += usize::from(matches!(step, Step::Changed(_)));
            }
            canvas.set_width(small.width());
            canvas.set_height(small.height());
            let context = context(canvas)?;
            let failed = || JsError::of("draw a step");
            if let Some(snapshot) = snapshots.after(changes) {
                context.draw_image_with_html_canvas_element(&snapshot, 0.0, 0.0).map_err(failed())?;
            }
            context.set_global_alpha(PAINT_OPACITY);
            context.draw_image_with_html_canvas_element(&paint, 0.0, 0.0).map_err(failed())?;
        }
        Ok(())
    }
}

impl Snapshots {
    /// The picture is another one.
    pub(crate) fn clear(&self) {
        self.0.borrow_mut().clear();
    }

    /// Remembers the picture as it is after `changes`, unless it is known. What there was after more of them is not valid
    /// any more if `is_new`.
    ///
    /// # Errors
    /// [`JsError`] if there is no picture.
    pub(crate) fn take(&self, surface: &Surface, changes: usize, is_new: bool) -> Result<(), JsError> {
        let mut all = self.0.borrow_mut();
        if is_new {
            all.truncate(changes);
        }
        if all.len() <= changes {
            all.resize(changes + 1, None);
        }
        if all[changes].is_none() {
            all[changes] = Some(surface.small(THUMBNAIL_PX)?.0);
        }
        Ok(())
    }

    /// The picture after so many changes; the next one that is known if that one is not.
    fn after(&self, changes: usize) -> Option<HtmlCanvasElement> {
        let all = self.0.borrow();
        all.iter().skip(changes).find_map(Clone::clone).or_else(|| all.iter().rev().find_map(Clone::clone))
    }
}
