//! Detail for a fill that was enlarged: a second pass of a model that samples, in tiles of the picture's own scale.
//!
//! A hole that is larger than what a model takes is filled at a smaller scale and enlarged, so it is blurred. Begun from that
//! fill with a little noise, the same model adds what is missing. A tile sees what its neighbours have made already, partly as
//! known surroundings, partly under its own hole; there one fades into the other, so that no edge between tiles is left.

use super::{
    EngineError, Patch, PlannedTile, Stage,
    job::Job,
    progress::DetailRun,
    tile::{self, Prepared},
};
use crate::{
    geometry::{Rect, Size},
    image::ShapeError,
    imaging::{
        crop::Square,
        planes,
        resize::{self, Window},
    },
    mask::Mask,
    models::{Inpainter, Start, Tile},
    tensor::{Rgb, Unit},
};

/// The most tiles for one hole. Where more were needed, they are of a scale between the fill's and the picture's.
const MOST_TILES: u32 = 9;

/// The longest side of what all tiles show together: a hole that is long and thin needs few tiles and much memory.
const MOST_SIDE: u32 = 2_048;

/// How far neighbouring tiles reach into each other at least, as a share of their side. In the outer half the finished
/// neighbour is known, in the inner half both are blended.
const OVERLAP: f32 = 0.25;

/// How much of the surroundings the outermost tiles show at least, as a share of their side.
const CONTEXT: f32 = 0.125;

/// A pass pays from this ratio of its scale to that of the fill.
const WORTHWHILE: f32 = 1.25;

/// Where tiles lie for one hole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DetailPlan {
    /// What all tiles show together. Its side is that of the canvas that they lie on.
    pub(super) canvas: PlannedTile,
    /// Side of a tile, in pixels of the canvas.
    side: u32,
    /// Where tiles begin from left to right, and from top to bottom, in pixels of the canvas.
    columns: Vec<u32>,
    rows: Vec<u32>,
}

/// One tile on the canvas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DetailTile {
    side: usize,
    left: usize,
    top: usize,
    /// How far the finished neighbours on the left and above reach into it.
    from_left: usize,
    from_above: usize,
}

impl DetailPlan {
    /// Plans for a hole that is filled with `planned` in a picture of size `within`. None if its scale is the picture's, or
    /// nearly.
    pub(super) fn new(planned: &PlannedTile, within: Size) -> Option<Self> {
        let side = planned.side;
        let (hole, square) = (planned.hole.size, planned.square.side());
        let mut scale = 1.0_f32;
        let context = side as f32 * CONTEXT;
        let wanted = |len: u32, scale: f32| (len as f32 * scale + 2.0 * context).ceil() as u32;
        let count = |scale| tiles(wanted(hole.width(), scale), side) * tiles(wanted(hole.height(), scale), side);
        while count(scale) > MOST_TILES || wanted(hole.longer_side(), scale) > MOST_SIDE.max(side) {
            scale *= 0.97;
        }
        let least = side as f32 / square as f32;
        if scale < least * WORTHWHILE {
            return None;
        }
        let longer = wanted(hole.longer_side(), scale).max(side);
        let canvas_side = longer.min((square as f32 * scale) as u32);
        let native = ((canvas_side as f32 / scale).round() as u32).min(square);
        let canvas =
            PlannedTile { hole: planned.hole, square: Square::around(planned.hole, native, within), side: canvas_side };
        let there = canvas.square.locate(planned.hole)?;
        let ratio = canvas_side as f32 / native as f32;
        let starts = |from: u32, len: u32| {
            let (from, to) = (from as f32 * ratio - context, (from + len) as f32 * ratio + context);
            places(from.max(0.0) as u32, (to.ceil() as u32).min(canvas_side), side, canvas_side)
        };
        let (columns, rows) = (starts(there.x, hole.width()), starts(there.y, hole.height()));
        Some(Self { canvas, side, columns, rows })
    }

    /// All tiles, row by row: each comes after those on its left and above it.
    pub(super) fn tiles(&self) -> Vec<DetailTile> {
        let before = |starts: &[u32], at: usize| match at.checked_sub(1) {
            Some(before) => (starts[before] + self.side - starts[at]) as usize,
            None => 0,
        };
        let places = (0..self.rows.len()).flat_map(|row| (0..self.columns.len()).map(move |column| (row, column)));
        let tile = |(row, column): (usize, usize)| DetailTile {
            side: self.side as usize,
            left: self.columns[column] as usize,
            top: self.rows[row] as usize,
            from_left: before(&self.columns, column),
            from_above: before(&self.rows, row),
        };
        places.map(tile).collect()
    }

    /// The part of a fill's square that the canvas shows, in pixels of the fill.
    pub(super) fn window(&self, planned: &PlannedTile) -> Option<Window> {
        let x = u32::try_from(self.canvas.square.left() - planned.square.left()).ok()?;
        let y = u32::try_from(self.canvas.square.top() - planned.square.top()).ok()?;
        let rect = Rect { x, y, size: self.canvas.square.size() };
        let of = planned.square.size();
        let at = Size::square(planned.side).ok()?;
        of.bounds().contains(rect).then(|| Window::scaled(rect, of, at))
    }
}

