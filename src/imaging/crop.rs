//! Square cut-outs of a picture, as models want them.

use std::borrow::Cow;

use crate::{
    geometry::{Rect, Size},
    image::Image,
    mask::Mask,
};

/// A square of whole pixels over an image.
///
/// It lies inside the image wherever the image is large enough. Along an axis where it is not, the square hangs over
/// both edges; what is there is the image mirrored at its edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Square {
    left: i64,
    top: i64,
    size: Size,
}

impl Square {
    /// The longest side, in pixels: its area still fits in a [`Size`].
    pub const MAX_SIDE: u32 = 32_768;

    /// A square with `hole` in its middle, shifted into an image of size `within` as far as that is large enough.
    ///
    /// `side` is in pixels and is taken into `1..=`[`Square::MAX_SIDE`].
    pub fn around(hole: Rect, side: u32, within: Size) -> Self {
        let side = side.clamp(1, Self::MAX_SIDE);
        // `clamp` just made this an allowed side.
        let square = Size::square(side).unwrap_or(hole.size);
        let start = |from: u32, len: u32, limit: u32| {
            let (from, len, limit, side) = (i64::from(from), i64::from(len), i64::from(limit), i64::from(side));
            if side >= limit { (limit - side).div_euclid(2) } else { (from + (len - side) / 2).clamp(0, limit - side) }
        };
        Self {
            left: start(hole.x, hole.size.width(), within.width()),
            top: start(hole.y, hole.size.height(), within.height()),
            size: square,
        }
    }

    /// Pixels along each side.
    pub const fn side(self) -> u32 {
        self.size.width()
    }

    /// Width and height, which are equal.
    pub const fn size(self) -> Size {
        self.size
    }

    /// Column of the image that the first column of the square shows; negative where the square hangs over.
    pub const fn left(self) -> i64 {
        self.left
    }

    /// Row of the image that the first row of the square shows; negative where the square hangs over.
    pub const fn top(self) -> i64 {
        self.top
    }

    /// The image's column under each column of the square, `width` being the image's.
    pub fn columns(self, width: u32) -> Vec<u32> {
        mirrored_run(self.left, self.side(), width)
    }

    /// The image's row under each row of the square, `height` being the image's.
    pub fn rows(self, height: u32) -> Vec<u32> {
        mirrored_run(self.top, self.side(), height)
    }

    /// What of an image's or mask's row is under a row of the square, one after another. `columns` are those of the square.
    pub(super) fn along<'a, T: Copy>(self, row: &'a [T], columns: &[u32]) -> Cow<'a, [T]> {
        let span = usize::try_from(self.left).map(|left| left..left + self.side() as usize);
        match span.ok().and_then(|span| row.get(span)) {
            Some(under) => Cow::Borrowed(under),
            None => columns.iter().map(|&x| row[x as usize]).collect(),
        }
    }

    /// The part of the square that `rect` of the image is, if it lies wholly in the square.
    pub fn locate(self, rect: Rect) -> Option<Rect> {
        let x = u32::try_from(i64::from(rect.x) - self.left).ok()?;
        let y = u32::try_from(i64::from(rect.y) - self.top).ok()?;
        let there = Rect { x, y, size: rect.size };
        (there.right() <= self.side() && there.bottom() <= self.side()).then_some(there)
    }

    /// The square as a part of something of size `within`, if it hangs over nowhere.
    fn inside(self, within: Size) -> Option<Rect> {
        let rect = Rect { x: u32::try_from(self.left).ok()?, y: u32::try_from(self.top).ok()?, size: self.size };
        within.bounds().contains(rect).then_some(rect)
    }

    /// Copies out what is under the square.
    pub fn cut(self, image: &Image) -> Image {
        if let Some(rect) = self.inside(image.size()) {
            return image.cropped(rect);
        }
        let bounds = image.size().bounds();
        let columns = self.columns(image.size().width());
        let mut out = Image::filled(self.size, [0; 4]);
        let to = self.size.bounds();
        for (y, source) in (0..).zip(self.rows(image.size().height())) {
            let source = image.row(bounds, source);
            for (pixel, &x) in out.row_mut(to, y).chunks_exact_mut(Image::CHANNELS).zip(&columns) {
                pixel.copy_from_slice(&source[x as usize * Image::CHANNELS..][..Image::CHANNELS]);
            }
        }
        out
    }

    /// Copies out what of `mask` is under the square.
    pub fn cut_mask(self, mask: &Mask) -> Mask {
        if let Some(rect) = self.inside(mask.size()) {
            return mask.cropped(rect);
        }
        let columns = self.columns(mask.size().width());
        let rows = self.rows(mask.size().height());
        Mask::from_fn(self.size, |x, y| mask.is_fill(columns[x as usize], rows[y as usize]))
    }
}

