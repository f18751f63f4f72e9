//! Areas with straight edges: rectangles, lassos, polygons.

use serde::{Deserialize, Serialize};

use super::{Mask, Tool};
use crate::geometry::Point;

/// What lies inside closed lines, by the even-odd rule: a ring inside another is a hole in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// What it does.
    pub tool: Tool,
    /// Corners in image pixels; the last one of each ring is joined to its first. Fewer than three enclose nothing.
    pub rings: Vec<Vec<Point>>,
}

/// A side of a ring that some row's pixel centres see: where it crosses `y` is `x + (y - top) * slope`.
struct Side {
    /// First row whose centres it passes.
    first: u32,
    /// First row below it.
    end: u32,
    x: f64,
    top: f64,
    slope: f64,
}

impl Mask {
    /// Applies an area: each pixel whose centre lies inside is filled or kept.
    ///
    /// A centre right on a side belongs to what is to the right of that side or below it, so that two areas that share a
    /// side share no pixel. Areas with non-finite points leave the mask as it is.
    pub fn apply_area(&mut self, area: &Area) {
        let value = area.tool.value();
        let mut points = area.rings.iter().flatten();
        if !points.all(|point| point.is_finite()) {
            return;
        }
        let (width, height) = self.size().into();
        let mut sides: Vec<Side> = area.rings.iter().flat_map(|ring| sides(ring, height)).collect();
        sides.sort_unstable_by_key(|side| side.first);
        let mut coming = sides.into_iter().peekable();
        let mut active: Vec<Side> = Vec::new();
        let mut crossings = Vec::new();
        let mut y = 0;
        loop {
            active.retain(|side| side.end > y);
            if active.is_empty() {
                // Nothing until the next side begins.
                let Some(side) = coming.peek() else { return };
                y = y.max(side.first);
            }
            while let Some(side) = coming.next_if(|side| side.first <= y) {
                active.push(side);
            }
            let centre = f64::from(y) + 0.5;
            crossings.clear();
            crossings.extend(active.iter().map(|side| side.x + (centre - side.top) * side.slope));
            crossings.sort_unstable_by(f64::total_cmp);
            let row = self.row_mut(y);
            for ends in crossings.as_chunks::<2>().0 {
                let [from, to] = ends.map(|x| first_centre_from(x, width) as usize);
                row[from..to].fill(value);
            }
            y += 1;
        }
    }
}

/// The sides of a ring that pass a row of pixel centres, of `height` rows.
fn sides(ring: &[Point], height: u32) -> impl Iterator<Item = Side> {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).filter_map(move |(from, to)| {
        let (upper, lower) = if from.y < to.y { (from, to) } else { (to, from) };
        let (first, end) = (first_centre_from(upper.y.into(), height), first_centre_from(lower.y.into(), height));
        let (x, top) = (f64::from(upper.x), f64::from(upper.y));
        let slope = (f64::from(lower.x) - x) / (f64::from(lower.y) - top);
        (first < end).then_some(Side { first, end, x, top, slope })
    })
}

