//! Jobs with a stand-in for the model: what must hold for any picture, any mask and any size.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::{Cell, RefCell};

use brushaway::{
    engine::{EngineError, JobOptions, Outcome, Patch, Plan, Stage, erase},
    geometry::{Point, Size},
    image::Image,
    imaging::{morphology::dilate, texture::TextureStep},
    mask::{Mask, Stroke, Tool},
    models::{Backend, Cancelled, Drafted, InferError, Inpainter, Run, Start, Tile, TileSpec},
    tensor::{Rgb, Unit},
};
use futures_util::future::LocalBoxFuture;

/// Fills with one colour, and checks what it is asked.
struct Painter {
    spec: TileSpec,
    colour: [f32; 3],
    runs: usize,
}

impl Painter {
    fn new(sides: &[u32]) -> Self {
        Self { spec: TileSpec { sides: sides.to_vec() }, colour: [1.0, 0.0, 1.0], runs: 0 }
    }
}

impl Inpainter for Painter {
    fn spec(&self) -> &TileSpec {
        &self.spec
    }

    fn backend(&self) -> Backend {
        Backend::Native
    }

    fn fill<'a>(&'a mut self, tile: &'a Tile, run: &'a dyn Run) -> LocalBoxFuture<'a, Result<Rgb<Unit>, InferError>> {
        Box::pin(async move {
            run.step(0, 1)?;
            let size = tile.size();
            assert!(self.spec.sides.contains(&size.width()) && size.width() == size.height());
            assert!((1..size.area()).contains(&tile.mask.count()), "a hole, and something known");
            assert!(tile.image.as_slice().iter().all(|value| (0.0..=1.0).contains(value)));
            self.runs += 1;
            run.step(1, 1)?;
            Ok(Rgb::from_vec(size, self.colour.iter().flat_map(|&c| vec![c; size.area()]).collect())?)
        })
    }
}

/// Notes all steps, and stops at one of them.
struct Watch {
    steps: RefCell<Vec<(usize, usize)>>,
    left: Cell<usize>,
}

impl Watch {
    fn until(steps: usize) -> Self {
        Self { steps: RefCell::new(Vec::new()), left: Cell::new(steps) }
    }
}

impl Run for Watch {
    fn step(&self, done: usize, total: usize) -> Result<(), Cancelled> {
        self.steps.borrow_mut().push((done, total));
        self.left.set(self.left.get().checked_sub(1).ok_or(Cancelled)?);
        Ok(())
    }
}

/// Xorshift: the same numbers everywhere.
struct Random(u32);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 % limit
    }

    fn picture(&mut self, size: Size, transparent: bool) -> Image {
        let mut data: Vec<u8> = (0..size.area() * 4).map(|_| self.below(256) as u8).collect();
        if !transparent {
            data.as_chunks_mut::<4>().0.iter_mut().for_each(|pixel| pixel[3] = 255);
        }
        Image::from_rgba(size, data).unwrap()
    }

    /// A few strokes, some of them over corners and edges.
    fn mask(&mut self, size: Size) -> Mask {
        let mut mask = Mask::empty(size);
        for _ in 0..=self.below(4) {
            let corner = [(0, 0), (size.width(), 0), (0, size.height()), (size.width(), size.height())];
            let point = |random: &mut Self| match random.below(3) {
                0 => corner[random.below(4) as usize],
                _ => (random.below(size.width()), random.below(size.height())),
            };
            let points = [point(self), point(self)].map(|(x, y)| Point::new(x as f32, y as f32));
            let radius = 1.0 + self.below(size.longer_side() / 8 + 2) as f32;
            mask.apply(&Stroke::new(Tool::Brush, radius, points.to_vec()));
        }
        mask
    }
}

const TEXTURE: TextureStep = TextureStep { low_pass_sigma_px: 2.0, kept_detail: 0.35 };

fn run(
    source: &Image,
    mask: &Mask,
    painter: &mut Painter,
    options: JobOptions,
    watch: &Watch,
) -> (Result<Outcome, EngineError>, Vec<Patch>) {
    let mut heard = Vec::new();
    let mut hear = |patch| heard.push(patch);
    let outcome = pollster::block_on(erase(source, mask, painter, None, &options, watch, &mut hear));
    (outcome, heard)
}

fn pixels(image: &Image) -> &[[u8; 4]] {
    image.as_bytes().as_chunks().0
}