/// How many tiles cover a length.
fn tiles(len: u32, side: u32) -> u32 {
    let step = (side as f32 * (1.0 - OVERLAP)) as u32;
    1 + len.saturating_sub(side).div_ceil(step.max(1))
}

/// Evenly spaced starts of tiles that cover what lies between `from` and `to`, and do not leave what is `within` long.
fn places(from: u32, to: u32, side: u32, within: u32) -> Vec<u32> {
    let count = tiles(to.saturating_sub(from), side);
    let last_start = within.saturating_sub(side);
    if count == 1 {
        let middle = u32::midpoint(from, to);
        return vec![middle.saturating_sub(side / 2).min(last_start)];
    }
    let first = from.min(last_start);
    let span = to.saturating_sub(side).min(last_start).saturating_sub(first);
    (0..count).map(|i| first + span * i / (count - 1)).collect()
}

impl DetailTile {
    /// How much the tile counts at one of its pixels, beside what its neighbours have made.
    fn weight(&self, x: usize, y: usize) -> f32 {
        let along = |at: usize, reach: usize| {
            let half = reach as f32 / 2.0;
            if reach == 0 { 1.0 } else { ((at as f32 + 0.5 - half) / half).clamp(0.0, 1.0) }
        };
        along(x, self.from_left) * along(y, self.from_above)
    }

    /// What of a hole on the canvas this tile is to fill.
    pub(super) fn mask(&self, canvas: &Mask) -> Result<Mask, ShapeError> {
        let size = self.size()?;
        let fills = |x: u32, y: u32| {
            self.weight(x as usize, y as usize) > 0.0 && canvas.is_fill(x + self.left as u32, y + self.top as u32)
        };
        Ok(Mask::from_fn(size, fills))
    }

    /// The canvas under this tile.
    pub(super) fn cut(&self, canvas: &Rgb<Unit>) -> Result<Rgb<Unit>, ShapeError> {
        let width = canvas.size().width() as usize;
        let mut data = Vec::with_capacity(3 * self.side * self.side);
        for plane in canvas.as_slice().chunks_exact(canvas.size().area()) {
            for row in plane.chunks_exact(width).skip(self.top).take(self.side) {
                data.extend_from_slice(&row[self.left..self.left + self.side]);
            }
        }
        Rgb::from_vec(self.size()?, data)
    }

    /// Blends what the tile was filled with into the canvas.
    pub(super) fn blend(&self, canvas: &mut Rgb<Unit>, mask: &Mask, fill: &Rgb<Unit>) {
        let (of_canvas, side) = (canvas.size(), self.side);
        let planes = canvas.as_mut_slice().chunks_exact_mut(of_canvas.area());
        let planes = planes.zip(fill.as_slice().chunks_exact(side * side));
        for (canvas, fill) in planes {
            let rows = canvas.chunks_exact_mut(of_canvas.width() as usize).skip(self.top).zip(fill.chunks_exact(side));
            for (y, (row, fill)) in rows.enumerate() {
                let hole = mask.row(y as u32);
                for (x, value) in row[self.left..self.left + side].iter_mut().enumerate() {
                    if hole[x] == Mask::FILL {
                        *value += self.weight(x, y) * (fill[x] - *value);
                    }
                }
            }
        }
    }

    fn size(&self) -> Result<Size, ShapeError> {
        Size::square(self.side as u32).ok().ok_or(ShapeError { expected: 1, actual: 0 })
    }
}

