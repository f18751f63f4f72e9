//! Latent diffusion on stand-ins for Moebius' graphs, whose answer is computed here by hand.
//!
//! `tests/models/make_standins.py` made the graphs and says what they do. Each constant of the contract, and each turn that
//! the code could take wrongly, must show in the picture.
#![cfg(feature = "ort")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod native_runtime;
mod standin;
mod tampered;

use std::cell::{Cell, RefCell};

use brushaway::{
    geometry::Size,
    mask::Mask,
    models::{
        Cancelled, DiffusionOptions, GuidedInterval, InferError, Inpainter as _, LatentContract, LatentDiffusion, Run,
        SamplerKind, SamplerOptions, Start, Tensor, TensorData, Tile,
    },
    tensor::{Rgb, Unit},
};
use standin::{COLOUR, contract, integers, model};
use tampered::Tampered;

const SIDE: usize = 512;
const CELL: usize = 8;
const SCALE: f32 = 0.13025;
/// What is too much in the noise without condition.
const TOO_MUCH: f32 = 0.5;
/// How the decoder mixes the channels of a latent; only their sum matters for what is the same in all.
const UNMIX_SUMS: [f32; 3] = [0.375, 1.375, 0.875];
/// What Moebius was published with: timesteps 900, 850 and so on, and the last step from 0.
const PUBLISHED: SamplerOptions = SamplerOptions { kind: SamplerKind::Ddim, steps: 20, strength: 0.99 };
/// Rounding, over 20 steps of 32-bit numbers.
const EXACT: f32 = 5e-4;

/// Slopes of other steepness in each colour, and a hole that begins and ends within cells.
fn tile() -> Tile {
    let size = Size::square(SIDE as u32).unwrap();
    let at = |c: usize, x: usize, y: usize| match c {
        0 => x as f32 / SIDE as f32,
        1 => y as f32 / SIDE as f32 * 0.7,
        _ => (x + y) as f32 / (2 * SIDE) as f32 * 0.4 + 0.3,
    };
    let pixels = (0..3).flat_map(|c| (0..SIDE).flat_map(move |y| (0..SIDE).map(move |x| at(c, x, y))));
    let image = Rgb::from_vec(size, pixels.collect()).unwrap();
    Tile { image, mask: Mask::from_fn(size, |x, y| (131..300).contains(&x) && (205..401).contains(&y)), start: None }
}

/// The picture that must come out, if the noise of the last step, at `sigma`, is wrong by `drift`.
fn expected(tile: &Tile, sigma: f32, drift: f32) -> Vec<f32> {
    let mut picture = vec![0.0; 3 * SIDE * SIDE];
    for c in 0..3 {
        for (y, x) in (0..SIDE).step_by(CELL).flat_map(|y| (0..SIDE).step_by(CELL).map(move |x| (y, x))) {
            let pixels = (y..y + CELL).flat_map(|y| (x..x + CELL).map(move |x| y * SIDE + x));
            let known = pixels.clone().filter(|&i| tile.mask.as_bytes()[i] == Mask::KEEP);
            let sum: f32 = known.map(|i| tile.image.plane(c)[i] * 2.0 - 1.0).sum();
            let hole = if tile.mask.is_fill(x as u32, y as u32) { COLOUR[c] } else { 0.0 };
            let value = sum / (CELL * CELL) as f32 + hole - sigma * drift / SCALE * UNMIX_SUMS[c];
            for i in pixels {
                picture[c * SIDE * SIDE + i] = (value * 0.5 + 0.5).clamp(0.0, 1.0);
            }
        }
    }
    picture
}

/// Counts, and may stop.
struct Counting {
    left: Cell<usize>,
    seen: Cell<(usize, usize)>,
    seed: u64,
}

impl Run for Counting {
    fn step(&self, done: usize, total: usize) -> Result<(), Cancelled> {
        self.seen.set((done, total));
        self.left.set(self.left.get().checked_sub(1).ok_or(Cancelled)?);
        Ok(())
    }

    fn seed(&self) -> u64 {
        self.seed
    }
}

fn endless(seed: u64) -> Counting {
    Counting { left: Cell::new(usize::MAX), seen: Cell::default(), seed }
}