/// The positions under `count` positions from `start` on, in something `len` long that is mirrored at its ends.
fn mirrored_run(start: i64, count: u32, len: u32) -> Vec<u32> {
    (start..start + i64::from(count)).map(|at| mirrored(at, len)).collect()
}

/// The position that shows at `at` when `0..len` is mirrored at both ends, the end itself not repeated.
fn mirrored(at: i64, len: u32) -> u32 {
    let last = i64::from(len) - 1;
    if last <= 0 {
        return 0;
    }
    let folded = at.rem_euclid(2 * last);
    folded.min(2 * last - folded) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32) -> Size {
        Size::new(width, height).unwrap()
    }

    /// Each pixel tells where it was.
    fn coordinates(size: Size) -> Image {
        let pixels = (0..size.height()).flat_map(|y| (0..size.width()).map(move |x| [x as u8, y as u8, 7, 255]));
        Image::from_rgba(size, pixels.flatten().collect()).unwrap()
    }

    #[test]
    fn mirrors_without_repeating_the_edge() {
        let seen: Vec<u32> = (-4..8).map(|at| mirrored(at, 4)).collect();
        assert_eq!(seen, [2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1]);
        assert_eq!(mirrored(-5, 1), 0);
    }

    #[test]
    fn a_square_in_a_corner_is_shifted_inside() {
        let square = Square::around(Rect::between(95, 0, 100, 5).unwrap(), 32, size(100, 60));
        assert_eq!((square.left(), square.top()), (68, 0));
        let cut = square.cut(&coordinates(size(100, 60)));
        assert_eq!(cut, coordinates(size(100, 60)).cropped(Rect::between(68, 0, 100, 32).unwrap()));
    }

    #[test]
    fn a_picture_smaller_than_the_square_is_mirrored_around_itself() {
        let small = coordinates(size(10, 6));
        let square = Square::around(Rect::between(2, 2, 4, 4).unwrap(), 16, small.size());
        assert_eq!((square.left(), square.top()), (-3, -5));
        let cut = square.cut(&small);
        assert_eq!(cut.row(cut.size().bounds(), 5)[..8], [3, 0, 7, 255, 2, 0, 7, 255]);
        let there = square.locate(small.size().bounds()).unwrap();
        assert_eq!(cut.cropped(there), small);
    }

    #[test]
    fn mask_and_picture_are_cut_alike() {
        let image = coordinates(size(20, 9));
        let mask = Mask::from_fn(image.size(), |x, y| (x * y) % 3 == 1);
        let square = Square::around(Rect::between(15, 3, 18, 8).unwrap(), 12, image.size());
        let (cut, hole) = (square.cut(&image), square.cut_mask(&mask));
        for (pixel, &hole) in cut.as_bytes().chunks_exact(4).zip(hole.as_bytes()) {
            assert_eq!(hole == Mask::FILL, (u32::from(pixel[0]) * u32::from(pixel[1])) % 3 == 1);
        }
    }
}
