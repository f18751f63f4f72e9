//! Deciding which known patch lends its grain to which patch of the fill.

use super::{
    PATCH,
    descriptor::Describer,
    field::Field,
    holes::Holes,
    search::{Index, Place, distance},
    strength::Strengths,
};
use crate::{
    geometry::Rect,
    imaging::card::{CardError, Looks, Search, as_many},
};

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
    /// How much stronger grain is laid on than it was found: patches that do not continue each other average out a little, and
    /// those that stand out are held back.
    pub(super) gain: f32,
}

/// Patches that touch the hole, and known ones that may lend them their grain.
///
/// Places are relative to `region`, from which both pictures were cut.
#[derive(Debug)]
pub(super) struct Matching {
    holes: Holes,
    region: Rect,
    source: Describer,
    places: Vec<Place>,
    known: Vec<Looks>,
    /// Patches in a row of the grid that covers the tile.
    across: usize,
    queries: Vec<Query>,
    looks: Vec<Looks>,
}

/// A patch that touches the hole.
#[derive(Debug, Clone, Copy)]
struct Query {
    /// In the grid that covers the tile.
    column: usize,
    row: usize,
    place: Place,
}

impl Matching {
    /// Looks at all patches.
    pub(super) fn new(
        holes: Holes,
        known: &[(usize, usize)],
        region: Rect,
        low_fill: &[Field; 3],
        low_known: &[Field; 3],
    ) -> Self {
        let (left, top) = (region.x as usize, region.y as usize);
        let place = |x: usize, y: usize| Place { x: x as u32, y: y as u32 };
        let (source, fill) = (Describer::new(low_known), Describer::new(low_fill));
        let (mut places, mut known_looks) = (Vec::with_capacity(known.len()), Vec::with_capacity(known.len()));
        for row in known.chunk_by(|a, b| a.1 == b.1) {
            let y = row[0].1 - top;
            source.row(y, row.iter().map(|(x, _)| x - left), |x, looks| {
                places.push(place(x, y));
                known_looks.push(looks);
            });
        }
        let (columns, rows) = holes.grid(QUERY_STRIDE);
        let (mut queries, mut looks) = (Vec::new(), Vec::new());
        for (row, &y) in rows.iter().enumerate() {
            let touched = (0..columns.len()).filter(|&column| !holes.is_known(columns[column], y));
            let start = queries.len();
            queries.extend(touched.map(|column| Query { column, row, place: place(columns[column] - left, y - top) }));
            if let Some(touched) = queries.get(start..).filter(|touched| !touched.is_empty()) {
                fill.row(y - top, touched.iter().map(|query| query.place.x as usize), |_, found| looks.push(found));
            }
        }
        Self { holes, region, source, places, known: known_looks, across: columns.len(), queries, looks }
    }

    /// What a card is asked for.
    pub(super) fn search(&self) -> Search<'_> {
        Search { known: &self.known, queries: &self.looks }
    }

    /// Whether there is an answer for each question, and each can be used.
    pub(super) fn is_answered(&self, nearest: &[u32]) -> Result<(), CardError> {
        as_many(self.queries.len(), nearest.iter().filter(|&&at| (at as usize) < self.known.len()).count())
    }

    /// Pairs each patch that touches the hole with a known patch that looks like it. `nearest` says which looks most like each,
    /// if that was found already.
    ///
    /// Each for itself would choose the most similar one. Next to each other such choices do not fit: where they overlap their
    /// grain blurs, and what recurs with the grid shows as a weave. So a patch rather continues what the one to its left or
    /// above was given, as long as that is not much less similar: whole pieces of the picture are then taken over (Ashikhmin,
    /// "Synthesizing Natural Textures", 2001). Grain that is much stronger than usual is laid more weakly; `high` is that of the
    /// known picture.
    pub(super) fn matches(&self, nearest: Option<&[u32]>, high: &[Field; 3]) -> Vec<Match> {
        let strengths = Strengths::new(high, &self.places, &self.known);
        let index = if nearest.is_none() { Some(Index::new(&self.known)) } else { None };
        let found = |query: usize, limit: f32| match (nearest, &index) {
            (Some(nearest), _) => {
                let at = *nearest.get(query)? as usize;
                (distance(&self.looks[query], self.known.get(at)?) < limit).then_some(at)
            }
            (None, index) => index.as_ref()?.nearest(&self.looks[query], limit),
        };
        let mut matches = Vec::with_capacity(self.queries.len());
        // Of the row above and of this one, by column; a row that touches no hole has none.
        let (mut above, mut row) = (vec![None; self.across], vec![None; self.across]);
        let mut last_row = None;
        for (i, &Query { column, row: row_index, place }) in self.queries.iter().enumerate() {
            if last_row != Some(row_index) {
                let follows = last_row.is_some_and(|last| last + 1 == row_index);
                above = std::mem::replace(&mut row, vec![None; self.across]);
                if !follows {
                    above.fill(None);
                }
                last_row = Some(row_index);
            }
            let left = column.checked_sub(1).and_then(|column| row[column]);
            let neighbours = [left, above[column], above.get(column + 1).copied().flatten()];
            row[column] = self.best(i, place, neighbours, |limit| found(i, limit));
            if let Some(found) = &mut row[column] {
                let looks = &self.looks[i];
                let own = distance(looks, &self.source.at(found.from.x as usize, found.from.y as usize));
                found.gain *= strengths.share(looks, found.from, COHERENCE * own + ALIKE);
            }
            matches.extend(row[column]);
        }
        matches
    }

    /// The known patch for a query, which lies at `to`, given what its neighbours got. `nearest` finds the one that looks most like
    /// it, if that is nearer than a limit.
    fn best(
        &self,
        query: usize,
        to: Place,
        neighbours: [Option<Match>; 3],
        nearest: impl FnOnce(f32) -> Option<usize>,
    ) -> Option<Match> {
        let looks = &self.looks[query];
        let continued = neighbours
            .into_iter()
            .flatten()
            .filter_map(|neighbour| self.continued(to, neighbour))
            .map(|place| (place, distance(looks, &self.source.at(place.x as usize, place.y as usize))))
            .min_by(|(_, a), (_, b)| a.total_cmp(b));
        let limit = continued.map_or(f32::INFINITY, |(_, distance)| (distance - ALIKE) / COHERENCE);
        let from = nearest(limit).map(|at| self.places[at]).or(continued.map(|(place, _)| place))?;
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
}