#[test]
fn what_is_not_near_the_paint_stays_bit_by_bit() {
    let mut random = Random(2_463_534_242);
    for round in 0..60 {
        let size = Size::new(1 + random.below(300), 1 + random.below(300)).unwrap();
        let (source, mask) = (random.picture(size, round % 3 == 0), random.mask(size));
        let options = JobOptions {
            preview: round % 2 == 0,
            texture: (round % 4 < 2).then_some(TEXTURE),
            from_source: round % 3 == 1,
            grow_px: (round % 5 > 0).then(|| random.below(20)),
            feather_px: Some(random.below(30)),
            context: [1.0, 0.6, 2.0][round % 3],
            detail: true,
        };
        let (outcome, heard) = run(&source, &mask, &mut Painter::new(&[64, 128]), options, &Watch::until(usize::MAX));
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(EngineError::WholeImage) => continue,
            Err(error) => unreachable!("{size:?}: {error}"),
        };
        let reach = dilate(&mask, options.margin(size).grow_px);
        for patch in heard.iter().chain(&outcome.patches) {
            let mut result = source.clone();
            result.paste(&patch.pixels, patch.rect.x, patch.rect.y);
            let changed = pixels(&result).iter().zip(pixels(&source)).zip(reach.as_bytes());
            let touched = changed.filter(|((a, b), near)| a != b && **near == Mask::KEEP).count();
            assert_eq!(touched, 0, "round {round}");
            assert!(round % 3 == 0 || !patch.pixels.has_transparency(), "round {round}");
        }
    }
}

#[test]
fn a_plan_covers_each_hole_once_and_shows_what_is_around_it() {
    let mut random = Random(88_172_645);
    for _ in 0..80 {
        let size = Size::new(1 + random.below(1_500), 1 + random.below(1_500)).unwrap();
        let hole = random.mask(size);
        let tiles = Plan::new(&hole, &TileSpec { sides: vec![128, 256] }, 1.0).tiles;
        let covered: usize = tiles.iter().map(|tile| hole.cropped(tile.hole).count()).sum();
        assert_eq!(covered, hole.count());
        for (i, tile) in tiles.iter().enumerate() {
            assert!(tiles[..i].iter().all(|other| other.hole.intersection(tile.hole).is_none()));
            assert!(tile.square.locate(tile.hole).is_some(), "{tile:?} of {size:?}");
            assert!(tile.side <= tile.square.side());
            let len_of_square = i64::from(tile.square.side());
            for (start, len) in [(tile.square.left(), size.width()), (tile.square.top(), size.height())] {
                let is_inside = start >= 0 && start + len_of_square <= i64::from(len);
                assert!(is_inside || len_of_square > i64::from(len), "{tile:?} of {size:?}");
            }
        }
    }
}

#[test]
fn a_job_can_be_stopped_at_every_step() {
    let source = Random(7).picture(Size::new(300, 200).unwrap(), false);
    let mask = Mask::from_fn(source.size(), |x, y| (x < 60 && y < 60) || (x > 280 && y > 190));
    let options = JobOptions { preview: true, texture: Some(TEXTURE), ..JobOptions::default() };
    let all = Watch::until(usize::MAX);
    let mut painter = Painter::new(&[64, 128]);
    run(&source, &mask, &mut painter, options, &all).0.unwrap();
    let steps = all.steps.into_inner();
    assert_eq!(painter.runs, 3, "a preview and a fill of the large hole, a fill of the small one");
    assert!(steps.is_sorted() && steps.iter().all(|(_, total)| *total == 3) && steps.last() == Some(&(3, 3)));
    for at in 0..steps.len() {
        let (stopped, _) = run(&source, &mask, &mut Painter::new(&[64, 128]), options, &Watch::until(at));
        assert!(matches!(stopped, Err(EngineError::Cancelled(_))), "step {at}");
    }
}

#[test]
fn patches_come_preview_first_and_the_last_is_the_outcome() {
    let source = Image::filled(Size::new(400, 300).unwrap(), [90, 120, 30, 255]);
    let mask = Mask::from_fn(source.size(), |x, y| (150..250).contains(&x) && (100..180).contains(&y));
    let options = JobOptions { preview: true, texture: Some(TEXTURE), ..JobOptions::default() };
    let (outcome, heard) = run(&source, &mask, &mut Painter::new(&[64, 128]), options, &Watch::until(usize::MAX));
    let stages: Vec<Stage> = heard.iter().map(|patch| patch.stage).collect();
    assert_eq!(stages, [Stage::Preview, Stage::Network, Stage::Textured]);
    assert_eq!(outcome.unwrap().patches, heard[2..]);
}

