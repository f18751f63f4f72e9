//! Which pixels are not the same: counted, and drawn so that they are seen.

use brushaway::geometry::{Rect, Size};
use brushaway_browser::error::JsError;
use web_sys::HtmlCanvasElement;

use crate::{
    comparing::Counted,
    surface::{Surface, context, put},
};

/// Bytes of a pixel.
const CHANNELS: usize = 4;

/// What is drawn over a pixel that is not the same: opaque, and of a colour that photographs hardly have.
const CHANGED: [u8; CHANNELS] = [0xff, 0x00, 0xc8, 0xff];

/// Rows that are looked at in one go, so that no large copy is made of a large picture.
const ROWS: u32 = 256;

/// Marks in `marks` the pixels of which any value differs, leaves the others transparent, and returns how many differ.
/// All are RGBA of one size; a pixel of `after` that is wholly transparent is one that the result does not cover.
///
/// Canvases hold colours multiplied by their opacity, in 8 bits: of a pixel that is hardly opaque the same colour comes back
/// as one of several. Such a difference is none.
fn mark(before: &[u8], after: &[u8], marks: &mut [u8]) -> u64 {
    let pixels = before.as_chunks::<CHANNELS>().0.iter().zip(after.as_chunks::<CHANNELS>().0);
    let mut changed = 0;
    for ((before, after), mark) in pixels.zip(marks.as_chunks_mut::<CHANNELS>().0) {
        let opacity = u32::from(after[3]);
        let is_visible = |(a, b): (&u8, &u8)| u32::from(a.abs_diff(*b)) * opacity >= 255;
        let differs = opacity > 0 && (before[3] != after[3] || before[..3].iter().zip(&after[..3]).any(is_visible));
        *mark = if differs { CHANGED } else { [0; CHANNELS] };
        changed += u64::from(differs);
    }
    changed
}

/// The parts of `rect` that are at most [`ROWS`] high, from the top down.
fn strips(rect: Rect) -> impl Iterator<Item = Rect> {
    let end = rect.y + rect.size.height();
    (rect.y..end).step_by(ROWS as usize).filter_map(move |y| {
        let size = Size::new(rect.size.width(), ROWS.min(end - y)).ok()?;
        Some(Rect { x: rect.x, y, size })
    })
}

impl Surface {
    /// Counts the pixels that the result changed and draws them onto [`Surface::marks`].
    ///
    /// # Errors
    /// [`JsError`] if there is no picture, or no drawing context.
    pub fn count_changes(&self) -> Result<Counted, JsError> {
        let size = self.size().ok_or_else(|| JsError::unexpected("compare", "there is no picture"))?;
        self.marks.set_width(size.width());
        self.marks.set_height(size.height());
        let mut changed = 0;
        // Outside of this nothing was drawn.
        for strip in self.changed().into_iter().flat_map(strips) {
            let (before, after) = (pixels(&self.source, strip)?, pixels(&self.result, strip)?);
            let mut marks = vec![0; before.len()];
            changed += mark(&before, &after, &mut marks);
            put(&self.marks, strip, &marks)?;
        }
        Ok(Counted { changed, total: size.area() as u64 })
    }

    /// Gives the marks' memory back.
    pub(crate) fn forget_marks(&self) {
        self.marks.set_width(0);
        self.marks.set_height(0);
    }
}

fn pixels(canvas: &HtmlCanvasElement, rect: Rect) -> Result<Vec<u8>, JsError> {
    let (x, y) = (f64::from(rect.x), f64::from(rect.y));
    let (width, height) = (f64::from(rect.size.width()), f64::from(rect.size.height()));
    let data = context(canvas)?.get_image_data(x, y, width, height).map_err(JsError::of("compare"))?;
    Ok(data.data().0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_marked() {
        let before = [10, 20, 30, 255, 10, 20, 30, 255, 10, 20, 30, 255, 7, 7, 7, 255];
        let after = [10, 20, 30, 255, 10, 21, 30, 255, 0, 0, 0, 0, 7, 7, 7, 128];
        let mut marks = [9; 16];
        assert_eq!(mark(&before, &after, &mut marks), 2);
        assert_eq!(marks[..4], [0; 4], "the same");
        assert_eq!(marks[4..8], CHANGED, "one value by one");
        assert_eq!(marks[8..12], [0; 4], "not covered by the result");
        assert_eq!(marks[12..], CHANGED, "another opacity");
    }

    #[test]
    fn what_a_canvas_rounds_is_no_change() {
        let mut marks = [0; 4];
        assert_eq!(mark(&[100, 100, 100, 40], &[103, 100, 97, 40], &mut marks), 0);
        assert_eq!(mark(&[100, 100, 100, 40], &[140, 100, 97, 40], &mut marks), 1);
    }

    #[test]
    fn strips_cover_all_of_it_once() {
        let rect = Rect { x: 3, y: 100, size: Size::new(5, 2 * ROWS + 1).unwrap() };
        let strips: Vec<Rect> = strips(rect).collect();
        assert_eq!(strips.iter().map(|strip| strip.size.height()).sum::<u32>(), rect.size.height());
        assert_eq!((strips.len(), strips[0].y, strips[2].y), (3, 100, 100 + 2 * ROWS));
        assert!(strips.iter().all(|strip| strip.x == 3 && strip.size.width() == 5));
    }
}
