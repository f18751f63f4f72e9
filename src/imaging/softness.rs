//! How strongly the result shows where a soft brush painted.

use crate::{
    geometry::{Rect, Size},
    image::{Image, ShapeError},
    imaging::{composite::composite, morphology::dilate},
    mask::{Mark, Mask, Matte, Stroke, Tool},
};

/// How strongly the result of a job may show at each pixel of a picture of which something was marked softly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Softness(Matte);

impl Softness {
    /// What `marks` made on `base` allow: all where something was marked hard, and `grow_px` around it, where the result
    /// fades by itself; less and less towards the edge of soft strokes; nothing elsewhere. None if no mark is soft: then
    /// there is nothing to hold back.
    pub fn of(base: Option<&Mask>, marks: &[Mark], size: Size, grow_px: u32) -> Option<Self> {
        let is_soft = |mark: &Mark| matches!(mark, Mark::Stroke(stroke) if stroke.is_soft());
        if !marks.iter().any(is_soft) {
            return None;
        }
        let mut hard = base.cloned().unwrap_or_else(|| Mask::empty(size));
        let mut soft = vec![0_u8; size.area()];
        for mark in marks {
            match (mark, mark.tool()) {
                (Mark::Stroke(stroke), Tool::Brush) if stroke.is_soft() => {
                    sweep(stroke, size, |at, share| soft[at] = soft[at].max(share));
                }
                (_, Tool::Brush) => hard.apply_mark(mark),
                (Mark::Stroke(stroke), Tool::Eraser) => {
                    hard.apply(stroke);
                    sweep(stroke, size, |at, share| soft[at] = soft[at].min(u8::MAX - share));
                }
                (Mark::Area(_), Tool::Eraser) => {
                    hard.apply_mark(mark);
                    // What the area takes out of everything is what it takes out of the soft strokes.
                    let mut left = Mask::from_fn(size, |_, _| true);
                    left.apply_mark(mark);
                    soft.iter_mut().zip(left.as_bytes()).for_each(|(share, &left)| *share &= left);
                }
            }
        }
        let hard = dilate(&hard, grow_px);
        soft.iter_mut().zip(hard.as_bytes()).for_each(|(share, &hard)| *share |= hard);
        Matte::from_bytes(size, soft).ok().map(Self)
    }

    /// Holds back what a job made of `rect` of `source`.
    ///
    /// # Errors
    /// [`ShapeError`] unless `made` is as large as `rect` and `rect` inside the picture.
    pub fn hold_back(&self, source: &Image, made: &Image, rect: Rect) -> Result<Image, ShapeError> {
        if !self.0.size().bounds().contains(rect) {
            return Err(ShapeError { expected: self.0.size().area(), actual: rect.size.area() });
        }
        let columns = rect.x as usize..rect.right() as usize;
        let data = (rect.y..rect.bottom()).flat_map(|y| &self.0.row(y)[columns.clone()]).copied().collect();
        composite(source, made, &Matte::from_bytes(rect.size, data)?, rect)
    }
}

/// Calls `visit` with the number of each pixel that a stroke reaches and how strongly it acts there, 0 to 255.
fn sweep(stroke: &Stroke, size: Size, mut visit: impl FnMut(usize, u8)) {
    let hardness = stroke.hardness.clamp(0.0, 1.0);
    stroke.sweep(size, 1.0, |pixel, squared, radius| visit(pixel, share(squared.sqrt() / radius, hardness)));
}

/// How strongly a stroke acts so far from its line, as a share of its radius: `3t² - 2t³` over the soft rim.
fn share(distance: f32, hardness: f32) -> u8 {
    let left = ((1.0 - distance) / (1.0 - hardness).max(f32::EPSILON)).clamp(0.0, 1.0);
    (left * left * (3.0 - 2.0 * left) * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{geometry::Point, mask::Area};

    fn size() -> Size {
        Size::new(64, 48).unwrap()
    }

    fn dot(tool: Tool, hardness: f32, x: f32) -> Mark {
        Mark::Stroke(Stroke { hardness, ..Stroke::new(tool, 16.0, vec![Point::new(x, 24.5)]) })
    }

    /// What is allowed at a column of row 24.
    fn at(softness: &Softness, x: u32) -> u8 {
        softness.0.row(24)[x as usize]
    }

    #[test]
    fn hard_marks_hold_nothing_back() {
        assert_eq!(Softness::of(None, &[dot(Tool::Brush, 1.0, 30.5)], size(), 3), None);
    }

    #[test]
    fn a_soft_dot_fades_from_its_core_to_its_edge() {
        let softness = Softness::of(None, &[dot(Tool::Brush, 0.5, 30.5)], size(), 3).unwrap();
        assert!((23..=38).all(|x| at(&softness, x) == 255), "the core");
        assert!((38..46).all(|x| at(&softness, x) > at(&softness, x + 1)), "the rim");
        assert_eq!((at(&softness, 13), at(&softness, 47)), (0, 0));
        let middle = at(&softness, 42);
        assert!((118..=138).contains(&middle), "half of the rim: {middle}");
    }

    #[test]
    fn hard_marks_beside_soft_ones_show_wholly() {
        let area = |tool, x: f32| {
            let corner = |dx: f32, dy: f32| Point::new(x + dx, dy);
            Mark::Area(Area {
                tool,
                rings: vec![vec![corner(0.0, 0.0), corner(9.0, 0.0), corner(9.0, 48.0), corner(0.0, 48.0)]],
            })
        };
        let marks = [dot(Tool::Brush, 0.0, 16.5), area(Tool::Brush, 50.0), area(Tool::Eraser, 10.0)];
        let softness = Softness::of(None, &marks, size(), 2).unwrap();
        assert!((48..=60).all(|x| at(&softness, x) == 255), "with its margin");
        assert!((10..19).all(|x| at(&softness, x) == 0), "taken out");
        assert!(at(&softness, 20) > 0);
    }

    #[test]
    fn a_soft_eraser_leaves_a_soft_edge() {
        let marks = [dot(Tool::Brush, 0.9, 24.5), dot(Tool::Eraser, 0.2, 40.5)];
        let softness = Softness::of(None, &marks, size(), 0).unwrap();
        assert_eq!((at(&softness, 20), at(&softness, 39)), (255, 0));
        assert!((26..36).all(|x| at(&softness, x) >= at(&softness, x + 1)));
    }

    #[test]
    fn what_is_held_back_is_the_source() {
        let softness = Softness::of(None, &[dot(Tool::Brush, 0.5, 30.5)], size(), 3).unwrap();
        let (source, made) = (Image::filled(size(), [9, 9, 9, 255]), Image::filled(size(), [200, 200, 200, 255]));
        let rect = Rect { x: 10, y: 20, size: Size::new(40, 9).unwrap() };
        let held = softness.hold_back(&source, &made.cropped(rect), rect).unwrap();
        let value = |x: usize| held.as_bytes()[(4 * 40 + x) * 4];
        assert_eq!((value(0), value(20)), (9, 200));
        assert!((10..199).contains(&value(33)), "{}", value(33));
        let outside = Rect { x: 60, ..rect };
        assert!(softness.hold_back(&source, &made.cropped(rect), outside).is_err());
    }
}