#[test]
fn what_cannot_be_done_is_refused_with_a_reason() {
    let source = Image::filled(Size::new(40, 30).unwrap(), [1, 2, 3, 255]);
    let refuse = |mask: &Mask, sides: &[u32]| {
        run(&source, mask, &mut Painter::new(sides), JobOptions::default(), &Watch::until(99)).0.unwrap_err()
    };
    assert!(matches!(refuse(&Mask::empty(source.size()), &[64]), EngineError::EmptyMask));
    assert!(matches!(refuse(&Mask::from_fn(source.size(), |_, _| true), &[64]), EngineError::WholeImage));
    assert!(matches!(refuse(&Mask::empty(Size::new(30, 40).unwrap()), &[64]), EngineError::MaskSize { .. }));
    assert!(matches!(refuse(&Mask::from_fn(source.size(), |x, _| x < 9), &[]), EngineError::NoTileSide));
}

#[test]
fn all_but_a_sliver_can_be_erased() {
    for (width, height) in [(100, 80), (600, 500), (2, 1)] {
        let source = Image::filled(Size::new(width, height).unwrap(), [50, 60, 70, 255]);
        let mask = Mask::from_fn(source.size(), |x, y| x > width / 10 || y > height / 10);
        let mut result = source.clone();
        let options = JobOptions::default();
        let (outcome, _) = run(&source, &mask, &mut Painter::new(&[64, 128]), options, &Watch::until(99));
        outcome.unwrap().apply(&mut result);
        assert_ne!(result, source, "{width} x {height}");
    }
}

#[test]
fn erasing_from_a_transparent_picture_leaves_nothing() {
    // A disc on nothing, with a dot on it and a dot beside it.
    let near = |x: u32, y: u32, cx: u32, r: u32| x.abs_diff(cx).pow(2) + y.abs_diff(100).pow(2) < r * r;
    let size = Size::new(300, 200).unwrap();
    let mut source = Image::filled(size, [0; 4]);
    for (i, pixel) in (0..).zip(source.as_bytes_mut().as_chunks_mut::<4>().0) {
        if near(i % 300, i / 300, 90, 70) || near(i % 300, i / 300, 250, 10) {
            *pixel = [200, 180, 20, 255];
        }
    }
    let mask = Mask::from_fn(size, |x, y| near(x, y, 250, 16) || near(x, y, 90, 12));
    let options = JobOptions { grow_px: Some(4), ..JobOptions::default() };
    let (outcome, _) = run(&source, &mask, &mut Painter::new(&[64, 128]), options, &Watch::until(99));
    let mut result = source.clone();
    outcome.unwrap().apply(&mut result);
    let (on, beside) = (100 * 300 + 90, 100 * 300 + 250);
    assert_eq!(pixels(&result)[beside][3], 0, "beside the disc there is nothing");
    assert_eq!(pixels(&result)[on][3], 255, "on the disc there is something");
    assert_ne!(pixels(&result)[on], pixels(&source)[on]);
}

#[test]
fn a_fill_of_the_wrong_tone_meets_the_picture() {
    // A grey picture, and a model that always answers with a darker grey.
    let source = Image::filled(Size::new(256, 256).unwrap(), [128, 128, 128, 255]);
    let mask = Mask::from_fn(source.size(), |x, y| (90..160).contains(&x) && (90..160).contains(&y));
    let mut painter = Painter { colour: [0.47; 3], ..Painter::new(&[256]) };
    let (outcome, _) = run(&source, &mask, &mut painter, JobOptions::default(), &Watch::until(99));
    let mut result = source.clone();
    outcome.unwrap().apply(&mut result);
    let furthest = pixels(&result).iter().map(|pixel| pixel[0].abs_diff(128)).max();
    assert!(furthest <= Some(3), "{furthest:?}");
}

/// Samples: shows what it begins from, then fills with one colour.
struct Sampling {
    spec: TileSpec,
    began_from: Option<Rgb<Unit>>,
}

impl Inpainter for Sampling {
    fn spec(&self) -> &TileSpec {
        &self.spec
    }

    fn backend(&self) -> Backend {
        Backend::Native
    }