fn fill(model: &mut LatentDiffusion<Tampered>, tile: &Tile, seed: u64) -> Rgb<Unit> {
    pollster::block_on(model.fill(tile, &endless(seed))).unwrap()
}

/// The largest difference of any value.
fn distance(fill: &Rgb<Unit>, expected: &[f32]) -> f32 {
    fill.as_slice().iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Noise relative to the signal at a training timestep.
fn sigma_at(timestep: u32) -> f32 {
    contract().schedule.sigmas()[timestep as usize] as f32
}

#[test]
fn the_known_picture_comes_out_of_every_sampler() {
    let tile = tile();
    let mut model = model(contract());
    // The last timestep that each of them asks about in 20 steps.
    let kinds = [
        (SamplerKind::Ddim, 0),
        (SamplerKind::DpmSolver, 50),
        (SamplerKind::DpmSolverKarras, 0),
        (SamplerKind::UniPc, 50),
    ];
    for (kind, last) in kinds {
        for guidance in [1.0, 2.0, 4.5] {
            model.options = DiffusionOptions {
                sampler: SamplerOptions { kind, ..PUBLISHED },
                guidance,
                guided: GuidedInterval::default(),
            };
            let drift = TOO_MUCH * (1.0 - guidance);
            let error = distance(&fill(&mut model, &tile, 3), &expected(&tile, sigma_at(last), drift));
            assert!(error < EXACT, "{kind:?} with guidance {guidance}: {error}");
        }
    }
}

#[test]
fn guidance_ends_where_it_should() {
    let tile = tile();
    let mut model = model(contract());
    model.options.guidance = 3.0;
    model.graphs.denoiser.inputs = |t| {
        let timesteps = integers(t, "timesteps");
        ASKED.with_borrow_mut(|asked| asked.push((timesteps[0], timesteps.len())));
    };
    // The last step's noise is all that is left of what guidance adds to the known picture: at 50 it still counts.
    model.options.sampler = SamplerOptions { kind: SamplerKind::UniPc, steps: 20, strength: 1.0 };
    for (from, to, drift) in [(51, 900, 0.0), (50, 900, -2.0 * TOO_MUCH), (0, 49, 0.0)] {
        ASKED.take();
        model.options.guided = GuidedInterval { from, to };
        let error = distance(&fill(&mut model, &tile, 0), &expected(&tile, sigma_at(50), drift));
        assert!(error < EXACT, "{from}..={to}: {error}");
        let asked = ASKED.take();
        assert_eq!(asked.len(), 20);
        for (timestep, rows) in asked {
            let is_inside = (i64::from(from)..=i64::from(to)).contains(&timestep);
            assert_eq!(rows, if is_inside { 2 } else { 1 }, "{timestep}: one row is enough without guidance");
        }
    }
}

/// A way to do it wrongly: to the contract, the options, or between the code and a graph.
type Mistake = fn(&mut LatentDiffusion<Tampered>);

fn floats<'a>(tensors: &'a mut [Tensor], name: &str) -> &'a mut Vec<f32> {
    let data = tensors.iter_mut().find(|tensor| tensor.name == name).map(|tensor| &mut tensor.data);
    match data {
        Some(TensorData::F32(values)) => values,
        _ => unreachable!("{name}"),
    }
}

/// A number in the contract that is not the model's.
type WrongConstant = fn(&mut LatentContract);

const CELLS: usize = (SIDE / CELL) * (SIDE / CELL);

