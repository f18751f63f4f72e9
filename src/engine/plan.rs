//! Which parts of the picture a model gets to see, and how large.

use memchr::memchr;

use crate::{
    geometry::{Rect, Size},
    imaging::crop::Square,
    mask::Mask,
    models::TileSpec,
};

/// How much longer than its hole a square must be for the model to see enough around it. At most this is taken at
/// native scale.
const CONTEXT: f32 = 2.6;

/// How much longer than its hole a square is that has to be shrunk anyway, where the image is large enough.
const WIDE_CONTEXT: f32 = 3.0;

/// How much longer than its hole a square is at least, as far as the image's longer side allows.
const LEAST_CONTEXT: f32 = 1.5;

/// The most tiles of one job. Beyond, neighbours share a tile, at a loss of resolution.
const MAX_TILES: usize = 12;

/// Up to this many holes are compared pair by pair; more are gathered by where they are first.
const MAX_PAIRED: usize = 256;

/// One run of a model: what it sees and what of it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedTile {
    /// Around all pixels that this tile fills. The rectangles of a plan share no pixel.
    pub hole: Rect,
    /// What the model sees. It covers the hole.
    pub square: Square,
    /// Side of the tile that the square is brought to, in pixels; never longer than the square's.
    pub side: u32,
}

/// What decides how large a square a hole gets.
#[derive(Debug, Clone, Copy)]
struct Wants<'a> {
    spec: &'a TileSpec,
    /// How much of the surroundings is shown, as a share of the usual.
    context: f32,
}

/// All runs of a model that a mask needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// From top to bottom.
    pub tiles: Vec<PlannedTile>,
}

impl Plan {
    /// Plans for a hole in a picture of the same size. An empty hole gives no tiles.
    ///
    /// A hole that leaves enough of a tile around it keeps the picture's scale. A larger one gets a square up to three
    /// times as long as itself, shrunk to the model's best side. Holes near each other share a tile where that costs
    /// neither time nor resolution. All this is for a `context` of 1; other values make squares longer or shorter.
    pub fn new(hole: &Mask, spec: &TileSpec, context: f32) -> Self {
        let (within, wants) = (hole.size(), Wants { spec, context });
        let mut holes = components(hole);
        if holes.len() > MAX_PAIRED {
            holes = gathered(&holes, within);
        }
        let share = |a: Rect, b: Rect| a.intersection(b).is_some() || is_better_shared(a, b, within, wants);
        merge_where(&mut holes, share);
        while holes.len() > MAX_TILES {
            merge_nearest(&mut holes);
            merge_where(&mut holes, share);
        }
        holes.sort_by_key(|hole| (hole.y, hole.x));
        Self { tiles: holes.into_iter().map(|hole| PlannedTile::new(hole, within, wants)).collect() }
    }
}

impl PlannedTile {
    /// Chooses what the model sees around one hole of a picture of size `within`.
    fn new(hole: Rect, within: Size, wants: Wants<'_>) -> Self {
        let (square_side, side) = sides(hole, within, wants);
        Self { hole, square: Square::around(hole, square_side, within), side }
    }
}

/// Sides of the square that a hole gets and of the tile that it is brought to, in pixels.
fn sides(hole: Rect, within: Size, Wants { spec, context }: Wants<'_>) -> (u32, u32) {
    let len = hole.size.longer_side() as f32;
    if let Some(&side) = spec.sides.iter().find(|&&side| len * CONTEXT * context <= side as f32) {
        return (side, side);
    }
    let best = spec.best();
    let shorter = within.width().min(within.height());
    // Beyond the shorter side there is only the picture's mirror image. Better that than no context.
    let useful = shorter.max((len * LEAST_CONTEXT) as u32).min(within.longer_side());
    let wanted = ((len * WIDE_CONTEXT * context) as u32).min(useful).max(hole.size.longer_side());
    (wanted.clamp(best, Square::MAX_SIDE.max(best)), best)
}

/// Whether one tile for two holes takes no longer and shows no less than one for each.
fn is_better_shared(a: Rect, b: Rect, within: Size, wants: Wants<'_>) -> bool {
    let (one, two, both) = (sides(a, within, wants), sides(b, within, wants), sides(a.union(b), within, wants));
    let cost = |(_, side): (u32, u32)| u64::from(side) * u64::from(side);
    let shrinking = |(square, side): (u32, u32)| square as f32 / side as f32;
    cost(both) <= cost(one) + cost(two) && shrinking(both) <= shrinking(one).min(shrinking(two)) * 1.05
}