/// The first of `limit` pixels whose centre is not before `at`.
fn first_centre_from(at: f64, limit: u32) -> u32 {
    // Float to integer casts saturate, so what is outside the image becomes its edges.
    ((at - 0.5).ceil() as u32).min(limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Rect, Size};

    fn size() -> Size {
        Size::new(64, 48).unwrap()
    }

    fn area(rings: &[&[(f32, f32)]]) -> Area {
        let ring = |ring: &&[(f32, f32)]| ring.iter().map(|&(x, y)| Point::new(x, y)).collect();
        Area { tool: Tool::Brush, rings: rings.iter().map(ring).collect() }
    }

    fn mask(rings: &[&[(f32, f32)]]) -> Mask {
        let mut mask = Mask::empty(size());
        mask.apply_area(&area(rings));
        mask
    }

    /// By definition: the sides that a line from the centre to the right crosses, for every pixel.
    fn slowly(rings: &[&[(f32, f32)]]) -> Mask {
        Mask::from_fn(size(), |x, y| {
            let (px, py) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
            let crosses = |(a, b): (&(f32, f32), &(f32, f32))| {
                let (ax, ay, bx, by) = (f64::from(a.0), f64::from(a.1), f64::from(b.0), f64::from(b.1));
                (ay <= py) != (by <= py) && ax + (py - ay) * (bx - ax) / (by - ay) > px
            };
            let count = |ring: &&[(f32, f32)]| {
                ring.iter().zip(ring.iter().cycle().skip(1)).filter(|&ends| crosses(ends)).count()
            };
            rings.iter().map(count).sum::<usize>() % 2 == 1
        })
    }

    #[test]
    fn a_rectangle_fills_the_pixels_whose_centres_it_holds() {
        let rectangle = mask(&[&[(3.0, 4.0), (10.4, 4.0), (10.4, 8.6), (3.0, 8.6)]]);
        assert_eq!(rectangle.bounds(), Rect::between(3, 4, 10, 9));
        assert_eq!(rectangle.count(), 7 * 5);
    }

    #[test]
    fn agrees_with_the_definition() {
        let shapes: [&[&[(f32, f32)]]; 7] = [
            // Concave.
            &[&[(5.2, 3.1), (50.7, 6.0), (20.0, 20.3), (44.4, 45.9), (2.0, 40.0)]],
            // Crossing itself: the star's heart is outside.
            &[&[(30.0, 1.0), (48.0, 46.0), (3.0, 17.0), (59.0, 18.0), (11.0, 45.0)]],
            // A hole, and a ring beside it.
            &[
                &[(2.0, 2.0), (40.0, 2.0), (40.0, 40.0), (2.0, 40.0)],
                &[(10.3, 10.3), (30.1, 12.0), (20.0, 33.3)],
                &[(50.0, 5.0), (60.0, 5.0), (55.0, 47.0)],
            ],
            // Partly outside, on all sides.
            &[&[(-20.0, 10.0), (30.0, -400.0), (90.0, 30.0), (31.0, 1.0e9)]],
            // A corner and a side right on centres.
            &[&[(10.5, 10.5), (20.5, 10.5), (20.5, 20.5), (10.5, 20.5)]],
            // Around everything.
            &[&[(-1.0e30, -1.0e30), (1.0e30, -1.0e30), (1.0e30, 1.0e30), (-1.0e30, 1.0e30)]],
            // Nothing inside.
            &[&[(4.0, 4.0), (20.0, 30.0)], &[(7.5, 7.5)], &[]],
        ];
        for (i, rings) in shapes.iter().enumerate() {
            assert_eq!(mask(rings), slowly(rings), "shape {i}");
        }
        assert_eq!(mask(shapes[5]).count(), size().area());
        assert_eq!(mask(shapes[6]).count(), 0);
        assert!(!mask(shapes[1]).is_fill(30, 25) && mask(shapes[1]).is_fill(30, 8));
    }

    #[test]
    fn neighbours_share_a_side_but_no_pixel() {
        let left = mask(&[&[(0.0, 0.0), (20.5, 0.0), (31.0, 48.0), (0.0, 48.0)]]);
        let right = mask(&[&[(20.5, 0.0), (64.0, 0.0), (64.0, 48.0), (31.0, 48.0)]]);
        assert_eq!(left.count() + right.count(), size().area());
        let mut both = left;
        both.unite(&right).unwrap();
        assert_eq!(both.count(), size().area());
    }

    #[test]
    fn the_eraser_takes_out() {
        let mut mask = mask(&[&[(0.0, 0.0), (64.0, 0.0), (64.0, 48.0), (0.0, 48.0)]]);
        mask.apply_area(&Area { tool: Tool::Eraser, ..area(&[&[(8.0, 8.0), (16.0, 8.0), (16.0, 16.0), (8.0, 16.0)]]) });
        assert_eq!(mask.count(), size().area() - 64);
        assert!(!mask.is_fill(8, 8) && mask.is_fill(16, 16));
    }

    #[test]
    fn nonsense_and_what_is_outside_do_nothing() {
        let full: &[(f32, f32)] = &[(0.0, 0.0), (64.0, 0.0), (64.0, 48.0)];
        assert_eq!(mask(&[full, &[(1.0, 1.0), (f32::NAN, 2.0), (3.0, 3.0)]]).count(), 0);
        assert_eq!(mask(&[full, &[(1.0, 1.0), (2.0, f32::INFINITY), (3.0, 3.0)]]).count(), 0);
        assert_eq!(mask(&[&[(-30.0, 0.0), (-2.0, 0.0), (-2.0, 40.0)]]).count(), 0);
        assert_eq!(mask(&[&[(3.0, -30.0), (60.0, -2.0), (4.0, -2.0)]]).count(), 0);
        assert_eq!(mask(&[&[(3.0, 50.0), (60.0, 90.0), (4.0, 80.0)]]).count(), 0);
        assert_eq!(mask(&[]).count(), 0);
    }

    #[test]
    fn travels_as_named_fields() {
        let area = area(&[&[(1.0, 2.0), (3.0, 4.0), (5.0, 6.5)]]);
        let text = serde_json::to_string(&area).unwrap();
        assert!(text.starts_with(r#"{"tool":"brush","rings":[[{"x":1.0,"y":2.0}"#), "{text}");
        assert_eq!(serde_json::from_str::<Area>(&text).unwrap(), area);
    }
}