/// Mistakes between the code and the graphs.
const TURNS: &[(&str, Mistake)] = &[
    ("pixels in [0, 1] for the encoder", |model| {
        model.graphs.encoder.inputs = |t| floats(t, "image").iter_mut().for_each(|v| *v = *v * 0.5 + 0.5);
    }),
    ("blue first for the encoder", |model| {
        model.graphs.encoder.inputs = |t| {
            let planes = floats(t, "image");
            let (red, rest) = planes.split_at_mut(SIDE * SIDE);
            red.swap_with_slice(&mut rest[SIDE * SIDE..]);
        };
    }),
    ("a hole that is black", |model| {
        model.graphs.encoder.inputs = |t| floats(t, "image").iter_mut().filter(|v| **v == 0.0).for_each(|v| *v = -1.0);
    }),
    ("variances for means", |model| {
        model.graphs.encoder.outputs = |t| floats(t, "moments").rotate_left(4 * CELLS);
    }),
    ("the mask the other way round", |model| {
        model.graphs.denoiser.inputs = |t| {
            let rows = floats(t, "latent").chunks_exact_mut(9 * CELLS);
            rows.for_each(|row| row[4 * CELLS..5 * CELLS].iter_mut().for_each(|v| *v = 1.0 - *v));
        };
    }),
    ("the mask behind the surroundings", |model| {
        model.graphs.denoiser.inputs = |t| {
            floats(t, "latent").chunks_exact_mut(9 * CELLS).for_each(|row| row[4 * CELLS..].rotate_left(CELLS));
        };
    }),
    ("the mask from the middle of cells", |model| {
        model.graphs.denoiser.inputs = |t| {
            let rows = floats(t, "latent").chunks_exact_mut(9 * CELLS);
            rows.for_each(|row| row[4 * CELLS..5 * CELLS].rotate_left(1));
        };
    }),
    ("the rows of guidance in the wrong order", |model| {
        model.graphs.denoiser.inputs = |t| integers(t, "input_ids").rotate_left(10);
    }),
    ("one timestep too many", |model| {
        model.graphs.denoiser.inputs = |t| integers(t, "timesteps").iter_mut().for_each(|v| *v = (*v + 50).min(999));
    }),
    ("noise with the wrong sign", |model| {
        model.graphs.denoiser.outputs = |t| floats(t, "noise").iter_mut().for_each(|v| *v = -*v);
    }),
    ("a picture in [0, 1] from the decoder", |model| {
        model.graphs.decoder.outputs = |t| floats(t, "image").iter_mut().for_each(|v| *v = *v * 0.5 + 0.5);
    }),
];

#[test]
fn a_wrong_turn_shows() {
    let tile = tile();
    let right = expected(&tile, sigma_at(0), -TOO_MUCH);
    assert!(distance(&fill(&mut model(contract()), &tile, 1), &right) < EXACT);
    for (what, mistake) in TURNS {
        let mut model = model(contract());
        mistake(&mut model);
        let error = distance(&fill(&mut model, &tile, 1), &right);
        assert!(error > 4.0 * EXACT, "{what} changes nothing: {error}");
    }
}

#[test]
fn a_wrong_constant_shows() {
    let tile = tile();
    let mistakes: [(&str, WrongConstant); 8] = [
        ("latent scale", |contract| contract.latent_scale = 0.18215),
        ("first beta", |contract| contract.schedule.beta_start = 0.000_95),
        ("last beta", |contract| contract.schedule.beta_end = 0.013),
        ("timesteps", |contract| contract.schedule.timesteps = 900),
        ("ids", |contract| contract.conditional_ids[3] = 10),
        ("ids of nothing", |contract| contract.unconditional_ids[9] = 0),
        ("ids the other way round", |contract| {
            std::mem::swap(&mut contract.conditional_ids, &mut contract.unconditional_ids);
        }),
        ("guidance", |contract| contract.defaults.guidance = 2.5),
    ];
    // In this sampler's last step there is still enough noise for a wrong schedule to leave some of it.
    let unipc = |mut contract: LatentContract| {
        contract.defaults.sampler = SamplerOptions { kind: SamplerKind::UniPc, ..PUBLISHED };
        contract
    };
    let right = expected(&tile, sigma_at(50), -TOO_MUCH);
    assert!(distance(&fill(&mut model(unipc(contract())), &tile, 1), &right) < EXACT);
    for (what, mistake) in mistakes {
        let mut wrong = unipc(contract());
        mistake(&mut wrong);
        let error = distance(&fill(&mut model(wrong), &tile, 1), &right);
        assert!(error > 4.0 * EXACT, "a wrong {what} changes nothing: {error}");
    }
}

#[test]
fn each_step_asks_whether_to_go_on() {
    let (tile, mut model) = (tile(), model(contract()));
    let all = endless(0);
    pollster::block_on(model.fill(&tile, &all)).unwrap();
    // 9 steps, one to encode, one to decode.
    assert_eq!(all.seen.get(), (11, 11));
    for at in [0, 1, 7, 10] {
        let run = Counting { left: Cell::new(at), seen: Cell::default(), seed: 0 };
        let stopped = pollster::block_on(model.fill(&tile, &run));
        assert!(matches!(stopped, Err(InferError::Cancelled(_))), "{at}");
    }
}