/// Replaces pairs for which `share` holds by what covers both, until there are none.
fn merge_where(holes: &mut Vec<Rect>, share: impl Fn(Rect, Rect) -> bool) {
    let mut at = 0;
    while at < holes.len() {
        let hole = holes[at];
        if let Some(other) = (0..holes.len()).find(|&other| other != at && share(hole, holes[other])) {
            holes[at] = hole.union(holes[other]);
            holes.swap_remove(other);
            // It has grown: holes that were passed may be near it now.
            at = 0;
        } else {
            at += 1;
        }
    }
}

/// Merges the two holes that together need the smallest rectangle.
fn merge_nearest(holes: &mut Vec<Rect>) {
    let pairs = (0..holes.len()).flat_map(|a| (a + 1..holes.len()).map(move |b| (a, b)));
    let nearest = pairs.min_by_key(|&(a, b)| holes[a].union(holes[b]).size.longer_side());
    if let Some((a, b)) = nearest {
        holes[a] = holes[a].union(holes[b]);
        holes.swap_remove(b);
    }
}

/// Merges all holes whose middles fall into the same cell of a grid of 16 x 16 cells.
fn gathered(holes: &[Rect], within: Size) -> Vec<Rect> {
    let mut cells: Vec<Option<Rect>> = vec![None; 256];
    for &hole in holes {
        let cell =
            |from: u32, to: u32, len: u32| (((u64::from(from) + u64::from(to)) * 8 / u64::from(len)) as usize).min(15);
        let column = cell(hole.x, hole.right(), within.width());
        let row = cell(hole.y, hole.bottom(), within.height());
        let cell = &mut cells[row * 16 + column];
        *cell = Some(cell.map_or(hole, |others| others.union(hole)));
    }
    cells.into_iter().flatten().collect()
}

/// The rectangles around the connected parts of a mask; pixels that touch at a corner are connected.
fn components(mask: &Mask) -> Vec<Rect> {
    let mut parts = Parts::default();
    let mut above: Vec<Run> = Vec::new();
    let mut here: Vec<Run> = Vec::new();
    let Some(bounds) = mask.bounds() else { return Vec::new() };
    for y in bounds.y..bounds.bottom() {
        here.clear();
        let mut candidates = above.as_slice();
        for (start, end) in runs(mask.row(y)) {
            let mut part = None;
            // Runs above that end before this one can touch none that follows either.
            while let [first, rest @ ..] = candidates {
                if first.start > end {
                    break;
                }
                if first.end >= start {
                    part = Some(part.map_or(first.part, |part| parts.join(part, first.part)));
                    // It may touch the next run here as well.
                    if first.end > end {
                        break;
                    }
                }
                candidates = rest;
            }
            let rect = Rect::between(start, y, end, y + 1);
            let part = parts.add(part, rect.unwrap_or(bounds));
            here.push(Run { start, end, part });
        }
        std::mem::swap(&mut above, &mut here);
    }
    parts.rects()
}

/// Neighbouring pixels of a row, `end` exclusive.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: u32,
    end: u32,
    part: usize,
}

/// The runs to fill in a row of a mask.
fn runs(row: &[u8]) -> impl Iterator<Item = (u32, u32)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + memchr(Mask::FILL, &row[at..])?;
        let len = memchr(Mask::KEEP, &row[start..]).unwrap_or(row.len() - start);
        at = start + len;
        Some((start as u32, at as u32))
    })
}

/// Disjoint sets of runs, each with the rectangle around it.
#[derive(Debug, Default)]
struct Parts {
    /// Another part of the same set, or itself.
    parents: Vec<usize>,
    around: Vec<Rect>,
}

impl Parts {
    fn root(&mut self, mut part: usize) -> usize {
        while self.parents[part] != part {
            self.parents[part] = self.parents[self.parents[part]];
            part = self.parents[part];
        }
        part
    }

