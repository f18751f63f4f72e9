//! The ways to run a model, and what is told of each.

use std::cell::RefCell;

use brushaway::{
    geometry::Size,
    mask::Mask,
    models::{
        Beginning, Cancelled, Catalog, DiffusionOptions, FileSpec, FixedRows, Graphs, GuidedInterval, HubSpec,
        Inpainter as _, LatentContract, LatentDiffusion, Network, Run, SamplerKind, SamplerOptions, Session, Start,
        Tensor, Tile, difference, standard_normal,
    },
    protocol::Precision,
    store::{self, Control, Disk as _, FetchOptions, Halt, Progress, StoreError},
    tensor::Rgb,
};
use brushaway_browser::{
    clock,
    models::{Gpu, GraphSession, Place, Published, load_runtime},
    platform,
    store::{CacheDisk, FetchNet, wanted},
};

use futures_util::future::LocalBoxFuture;

use crate::{
    Difference, Picture, Report, Way, built_in, finish,
    page::Failed,
    port::{self, PortSession},
    timed::Timed,
};

/// The model's files, under the names that their publisher gave them.
const FILES: [&str; 3] = ["vae_encoder.onnx", "unet.onnx", "vae_decoder.onnx"];

/// As the port samples: 19 steps of DDIM.
const PORT_OPTIONS: DiffusionOptions = DiffusionOptions {
    sampler: SamplerOptions { kind: SamplerKind::Ddim, steps: 20, strength: 0.99 },
    guidance: 2.0,
    guided: GuidedInterval { from: 0, to: u32::MAX },
};

type Model<S> = LatentDiffusion<Timed<S>>;

/// Nobody watches.
pub(crate) struct Unwatched;

impl Run for Unwatched {
    fn step(&self, _done: usize, _total: usize) -> Result<(), Cancelled> {
        Ok(())
    }
}

impl Control for Unwatched {
    fn step(&self, _progress: Progress) -> Result<(), Halt> {
        Ok(())
    }

    fn wait<'a>(&'a self, retry: u32, _error: &'a StoreError) -> LocalBoxFuture<'a, Result<(), Halt>> {
        Box::pin(async move {
            clock::sleep_millis(1000 * retry).await;
            Ok(())
        })
    }
}

/// Runs a model one way.
pub(crate) async fn run(way: Way, runs: usize, origin: &str) -> Result<Report, Failed> {
    let contract = LatentContract { try_halves: matches!(way, Way::Halves | Way::Compared), ..contract()? };
    let mut report = Report { browser: platform::browser_name(), ..Report::default() };
    let gpu = Gpu::request(true).await.map_err(Failed::of("device"))?;
    gpu.adapter_name().clone_into(&mut report.adapter);
    report.features = gpu.features();
    if way == Way::Port {
        port_way(&contract, runs, origin, &mut report).await?;
        return Ok(report);
    }
    if way == Way::BuiltIn {
        built_in::run(runs, origin, gpu, &mut report).await?;
        return Ok(report);
    }
    if way == Way::Finish {
        finish::run(runs, gpu, &mut report).await?;
        return Ok(report);
    }
    load_runtime(&format!("{origin}/ort/")).await.map_err(Failed::of("runtime"))?;
    let disk = CacheDisk::open().await.map_err(Failed::of("disk"))?;
    let files = FILES.map(|path| file(origin, path));
    let started = clock::now_millis();
    for file in &files {
        bring(file, &disk).await?;
    }
    report.stored_millis = Some(clock::now_millis() - started);
    let place = Place::Gpu(gpu);
    // It stays, as there.
    let _built_in = built_in::session(origin, &place).await?;
    if way == Way::Compared {
        report.differences = compared(&contract, &files, &disk, &place).await?;
        return Ok(report);
    }
    let (mut model, millis) = sessions(&contract, &files, &disk, &place).await?;
    report.sessions_millis = millis;
    if way == Way::First {
        // What was found is kept in the browser's storage, which comes to its disk some seconds later.
        clock::sleep_millis(10_000).await;
        return Ok(report);
    }
    let fill = pictures(&mut model, runs, &mut report).await?;
    let reference = disk.read(&format!("{origin}/pictures/port"), 0..4 * fill.len() as u64).await;
    let reference = reference.map_err(Failed::of("the port's picture"))?;
    let reference = reference.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    let what = format!("picture after 19 steps, {way:?} from the port");
    report.differences.push(Difference { what, relative: difference(&[picture(fill)], &[picture(reference)]) });
    Ok(report)
}

fn contract() -> Result<LatentContract, Failed> {
    let catalog = Catalog::shipped().map_err(Failed::of("catalogue"))?;
    let networks = catalog.models.into_iter().map(|model| model.network);
    let mut contracts = networks.filter_map(|network| match network {
        Network::LatentDiffusion { contract, .. } => Some(*contract),
        Network::SinglePass { .. } => None,
    });
    contracts.next().ok_or_else(|| Failed("no model that samples".to_owned()))
}

