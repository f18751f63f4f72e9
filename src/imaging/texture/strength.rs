//! How strong grain usually is where the picture looks like a patch of the fill.
//!
//! Blurred, a sail with a number on it looks like one without, and the edge of a shadow like a slope. A patch that was found
//! there would lay pieces of digits and stairs of edges on what is smooth, so that grain which is much stronger than that of
//! the patches around it that look the same is laid more weakly.

use super::{PATCH, field::Field, search::Place};
use crate::imaging::card::Looks;

/// How far around a patch others are asked, in pixels across and down: further away light and focus are others.
const REACH: u32 = 33;

/// Of how many rows, and of how many patches in a row, one is asked.
const EVERY: usize = 2;

/// With fewer patches that are alike nobody can tell what is usual.
const FEW: usize = 9;

/// How many times as strong as usual grain may be: with less, texture that varies would be lost.
const MOST: f32 = 2.0;

/// The least that is left of a patch's grain.
const LEAST: f32 = 0.25;

/// How strong the grain of each known patch is.
#[derive(Debug)]
pub(super) struct Strengths<'a> {
    high: &'a [Field; 3],
    places: &'a [Place],
    looks: &'a [Looks],
    energies: Vec<f32>,
    /// The `y` of each row of patches, and where in `places` it begins.
    rows: Vec<(u32, usize)>,
}

impl<'a> Strengths<'a> {
    /// `places` are in the order of rows; each has its `looks`.
    pub(super) fn new(high: &'a [Field; 3], places: &'a [Place], looks: &'a [Looks]) -> Self {
        let energies = places.iter().map(|&place| energy(high, place)).collect();
        let mut rows: Vec<(u32, usize)> = Vec::new();
        for (i, place) in places.iter().enumerate() {
            if rows.last().is_none_or(|&(y, _)| y != place.y) {
                rows.push((place.y, i));
            }
        }
        Self { high, places, looks, energies, rows }
    }

    /// How much is to be left of the grain `from` a place that a patch with these looks was given, from [`LEAST`] to 1. What is
    /// usual is the median of those around that place which look like the patch: whose squared distance is at most `limit`.
    pub(super) fn share(&self, looks: &Looks, from: Place, limit: f32) -> f32 {
        let near = |at: u32, centre: u32| at.abs_diff(centre) <= REACH;
        let mut usual = Vec::new();
        let first = self.rows.partition_point(|&(y, _)| y + REACH < from.y);
        for (i, &(y, start)) in self.rows.iter().enumerate().skip(first).step_by(EVERY) {
            if !near(y, from.y) {
                break;
            }
            let end = self.rows.get(i + 1).map_or(self.places.len(), |&(_, end)| end);
            let row = &self.places[start..end];
            let left = row.partition_point(|place| place.x + REACH < from.x);
            for at in (start + left..end).step_by(EVERY) {
                if !near(self.places[at].x, from.x) {
                    break;
                }
                if is_alike(looks, &self.looks[at], limit) {
                    usual.push(self.energies[at]);
                }
            }
        }
        if usual.len() < FEW {
            return 1.0;
        }
        let middle = usual.len() / 2;
        let (_, &mut median, _) = usual.select_nth_unstable_by(middle, f32::total_cmp);
        (MOST * (median / energy(self.high, from).max(f32::MIN_POSITIVE)).sqrt()).clamp(LEAST, 1.0)
    }
}

/// Whether two descriptors' squared distance is at most `limit`. Most that are further apart are so in the first few numbers.
fn is_alike(a: &Looks, b: &Looks, limit: f32) -> bool {
    const AT_ONCE: usize = 4;
    let mut sum = 0.0;
    a.chunks_exact(AT_ONCE).zip(b.chunks_exact(AT_ONCE)).all(|(a, b)| {
        sum += a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
        sum <= limit
    })
}

/// The sum of the squares of a patch's grain.
fn energy(high: &[Field; 3], place: Place) -> f32 {
    let (x, y) = (place.x as usize, place.y as usize);
    let row = |field: &Field, y: usize| field.row(y)[x..x + PATCH].iter().map(|value| value * value).sum::<f32>();
    high.iter().map(|field| (y..y + PATCH).map(|y| row(field, y)).sum::<f32>()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::card::LOOKS;

    #[test]
    fn only_grain_far_above_the_usual_is_held_back() {
        const SIDE: usize = 80;
        // Rows of plus and minus: weak, half again as strong on the left, and twelve times as strong in one place.
        let mut high = Field::zeroed(SIDE, SIDE);
        for y in 0..SIDE {
            for (x, value) in high.row_mut(y).iter_mut().enumerate() {
                let is_strong = (40..54).contains(&x) && (40..54).contains(&y);
                let strength = if is_strong {
                    12.0
                } else if x < 20 {
                    1.5
                } else {
                    1.0
                };
                *value = 0.01 * strength * if y % 2 == 0 { 1.0 } else { -1.0 };
            }
        }
        let high = [high.clone(), high.clone(), high];
        let starts = || (0..=(SIDE - PATCH) as u32).step_by(3);
        let places: Vec<Place> = starts().flat_map(|y| starts().map(move |x| Place { x, y })).collect();
        let looks = vec![[0.5; LOOKS]; places.len()];
        let strengths = Strengths::new(&high, &places, &looks);
        let share = |x, y, looks: &Looks| strengths.share(looks, Place { x, y }, 0.01);
        let all = |share: f32, expected: f32| assert!((share - expected).abs() < 1e-3, "{share} instead of {expected}");
        all(share(30, 20, &looks[0]), 1.0);
        all(share(4, 40, &looks[0]), 1.0);
        all(share(41, 42, &looks[0]), 0.25);
        all(share(41, 42, &[0.9; LOOKS]), 1.0);
    }
}
