//! A picture with grain, a hole in it, and a network that fills it too smoothly and a little too dark.

use brushaway::{
    engine::{JobOptions, erase},
    geometry::Size,
    image::Image,
    imaging::{
        card::Card,
        planes,
        resize::{Window, resample},
        texture::TextureStep,
    },
    mask::Mask,
    models::{Backend, Cancelled, InferError, Inpainter, Run, Tile, TileSpec},
    tensor::{Rgb, Unit},
};
use futures_util::future::LocalBoxFuture;

/// Side of the network's tile.
pub(crate) const SIDE: u32 = 128;

pub(crate) const STEP: TextureStep = TextureStep { low_pass_sigma_px: 2.0, kept_detail: 0.35 };

/// Slopes, waves and grain, no two places alike.
pub(crate) fn picture(size: Size) -> Image {
    let mut seed = 5_u32;
    let mut grain = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as f32 / (1 << 24) as f32 * 40.0
    };
    let (width, height) = size.into();
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x as f32, y as f32)));
    let pixels = places.flat_map(|(x, y)| {
        let wave = ((x / 17.0).sin() + (y / 13.0).cos() + ((x + 2.0 * y) / 90.0).sin()) * 20.0;
        let base = 90.0 + wave + y * 30.0 / height as f32 + grain();
        [base, base * 0.9 + 10.0, 60.0 + base * 0.5, 255.0].map(|value| value as u8)
    });
    Image::from_rgba(size, pixels.collect()).unwrap()
}

/// A disc in the middle.
pub(crate) fn disc(size: Size) -> Mask {
    let (width, height) = size.into();
    let radius = width * 14 / 100;
    Mask::from_fn(size, |x, y| x.abs_diff(width / 2).pow(2) + y.abs_diff(height / 2).pow(2) < radius * radius)
}

/// In the right colours but for their brightness, and out of focus.
pub(crate) fn blurred(image: &Rgb<Unit>) -> Rgb<Unit> {
    let picture = planes::into_image(image, None).unwrap();
    let whole = |size: Size| Window::scaled(size.bounds(), size, size);
    let size = picture.size();
    let small = Size::square(size.width() / 8).unwrap();
    let small = resample(&picture, whole(size), small).unwrap();
    let mut fill = planes::from_image(&resample(&small, whole(small.size()), size).unwrap()).unwrap();
    fill.as_mut_slice().iter_mut().for_each(|value| *value *= 0.97);
    fill
}

struct Blurring(TileSpec);

impl Inpainter for Blurring {
    fn spec(&self) -> &TileSpec {
        &self.0
    }

    fn backend(&self) -> Backend {
        Backend::Native
    }

    fn fill<'a>(&'a mut self, tile: &'a Tile, _: &'a dyn Run) -> LocalBoxFuture<'a, Result<Rgb<Unit>, InferError>> {
        Box::pin(async move { Ok(blurred(&tile.image)) })
    }
}

struct Always;

impl Run for Always {
    fn step(&self, _: usize, _: usize) -> Result<(), Cancelled> {
        Ok(())
    }
}

/// The picture without the disc, `scale` times as large as the network's tile.
pub(crate) fn erased(scale: u32, card: Option<&dyn Card>) -> Image {
    let mut picture = picture(Size::square(SIDE * scale).unwrap());
    let mask = disc(picture.size());
    let mut model = Blurring(TileSpec { sides: vec![SIDE] });
    // More than the usual, so that the tile shows all of the picture.
    let options = JobOptions { texture: Some(STEP), context: 4.0, ..JobOptions::default() };
    let mut unseen = |_| ();
    let erasing = erase(&picture, &mask, &mut model, card, &options, &Always, &mut unseen);
    let outcome = pollster::block_on(erasing).unwrap();
    outcome.apply(&mut picture);
    picture
}
