//! What must be the same before and after, and what must not.

use anyhow::ensure;
use image::RgbaImage;

use crate::mouse::{Point, at};

/// The largest difference of any value.
pub fn largest_difference(a: &RgbaImage, b: &RgbaImage) -> u8 {
    a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or_default()
}

/// How far around the paint a result may differ from its source, in pixels: as far as the engine grows a hole in a
/// picture of this size, and what a mouse that moves in whole pixels of the screen may be off.
pub fn margin(width: u32, height: u32, pixels_per_step: f64) -> f64 {
    f64::from((width.max(height) / 160).clamp(4, 32)) + 2.0 + 1.5 * pixels_per_step.max(1.0)
}

/// How wide a band around the paint tells what is flat, in pixels.
const BAND: f64 = 24.0;

/// What a person painted, in pixels of the picture.
#[derive(Debug, Clone, Default)]
pub struct Painted {
    strokes: Vec<(Vec<Point>, f64)>,
}

/// How a hole was filled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fill {
    /// Pixels that were looked at.
    pub pixels: u32,
    /// Mean difference to the source, 0 to 255.
    pub from_source: f64,
    /// Mean difference to the mean colour of the hole's surroundings, 0 to 255.
    pub from_flat: f64,
}

impl Painted {
    /// Adds a stroke of a brush of this diameter.
    #[must_use]
    pub fn with(mut self, points: &[Point], diameter: f64) -> Self {
        self.strokes.push((points.to_vec(), diameter / 2.0));
        self
    }

    /// How far a pixel is from the paint; negative inside.
    fn distance(&self, x: u32, y: u32) -> f64 {
        let here = at(f64::from(x) + 0.5, f64::from(y) + 0.5);
        let to_stroke = |(points, radius): &(Vec<Point>, f64)| {
            let ends = points.windows(2).map(|pair| (pair[0], pair[1]));
            let dots = points.iter().map(|point| (*point, *point));
            ends.chain(dots).map(|(a, b)| to_line(here, a, b)).fold(f64::INFINITY, f64::min) - radius
        };
        self.strokes.iter().map(to_stroke).fold(f64::INFINITY, f64::min)
    }

    /// Checks that every pixel farther than `margin` from the paint is bit-equal.
    ///
    /// # Errors
    /// Names the first pixel that differs, and how many do.
    pub fn check_outside(&self, source: &RgbaImage, result: &RgbaImage, margin: f64) -> anyhow::Result<()> {
        let sizes = (source.dimensions(), result.dimensions());
        ensure!(sizes.0 == sizes.1, "the size changed: {sizes:?}");
        let differing = |(x, y, pixel): (u32, u32, &image::Rgba<u8>)| {
            (pixel != result.get_pixel(x, y) && self.distance(x, y) > margin).then_some((x, y))
        };
        let changed: Vec<(u32, u32)> = source.enumerate_pixels().filter_map(differing).collect();
        let first = changed.first().map(|&(x, y)| (x, y, *source.get_pixel(x, y), *result.get_pixel(x, y)));
        ensure!(changed.is_empty(), "{} pixels outside the paint changed; the first: {first:?}", changed.len());
        Ok(())
    }

    /// Measures what is in the hole now.
    pub fn fill(&self, source: &RgbaImage, result: &RgbaImage) -> Fill {
        let flat = self.surroundings(source);
        let (mut pixels, mut from_source, mut from_flat) = (0_u32, 0.0, 0.0);
        for (x, y, pixel) in result.enumerate_pixels().filter(|&(x, y, _)| self.distance(x, y) <= 0.0) {
            pixels += 1;
            for channel in 0..3 {
                let value = f64::from(pixel[channel]);
                from_source += (value - f64::from(source.get_pixel(x, y)[channel])).abs();
                from_flat += (value - flat[channel]).abs();
            }
        }
        let values = f64::from(pixels.max(1)) * 3.0;
        Fill { pixels, from_source: from_source / values, from_flat: from_flat / values }
    }

    /// Mean colour of what is just around the paint.
    fn surroundings(&self, source: &RgbaImage) -> [f64; 3] {
        let around = source.enumerate_pixels().filter(|&(x, y, _)| (BAND..2.0 * BAND).contains(&self.distance(x, y)));
        let (mut sum, mut count) = ([0.0; 3], 0.0_f64);
        for (_, _, pixel) in around {
            count += 1.0;
            for (sum, value) in sum.iter_mut().zip(pixel.0) {
                *sum += f64::from(value);
            }
        }
        sum.map(|sum| sum / count.max(1.0))
    }
}

impl Fill {
    /// Checks that the hole holds something new that is no flat colour.
    ///
    /// # Errors
    /// If it still holds the source, or one colour.
    pub fn check(&self) -> anyhow::Result<()> {
        ensure!(self.pixels > 50, "hardly anything was painted: {self:?}");
        ensure!(self.from_source > 8.0, "the hole still holds the source: {self:?}");
        ensure!(self.from_flat > 2.0, "the hole holds one flat colour: {self:?}");
        Ok(())
    }
}

fn to_line(point: Point, a: Point, b: Point) -> f64 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 { ((point.x - a.x) * dx + (point.y - a.y) * dy) / length } else { 0.0 };
    let along = along.clamp(0.0, 1.0);
    (point.x - a.x - dx * along).hypot(point.y - a.y - dy * along)
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;

    #[test]
    fn a_pixel_outside_the_paint_must_not_change() {
        let source = RgbaImage::from_pixel(60, 20, Rgba([1, 2, 3, 255]));
        let painted = Painted::default().with(&[at(10.0, 10.0), at(20.0, 10.0)], 6.0);
        let mut result = source.clone();
        result.put_pixel(15, 12, Rgba([9; 4]));
        assert!(painted.check_outside(&source, &result, 2.0).is_ok());
        result.put_pixel(40, 10, Rgba([9; 4]));
        assert!(painted.check_outside(&source, &result, 2.0).unwrap_err().to_string().contains("1 pixels"));
    }

    #[test]
    fn a_flat_fill_is_noticed() {
        let source = RgbaImage::from_fn(120, 120, |x, y| Rgba([(x * 2) as u8, (y * 2) as u8, 40, 255]));
        let painted = Painted::default().with(&[at(60.0, 60.0)], 20.0);
        assert!(painted.fill(&source, &source).check().is_err());
        let mean = painted.surroundings(&source).map(|value| value as u8);
        let flat = RgbaImage::from_pixel(120, 120, Rgba([mean[0], mean[1], mean[2], 255]));
        assert!(painted.fill(&source, &flat).check().is_err());
    }
}
