//! The second pass over holes that are larger than a model's tile.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(feature = "ort")]
mod native_runtime;
#[cfg(feature = "ort")]
mod standin;
#[cfg(feature = "ort")]
mod tampered;

use std::cell::{Cell, RefCell};

use brushaway::{
    engine::{EngineError, JobOptions, Outcome, Patch, Stage, erase},
    geometry::Size,
    image::Image,
    mask::Mask,
    models::{Backend, Cancelled, InferError, Inpainter, Run, Start, Tile, TileSpec},
    tensor::{Rgb, Unit},
};
use futures_util::future::LocalBoxFuture;

/// Steps of a whole run, and of one for detail.
const STEPS: [usize; 2] = [7, 3];

/// Fills with grey in the first run, and with what it begins from, made a little brighter, afterwards.
struct Sampling {
    spec: TileSpec,
    /// Red in the middle of what each run began from; none for noise.
    began_from: Vec<Option<f32>>,
}

impl Sampling {
    fn new() -> Self {
        Self { spec: TileSpec { sides: vec![128] }, began_from: Vec::new() }
    }
}

impl Inpainter for Sampling {
    fn spec(&self) -> &TileSpec {
        &self.spec
    }

    fn backend(&self) -> Backend {
        Backend::Native
    }

    fn detail_steps(&self) -> Option<usize> {
        Some(STEPS[1])
    }

    fn fill<'a>(&'a mut self, tile: &'a Tile, run: &'a dyn Run) -> LocalBoxFuture<'a, Result<Rgb<Unit>, InferError>> {
        Box::pin(async move {
            assert_eq!(tile.size(), Size::square(128).unwrap());
            let (steps, mut fill) = match &tile.start {
                Some(Start::Blurred(start)) => (STEPS[1], start.clone()),
                Some(Start::Draft(_)) | None => (STEPS[0], Rgb::from_vec(tile.size(), vec![0.5; 3 * 128 * 128])?),
            };
            self.began_from.push(tile.start.as_ref().map(|_| fill.plane(0)[64 * 128 + 64]));
            for done in 0..=steps {
                run.step(done, steps)?;
            }
            if tile.start.is_some() {
                fill.as_mut_slice().iter_mut().for_each(|value| *value = (*value + 0.02).min(1.0));
            }
            Ok(fill)
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
        Self { steps: RefCell::default(), left: Cell::new(steps) }
    }
}

impl Run for Watch {
    fn step(&self, done: usize, total: usize) -> Result<(), Cancelled> {
        self.steps.borrow_mut().push((done, total));
        self.left.set(self.left.get().checked_sub(1).ok_or(Cancelled)?);
        Ok(())
    }
}

/// A picture of nearly one colour, and a hole in it.
fn picture(width: u32, height: u32) -> Image {
    let pixels = (0..width * height).flat_map(|i| [120 + (i % 3) as u8, 130, 140, 255]);
    Image::from_rgba(Size::new(width, height).unwrap(), pixels.collect()).unwrap()
}

fn hole(of: Size, side: u32) -> Mask {
    let (left, top) = ((of.width() - side) / 2, (of.height() - side) / 2);
    Mask::from_fn(of, |x, y| (left..left + side).contains(&x) && (top..top + side).contains(&y))
}

fn run(
    (source, mask): (&Image, &Mask),
    model: &mut dyn Inpainter,
    options: JobOptions,
    watch: &Watch,
) -> (Result<Outcome, EngineError>, Vec<Patch>) {
    let mut heard = Vec::new();
    let mut hear = |patch| heard.push(patch);
    let outcome = pollster::block_on(erase(source, mask, model, None, &options, watch, &mut hear));
    (outcome, heard)
}

#[test]
fn a_large_hole_gets_a_second_pass_and_all_its_steps_are_counted() {
    let source = picture(900, 700);
    let mask = hole(source.size(), 200);
    let (mut model, watch) = (Sampling::new(), Watch::until(usize::MAX));
    let (outcome, heard) = run((&source, &mask), &mut model, JobOptions::default(), &watch);
    assert_eq!(heard.iter().map(|patch| patch.stage).collect::<Vec<_>>(), [Stage::Network, Stage::Textured]);
    let (first, rest) = model.began_from.split_first().unwrap();
    assert!(first.is_none() && (2..=9).contains(&rest.len()), "{:?}", model.began_from);
    assert!(rest.iter().all(|start| start.is_some_and(|start| (0.4..0.7).contains(&start))), "from the first fill");
    let steps = watch.steps.into_inner();
    let total = STEPS[0] + rest.len() * STEPS[1];
    assert_eq!(*steps.last().unwrap(), (total, total));
    let counted = steps.iter().skip_while(|step| step.1 != total);
    assert!(counted.clone().count() > total && counted.clone().is_sorted(), "{steps:?}");
    assert!(counted.clone().all(|step| step.1 == total), "{steps:?}");
    let patch = &outcome.unwrap().patches[0];
    let mut result = source.clone();
    result.paste(&patch.pixels, patch.rect.x, patch.rect.y);
    let reach = JobOptions::default().margin(source.size()).grow_px;
    let near = hole(source.size(), 200 + 2 * reach);
    let pixels = source.as_bytes().as_chunks::<4>().0.iter().zip(result.as_bytes().as_chunks::<4>().0);
    assert!(pixels.zip(near.as_bytes()).all(|((a, b), near)| *near == Mask::FILL || a == b), "bit by bit outside");
}

