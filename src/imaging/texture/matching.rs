//! Deciding which known patch lends its grain to which patch of the fill.

use super::{
    PATCH,
    descriptor::{Describer, Descriptor},
    field::Field,
    holes::Holes,
    search::{Found, Index, Place, distance},
};
use crate::geometry::Rect;

/// From one patch of the fill to the next, in pixels: patches overlap by more than half.
const QUERY_STRIDE: usize = 5;

/// How much less similar (as a ratio of squared distances) a patch may be that continues its neighbour's.
const COHERENCE: f32 = 4.0;

/// Squared distance below which patches look the same: one and a half of 255 levels at each of 363 values.
const ALIKE: f32 = 363.0 * (1.5 / 255.0) * (1.5 / 255.0);

/// How much stronger grain is laid on where no neighbour is continued.
const GAIN: f32 = 0.2;

/// A patch of the fill, and the known patch that it was given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match {
    pub(super) to: Place,
    pub(super) from: Place,
    /// How much stronger grain is laid on than it was found: patches that do not continue each other average out a little.
    pub(super) gain: f32,
}

/// Pairs each patch that touches the hole with a known patch that looks like it.
///
/// Each for itself would choose the most similar one. Next to each other such choices do not fit: where they overlap their
/// grain blurs, and what recurs with the grid shows as a weave. So a patch rather continues what the one to its left or
/// above was given, as long as that is not much less similar: whole pieces of the picture are then taken over (Ashikhmin,
/// "Synthesizing Natural Textures", 2001).
///
/// Places are relative to `region`, from which both pictures were cut.
pub(super) fn matches(
    holes: &Holes,
    known: &[(usize, usize)],
    region: Rect,
    low_fill: &[Field; 3],
    low_known: &[Field; 3],
) -> Vec<Match> {
    let (left, top) = (region.x as usize, region.y as usize);
    let source = Describer::new(low_known);
    let mut patches = Vec::with_capacity(known.len());
    for row in known.chunk_by(|a, b| a.1 == b.1) {
        let y = row[0].1 - top;
        source.row(y, row.iter().map(|(x, _)| x - left), |x, descriptor| {
            patches.push((Place { x: x as u32, y: y as u32 }, descriptor));
        });
    }
    let matching = Matching { holes, region, index: Index::new(patches), source };
    matching.all(&Describer::new(low_fill))
}

struct Matching<'a> {
    holes: &'a Holes,
    region: Rect,
    index: Index,
    source: Describer,
}

impl Matching<'_> {
    /// Goes over the patches of the fill, row by row.
    fn all(&self, fill: &Describer) -> Vec<Match> {
        let (left, top) = (self.region.x as usize, self.region.y as usize);
        let (columns, rows) = self.holes.grid(QUERY_STRIDE);
        let mut matches = Vec::new();
        let mut above: Vec<Option<Match>> = vec![None; columns.len()];
        for &y in &rows {
            let mut row: Vec<Option<Match>> = vec![None; columns.len()];
            let touched: Vec<usize> = (0..columns.len()).filter(|&i| !self.holes.is_known(columns[i], y)).collect();
            if !touched.is_empty() {
                let mut next = touched.iter();
                fill.row(y - top, touched.iter().map(|&i| columns[i] - left), |x, looks| {
                    let Some(&i) = next.next() else { return };
                    let to = Place { x: x as u32, y: (y - top) as u32 };
                    let neighbours =
                        [i.checked_sub(1).and_then(|i| row[i]), above[i], above.get(i + 1).copied().flatten()];
                    row[i] = self.best(&looks, to, neighbours);
                    matches.extend(row[i]);
                });
            }
            above = row;
        }
        matches
    }

    /// The known patch for the one at `to`, given what its neighbours got.
    fn best(&self, looks: &Descriptor, to: Place, neighbours: [Option<Match>; 3]) -> Option<Match> {
        let continued = neighbours
            .into_iter()
            .flatten()
            .filter_map(|neighbour| self.continued(to, neighbour))
            .map(|place| Found { place, distance: distance(looks, &self.looks(place)) })
            .min_by(|a, b| a.distance.total_cmp(&b.distance));
        let limit = continued.map_or(f32::INFINITY, |found| (found.distance - ALIKE) / COHERENCE);
        let from = self.index.nearest(looks, limit).or(continued)?.place;
        let broken =
            neighbours.iter().flatten().filter(|&&neighbour| self.continued(to, neighbour) != Some(from)).count();
        let gain = 1.0 + GAIN * broken as f32 / neighbours.len() as f32;
        Some(Match { to, from, gain })
    }

    /// The known patch that continues at `to` what a neighbour was given.
    fn continued(&self, to: Place, neighbour: Match) -> Option<Place> {
        let x = (neighbour.from.x + to.x).checked_sub(neighbour.to.x)?;
        let y = (neighbour.from.y + to.y).checked_sub(neighbour.to.y)?;
        let inside = x + PATCH as u32 <= self.region.size.width() && y + PATCH as u32 <= self.region.size.height();
        let known = || self.holes.is_known((x + self.region.x) as usize, (y + self.region.y) as usize);
        (inside && known()).then_some(Place { x, y })
    }

    fn looks(&self, place: Place) -> Descriptor {
        self.source.at(place.x as usize, place.y as usize)
    }
}
