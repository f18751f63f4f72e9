//! The same on photographs, with a small network that was trained for it.

use std::{
    cell::RefCell,
    env, fs,
    num::NonZero,
    path::{Path, PathBuf},
    rc::Rc,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use brushaway::{
    geometry::Size,
    image::Image,
    imaging::{
        codec::{EncodeOptions, Format, Limits, decode, encode},
        planes,
        resize::{Window, resample},
    },
    mask::Mask,
    models::{
        Backend, Cancelled, Catalog, DiffusionOptions, Graphs, GuidedInterval, InferError, Inpainter as _,
        LatentContract, LatentDiffusion, Run, SamplerKind, SamplerOptions, Session, SinglePass, Start, Tensor,
        TensorData, Tile,
    },
    runtime::ort::OrtSession,
    tensor::{Rgb, Unit},
};
use futures_util::future::LocalBoxFuture;

use super::{INTERVALS, Outcome, PUBLISHED, STEPS, print_head, print_row, whole};

const SIDE: u32 = 256;
/// What the network is told of the hole, and what it is told when it is told nothing: see `train/steps/networks.py`.
const IDS: [i64; 2] = [1, 4];
const GUIDANCE: f32 = 2.0;
/// The most threads of one graph.
const MOST_THREADS: usize = 4;

/// Ways to sample that are measured, and what each is compared with.
struct Case {
    options: DiffusionOptions,
    /// Index of the case that stands for infinitely many steps.
    against: usize,
}

/// What came of one case for one photograph.
struct Fill {
    latent: Vec<f32>,
    picture: Rgb<Unit>,
    rows: usize,
}

/// One photograph: its tile, the draft, and the fills of all cases.
struct Filled {
    tile: Tile,
    draft: Rgb<Unit>,
    fills: Vec<Fill>,
}

/// Never stops.
pub(super) struct Always(pub(super) u64);

impl Run for Always {
    fn step(&self, _: usize, _: usize) -> Result<(), Cancelled> {
        Ok(())
    }

    fn seed(&self) -> u64 {
        self.0
    }
}

/// A session whose last input is kept, with the rows of all.
pub(super) struct Overheard {
    session: OrtSession,
    heard: Rc<RefCell<(Vec<f32>, usize)>>,
}

impl Session for Overheard {
    fn backend(&self) -> Backend {
        self.session.backend()
    }

    fn run(&mut self, inputs: Vec<Tensor>) -> LocalBoxFuture<'_, Result<Vec<Tensor>, InferError>> {
        if let Some(Tensor { data: TensorData::F32(values), shape, .. }) = inputs.first() {
            let mut heard = self.heard.borrow_mut();
            heard.0.clone_from(values);
            heard.1 += shape.first().copied().unwrap_or_default();
        }
        self.session.run(inputs)
    }
}

/// All cases: first those that others are compared with.
struct Cases {
    all: Vec<Case>,
}

/// Places in [`Cases::all`].
const BEST: usize = 0;
const BEST_FROM_900: usize = 1;
const OTHERS: usize = 2;
const LIMITED: usize = 4;

impl Cases {
    fn new() -> Self {
        let guided =
            |sampler, (from, to)| DiffusionOptions { sampler, guidance: GUIDANCE, guided: GuidedInterval { from, to } };
        let always = |sampler| guided(sampler, (0, 999));
        let karras = |steps| whole(SamplerKind::DpmSolverKarras, steps);
        let from_900 = SamplerOptions { kind: SamplerKind::Ddim, steps: 100, strength: 0.91 };
        let others = [SamplerKind::DpmSolver, SamplerKind::UniPc].map(|kind| always(whole(kind, 100)));
        let mut all = vec![(always(karras(200)), BEST), (always(from_900), BEST_FROM_900)];
        all.extend(others.map(|other| (other, BEST)));
        let limited = || INTERVALS.iter().enumerate().map(|(i, &(_, from, to))| (LIMITED + i, (from, to)));
        all.extend(limited().map(|(at, bounds)| (guided(karras(60), bounds), at)));
        all.extend(limited().map(|(at, bounds)| (guided(whole(SamplerKind::DpmSolver, 10), bounds), at)));
        all.extend([(always(PUBLISHED), BEST_FROM_900), (always(whole(SamplerKind::Ddim, 10)), BEST_FROM_900)]);
        let shortened = |steps| SamplerOptions { kind: SamplerKind::DpmSolverKarras, steps, ..PUBLISHED };
        all.extend([8, 10].map(|steps| (always(shortened(steps)), BEST_FROM_900)));
        for steps in STEPS {
            all.extend(SamplerKind::ALL.map(|kind| (always(whole(kind, steps)), BEST)));
        }
        Self { all: all.into_iter().map(|(options, against)| Case { options, against }).collect() }
    }

