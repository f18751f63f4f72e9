//! The steps after the network, on the graphics card and on the processor of the same machine.

#[path = "../../../benches/picture/mod.rs"]
mod picture;

use brushaway::{
    geometry::Size,
    image::Image,
    imaging::{
        card::Card,
        crop::Square,
        morphology::dilate,
        planes,
        resize::{Window, resample},
        seam::match_tone_by,
        texture::{Grain, TextureStep},
    },
    mask::Mask,
    runtime::card::WgpuCard,
    tensor::{Rgb, Unit},
};
use brushaway_browser::{clock, models::Gpu};

use crate::{Report, Step, page::Failed};

/// Side of the built-in model's best tile.
const SIDE: u32 = 512;

/// So many pixels of the picture to one of the tile.
const LARGER: u32 = 4;

/// As the catalogue has it for the built-in model.
const STEP: TextureStep = TextureStep { low_pass_sigma_px: 2.0, kept_detail: 0.35 };

/// A tile, what a network made of it, and the picture that it shows.
struct Scene {
    source: Rgb<Unit>,
    fill: Rgb<Unit>,
    painted: Mask,
    hole: Mask,
    large: Image,
}

/// Takes each step on either, as often as is asked for.
pub(crate) async fn run(runs: usize, gpu: Gpu, report: &mut Report) -> Result<(), Failed> {
    let scene = Scene::new()?;
    let card = gpu.card().await.map_err(Failed::of("kernels"))?;
    let tone = async |card: Option<&dyn Card>| {
        let mut fill = scene.fill.clone();
        let masks = (&scene.hole, &scene.painted);
        match_tone_by(card, &mut fill, &scene.source, masks).await.map_err(Failed::of("tone"))?;
        Ok(fill.as_slice().iter().map(|value| value * 255.0).collect())
    };
    report.steps.push(step("tone matched, tile of 512", runs, &card, tone).await?);
    for (what, scale) in [("grain, tile of 512", 1), ("grain, at four times the tile's scale", LARGER)] {
        report.steps.push(step(what, runs, &card, async |card| scene.textured(card, scale).await).await?);
    }
    let found = async |card: Option<&dyn Card>| scene.grain(card).await.map(|_grain| Vec::new());
    report.steps.push(step("of either: patches found", runs, &card, found).await?);
    Ok(())
}

/// Times a step, whose result is in levels, on the card and on the processor. The first run of each does not count.
async fn step(
    what: &str,
    runs: usize,
    card: &WgpuCard,
    take: impl AsyncFn(Option<&dyn Card>) -> Result<Vec<f32>, Failed>,
) -> Result<Step, Failed> {
    let timed = async |card: Option<&dyn Card>| {
        let mut levels = take(card).await?;
        let mut laps = Vec::new();
        while laps.len() < runs {
            let started = clock::now_millis();
            levels = take(card).await?;
            laps.push(clock::now_millis() - started);
        }
        Ok((levels, laps))
    };
    let (on_card, gpu_millis) = timed(Some(card)).await?;
    let (on_processor, cpu_millis) = timed(None).await?;
    let apart = on_card.iter().zip(&on_processor).map(|(one, other)| (one - other).abs());
    let levels_apart = apart.reduce(f32::max);
    Ok(Step { what: what.to_owned(), gpu_millis, cpu_millis, levels_apart })
}

impl Scene {
    fn new() -> Result<Self, Failed> {
        let size = |side| Size::square(side).map_err(Failed::of("size"));
        let tile = size(SIDE)?;
        let (picture, large) = (picture(tile)?, picture(size(SIDE * LARGER)?)?);
        // As a network fills: in the right colours but for their brightness, out of focus.
        let small = resized(&picture, size(SIDE / 8)?)?;
        let mut fill = floats(&resized(&small, tile)?)?;
        fill.as_mut_slice().iter_mut().for_each(|value| *value *= 0.98);
        let painted = disc(tile);
        let hole = dilate(&painted, 6);
        Ok(Self { source: floats(&picture)?, fill, painted, hole, large })
    }

    async fn grain(&self, card: Option<&dyn Card>) -> Result<Grain, Failed> {
        let found = Grain::find_by(card, &self.fill, &self.source, &self.painted, STEP).await;
        found.map_err(Failed::of("search"))?.ok_or_else(|| Failed("too little is known".to_owned()))
    }

    /// The whole step for texture.
    async fn textured(&self, card: Option<&dyn Card>, scale: u32) -> Result<Vec<f32>, Failed> {
        let sharp = if scale == 1 {
            &planes::into_image(&self.source, None).map_err(Failed::of("picture"))?
        } else {
            &self.large
        };
        let square = Square::around(sharp.size().bounds(), sharp.size().width(), sharp.size());
        let hole = disc(sharp.size()).bounds().ok_or_else(|| Failed("no hole".to_owned()))?;
        let grain = self.grain(card).await?;
        let painted = grain.paint_by(card, (&self.fill, &self.painted, None), (sharp, square), hole).await;
        Ok(painted.map_err(Failed::of("grain"))?.into_bytes().into_iter().map(f32::from).collect())
    }
}

/// As the benches of the engine alone have it.
fn picture(size: Size) -> Result<Image, Failed> {
    Image::from_rgba(size, picture::pixels(size.width(), size.height())).map_err(Failed::of("picture"))
}

/// A disc in the middle that covers about 15% of a square.
fn disc(size: Size) -> Mask {
    let (width, height) = size.into();
    let radius = width * 22 / 100;
    Mask::from_fn(size, |x, y| x.abs_diff(width / 2).pow(2) + y.abs_diff(height / 2).pow(2) < radius * radius)
}

fn resized(image: &Image, size: Size) -> Result<Image, Failed> {
    let whole = Window::scaled(image.size().bounds(), image.size(), image.size());
    resample(image, whole, size).map_err(Failed::of("resize"))
}

fn floats(image: &Image) -> Result<Rgb<Unit>, Failed> {
    planes::from_image(image).map_err(Failed::of("planes"))
}
