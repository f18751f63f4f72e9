//! Selecting an object by a click or a box, without a network.
//!
//! As in Rother, Kolmogorov and Blake, "`GrabCut`", 2004: colours of the object and of what is around it are learnt from
//! an estimate, the cheapest border is cut, and both are repeated. A click has no estimate: objects of several sizes are
//! tried around it, their colours weighted by how little changes on the way from the click (Price, Morse and Cohen,
//! "Geodesic graph cut for interactive image segmentation", 2010), and the one that stands out best stays.
//!
//! All of this happens on a small picture, most of it on a half and a quarter of that; [`Selector::enlarge`] brings the
//! mask to the full picture.

mod colours;
mod cut;
mod enlarge;
mod finish;
mod geodesic;
mod level;
mod object;
mod region;
pub mod reshape;
mod scales;
mod shadow;
#[cfg(test)]
mod tests;

pub use self::shadow::include_shadow;
use self::{
    finish::{Points, finish},
    level::Level,
    object::{Beliefs, Window},
    scales::Click,
};
use crate::{
    geometry::{Point, Size},
    image::Image,
    mask::Mask,
};

/// The longest side of a picture that selects, in pixels. Whoever has a larger one reduces it to this.
pub const MAX_SIDE_PX: u32 = 512;

/// What a person points at, in pixels of the picture that selects.
///
/// Points that are not in the picture count for nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seeds {
    /// On the object, or on each of several.
    pub include: Vec<Point>,
    /// Not on it.
    pub exclude: Vec<Point>,
    /// Two opposite corners of a box around it: what is outside is not part of it. Points to include that lie outside
    /// the box are further objects.
    pub within: Option<[Point; 2]>,
}

/// Why nothing can be selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// The picture is larger than [`MAX_SIDE_PX`].
    #[error("a picture that is {longer_side} pixels long is too large to select on")]
    TooLarge {
        /// Its longer side, in pixels.
        longer_side: u32,
    },
    /// Neither a point in the picture nor a box with a pixel in it.
    #[error("nothing is pointed at")]
    NoSeed,
    /// A mask, or a part of the picture, that is not of the size of the rest.
    #[error("the picture and the mask have different sizes")]
    Mismatch,
}

/// A picture made ready to select on.
#[derive(Debug, Clone)]
pub struct Selector {
    size: Size,
    /// The picture, and the same at a half and a quarter of its size.
    levels: [Level; 3],
}

impl Seeds {
    /// The same on a picture of another size.
    #[must_use]
    pub fn scaled(&self, from: Size, to: Size) -> Self {
        let across = to.width() as f32 / from.width() as f32;
        let down = to.height() as f32 / from.height() as f32;
        let scaled = |point: &Point| Point::new(point.x * across, point.y * down);
        Self {
            include: self.include.iter().map(scaled).collect(),
            exclude: self.exclude.iter().map(scaled).collect(),
            within: self.within.map(|corners| corners.map(|corner| scaled(&corner))),
        }
    }
}

impl Selector {
    /// Looks at a picture; does the work that all selections on it share.
    ///
    /// # Errors
    /// [`SelectionError::TooLarge`] if a side is longer than [`MAX_SIDE_PX`].
    pub fn new(image: &Image) -> Result<Self, SelectionError> {
        let size = image.size();
        if size.longer_side() > MAX_SIDE_PX {
            return Err(SelectionError::TooLarge { longer_side: size.longer_side() });
        }
        let full = Level::of(image);
        let half = full.halved();
        let quarter = half.halved();
        Ok(Self { size, levels: [full, half, quarter] })
    }