    const fn published() -> usize {
        LIMITED + 2 * INTERVALS.len()
    }

    fn of(kind: usize, steps: usize) -> usize {
        Self::published() + 4 + steps * SamplerKind::ALL.len() + kind
    }
}

/// Compares all cases on all photographs of a folder.
pub(super) fn study(contract: &LatentContract, graphs: &Path, photos: &Path, out: &Path) -> Outcome<()> {
    let names = photographs(photos)?;
    let contract = contract_of(contract, graphs)?;
    let cases = Cases::new();
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = (cores / names.len().max(1)).clamp(1, MOST_THREADS);
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || -> Outcome<()> {
        let mut studio = Studio::new(&contract, graphs, threads)?;
        while let Some(path) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
            let filled = studio.fill(path, &cases)?;
            eprintln_done(path);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((path.clone(), filled));
        }
        Ok(())
    };
    let workers = cores.div_ceil(threads).min(names.len());
    thread::scope(|scope| -> Outcome<()> {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|_| Err("a thread panicked".into())))
    })?;
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by(|a, b| a.0.cmp(&b.0));
    let done: Vec<Filled> = done.into_iter().map(|(_, filled)| filled).collect();
    print(&cases, &done, &contract);
    fs::create_dir_all(out)?;
    Ok(fs::write(out.join("sheet.png"), encode(&sheet(&done)?, &EncodeOptions::new(Format::Png))?)?)
}

/// The photographs of a folder, in their order.
pub(super) fn photographs(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut names: Vec<PathBuf> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Outcome<_>>()?;
    names.retain(|path| path.to_string_lossy().ends_with("_img.png"));
    names.sort();
    Ok(names)
}

/// The small network's contract: the big one's, but for sizes, scale and ids.
pub(super) fn contract_of(big: &LatentContract, graphs: &Path) -> Outcome<LatentContract> {
    Ok(LatentContract {
        tile_side: SIDE,
        latent_scale: fs::read_to_string(graphs.join("scale"))?.trim().parse()?,
        conditional_ids: vec![IDS[0]],
        unconditional_ids: vec![IDS[1]],
        ..big.clone()
    })
}

/// Work takes minutes, and its tables come at the end.
#[expect(clippy::print_stderr, reason = "for whoever waits")]
fn eprintln_done(path: &Path) {
    eprintln!("{}", path.display());
}

/// The networks of one thread.
pub(super) struct Studio {
    pub(super) model: LatentDiffusion<Overheard>,
    pub(super) lite: SinglePass<OrtSession>,
    denoised: Rc<RefCell<(Vec<f32>, usize)>>,
    decoded: Rc<RefCell<(Vec<f32>, usize)>>,
}

impl Studio {
    pub(super) fn new(contract: &LatentContract, graphs: &Path, threads: usize) -> Outcome<Self> {
        let library =
            env::var_os("BRUSHAWAY_ORT_LIB").map(PathBuf::from).ok_or("BRUSHAWAY_ORT_LIB names no library")?;
        let session =
            |path: PathBuf| -> Outcome<OrtSession> { Ok(OrtSession::load(&library, &fs::read(path)?, threads)?) };
        let heard = |name: &str| -> Outcome<Overheard> {
            Ok(Overheard { session: session(graphs.join(name))?, heard: Rc::default() })
        };
        let graphs = Graphs {
            encoder: heard("encoder.onnx")?,
            denoiser: heard("denoiser.onnx")?,
            decoder: heard("decoder.onnx")?,
        };
        let (denoised, decoded) = (Rc::clone(&graphs.denoiser.heard), Rc::clone(&graphs.decoder.heard));
        let catalog = Catalog::shipped()?;
        let lite = catalog.models.iter().find_map(|model| model.single_pass().filter(|(file, _)| file.hub.is_none()));
        let (file, single) = lite.ok_or("no model is built in")?;
        let lite = SinglePass::new(session(Path::new("extension").join(&file.path))?, single.clone());
        Ok(Self { model: LatentDiffusion::new(graphs, contract.clone()), lite, denoised, decoded })
    }

