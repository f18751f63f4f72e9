//! Bringing a cut-out to a model's size, and its fill back.

use fast_image_resize::{
    FilterType, ResizeAlg, ResizeOptions, Resizer,
    images::{TypedImage, TypedImageRef},
    pixels::U8x4,
};

use crate::{
    geometry::{Rect, Size},
    image::{Image, ShapeError},
    imaging::crop::Square,
    mask::Mask,
};

/// The library that resizes refused.
#[derive(Debug, thiserror::Error)]
pub enum ResizeError {
    /// Buffer and size disagree.
    #[error("cannot resize: {0}")]
    Buffer(#[from] fast_image_resize::ImageBufferError),
    /// The window lies outside the image.
    #[error("cannot resize: {0}")]
    Window(#[from] fast_image_resize::ResizeError),
    /// The result has another size than was asked for.
    #[error("cannot resize: {0}")]
    Shape(#[from] ShapeError),
}

/// A part of an image between pixels, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// From the left edge.
    pub left: f64,
    /// From the top edge.
    pub top: f64,
    /// From left to right.
    pub width: f64,
    /// From top to bottom.
    pub height: f64,
}

impl Window {
    /// Where `rect` of something `of` large lies in the same thing at size `at`.
    pub fn scaled(rect: Rect, of: Size, at: Size) -> Self {
        let across = f64::from(at.width()) / f64::from(of.width());
        let down = f64::from(at.height()) / f64::from(of.height());
        let (left, top) = (f64::from(rect.x) * across, f64::from(rect.y) * down);
        // Rounding must not push the far edges out of the image.
        let width = (f64::from(rect.size.width()) * across).min(f64::from(at.width()) - left);
        let height = (f64::from(rect.size.height()) * down).min(f64::from(at.height()) - top);
        Self { left, top, width, height }
    }

    /// The same part, counted from where `rect` begins, in which it must lie.
    #[must_use]
    pub fn within(self, rect: Rect) -> Self {
        let (left, top) = ((self.left - f64::from(rect.x)).max(0.0), (self.top - f64::from(rect.y)).max(0.0));
        let width = self.width.min(f64::from(rect.size.width()) - left);
        let height = self.height.min(f64::from(rect.size.height()) - top);
        Self { left, top, width, height }
    }

    /// The whole pixels, of something `of` large, that this touches.
    pub fn whole(self, of: Size) -> Rect {
        let (left, top) = (self.left.floor() as u32, self.top.floor() as u32);
        let (right, bottom) = ((self.left + self.width).ceil() as u32, (self.top + self.height).ceil() as u32);
        Rect::between(left, top, right.min(of.width()), bottom.min(of.height())).unwrap_or(of.bounds())
    }
}

/// Shows `window` of `image` at size `to`, filtered with Lanczos of three lobes.
///
/// Colours count as much as their alpha.
///
/// # Errors
/// [`ResizeError`] if the window is empty or leaves the image.
pub fn resample(image: &Image, window: Window, to: Size) -> Result<Image, ResizeError> {
    let Window { left, top, width, height } = window;
    let (source_width, source_height) = image.size().into();
    // By the type of pixel: the other way compiles the filters of all types, which takes minutes.
    let source = TypedImageRef::<U8x4>::from_buffer(source_width, source_height, image.as_bytes())?;
    let mut data = vec![0; to.area() * Image::CHANNELS];
    let mut out = TypedImage::<U8x4>::from_buffer(to.width(), to.height(), &mut data)?;
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(left, top, width, height)
        .use_alpha(image.has_transparency());
    Resizer::new().resize_typed(&source, &mut out, &options)?;
    Ok(Image::from_rgba(to, data)?)
}

/// Alpha of something known as a whole in [`shrink_known`].
///
/// Less than 255, because the filter overshoots beside an edge (by 10% or so): if alpha were cut there and the colour that
/// is divided by it not, each hole would get a bright rim.
pub const KNOWN: u8 = 200;

/// Shows what of `image` is under `square` at size `to`, as if `hole` were not there: its pixels count for nothing,
/// so that the object that is to go does not bleed into its surroundings.
///
/// Alpha of the result says how much was known: 0 where all was hole (or transparent), about [`KNOWN`] where nothing was.
///
/// # Errors
/// [`ResizeError`] stands for a defect in here.
pub fn shrink_known(image: &Image, hole: &Mask, square: Square, to: Size) -> Result<Image, ResizeError> {
    let factor = (square.side() / (2 * to.width())).max(1);
    let known = if factor == 1 { without_hole(image, hole, square) } else { block_means(image, hole, square, factor) };
    if square.size() == to {
        return Ok(known);
    }
    // The last block may hang over the square.
    let side = f64::from(square.side()) / f64::from(factor);
    resample(&known, Window { left: 0.0, top: 0.0, width: side, height: side }, to)
}

/// What is under `square`, the hole being transparent.
fn without_hole(image: &Image, hole: &Mask, square: Square) -> Image {
    let mut known = square.cut(image);
    let hole = square.cut_mask(hole);
    for (pixel, &hole) in known.as_bytes_mut().as_chunks_mut::<4>().0.iter_mut().zip(hole.as_bytes()) {
        let alpha = u32::from(pixel[3] & !hole) * u32::from(KNOWN) / 255;
        pixel[3] = alpha as u8;
    }
    known
}

/// Means of blocks of `factor` x `factor` pixels under `square`, each pixel counting by its alpha, none of `hole`.
///
/// A filter over a whole 50-megapixel cut-out would need hundreds of megabytes; this leaves it at most four times as
/// many pixels as it gives, on each axis.
fn block_means(image: &Image, hole: &Mask, square: Square, factor: u32) -> Image {
    let side = square.side().div_ceil(factor);
    let (columns, rows) = (square.columns(image.size().width()), square.rows(image.size().height()));
    let bounds = image.size().bounds();
    let mut data = Vec::with_capacity(side as usize * side as usize * Image::CHANNELS);
    let mut sums = vec![[0u32; 4]; side as usize];
    for rows in rows.chunks(factor as usize) {
        sums.fill([0; 4]);
        for &y in rows {
            let pixels = square.along(image.row(bounds, y).as_chunks::<4>().0, &columns);
            let hole = square.along(hole.row(y), &columns);
            let blocks = pixels.chunks(factor as usize).zip(hole.chunks(factor as usize));
            for (sum, (pixels, hole)) in sums.iter_mut().zip(blocks) {
                for (&pixel, &hole) in pixels.iter().zip(hole) {
                    add_known(sum, pixel, hole);
                }
            }
        }
        let last = columns.len() % factor as usize;
        for (i, sum) in sums.iter().enumerate() {
            let across = if i + 1 == sums.len() && last > 0 { last } else { factor as usize };
            data.extend_from_slice(&mean(*sum, (across * rows.len()) as u32));
        }
    }
    let blocks = Size::square(side).unwrap_or(square.size());
    Image::from_rgba(blocks, data).unwrap_or_else(|_| square.cut(image))
}

/// Adds a pixel, weighted by alpha, to the sums of red, green, blue and weight, unless it is part of the hole.
fn add_known(sum: &mut [u32; 4], [red, green, blue, alpha]: [u8; 4], hole: u8) {
    for (sum, value) in sum.iter_mut().zip([red, green, blue, 1]) {
        *sum += u32::from(value) * u32::from(alpha & !hole);
    }
}

/// The mean colour, and the mean weight over `count` pixels as alpha, of which [`KNOWN`] is the most.
fn mean(sums: [u32; 4], count: u32) -> [u8; 4] {
    if sums[3] == 0 {
        return [0; 4];
    }
    // One division for all; f32 is exact enough, for a rounding error moves a colour by one at most.
    let part = (sums[3] as f32).recip();
    let [red, green, blue, weight] = sums.map(|sum| sum as f32);
    let [red, green, blue] = [red, green, blue].map(|sum| (sum * part + 0.5) as u8);
    // A trace of weight must not round to nothing known.
    let alpha = (weight * f32::from(KNOWN) / (255 * count) as f32).max(1.0);
    [red, green, blue, alpha as u8]
}

/// Shows what of `hole` is under `square` at size `to`. A pixel of the result is hole if any pixel under it is: what
/// the model sees as known is known.
pub fn shrink_mask(hole: &Mask, square: Square, to: Size) -> Mask {
    if square.size() == to {
        return square.cut_mask(hole);
    }
    let columns = square.columns(hole.size().width());
    let rows = square.rows(hole.size().height());
    let spans = |count: u32| (0..count).map(move |i| span(i, count, square.side()));
    let mut data = Vec::with_capacity(to.area());
    let mut any = vec![Mask::KEEP; columns.len()];
    for down in spans(to.height()) {
        any.fill(Mask::KEEP);
        for &y in &rows[down] {
            for (any, value) in any.iter_mut().zip(square.along(hole.row(y), &columns).iter()) {
                *any |= value;
            }
        }
        data.extend(spans(to.width()).map(|across| any[across].iter().fold(Mask::KEEP, |all, &one| all | one)));
    }
    // One byte for each pixel was just made.
    Mask::from_coverage(to, &data).unwrap_or_else(|_| Mask::empty(to))
}

/// The pixels, of `side`, that pixel `i` of `count` touches.
fn span(i: u32, count: u32, side: u32) -> std::ops::Range<usize> {
    let (i, count, side) = (u64::from(i), u64::from(count), u64::from(side));
    (i * side / count) as usize..((i + 1) * side).div_ceil(count) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32) -> Size {
        Size::new(width, height).unwrap()
    }

    #[test]
    fn a_window_of_everything_at_the_same_size_changes_nothing() {
        let image = Image::from_rgba(size(9, 7), (0..252).map(|i| if i % 4 == 3 { 255 } else { i as u8 }).collect());
        let image = image.unwrap();
        let window = Window::scaled(image.size().bounds(), image.size(), image.size());
        assert_eq!(resample(&image, window, image.size()).unwrap(), image);
    }

    #[test]
    fn the_hole_does_not_bleed_into_what_is_known() {
        let hole = Mask::from_fn(size(700, 600), |x, y| (200..420).contains(&x) && (100..300).contains(&y));
        let mut image = Image::filled(hole.size(), [40, 90, 140, 255]);
        for (pixel, &hole) in image.as_bytes_mut().chunks_exact_mut(4).zip(hole.as_bytes()) {
            if hole == Mask::FILL {
                pixel.copy_from_slice(&[255, 0, 255, 255]);
            }
        }
        for (side, to) in [(600, 256), (590, 128), (600, 64), (256, 256)] {
            let square = Square::around(hole.bounds().unwrap(), side, hole.size());
            let to = size(to, to);
            let (small, small_hole) =
                (shrink_known(&image, &hole, square, to).unwrap(), shrink_mask(&hole, square, to));
            for (pixel, &hole) in small.as_bytes().chunks_exact(4).zip(small_hole.as_bytes()) {
                let near = pixel[0].abs_diff(40) < 3 && pixel[1].abs_diff(90) < 3 && pixel[2].abs_diff(140) < 3;
                assert!(hole == Mask::FILL || near, "{side}: {pixel:?}");
            }
        }
    }

    #[test]
    fn a_single_painted_pixel_survives_shrinking() {
        for at in [(0, 0), (999, 700), (503, 311)] {
            let hole = Mask::from_fn(size(1000, 701), |x, y| (x, y) == at);
            let square = Square::around(hole.bounds().unwrap(), 701, hole.size());
            assert!((1..=4).contains(&shrink_mask(&hole, square, size(256, 256)).count()), "{at:?}");
        }
    }

    #[test]
    fn windows_stay_inside() {
        let (of, at) = (size(1000, 1000), size(256, 256));
        let window = Window::scaled(Rect::between(333, 0, 1000, 1000).unwrap(), of, at);
        assert!(window.left + window.width <= 256.0 && (window.width - 170.752).abs() < 1e-9);
    }
}