fn file(origin: &str, path: &str) -> FileSpec {
    let hub = HubSpec { host: origin.to_owned(), repository: "local/graphs".to_owned(), revision: "main".to_owned() };
    FileSpec { hub: Some(hub), path: path.to_owned(), len_bytes: None, about_bytes: None, sha256: None }
}

/// Fetches a file unless it is there, as the extension does.
async fn bring(file: &FileSpec, disk: &CacheDisk) -> Result<(), Failed> {
    let spec = wanted(file, None).map_err(|fault| Failed(fault.detail))?;
    let net = FetchNet { stall_millis: 20_000 };
    let fetched = store::fetch(&spec, FetchOptions::default(), &net, disk, &Unwatched).await;
    fetched.map(drop).map_err(Failed::of(&file.path))
}

/// All three, and how long each took.
async fn sessions(
    contract: &LatentContract,
    files: &[FileSpec; 3],
    disk: &CacheDisk,
    place: &Place,
) -> Result<(Model<FixedRows<GraphSession>>, Vec<f64>), Failed> {
    let (mut started, mut millis) = (clock::now_millis(), Vec::new());
    let mut lap = || {
        let before = std::mem::replace(&mut started, clock::now_millis());
        millis.push(started - before);
    };
    let open = async |file| Published::open(file, disk).await.map_err(Failed::of("open"));
    let session = async |file| {
        let session = open(file).await?.session(Some(1), place).await.map_err(Failed::of("session"))?;
        Ok::<_, Failed>(Timed::new(FixedRows::new(session, None)))
    };
    let encoder = session(&files[0]).await?;
    lap();
    // As if they had been found good enough: what they give is told beside what they save.
    let known = Some(Precision::Halves { difference: 0.0 });
    let denoiser = open(&files[1]).await?.denoiser(contract, place, known).await.map_err(Failed::of("session"))?;
    let denoiser = Timed::new(denoiser.session);
    lap();
    let decoder = session(&files[2]).await?;
    lap();
    Ok((LatentDiffusion::new(Graphs { encoder, denoiser, decoder }, contract.clone()), millis))
}

async fn port_way(contract: &LatentContract, runs: usize, origin: &str, report: &mut Report) -> Result<(), Failed> {
    port::set_up(&format!("{origin}/ort/"))?;
    let mut sessions = Vec::new();
    for path in FILES {
        let started = clock::now_millis();
        let file = port::file(&format!("{origin}/local/graphs/resolve/main/{path}")).await?;
        sessions.push(Timed::new(PortSession::create(&file).await?));
        report.sessions_millis.push(clock::now_millis() - started);
    }
    let [encoder, denoiser, decoder] =
        sessions.try_into().map_err(|_sessions| Failed("three sessions were to come".to_owned()))?;
    let mut model = LatentDiffusion::new(Graphs { encoder, denoiser, decoder }, contract.clone());
    let fill = pictures(&mut model, runs, report).await?;
    let bytes = fill.iter().flat_map(|value| value.to_le_bytes()).collect();
    let disk = CacheDisk::open().await.map_err(Failed::of("disk"))?;
    disk.put(&format!("{origin}/pictures/port"), bytes).await.map_err(Failed::of("keep a picture"))
}

/// Fills a tile several times; gives one that began from noise, which is the same whichever way it is made.
async fn pictures<S: Session>(model: &mut Model<S>, runs: usize, report: &mut Report) -> Result<Vec<f32>, Failed> {
    let tile = tile()?;
    let defaults = model.options;
    // With a draft to begin from there are two pictures to encode. The port encodes two as well, and needs one of them.
    let drafted = Tile { start: Some(Start::Draft(tile.image.clone())), ..tile.clone() };
    model.options = PORT_OPTIONS;
    let fill = model.fill(&tile, &Unwatched).await.map_err(Failed::of("fill"))?.into_vec();
    report.pictures = filled(model, &drafted, runs).await?.0;
    model.options = defaults;
    // If the extension samples as the port does, once is enough.
    if defaults != PORT_OPTIONS {
        let (pictures, on_card) = filled(model, &drafted, runs).await?;
        report.default_pictures = pictures;
        if model.graphs.denoiser.denoising().is_some() {
            model.graphs.denoiser.through_processor = true;
            let (pictures, through_processor) = filled(model, &drafted, runs).await?;
            model.graphs.denoiser.through_processor = false;
            report.through_processor = pictures;
            let what = "picture with its latent on the card, from one with each step through the processor".to_owned();
            let relative = difference(&[picture(on_card)], &[picture(through_processor)]);
            report.differences.push(Difference { what, relative });
        }
    }
    Ok(fill)
}