    fn join(&mut self, a: usize, b: usize) -> usize {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            self.parents[b] = a;
            self.around[a] = self.around[a].union(self.around[b]);
        }
        a
    }

    /// Adds a run to a part, or to a new one.
    fn add(&mut self, part: Option<usize>, run: Rect) -> usize {
        if let Some(part) = part {
            let part = self.root(part);
            self.around[part] = self.around[part].union(run);
            part
        } else {
            self.parents.push(self.parents.len());
            self.around.push(run);
            self.parents.len() - 1
        }
    }

    fn rects(self) -> Vec<Rect> {
        let Self { parents, around } = self;
        around
            .into_iter()
            .zip(parents)
            .enumerate()
            .filter(|(i, (_, parent))| i == parent)
            .map(|(_, (r, _))| r)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> TileSpec {
        TileSpec { sides: vec![256, 512] }
    }

    fn plan(width: u32, height: u32, holes: &[(u32, u32, u32, u32)]) -> Vec<PlannedTile> {
        let inside = |x: u32, y: u32| {
            holes.iter().any(|&(left, top, right, bottom)| (left..right).contains(&x) && (top..bottom).contains(&y))
        };
        Plan::new(&Mask::from_fn(Size::new(width, height).unwrap(), inside), &spec(), 1.0).tiles
    }

    #[test]
    fn small_holes_keep_their_scale() {
        let [tile] = plan(2000, 1500, &[(1000, 700, 1090, 740)])[..] else { panic!("one hole, one tile") };
        assert_eq!((tile.square.side(), tile.side), (256, 256));
        let [tile] = plan(2000, 1500, &[(1000, 700, 1190, 740)])[..] else { panic!("one hole, one tile") };
        assert_eq!((tile.square.side(), tile.side), (512, 512));
    }

    #[test]
    fn large_holes_get_three_times_their_length() {
        let [tile] = plan(2000, 1500, &[(1000, 700, 1300, 740)])[..] else { panic!("one hole, one tile") };
        assert_eq!((tile.square.side(), tile.side), (900, 512));
    }

    #[test]
    fn more_or_less_of_the_surroundings_can_be_wanted() {
        let hole =
            Mask::from_fn(Size::new(2000, 1500).unwrap(), |x, y| (1000..1300).contains(&x) && (700..740).contains(&y));
        for (context, expected) in [(0.6, (512, 512)), (1.0, (900, 512)), (1.5, (1350, 512))] {
            let [tile] = Plan::new(&hole, &spec(), context).tiles[..] else { panic!("one hole, one tile") };
            assert_eq!((tile.square.side(), tile.side), expected);
        }
    }

    #[test]
    fn what_nearly_fills_the_picture_gets_all_of_it() {
        let [tile] = plan(1200, 700, &[(100, 10, 1100, 690)])[..] else { panic!("one hole, one tile") };
        assert_eq!((tile.square.side(), tile.square.left(), tile.square.top()), (1200, 0, -250));
    }

    #[test]
    fn distant_holes_get_tiles_of_their_own_and_near_ones_share() {
        assert_eq!(plan(3000, 3000, &[(10, 10, 60, 60), (2900, 2900, 2990, 2950)]).len(), 2);
        assert_eq!(plan(3000, 3000, &[(10, 10, 60, 60), (70, 20, 100, 50)]).len(), 1);
    }

    #[test]
    fn two_small_tiles_are_not_made_one_that_takes_longer() {
        let tiles = plan(3000, 3000, &[(1000, 1000, 1060, 1060), (1120, 1000, 1180, 1060)]);
        assert_eq!(tiles.iter().map(|tile| tile.side).collect::<Vec<_>>(), [256, 256]);
    }

    #[test]
    fn a_spiral_is_one_part_and_a_chess_board_too() {
        let spiral = |x: u32, y: u32| y == 0 || x == 39 || y == 39 || (x == 0 && y > 3) || (y == 4 && x < 30);
        let size = Size::square(40).unwrap();
        assert_eq!(components(&Mask::from_fn(size, spiral)), [size.bounds()]);
        assert_eq!(components(&Mask::from_fn(size, |x, y| (x + y) % 2 == 0)), [size.bounds()]);
        assert_eq!(components(&Mask::from_fn(size, |x, _| x % 2 == 0)).len(), 20);
    }

    #[test]
    fn a_thousand_specks_become_a_dozen_tiles_at_most() {
        let mask = Mask::from_fn(Size::square(2000).unwrap(), |x, y| x % 50 == 7 && y % 50 == 9);
        let tiles = Plan::new(&mask, &spec(), 1.0).tiles;
        assert!((1..=MAX_TILES).contains(&tiles.len()), "{}", tiles.len());
    }
}
