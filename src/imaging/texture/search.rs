//! The known patch that looks most like another.

use crate::imaging::card::{LOOKS, Looks};

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

/// Patches in the order of their brightness.
///
/// Brightness is most of a distance. A search begins among patches that are as bright and goes outwards, until brightness
/// alone differs too much: an exact answer from a fraction of the comparisons. `search.wgsl` compares all of them on a graphics
/// card; this is its specification.
#[derive(Debug)]
pub(super) struct Index {
    /// Which patch, of those in the order in which they came, each is.
    order: Vec<usize>,
    /// What [`WIDE`] patches at a time look like, dimension by dimension.
    blocks: Vec<[[f32; WIDE]; LOOKS]>,
}

impl Index {
    pub(super) fn new(patches: &[Looks]) -> Self {
        let mut order: Vec<usize> = (0..patches.len()).collect();
        order.sort_unstable_by(|&a, &b| patches[a][0].total_cmp(&patches[b][0]).then(a.cmp(&b)));
        let block = |order: &[usize]| {
            let last = order.len() - 1;
            // What is missing in the last block repeats its last patch.
            std::array::from_fn(|d| std::array::from_fn(|lane| patches[order[lane.min(last)]][d]))
        };
        Self { blocks: order.chunks(WIDE).map(block).collect(), order }
    }

    /// The patch that looks most like `query`, if any is nearer than `limit` (squared): the first of those that came.
    pub(super) fn nearest(&self, query: &Looks, limit: f32) -> Option<usize> {
        let (mut best, mut found) = (limit, None);
        let brightness = query[0];
        let mut above = self.blocks.partition_point(|block| block[0][WIDE - 1] < brightness);
        let mut below = above;
        loop {
            // How much darker and brighter the nearest patches are that were not looked at yet.
            let darker = below.checked_sub(1).map_or(f32::INFINITY, |i| brightness - self.blocks[i][0][WIDE - 1]);
            let brighter = self.blocks.get(above).map_or(f32::INFINITY, |block| (block[0][0] - brightness).max(0.0));
            let gap = darker.min(brighter);
            // Patches that are exactly as near may still have come earlier.
            if gap * gap > best || gap.is_infinite() {
                break;
            }
            let at = if darker < brighter {
                below -= 1;
                below
            } else {
                above += 1;
                above - 1
            };
            if let Some((lane, distance)) = self.nearest_of(at, query, best) {
                let patch = self.order[(at * WIDE + lane).min(self.order.len() - 1)];
                if distance < best || found.is_some_and(|found| patch < found) {
                    (best, found) = (distance, Some(patch));
                }
            }
        }
        found
    }

    /// The lane of a block that is nearest to `query`, if at least as near as `best`; the one that came first of those that
    /// are as near.
    fn nearest_of(&self, at: usize, query: &Looks, best: f32) -> Option<(usize, f32)> {
        let mut distances = [0.0_f32; WIDE];
        for (block, query) in self.blocks[at].chunks_exact(GROUP).zip(query.chunks_exact(GROUP)) {
            for (values, query) in block.iter().zip(query) {
                for lane in 0..WIDE {
                    let difference = values[lane] - query;
                    distances[lane] += difference * difference;
                }
            }
            // Without a branch for each lane, so that it stays wide.
            let mut is_near = false;
            for distance in distances {
                is_near |= distance <= best;
            }
            if !is_near {
                return None;
            }
        }
        let came = |lane: usize| self.order.get(at * WIDE + lane);
        let lanes = distances.into_iter().enumerate().filter(|&(lane, _)| came(lane).is_some());
        lanes.min_by(|&(a, near), &(b, other)| near.total_cmp(&other).then_with(|| came(a).cmp(&came(b))))
    }
}

/// The squared distance between two descriptors.
pub(super) fn distance(a: &Looks, b: &Looks) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_same_as_looking_at_everything() {
        let mut seed = 7_u32;
        let mut random = || -> Looks {
            std::array::from_fn(|d| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 8) as f32 / (1 << 24) as f32 / (1.0 + d as f32)
            })
        };
        for count in [1, 7, 8, 9, 500] {
            let patches: Vec<Looks> = (0..count).map(|_| random()).collect();
            let index = Index::new(&patches);
            for _ in 0..50 {
                let query = random();
                let truth = patches.iter().map(|other| distance(&query, other)).fold(f32::INFINITY, f32::min);
                let found = index.nearest(&query, f32::INFINITY).unwrap();
                assert!((distance(&query, &patches[found]) - truth).abs() < 1e-5);
                assert!(index.nearest(&query, truth * 0.99).is_none());
            }
        }
    }

    #[test]
    fn of_equals_the_first_is_found() {
        // The same looks over and over, and others that are as far from what is asked for though less bright.
        let looks = |brightness: f32, colour: f32| -> Looks {
            std::array::from_fn(|d| [brightness, colour].get(d).copied().unwrap_or_default())
        };
        let patches: Vec<Looks> =
            (0..100).map(|i| [looks(2.0, 0.0), looks(1.0, 1.0), looks(0.0, 0.0)][(i + 1) % 3]).collect();
        let index = Index::new(&patches);
        for (query, expected) in [(looks(1.0, 0.0), 0), (looks(0.0, 0.0), 1), (looks(2.0, 0.0), 2)] {
            assert_eq!(index.nearest(&query, f32::INFINITY), Some(expected));
        }
        assert_eq!(index.nearest(&looks(2.0, 0.0), 0.0), None, "nothing is nearer than that");
    }
}
