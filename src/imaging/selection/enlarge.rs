//! From the mask of a small picture to that of the full one.

use super::{
    SelectionError, Selector,
    level::{colour, distance_squared},
    reshape::smooth,
};
use crate::{
    geometry::{Rect, Size},
    image::Image,
    mask::Mask,
};

/// How far to either side of the border colours are looked up, in pixels of the small picture.
const SIDES_PX: u32 = 3;
/// Colours nearer than this tell the sides apart no better than the small mask does.
const UNCLEAR: f32 = 30.0;

/// The mean colours on both sides of the border.
type Sides = [[f32; 3]; 2];

impl Selector {
    /// The part of a picture of size `full` that [`Selector::enlarge`] wants to see; nothing if the mask is empty.
    pub fn wanted(&self, mask: &Mask, full: Size) -> Option<Rect> {
        let bounds = mask.bounds()?.grown(SIDES_PX, mask.size());
        let across = |at: u32| u64::from(at) * u64::from(full.width());
        let down = |at: u32| u64::from(at) * u64::from(full.height());
        let (width, height) = (u64::from(mask.size().width()), u64::from(mask.size().height()));
        Rect::between(
            (across(bounds.x) / width) as u32,
            (down(bounds.y) / height) as u32,
            across(bounds.right()).div_ceil(width) as u32,
            down(bounds.bottom()).div_ceil(height) as u32,
        )
    }

    /// The mask at size `full`. `part` is what is under `rect` there; in it each pixel by the border goes to the side
    /// that its colour is like.
    ///
    /// # Errors
    /// [`SelectionError::Mismatch`] unless the mask is of this selector's size, `part` of the size of `rect`, and `rect`
    /// inside the picture.
    pub fn enlarge(&self, mask: &Mask, full: Size, part: &Image, rect: Rect) -> Result<Mask, SelectionError> {
        if mask.size() != self.size || part.size() != rect.size || !full.bounds().contains(rect) {
            return Err(SelectionError::Mismatch);
        }
        let (width, height) = self.size.into();
        let scale = (width as f32 / full.width() as f32, height as f32 / full.height() as f32);
        let sides: Vec<Option<Sides>> =
            (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| self.sides(mask, x, y)).collect();
        let pixels = part.as_bytes().as_chunks::<4>().0;
        let columns = rect.size.width();
        let rough = Mask::from_fn(rect.size, |x, y| {
            let (u, v) = ((x + rect.x) as f32 * scale.0, (y + rect.y) as f32 * scale.1);
            let (sx, sy) = ((u as u32).min(width - 1), (v as u32).min(height - 1));
            let Some([object, around]) = sides[(sy * width + sx) as usize] else { return mask.is_fill(sx, sy) };
            let by_place = coverage(mask, u + scale.0 / 2.0 - 0.5, v + scale.1 / 2.0 - 0.5) - 0.5;
            let here = colour(pixels[(y * columns + x) as usize]);
            let apart = distance_squared(object, around);
            let (to_object, to_around) = (distance_squared(here, object), distance_squared(here, around));
            let by_colour = ((to_around - to_object) / (2.0 * apart).max(1.0)).clamp(-0.5, 0.5);
            let clear = apart / (apart + UNCLEAR * UNCLEAR);
            clear * by_colour + (1.3 - clear) * by_place >= 0.0
        });
        let rough = smooth(&rough, (1.0 / (2.0 * scale.0.max(scale.1))).round() as u32);
        let mut enlarged = Mask::empty(full);
        for y in 0..rect.size.height() {
            enlarged.row_mut(y + rect.y)[rect.x as usize..rect.right() as usize].copy_from_slice(rough.row(y));
        }
        Ok(enlarged)
    }

    /// Mean colours of both sides near a pixel; nothing if only one side is near.
    fn sides(&self, mask: &Mask, x: u32, y: u32) -> Option<Sides> {
        let (width, height) = self.size.into();
        let near = |at: u32, limit: u32| at.saturating_sub(SIDES_PX)..(at + SIDES_PX + 1).min(limit);
        let here = mask.is_fill(x, y);
        if near(y, height).all(|y| near(x, width).all(|x| mask.is_fill(x, y) == here)) {
            return None;
        }
        let mut sums = [[0.0; 4]; 2];
        for y in near(y, height) {
            for x in near(x, width) {
                let sum = &mut sums[usize::from(!mask.is_fill(x, y))];
                let colour = self.levels[0].colours[(y * width + x) as usize];
                for (sum, value) in sum.iter_mut().zip([colour[0], colour[1], colour[2], 1.0]) {
                    *sum += value;
                }
            }
        }
        Some(sums.map(|[luma, blue, red, count]| [luma / count, blue / count, red / count]))
    }
}

/// How much of a mask is at a place between pixel centres, 0 to 1.
fn coverage(mask: &Mask, u: f32, v: f32) -> f32 {
    let (width, height) = mask.size().into();
    let (u, v) = (u.clamp(0.0, (width - 1) as f32), v.clamp(0.0, (height - 1) as f32));
    let (x, y) = (u as u32, v as u32);
    let (right, below) = ((x + 1).min(width - 1), (y + 1).min(height - 1));
    let (across, down) = (u - x as f32, v - y as f32);
    let at = |x: u32, y: u32| f32::from(u8::from(mask.is_fill(x, y)));
    let row = |y: u32| at(x, y) * (1.0 - across) + at(right, y) * across;
    row(y) * (1.0 - down) + row(below) * down
}