    fn fill<'a>(&'a mut self, tile: &'a Tile, run: &'a dyn Run) -> LocalBoxFuture<'a, Result<Rgb<Unit>, InferError>> {
        Box::pin(async move {
            self.began_from = tile.start.clone().map(|(Start::Draft(start) | Start::Blurred(start))| start);
            for done in 0..4 {
                run.step(done, 4)?;
                if run.wants_look() {
                    run.look(Rgb::from_vec(tile.size(), vec![0.5; 3 * tile.size().area()])?);
                }
            }
            run.step(4, 4)?;
            Ok(Rgb::from_vec(tile.size(), vec![0.25; 3 * tile.size().area()])?)
        })
    }
}

/// Looks at every other chance.
struct Curious(Watch, Cell<u32>);

impl Run for Curious {
    fn step(&self, done: usize, total: usize) -> Result<(), Cancelled> {
        self.0.step(done, total)
    }

    fn wants_look(&self) -> bool {
        self.1.set(self.1.get() + 1);
        self.1.get() % 2 == 1
    }
}

fn sampled(options: JobOptions, inpainter: &mut dyn Inpainter) -> (Image, Mask, Vec<Patch>, Curious) {
    let mut random = Random(77);
    let size = Size::new(90, 70).unwrap();
    let source = random.picture(size, false);
    let mask = Mask::from_fn(size, |x, y| (30..50).contains(&x) && (20..40).contains(&y));
    let (watch, mut heard) = (Curious(Watch::until(usize::MAX), Cell::default()), Vec::new());
    let mut hear = |patch| heard.push(patch);
    pollster::block_on(erase(&source, &mask, inpainter, None, &options, &watch, &mut hear)).unwrap();
    (source, mask, heard, watch)
}

#[test]
fn looks_come_before_the_fill_and_change_nothing_else() {
    let mut model = Sampling { spec: TileSpec { sides: vec![128] }, began_from: None };
    let (source, mask, heard, watch) = sampled(JobOptions::default(), &mut model);
    let stages: Vec<Stage> = heard.iter().map(|patch| patch.stage).collect();
    assert_eq!(stages, [Stage::Preview, Stage::Preview, Stage::Network]);
    assert!(model.began_from.is_none(), "noise, unless it is told otherwise");
    let steps = watch.0.steps.borrow();
    assert_eq!(steps.iter().filter(|(_, total)| *total == 4).count(), 5);
    let look = &heard[0];
    let at = |image: &Image, x: u32, y: u32| pixels(image)[(y * image.size().width() + x) as usize];
    let middle = at(&look.pixels, 40 - look.rect.x, 30 - look.rect.y);
    assert!(mask.is_fill(40, 30) && middle[0].abs_diff(128) < 20, "{middle:?}");
    assert_eq!(at(&look.pixels, 0, 0), at(&source, look.rect.x, look.rect.y));
}

#[test]
fn restoring_begins_from_what_is_there() {
    let mut model = Sampling { spec: TileSpec { sides: vec![128] }, began_from: None };
    let (source, ..) = sampled(JobOptions { from_source: true, ..JobOptions::default() }, &mut model);
    let began = model.began_from.unwrap();
    // The tile is larger than the picture, which lies in its middle at its own scale.
    let mean = |values: &mut dyn Iterator<Item = f32>| values.sum::<f32>() / source.size().area() as f32;
    let there = mean(&mut pixels(&source).iter().map(|pixel| f32::from(pixel[0]) / 255.0));
    let red = began.plane(0).iter().sum::<f32>() / began.size().area() as f32;
    assert!((there - red).abs() < 0.05, "{there} {red}");
    let spread = began.plane(0).iter().map(|value| (value - red).abs()).sum::<f32>() / began.size().area() as f32;
    assert!(spread > 0.1, "the hole is not filled with one colour: {spread}");
}

#[test]
fn a_draft_is_what_the_second_model_begins_from() {
    let mut draft = Painter::new(&[128]);
    let mut main = Sampling { spec: TileSpec { sides: vec![128] }, began_from: None };
    let (_, _, heard, watch) = sampled(JobOptions::default(), &mut Drafted { draft: &mut draft, main: &mut main });
    assert_eq!(draft.runs, 1);
    let began = main.began_from.unwrap();
    let drafted = |c: usize| began.plane(c).iter().filter(|value| (**value - [1.0, 0.0, 1.0][c]).abs() < 1e-6).count();
    assert!((400..128 * 128 / 2).contains(&drafted(0)), "only the hole is of the draft: {}", drafted(0));
    assert_eq!(heard.iter().filter(|patch| patch.stage == Stage::Preview).count(), 3, "the draft is shown as well");
    assert!(watch.0.steps.borrow().contains(&(0, 0)), "the draft asks, and counts nothing");
}
