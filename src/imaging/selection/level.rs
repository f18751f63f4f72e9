//! A picture as the selection looks at it: colours in which distances mean something, and how they change.

use super::cut::DIRECTIONS;
use crate::image::Image;

/// How much a change of hue counts beside one of brightness: hues tell objects apart where light does not.
const CHROMA_WEIGHT: f32 = 1.6;

/// Levels of each channel in a histogram.
pub(super) const LEVELS: usize = 32;

/// A picture, or the same at half its size.
#[derive(Debug, Clone)]
pub(super) struct Level {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Luma from 0 to 255, and two chroma channels around 0, weighted.
    pub(super) colours: Vec<[f32; 3]>,
    /// How far colours are from those to the right, below, below right, and below left. 0 at the edges.
    pub(super) steps: Vec<[f32; 4]>,
    /// Where each colour is in a histogram.
    pub(super) bins: Vec<u16>,
    /// The mean step: how much grain and texture change.
    pub(super) mean_step: f32,
}

/// Directions in which steps are stored, as indices into [`DIRECTIONS`].
pub(super) const STORED: [usize; 4] = [0, 2, 4, 6];

impl Level {
    /// A picture as it is.
    pub(super) fn of(image: &Image) -> Self {
        let (width, height) = image.size().into();
        let colours = image.as_bytes().as_chunks::<4>().0.iter().map(|&pixel| colour(pixel)).collect();
        Self::from_colours(width as usize, height as usize, colours)
    }

    fn from_colours(width: usize, height: usize, colours: Vec<[f32; 3]>) -> Self {
        let mut level =
            Self { width, height, steps: vec![[0.0; 4]; colours.len()], bins: Vec::new(), mean_step: 0.0, colours };
        level.bins = level.softened().into_iter().map(bin).collect();
        let mut sum = 0.0;
        for at in 0..level.colours.len() {
            for (n, &direction) in STORED.iter().enumerate() {
                if let Some(other) = level.neighbour(at, direction) {
                    let step = distance_squared(level.colours[at], level.colours[other]).sqrt();
                    level.steps[at][n] = step;
                    sum += f64::from(step);
                }
            }
        }
        level.mean_step = (sum / (4 * level.colours.len()) as f64) as f32;
        level
    }

    /// The same at half the size; means of four.
    pub(super) fn halved(&self) -> Self {
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let colours = (0..width * height).map(|at| {
            let (x, y) = (at % width * 2, at / width * 2);
            let (right, below) = ((x + 1).min(self.width - 1), (y + 1).min(self.height - 1));
            let four = [(x, y), (right, y), (x, below), (right, below)].map(|(x, y)| self.colours[y * self.width + x]);
            std::array::from_fn(|c| four.iter().map(|colour| colour[c]).sum::<f32>() / 4.0)
        });
        Self::from_colours(width, height, colours.collect())
    }

    /// The pixel in that direction, if there is one.
    pub(super) fn neighbour(&self, at: usize, direction: usize) -> Option<usize> {
        let (dx, dy) = DIRECTIONS[direction];
        let x = (at % self.width).checked_add_signed(dx as isize).filter(|&x| x < self.width)?;
        let y = (at / self.width).checked_add_signed(dy as isize).filter(|&y| y < self.height)?;
        Some(y * self.width + x)
    }

    /// Colours blurred by a pixel: what a histogram of them says about grain is less sharp.
    fn softened(&self) -> Vec<[f32; 3]> {
        let soften = |colours: &[[f32; 3]], before: &dyn Fn(usize) -> usize, after: &dyn Fn(usize) -> usize| {
            let mixed = |at: usize| -> [f32; 3] {
                let (a, b, c) = (colours[before(at)], colours[at], colours[after(at)]);
                std::array::from_fn(|n| (a[n] + 2.0 * b[n] + c[n]) / 4.0)
            };
            (0..colours.len()).map(mixed).collect::<Vec<_>>()
        };
        let (width, count) = (self.width, self.colours.len());
        let left = |at: usize| if at.is_multiple_of(width) { at } else { at - 1 };
        let right = |at: usize| if at % width + 1 == width { at } else { at + 1 };
        let above = |at: usize| if at < width { at } else { at - width };
        let below = |at: usize| if at + width >= count { at } else { at + width };
        soften(&soften(&self.colours, &left, &right), &above, &below)
    }
}

/// The colour of a pixel over grey, as luma and weighted chroma (ITU-R BT.601).
pub(super) fn colour([red, green, blue, alpha]: [u8; 4]) -> [f32; 3] {
    let alpha = f32::from(alpha) / 255.0;
    let [red, green, blue] = [red, green, blue].map(|value| 128.0 + (f32::from(value) - 128.0) * alpha);
    let luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    [luma, (blue - luma) * 0.564 * CHROMA_WEIGHT, (red - luma) * 0.713 * CHROMA_WEIGHT]
}

/// How far two colours are apart, squared.
pub(super) fn distance_squared(a: [f32; 3], b: [f32; 3]) -> f32 {
    let [luma, blue, red] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    luma * luma + blue * blue + red * red
}

fn bin([luma, blue, red]: [f32; 3]) -> u16 {
    let level = |value: f32| (value.max(0.0) as usize).min(LEVELS - 1);
    let [luma, blue, red] = [level(luma / 8.0), level(blue / 8.0 + 16.0), level(red / 8.0 + 16.0)];
    ((luma * LEVELS + blue) * LEVELS + red) as u16
}
