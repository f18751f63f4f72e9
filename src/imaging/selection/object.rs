//! From a click to an object: colours are learnt near it, and the cheapest border around it is cut.

use super::{colours::Colours, cut::Grid, geodesic::change_from, level::Level};

/// How much likelier a colour can at most make one side, as a logarithm.
const COLOUR_LIMIT: f32 = 4.0;
/// What a border costs where nothing changes, against one unit of that.
const SMOOTHNESS: f32 = 6.0;
/// The part of that which is left on the sharpest edge: so that borders are short.
const LEAST_SMOOTHNESS: f32 = 0.06;
/// Units of force to one of those; forces are integers.
const FORCE: f32 = 256.0;

/// A part of the level to be cut: columns and rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) right: usize,
    pub(super) bottom: usize,
}

impl Window {
    pub(super) fn pixels(self, level: &Level) -> impl Iterator<Item = (usize, usize, usize)> {
        let width = level.width;
        (self.top..self.bottom).flat_map(move |y| (self.left..self.right).map(move |x| (x, y, y * width + x)))
    }

    pub(super) fn around(level: &Level, (x, y): (usize, usize), reach: usize) -> Self {
        Self {
            left: x.saturating_sub(reach),
            top: y.saturating_sub(reach),
            right: (x + reach + 1).min(level.width),
            bottom: (y + reach + 1).min(level.height),
        }
    }

    /// The smallest part with all of those pixels.
    fn around_those(self, level: &Level, those: impl Fn(usize) -> bool) -> Option<Self> {
        let mut part = Self { left: usize::MAX, top: usize::MAX, right: 0, bottom: 0 };
        for (x, y, _) in self.pixels(level).filter(|&(_, _, at)| those(at)) {
            part.left = part.left.min(x);
            part.top = part.top.min(y);
            part.right = part.right.max(x + 1);
            part.bottom = part.bottom.max(y + 1);
        }
        (part.right > 0).then_some(part)
    }

    /// The same on a level of half the size.
    pub(super) fn halved(self) -> Self {
        Self { left: self.left / 2, top: self.top / 2, right: self.right.div_ceil(2), bottom: self.bottom.div_ceil(2) }
    }

    /// With as much around it as surroundings are learnt from.
    pub(super) fn grown(self, level: &Level) -> Self {
        let around = (self.right - self.left).max(self.bottom - self.top) / 3 + 4;
        Self {
            left: self.left.saturating_sub(around),
            top: self.top.saturating_sub(around),
            right: (self.right + around).min(level.width),
            bottom: (self.bottom + around).min(level.height),
        }
    }

    /// How far a pixel is from the middle: 1 in the middle of each side.
    pub(super) fn distance_from_middle(self, x: usize, y: usize) -> f32 {
        let part =
            |at: usize, from: usize, to: usize| (2.0 * at as f32 + 1.0 - (from + to) as f32) / (to - from) as f32;
        let (across, down) = (part(x, self.left, self.right), part(y, self.top, self.bottom));
        (across * across + down * down).sqrt()
    }

    pub(super) fn contains(self, x: usize, y: usize) -> bool {
        (self.left..self.right).contains(&x) && (self.top..self.bottom).contains(&y)
    }
}

/// What is known about where an object is, pixel by pixel of a level.
#[derive(Debug, Clone)]
pub(super) struct Beliefs {
    /// Where to look.
    pub(super) window: Window,
    /// From 0, surely not an example of the object's colours, to 1.
    pub(super) example: Vec<f32>,
    /// A pull to the object besides that of colours, in their unit.
    pub(super) prior: Vec<f32>,
    /// What may be part of it.
    pub(super) allowed: Vec<bool>,
    /// What surely is.
    pub(super) certain: Vec<usize>,
}

impl Beliefs {
    /// Alternates between learning colours and cutting.
    pub(super) fn cut(&self, level: &Level, rounds: usize) -> Vec<bool> {
        let mut inside: Vec<bool> = Vec::new();
        for _ in 0..rounds {
            let (mut object, mut around) = (Colours::none(), Colours::none());
            for (_, _, at) in self.window.pixels(level) {
                let mut share = if self.allowed[at] { self.example[at] } else { 0.0 };
                if let Some(&inside) = inside.get(at) {
                    // What was known from the start keeps its word, or the object drifts away from the click.
                    share = if inside { 0.5 + 0.5 * share } else { 0.25 * share };
                }
                object.add(level.bins[at], share);
                around.add(level.bins[at], 1.0 - share);
            }
            object.smooth();
            around.smooth();
            inside = self.cut_by(level, &object.against(&around, COLOUR_LIMIT));
        }
        inside
    }

    /// The cheapest border, given how much likelier each colour is in the object.
    fn cut_by(&self, level: &Level, likelier: &[f32]) -> Vec<bool> {
        let mut inside = vec![false; level.colours.len()];
        let mut certain = vec![false; level.colours.len()];
        for &at in &self.certain {
            (inside[at], certain[at]) = (true, true);
        }
        let free = |at: usize| self.allowed[at] && !certain[at];
        let Some(window) = self.window.around_those(level, free) else { return inside };
        let width = window.right - window.left;
        let mut grid = Grid::new(width, window.bottom - window.top);
        for (x, y, at) in window.pixels(level).filter(|&(_, _, at)| free(at)) {
            let (gx, gy) = (x - window.left, y - window.top);
            let wish = likelier[usize::from(level.bins[at])] + self.prior[at];
            let mut pull = (wish * FORCE) as i32;
            for direction in 0..8 {
                let Some(other) = level.neighbour(at, direction) else { continue };
                let (n, back) = (direction / 2, direction % 2 == 1);
                // Steps are stored with the first of each pair of opposite directions.
                let force = bond(level, level.steps[if back { other } else { at }][n], n);
                // What is decided is no part of the grid: bonds to it are pulls.
                if certain[other] {
                    pull += force;
                } else if !free(other) || !window.contains(other % level.width, other / level.width) {
                    pull -= if self.window.contains(other % level.width, other / level.width) { force } else { 0 };
                } else if !back {
                    grid.bind(gx, gy, direction, force);
                }
            }
            grid.pull(gx, gy, pull);
        }
        for (row, y) in grid.solve().chunks_exact(width).zip(window.top..) {
            for (&found, x) in row.iter().zip(window.left..) {
                let at = y * level.width + x;
                inside[at] |= found && free(at);
            }
        }
        inside
    }
}

/// What it costs to part two neighbours, along the stored direction `n`, between which colours change by `step`.
fn bond(level: &Level, step: f32, n: usize) -> i32 {
    let length = if n < 2 { 1.0 } else { std::f32::consts::FRAC_1_SQRT_2 };
    let smooth = 1.0 - edge(level, step);
    (SMOOTHNESS * length * (LEAST_SMOOTHNESS + (1.0 - LEAST_SMOOTHNESS) * smooth) * FORCE) as i32
}

/// How much of an edge a step is, 0 to 1.
pub(super) fn edge(level: &Level, step: f32) -> f32 {
    let usual = 2.0 + 1.6 * level.mean_step;
    1.0 - libm::expf(-step * step / (2.0 * usual * usual))
}

/// Changes up to this are grain.
pub(super) fn grain(level: &Level) -> f32 {
    0.7 * level.mean_step
}

/// How much colours change on the way out of a thing.
pub(super) fn reach(level: &Level) -> f32 {
    24.0 + 4.0 * level.mean_step
}

/// How much colours change from these pixels on.
pub(super) fn change(level: &Level, sources: &[usize]) -> Vec<f32> {
    change_from(level, sources.iter().copied(), grain(level))
}