    fn fill(&mut self, path: &Path, cases: &Cases) -> Outcome<Filled> {
        let mut tile = tile(path)?;
        let run = Always(u64::from(path.to_string_lossy().bytes().map(u32::from).sum::<u32>()));
        let draft = within(&tile, &pollster::block_on(self.lite.fill(&tile, &run))?);
        tile.start = Some(Start::Draft(draft.clone()));
        let mut fills = Vec::new();
        for case in &cases.all {
            self.model.options = case.options;
            self.denoised.borrow_mut().1 = 0;
            let picture = within(&tile, &pollster::block_on(self.model.fill(&tile, &run))?);
            let (latent, rows) = (self.decoded.borrow().0.clone(), self.denoised.borrow().1);
            fills.push(Fill { latent, picture, rows });
        }
        Ok(Filled { tile, draft, fills })
    }
}

fn tile(path: &Path) -> Outcome<Tile> {
    let size = Size::square(SIDE)?;
    let small = |path: &Path| -> Outcome<Image> {
        let image = decode(&fs::read(path)?, Limits::default())?.image;
        Ok(resample(&image, Window::scaled(image.size().bounds(), image.size(), image.size()), size)?)
    };
    let image = planes::from_image(&small(path)?)?;
    let mask = small(Path::new(&path.to_string_lossy().replace("_img.png", "_mask.png")))?;
    let coverage: Vec<u8> = mask.as_bytes().chunks_exact(Image::CHANNELS).map(|pixel| pixel[0]).collect();
    Ok(Tile { image, mask: Mask::from_fn(size, |x, y| coverage[(y * SIDE + x) as usize] > 127), start: None })
}

/// The photograph, filled in the hole.
fn within(tile: &Tile, fill: &Rgb<Unit>) -> Rgb<Unit> {
    let mut picture = tile.image.clone();
    let area = tile.size().area();
    for (picture, fill) in picture.as_mut_slice().chunks_exact_mut(area).zip(fill.as_slice().chunks_exact(area)) {
        for ((picture, fill), &hole) in picture.iter_mut().zip(fill).zip(tile.mask.as_bytes()) {
            *picture = if hole == Mask::FILL { *fill } else { *picture };
        }
    }
    picture
}

/// What is told of one case, over all photographs.
struct Told {
    /// Root mean square in the cells of the hole, in deviations of latents.
    error: f32,
    /// Mean difference to the photograph in the hole, in percent.
    off: f32,
    /// How much neighbouring pixels of the hole differ, as a share of the case that it is compared with.
    sharpness: f32,
    rows: f32,
}

fn tell(cases: &Cases, done: &[Filled], at: usize, contract: &LatentContract) -> Told {
    let against = cases.all[at].against;
    let (mut square, mut cells, mut off, mut sharp, mut sharp_best, mut rows) = (0.0, 0, 0.0, 0.0, 0.0, 0);
    for filled in done {
        let (fill, best) = (&filled.fills[at], &filled.fills[against]);
        let hole: Vec<bool> = cells_of(&filled.tile.mask, contract.cell_side as usize);
        for (i, (a, b)) in fill.latent.iter().zip(&best.latent).enumerate() {
            if hole[i % hole.len()] {
                square += ((a - b) * contract.latent_scale).powi(2);
                cells += 1;
            }
        }
        off += difference(&filled.tile, &fill.picture);
        sharp += slope(&filled.tile, &fill.picture);
        sharp_best += slope(&filled.tile, &best.picture);
        rows += fill.rows;
    }
    let count = done.len() as f32;
    Told {
        error: (square / cells as f32).sqrt(),
        off: 100.0 * off / count,
        sharpness: sharp / sharp_best,
        rows: rows as f32 / count,
    }
}

fn cells_of(mask: &Mask, cell: usize) -> Vec<bool> {
    let side = mask.size().width() as usize / cell;
    (0..side * side).map(|i| mask.is_fill((i % side * cell) as u32, (i / side * cell) as u32)).collect()
}