    /// The size of the picture and of the masks that are selected on it.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// The object, or objects, that are pointed at. The same seeds always give the same mask.
    ///
    /// # Errors
    /// [`SelectionError::NoSeed`] if no point to include and no pixel of a box is in the picture.
    pub fn select(&self, seeds: &Seeds) -> Result<Mask, SelectionError> {
        let [full, half, _] = &self.levels;
        let include: Vec<_> = seeds.include.iter().filter_map(|&point| self.pixel(point)).collect();
        let exclude: Vec<_> = seeds.exclude.iter().filter_map(|&point| self.pixel(point)).collect();
        let window = match seeds.within {
            Some(corners) => Some(self.window(corners).ok_or(SelectionError::NoSeed)?),
            None if include.is_empty() => return Err(SelectionError::NoSeed),
            None => None,
        };
        let halved = |&(x, y): &(usize, usize)| (x / 2, y / 2);
        let excluded: Vec<_> = exclude.iter().map(halved).collect();
        let mut rough = vec![false; half.colours.len()];
        let mut unite = |found: Vec<bool>| rough.iter_mut().zip(found).for_each(|(rough, found)| *rough |= found);
        let in_window = |at: &(usize, usize)| window.is_some_and(|window| window.contains(at.0, at.1));
        if let Some(window) = window {
            let clicks: Vec<_> = include.iter().filter(|at| in_window(at)).map(halved).collect();
            unite(object_in_box(half, window.halved(), &clicks, &excluded));
        }
        let everywhere = vec![true; half.colours.len()];
        for at in include.iter().filter(|at| !in_window(at)) {
            let click = Click { levels: &self.levels[1..], at: halved(at), allowed: &everywhere, exclude: &excluded };
            unite(click.object());
        }
        let width = half.width;
        let rough = Mask::from_fn(self.size, |x, y| rough[(y / 2) as usize * width + (x / 2) as usize]);
        let index = |&(x, y): &(usize, usize)| y * full.width + x;
        let mut allowed = vec![true; full.colours.len()];
        if let Some(window) = window
            && include.iter().all(in_window)
        {
            allowed.fill(false);
            window.pixels(full).for_each(|(_, _, at)| allowed[at] = true);
        }
        let include: Vec<_> = include.iter().map(index).collect();
        let exclude: Vec<_> = exclude.iter().map(index).collect();
        Ok(finish(full, self.size, &rough, &allowed, &Points { include: &include, exclude: &exclude }))
    }

    /// The pixel that a point is in.
    fn pixel(&self, point: Point) -> Option<(usize, usize)> {
        let (width, height) = (self.size.width() as f32, self.size.height() as f32);
        // False for what is not a number.
        let inside = (0.0..width).contains(&point.x) && (0.0..height).contains(&point.y);
        inside.then_some((point.x as usize, point.y as usize))
    }

    /// The pixels whose centres are between two corners.
    fn window(&self, [a, b]: [Point; 2]) -> Option<Window> {
        if !a.is_finite() || !b.is_finite() {
            return None;
        }
        let first = |a: f32, b: f32| (a.min(b) - 0.5).ceil() as usize;
        let end = |a: f32, b: f32, limit: u32| ((a.max(b) - 0.5).ceil() as usize).min(limit as usize);
        let (left, top) = (first(a.x, b.x), first(a.y, b.y));
        let (right, bottom) = (end(a.x, b.x, self.size.width()), end(a.y, b.y, self.size.height()));
        (left < right && top < bottom).then_some(Window { left, top, right, bottom })
    }
}

/// The object that a box on `level` is drawn around.
fn object_in_box(level: &Level, frame: Window, include: &[(usize, usize)], exclude: &[(usize, usize)]) -> Vec<bool> {
    let count = level.colours.len();
    let index = |&(x, y): &(usize, usize)| y * level.width + x;
    let certain: Vec<usize> = include.iter().map(index).collect();
    let excluded: Vec<usize> = exclude.iter().map(index).collect();
    let from_include = (!certain.is_empty()).then(|| object::change(level, &certain));
    let from_exclude = (!excluded.is_empty()).then(|| object::change(level, &excluded));
    let mut beliefs = Beliefs {
        window: frame.grown(level),
        example: vec![0.0; count],
        prior: vec![0.0; count],
        allowed: vec![false; count],
        certain,
    };
    let reach = object::reach(level);
    let near = |change: &Option<Vec<f32>>, at: usize| {
        change.as_ref().map_or(0.0, |change| libm::expf(-(change[at] / reach) * (change[at] / reach)))
    };
    for (x, y, at) in frame.pixels(level) {
        let from_middle = frame.distance_from_middle(x, y);
        let (mine, others) = (near(&from_include, at), near(&from_exclude, at));
        beliefs.example[at] = (libm::expf(-1.5 * from_middle * from_middle) + mine - others).clamp(0.0, 1.0);
        beliefs.prior[at] = 0.8 - from_middle * from_middle + 2.0 * (mine - others);
        beliefs.allowed[at] = true;
    }
    for at in excluded {
        beliefs.allowed[at] = false;
    }
    beliefs.cut(level, 5)
}