#[test]
fn holes_of_any_shape_and_place_are_worked_on() {
    let shapes = [(0, 0, 300, 250), (500, 0, 900, 60), (0, 100, 40, 690), (30, 20, 870, 680), (420, 0, 450, 700)];
    for (left, top, right, bottom) in shapes {
        let source = picture(900, 700);
        let mask = Mask::from_fn(source.size(), |x, y| (left..right).contains(&x) && (top..bottom).contains(&y));
        let mut model = Sampling::new();
        let watch = Watch::until(usize::MAX);
        let outcome = run((&source, &mask), &mut model, JobOptions::default(), &watch).0.unwrap();
        assert!((3..=10).contains(&model.began_from.len()), "{left}: {}", model.began_from.len());
        let (done, total) = *watch.steps.borrow().last().unwrap();
        assert_eq!((done, outcome.patches.len()), (total, 1));
    }
}

#[test]
fn it_can_be_done_without_and_small_holes_need_none() {
    let source = picture(900, 700);
    for (side, detail, runs) in [(200, false, 1), (30, true, 1)] {
        let (mut model, watch) = (Sampling::new(), Watch::until(usize::MAX));
        let options = JobOptions { detail, ..JobOptions::default() };
        run((&source, &hole(source.size(), side)), &mut model, options, &watch).0.unwrap();
        assert_eq!(model.began_from.len(), runs, "{side}");
    }
}

#[test]
fn it_stops_between_any_two_steps() {
    let source = picture(900, 700);
    let mask = hole(source.size(), 200);
    let all = Watch::until(usize::MAX);
    run((&source, &mask), &mut Sampling::new(), JobOptions::default(), &all).0.unwrap();
    for at in 0..all.steps.borrow().len() {
        let stopped = run((&source, &mask), &mut Sampling::new(), JobOptions::default(), &Watch::until(at)).0;
        assert!(matches!(stopped, Err(EngineError::Cancelled(_))), "{at}");
    }
}

#[cfg(feature = "ort")]
mod known {
    use super::{standin::*, *};

    thread_local! {
        /// The timesteps that the denoiser was asked about.
        static ASKED: RefCell<Vec<i64>> = const { RefCell::new(Vec::new()) };
    }

    /// The stand-in's answer is one colour in all of the hole: tiles that do not fit each other would show.
    #[test]
    fn no_grid_shows_in_a_known_answer() {
        let source = picture(2400, 1800);
        let mask = hole(source.size(), 700);
        let mut model = model(contract());
        model.options.guidance = 1.0;
        model.graphs.denoiser.inputs = |t| {
            let timestep = integers(t, "timesteps")[0];
            ASKED.with_borrow_mut(|asked| asked.push(timestep));
        };
        let (outcome, heard) = run((&source, &mask), &mut model, JobOptions::default(), &Watch::until(usize::MAX));
        outcome.unwrap();
        let asked = ASKED.take();
        let (whole, detail) = asked.split_at(9);
        assert!(whole[0] > 800 && detail.len().is_multiple_of(model.detail_steps().unwrap() - 2), "{asked:?}");
        assert!(detail.len() > 9 && detail.iter().all(|&at| at <= i64::from(contract().detail_timestep)), "{asked:?}");
        let patch = heard.last().unwrap();
        // Well inside, where neither the rim's tone nor cells that are partly known have a say.
        let (side, inset) = (patch.rect.size.width(), 120);
        let inner = patch.pixels.cropped(brushaway::geometry::Rect {
            x: inset,
            y: inset,
            size: Size::square(side - 2 * inset).unwrap(),
        });
        for c in 0..3 {
            let values = inner.as_bytes().as_chunks::<4>().0.iter().map(|pixel| pixel[c]);
            let (least, most) = (values.clone().min().unwrap(), values.max().unwrap());
            let expected = (COLOUR[c] * 0.5 + 0.5) * 255.0;
            assert!(most - least <= 6, "channel {c}: {least} to {most}");
            assert!((f32::from(least) - expected).abs() < 25.0, "channel {c}: {least} instead of {expected}");
        }
    }
}