/// Mean difference to the photograph, in the hole.
fn difference(tile: &Tile, fill: &Rgb<Unit>) -> f32 {
    let sum: f32 = fill.as_slice().iter().zip(tile.image.as_slice()).map(|(a, b)| (a - b).abs()).sum();
    sum / (3 * tile.mask.count()) as f32
}

/// Mean difference of neighbours that are both in the hole, of the green plane.
fn slope(tile: &Tile, fill: &Rgb<Unit>) -> f32 {
    let (plane, side) = (fill.plane(1), SIDE as usize);
    let inside = |i: usize| tile.mask.as_bytes()[i] == Mask::FILL;
    let pairs =
        (0..side * side - side).filter(|&i| i % side + 1 < side && inside(i) && inside(i + 1) && inside(i + side));
    let (sum, count) = pairs.fold((0.0, 0), |(sum, count), i| {
        (sum + (plane[i] - plane[i + 1]).abs() + (plane[i] - plane[i + side]).abs(), count + 1)
    });
    sum / count.max(1) as f32
}

fn print(cases: &Cases, done: &[Filled], contract: &LatentContract) {
    let tell = |at| tell(cases, done, at, contract);
    println!("### The small network, {} photographs\n", done.len());
    println!("Error (and sharpness) against 200 steps of DPM-Solver++ Karras; how far from the photograph, in %.\n");
    print_head("steps", &SamplerKind::ALL.map(|kind| kind.to_string()));
    for (i, steps) in STEPS.iter().enumerate() {
        let cells = [0, 1, 2, 3].map(|kind| {
            let told = tell(Cases::of(kind, i));
            format!("{:.3} ({:.2}); {:.2}", told.error, told.sharpness, told.off)
        });
        print_row(&steps.to_string(), &cells);
    }
    println!();
    print_head("other", &["error".to_owned(), "sharpness".to_owned(), "off in %".to_owned()]);
    let others = [
        ("200 steps of DPM-Solver++ Karras", BEST),
        ("100 steps of DPM-Solver++", OTHERS),
        ("100 steps of UniPC", OTHERS + 1),
        ("DDIM as published, against DDIM from 900 in 91 steps", Cases::published()),
        ("DDIM in 10 steps from 900, against the same", Cases::published() + 1),
        ("DPM-Solver++ Karras, 7 of 8 steps, against the same", Cases::published() + 2),
        ("DPM-Solver++ Karras, 9 of 10 steps, against the same", Cases::published() + 3),
    ];
    for (name, at) in others {
        let told = tell(at);
        print_row(name, &[format!("{:.3}", told.error), format!("{:.2}", told.sharpness), format!("{:.2}", told.off)]);
    }
    println!("\nGuidance in an interval; DPM-Solver++, 10 steps, against 60 of Karras with the same interval.\n");
    let names = ["error", "off in %", "off of the 60", "rows"].map(str::to_owned);
    print_head("interval", &names);
    for (i, (name, ..)) in INTERVALS.iter().enumerate() {
        let (few, many) = (tell(LIMITED + INTERVALS.len() + i), tell(LIMITED + i));
        let cells = [few.error, few.off, many.off].map(|number| format!("{number:.3}"));
        print_row(name, &[&cells[..], &[format!("{:.0}", few.rows)]].concat());
    }
}

/// A row a photograph: the photograph, the draft, few steps and many.
fn sheet(done: &[Filled]) -> Outcome<Image> {
    let at = |kind, steps: u32| Cases::of(kind, STEPS.iter().position(|&s| s == steps).unwrap_or_default());
    let shown = [at(2, 6), at(1, 10), at(3, 10), at(2, 10), Cases::published(), BEST];
    let columns = shown.len() as u32 + 2;
    let mut sheet = Image::filled(Size::new(columns * SIDE, done.len() as u32 * SIDE)?, [0, 0, 0, 255]);
    for (row, filled) in (0..).zip(done) {
        let fills = shown.iter().map(|&at| &filled.fills[at].picture);
        for (column, picture) in (0..).zip([&filled.tile.image, &filled.draft].into_iter().chain(fills)) {
            sheet.paste(&planes::into_image(picture, None)?, column * SIDE, row * SIDE);
        }
    }
    Ok(sheet)
}