#[test]
fn outputs_of_another_shape_are_refused() {
    let mut model = model(contract());
    model.graphs.denoiser.outputs = |t| floats(t, "noise").truncate(5);
    let refused = pollster::block_on(model.fill(&tile(), &endless(0)));
    assert!(matches!(refused, Err(InferError::Shape(_))), "{refused:?}");
    model.graphs.encoder.outputs = |t| t[0].name = "something else".to_owned();
    let refused = pollster::block_on(model.fill(&tile(), &endless(0)));
    assert!(matches!(refused, Err(InferError::MissingOutput { .. })), "{refused:?}");
}

thread_local! {
    /// The timesteps that the denoiser was asked about, and in how many rows.
    static ASKED: RefCell<Vec<(i64, usize)>> = const { RefCell::new(Vec::new()) };
    /// The first latent that the denoiser got.
    static BEGAN_FROM: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

#[test]
fn a_draft_is_encoded_and_gets_noise() {
    let blank = tile();
    let start = Rgb::from_vec(blank.size(), vec![0.75; 3 * blank.size().area()]).unwrap();
    let drafted = Tile { start: Some(Start::Draft(start)), ..blank.clone() };
    let began = |tile: &Tile, seed: u64| {
        let mut model = model(contract());
        model.options.sampler = PUBLISHED;
        model.graphs.denoiser.inputs = |t| {
            let rows = floats(t, "latent")[..4 * CELLS].to_vec();
            BEGAN_FROM.with_borrow_mut(|began| {
                if began.is_empty() {
                    *began = rows;
                }
            });
        };
        let picture = fill(&mut model, tile, seed);
        assert!(distance(&picture, &expected(tile, sigma_at(0), -TOO_MUCH)) < EXACT, "the answer is known anyhow");
        BEGAN_FROM.take()
    };
    let (noise, from_draft) = (began(&blank, 5), began(&drafted, 5));
    // Grey 0.75 is 0.5 in [-1, 1]; the encoder mixes red + green, green, 2 blue, red - blue. 0.99 of 20 steps begin at 900.
    let alpha = 1.0 / (sigma_at(900).powi(2) + 1.0).sqrt();
    for (channel, mixed) in [1.0, 0.5, 1.0, 0.0].into_iter().enumerate() {
        for cell in [0, 77, CELLS - 1] {
            let difference = from_draft[channel * CELLS + cell] - noise[channel * CELLS + cell];
            assert!((difference - alpha * SCALE * mixed).abs() < 1e-4, "{channel}: {difference}");
        }
    }
    assert_ne!(noise, began(&blank, 6), "another seed, other noise");
}

/// Looks at every step.
struct Curious(RefCell<Vec<Rgb<Unit>>>);

impl Run for Curious {
    fn step(&self, _done: usize, _total: usize) -> Result<(), Cancelled> {
        Ok(())
    }

    fn wants_look(&self) -> bool {
        true
    }

    fn look(&self, picture: Rgb<Unit>) {
        self.0.borrow_mut().push(picture);
    }
}

#[test]
fn a_look_shows_what_will_be_there() {
    let (tile, mut model) = (tile(), model(contract()));
    // What guidance adds here fits no picture, so no picture can teach it.
    model.options.guidance = 1.0;
    let run = Curious(RefCell::default());
    let picture = pollster::block_on(model.fill(&tile, &run)).unwrap();
    let looks = run.0.into_inner();
    assert_eq!(looks.len(), 9);
    let last = looks.last().unwrap();
    let known = (0..SIDE * SIDE).filter(|&i| tile.mask.as_bytes()[i] == Mask::KEEP);
    let error = |c: usize, i: usize| (picture.plane(c)[i] - last.plane(c)[i]).abs();
    let worst = known.map(|i| (0..3).map(|c| error(c, i)).fold(0.0, f32::max)).sum::<f32>() / (SIDE * SIDE) as f32;
    assert!(worst < 0.02, "{worst}");
}