impl Job<'_> {
    /// Adds detail to `fill`, which is what a planned tile became. None if that is not wanted, or would add nothing.
    pub(super) async fn add_detail(
        &mut self,
        planned: &PlannedTile,
        fill: &Rgb<Unit>,
        inpainter: &mut dyn Inpainter,
        on_patch: &mut dyn FnMut(Patch),
    ) -> Result<Option<Patch>, EngineError> {
        let Some(plan) = self.detail_plan(planned) else { return Ok(None) };
        let known = tile::known(self.source, self.painted, &plan.canvas)?;
        let masks = (self.painted, &self.hole);
        let prepared = Prepared::new(self.source, masks, &plan.canvas, &known, plan.canvas.side)?;
        drop(known);
        let window = plan.window(planned).ok_or(EngineError::NoTileSide)?;
        let enlarged = resize::resample(&planes::into_image(fill, None)?, window, prepared.tile.size())?;
        let mut canvas = planes::from_image(&enlarged)?;
        prepared.keep_known(&mut canvas);
        for tile in plan.tiles() {
            self.check()?;
            let mask = tile.mask(&prepared.tile.mask)?;
            if mask.count() > 0 {
                let image = tile.cut(&canvas)?;
                let blurred = Tile { start: Some(Start::Blurred(image.clone())), image, mask };
                let made = inpainter.fill(&blurred, &DetailRun { progress: &self.progress }).await?;
                if made.size() != blurred.size() {
                    return Err(ShapeError { expected: blurred.size().area(), actual: made.size().area() }.into());
                }
                tile.blend(&mut canvas, &blurred.mask, &made);
            }
            self.progress.done.detail += 1;
            if self.progress.run.wants_look() {
                on_patch(self.detailed(Stage::Network, &prepared, canvas.clone(), &plan).await?);
            }
        }
        self.check()?;
        Ok(Some(self.detailed(Stage::Textured, &prepared, canvas, &plan).await?))
    }

    async fn detailed(
        &self,
        stage: Stage,
        prepared: &Prepared,
        canvas: Rgb<Unit>,
        plan: &DetailPlan,
    ) -> Result<Patch, EngineError> {
        let fill = prepared.accept(canvas, self.card).await?;
        self.patch(stage, &prepared.fill_of_hole(&fill, &plan.canvas)?, &plan.canvas)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::TileSpec;

    fn plan(width: u32, height: u32, hole: (u32, u32, u32, u32)) -> Option<DetailPlan> {
        let size = Size::new(width, height).unwrap();
        let (left, top, right, bottom) = hole;
        let inside = |x: u32, y: u32| (left..right).contains(&x) && (top..bottom).contains(&y);
        let spec = TileSpec { sides: vec![512] };
        let [planned] = crate::engine::Plan::new(&Mask::from_fn(size, inside), &spec, 1.0).tiles[..] else {
            panic!("one hole, one tile")
        };
        DetailPlan::new(&planned, size)
    }

    /// How many tiles count at each pixel of the hole, all weights blended.
    fn is_covered(plan: &DetailPlan) -> bool {
        let there = plan.canvas.square.locate(plan.canvas.hole).unwrap();
        let ratio = plan.canvas.side as f32 / plan.canvas.square.side() as f32;
        let scaled = |at: u32| (at as f32 * ratio) as usize;
        let tiles = plan.tiles();
        (scaled(there.y)..scaled(there.bottom())).step_by(7).all(|y| {
            (scaled(there.x)..scaled(there.right())).step_by(7).all(|x| {
                tiles.iter().any(|tile| {
                    let inside = |at: usize, start: usize| (start..start + tile.side).contains(&at);
                    inside(x, tile.left) && inside(y, tile.top) && tile.weight(x - tile.left, y - tile.top) >= 1.0
                })
            })
        })
    }

    #[test]
    fn what_was_not_enlarged_needs_no_detail() {
        assert_eq!(plan(2000, 1500, (1000, 700, 1190, 740)), None);
        assert_eq!(plan(2000, 1500, (1000, 700, 1210, 740)), None, "nor what was a little");
    }

    #[test]
    fn tiles_of_the_pictures_own_scale_cover_the_hole() {
        for hole in [(1000, 700, 1300, 740), (900, 300, 1700, 1100), (0, 0, 900, 900), (600, 100, 900, 1500)] {
            let plan = plan(3000, 2000, hole).unwrap();
            assert_eq!(plan.canvas.side, plan.canvas.square.side(), "native");
            assert!(plan.tiles().len() <= MOST_TILES as usize && is_covered(&plan), "{hole:?}: {plan:?}");
        }
    }

    #[test]
    fn a_hole_of_thousands_of_pixels_gets_a_scale_between() {
        let plan = plan(8000, 6000, (1000, 500, 5000, 4500)).unwrap();
        assert!(plan.canvas.side < plan.canvas.square.side() && plan.canvas.side > 1_200, "{plan:?}");
        assert!(plan.tiles().len() <= MOST_TILES as usize && is_covered(&plan));
    }

    #[test]
    fn neighbours_fade_into_each_other() {
        let plan = plan(3000, 2000, (900, 300, 1700, 1100)).unwrap();
        let size = Size::square(plan.canvas.side).unwrap();
        let hole = Mask::from_fn(size, |_, _| true);
        let mut canvas = Rgb::from_vec(size, vec![0.0; 3 * size.area()]).unwrap();
        // Tiles of two tones, like a chess board.
        for (i, tile) in plan.tiles().into_iter().enumerate() {
            let tone = (i % 2) as f32;
            let mask = tile.mask(&hole).unwrap();
            let fill = Rgb::from_vec(mask.size(), vec![tone; 3 * mask.size().area()]).unwrap();
            tile.blend(&mut canvas, &mask, &fill);
        }
        let there = Rect { x: 100, y: 100, size: Size::square(plan.canvas.side - 200).unwrap() };
        let at = |x: u32, y: u32| canvas.plane(0)[(y * plan.canvas.side + x) as usize];
        let steps = (there.y..there.bottom() - 1).step_by(5).flat_map(|y| {
            (there.x..there.right() - 1)
                .map(move |x| ((at(x + 1, y) - at(x, y)).abs()).max((at(x, y + 1) - at(x, y)).abs()))
        });
        let steepest = steps.fold(0.0, f32::max);
        assert!(steepest > 0.0 && steepest < 0.05, "{steepest}");
    }
}