/// Fills a tile as often as asked, after a time that does not count; and its last fill.
async fn filled<S: Session>(
    model: &mut Model<S>,
    tile: &Tile,
    runs: usize,
) -> Result<(Vec<Picture>, Vec<f32>), Failed> {
    let (mut pictures, mut fill) = (Vec::new(), Vec::new());
    for _ in 0..=runs {
        let graphs = &mut model.graphs;
        drop((graphs.encoder.take(), graphs.denoiser.take(), graphs.decoder.take()));
        let started = clock::now_millis();
        fill = model.fill(tile, &Unwatched).await.map_err(Failed::of("fill"))?.into_vec();
        let total = clock::now_millis() - started;
        let graphs = &mut model.graphs;
        let (encoder, denoiser, decoder) = (graphs.encoder.take(), graphs.denoiser.take(), graphs.decoder.take());
        pictures.push(Picture { total, encoder, denoiser, decoder });
    }
    // The first one compiles shaders.
    pictures.remove(0);
    Ok((pictures, fill))
}

/// A picture of waves with a hole in it.
pub(crate) fn tile() -> Result<Tile, Failed> {
    let size = Size::square(512).map_err(Failed::of("size"))?;
    let wave = |at: u32| (f64::from(at) * 0.05).sin();
    let value = |channel: u32, x: u32, y: u32| 0.5 + 0.25 * (wave(x * (channel + 1)) + wave(y * (3 - channel)));
    let places = (0..3).flat_map(|c| (0..512).flat_map(move |y| (0..512).map(move |x| (c, x, y))));
    let pixels = places.map(|(c, x, y)| value(c, x, y) as f32).collect();
    let image = Rgb::from_vec(size, pixels).map_err(Failed::of("picture"))?;
    let mask = Mask::from_fn(size, |x, y| (160..352).contains(&x) && (160..352).contains(&y));
    Ok(Tile { image, mask, start: None })
}

fn picture(values: Vec<f32>) -> Tensor {
    Tensor::f32("picture", [values.len()], values)
}

/// What each rewritten graph gives, beside what the published one gives, on the same card.
async fn compared(
    contract: &LatentContract,
    files: &[FileSpec; 3],
    disk: &CacheDisk,
    place: &Place,
) -> Result<Vec<Difference>, Failed> {
    let found = RefCell::new(Vec::new());
    let note = |what: &str, one: &[Tensor], other: &[Tensor]| {
        found.borrow_mut().push(Difference { what: what.to_owned(), relative: difference(one, other) });
    };
    let failed = Failed::of("compare");
    let names = &contract.names;
    let side = (contract.tile_side / contract.cell_side) as usize;
    let image = Tensor::f32(&names.encoder_input, [1, 3, 512, 512], standard_normal(1, 3 * 512 * 512));
    let shape = [1, contract.latent_channels, side, side];
    let latent = Tensor::f32(&names.decoder_input, shape, standard_normal(2, shape.iter().product()));
    for (file, input, what) in [(&files[0], image, "encoder"), (&files[2], latent, "decoder")] {
        let file = Published::open(file, disk).await.map_err(Failed::of("open"))?;
        let published = file.as_published(place).await.map_err(Failed::of(what))?.run(vec![input.clone()]).await;
        let rewritten = file.session(Some(1), place).await.map_err(Failed::of(what))?.run(vec![input]).await;
        note(&format!("{what}, rewritten"), &rewritten.map_err(&failed)?, &published.map_err(&failed)?);
    }
    let file = Published::open(&files[1], disk).await.map_err(Failed::of("open"))?;
    let trials = contract.trials().map(Beginning::into_inputs);
    let mut published = Vec::new();
    {
        let mut session = file.as_published(place).await.map_err(Failed::of("denoiser"))?;
        for inputs in &trials {
            published.push(session.run(inputs.clone()).await.map_err(&failed)?);
        }
    }
    for (try_halves, bits) in [(false, 32), (true, 16)] {
        clock::sleep_millis(100).await;
        let contract = LatentContract { try_halves, ..contract.clone() };
        let mut denoiser = file.denoiser(&contract, place, None).await.map_err(Failed::of("denoiser"))?;
        if try_halves && !matches!(denoiser.precision, Some(Precision::Halves { .. })) {
            return Err(Failed(format!("not with 16 bits: {:?}", denoiser.precision)));
        }
        for ((inputs, published), at) in trials.iter().zip(&published).zip(["beginning", "middle", "end"]) {
            let given = denoiser.session.run(inputs.clone()).await.map_err(&failed)?;
            note(&format!("denoiser, weights of {bits} bits, {at}"), &given, published);
        }
    }
    Ok(found.into_inner())
}
