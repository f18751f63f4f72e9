//! The last cut: along the border of what was found on smaller pictures.

use super::{
    level::Level,
    object::{Beliefs, Window},
    region::{connected, fill_holes},
};
use crate::{geometry::Size, imaging::morphology::dilate, mask::Mask};

/// How far the border may move, in pixels.
const BAND_PX: u32 = 6;
/// How far around that colours are learnt, in pixels.
const AROUND_PX: u32 = 20;
/// Holes up to this part of the selection are filled.
const HOLE_SHARE: f32 = 0.04;

/// What to stay with.
pub(super) struct Points<'a> {
    /// Pixels that are part of the selection.
    pub(super) include: &'a [usize],
    /// Pixels that are not.
    pub(super) exclude: &'a [usize],
}

/// Cuts again within a few pixels of the border of `rough`, where `allowed`.
pub(super) fn finish(level: &Level, size: Size, rough: &Mask, allowed: &[bool], points: &Points<'_>) -> Mask {
    let Some(bounds) = rough.bounds() else { return rough.clone() };
    let wide = dilate(rough, BAND_PX);
    let outside = Mask::from_fn(size, |x, y| !rough.is_fill(x, y));
    let narrow = dilate(&outside, BAND_PX);
    let around = bounds.grown(BAND_PX + AROUND_PX, size);
    let window = Window {
        left: around.x as usize,
        top: around.y as usize,
        right: around.right() as usize,
        bottom: around.bottom() as usize,
    };
    let is = |mask: &Mask, at: usize| mask.as_bytes()[at] == Mask::FILL;
    let count = size.area();
    let mut beliefs = Beliefs {
        window,
        example: (0..count).map(|at| f32::from(u8::from(is(rough, at)))).collect(),
        prior: (0..count).map(|at| if is(rough, at) { 0.5 } else { -0.5 }).collect(),
        allowed: (0..count).map(|at| is(&wide, at) && allowed[at]).collect(),
        certain: (0..count).filter(|&at| !is(&narrow, at) && allowed[at]).collect(),
    };
    for &at in points.exclude {
        beliefs.allowed[at] = false;
    }
    beliefs.certain.retain(|&at| beliefs.allowed[at]);
    beliefs.certain.extend(points.include);
    let cut = beliefs.cut(level, 2);
    let mut inside = if points.include.is_empty() {
        largest_parts(&cut, level.width)
    } else {
        connected(&cut, level.width, points.include.iter().copied())
    };
    let area = inside.iter().filter(|&&inside| inside).count();
    fill_holes(&mut inside, level.width, (area as f32 * HOLE_SHARE) as usize, points.exclude);
    mask_of(size, &inside)
}

/// The parts that are not much smaller than the largest.
fn largest_parts(inside: &[bool], width: usize) -> Vec<bool> {
    let mut left = inside.to_vec();
    let mut parts: Vec<(usize, Vec<usize>)> = Vec::new();
    for start in 0..inside.len() {
        if left[start] {
            let part: Vec<usize> = connected(&left, width, [start])
                .iter()
                .enumerate()
                .filter(|&(_, &part)| part)
                .map(|(at, _)| at)
                .collect();
            for &at in &part {
                left[at] = false;
            }
            parts.push((part.len(), part));
        }
    }
    let largest = parts.iter().map(|&(area, _)| area).max().unwrap_or(0);
    let mut kept = vec![false; inside.len()];
    for (_, part) in parts.iter().filter(|&&(area, _)| area * 8 >= largest) {
        for &at in part {
            kept[at] = true;
        }
    }
    kept
}

/// A mask of these pixels.
pub(super) fn mask_of(size: Size, inside: &[bool]) -> Mask {
    let width = size.width() as usize;
    Mask::from_fn(size, |x, y| inside[y as usize * width + x as usize])
}
