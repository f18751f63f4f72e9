//! The known patch that looks most like another.

use super::descriptor::{DIMENSIONS, Descriptor};

/// Patches that are compared at once: two registers of wasm's SIMD.
const WIDE: usize = 8;

/// Dimensions after which a comparison may stop.
const GROUP: usize = 8;

/// A place in the picture, by the top left corner of a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) x: u32,
    pub(super) y: u32,
}

/// A place and how far it looks from what was asked for (squared).
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) place: Place,
    pub(super) distance: f32,
}

/// Patches in the order of their brightness.
///
/// Brightness is most of a distance. A search begins among patches that are as bright and goes outwards, until brightness
/// alone differs too much: an exact answer from a fraction of the comparisons.
#[derive(Debug)]
pub(super) struct Index {
    places: Vec<Place>,
    /// Descriptors of [`WIDE`] patches at a time, dimension by dimension.
    blocks: Vec<[[f32; WIDE]; DIMENSIONS]>,
}

impl Index {
    pub(super) fn new(mut patches: Vec<(Place, Descriptor)>) -> Self {
        patches.sort_unstable_by(|(_, a), (_, b)| a[0].total_cmp(&b[0]));
        let block = |patches: &[(Place, Descriptor)]| {
            let last = patches.len() - 1;
            // What is missing in the last block repeats its last patch.
            std::array::from_fn(|d| std::array::from_fn(|lane| patches[lane.min(last)].1[d]))
        };
        Self {
            blocks: patches.chunks(WIDE).map(block).collect(),
            places: patches.iter().map(|(place, _)| *place).collect(),
        }
    }

    /// The patch that looks most like `query`, if any is nearer than `limit` (squared).
    pub(super) fn nearest(&self, query: &Descriptor, limit: f32) -> Option<Found> {
        let (mut best, mut found) = (limit, None);
        let brightness = query[0];
        let mut above = self.blocks.partition_point(|block| block[0][WIDE - 1] < brightness);
        let mut below = above;
        loop {
            // How much darker and brighter the nearest patches are that were not looked at yet.
            let darker = below.checked_sub(1).map_or(f32::INFINITY, |i| brightness - self.blocks[i][0][WIDE - 1]);
            let brighter = self.blocks.get(above).map_or(f32::INFINITY, |block| (block[0][0] - brightness).max(0.0));
            let gap = darker.min(brighter);
            if gap * gap >= best {
                break;
            }
            let at = if darker < brighter {
                below -= 1;
                below
            } else {
                above += 1;
                above - 1
            };
            if let Some((lane, distance)) = nearest_of(&self.blocks[at], query, best) {
                best = distance;
                found = Some(at * WIDE + lane);
            }
        }
        let place = self.places[found?.min(self.places.len() - 1)];
        Some(Found { place, distance: best })
    }
}

/// The lane of a block that is nearest to `query`, if nearer than `best`.
fn nearest_of(block: &[[f32; WIDE]; DIMENSIONS], query: &Descriptor, best: f32) -> Option<(usize, f32)> {
    let mut distances = [0.0_f32; WIDE];
    for (block, query) in block.chunks_exact(GROUP).zip(query.chunks_exact(GROUP)) {
        for (values, query) in block.iter().zip(query) {
            for lane in 0..WIDE {
                let difference = values[lane] - query;
                distances[lane] += difference * difference;
            }
        }
        // Without a branch for each lane, so that it stays wide.
        let mut nearer = false;
        for distance in distances {
            nearer |= distance < best;
        }
        if !nearer {
            return None;
        }
    }
    distances.into_iter().enumerate().min_by(|(_, a), (_, b)| a.total_cmp(b))
}

/// The squared distance between two descriptors.
pub(super) fn distance(a: &Descriptor, b: &Descriptor) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_same_as_looking_at_everything() {
        let mut seed = 7_u32;
        let mut random = || -> Descriptor {
            std::array::from_fn(|d| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 8) as f32 / (1 << 24) as f32 / (1.0 + d as f32)
            })
        };
        for count in [1, 7, 8, 9, 500] {
            let patches: Vec<(Place, Descriptor)> = (0..count).map(|x| (Place { x, y: 0 }, random())).collect();
            let index = Index::new(patches.clone());
            for _ in 0..50 {
                let query = random();
                let truth = patches.iter().map(|(_, other)| distance(&query, other)).fold(f32::INFINITY, f32::min);
                let found = index.nearest(&query, f32::INFINITY).unwrap();
                assert!((found.distance - truth).abs() < 1e-5);
                assert!((distance(&query, &patches[found.place.x as usize].1) - truth).abs() < 1e-5);
                assert!(index.nearest(&query, truth * 0.99).is_none());
            }
        }
    }
}
