//! How much memory a large picture takes, from file to file: all that the program asks for is counted.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(unsafe_code, reason = "an allocator can be written in no other way")]
#![expect(clippy::print_stdout, reason = "the figures are for docs/formats.md")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use brushaway::{
    engine::{JobOptions, erase},
    geometry::{Point, Size},
    image::Image,
    imaging::{
        codec::{EncodeOptions, Format, Limits, decode, encode},
        texture::TextureStep,
    },
    mask::{Mask, Stroke, Tool},
    models::{Backend, Cancelled, InferError, Inpainter, Run, Tile, TileSpec},
    tensor::{Rgb, Unit},
};
use futures_util::future::LocalBoxFuture;

/// The system's allocator, with a count of what is taken and of the most that ever was.
struct Counting;

static TAKEN: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on as it came; counting changes nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        MOST.fetch_max(TAKEN.fetch_add(layout.size(), Relaxed) + layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        MOST.fetch_max(TAKEN.fetch_add(layout.size(), Relaxed) + layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        TAKEN.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Does `work`, and tells the most bytes a pixel that were taken meanwhile, with what was there before.
fn most<T>(pixels: usize, work: impl FnOnce() -> T) -> (T, f64) {
    MOST.store(TAKEN.load(Relaxed), Relaxed);
    let made = work();
    (made, MOST.load(Relaxed) as f64 / pixels as f64)
}

/// Fills with what is there.
struct Echo(TileSpec);

impl Inpainter for Echo {
    fn spec(&self) -> &TileSpec {
        &self.0
    }

    fn backend(&self) -> Backend {
        Backend::Native
    }

    fn fill<'a>(&'a mut self, tile: &'a Tile, _: &'a dyn Run) -> LocalBoxFuture<'a, Result<Rgb<Unit>, InferError>> {
        Box::pin(async move { Ok(tile.image.clone()) })
    }
}

struct Always;

impl Run for Always {
    fn step(&self, _: usize, _: usize) -> Result<(), Cancelled> {
        Ok(())
    }
}

/// Slopes and grain, about as hard to compress as a photograph.
fn picture(size: Size) -> Image {
    let mut random = 1_u32;
    let pixel = |i: usize| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let base = (i % size.width() as usize * 160 / size.width() as usize) as u8 + (random >> 29) as u8;
        [base, base / 2 + 40, 200 - base, 255]
    };
    Image::from_rgba(size, (0..size.area()).flat_map(pixel).collect()).unwrap()
}

/// Bytes a pixel at most: 1.5 GB for the 100 megapixels that are allowed.
const MOST_BYTES_A_PIXEL: f64 = 15.0;

fn size() -> Size {
    Size::new(5_000, 4_000).unwrap()
}

/// Opens, erases a fifteenth of the picture, and saves; tells the most that each took.
fn steps(file: Vec<u8>, format: Format) -> [f64; 3] {
    let pixels = size().area();
    let (decoded, opening) = most(pixels, || decode(&file, Limits::default()).unwrap());
    drop(file);
    let mut source = decoded.image;
    let mut mask = Mask::empty(size());
    let points = vec![Point::new(1_500.0, 1_500.0), Point::new(2_800.0, 2_000.0)];
    mask.apply(&Stroke::new(Tool::Brush, 400.0, points));
    let texture = Some(TextureStep { low_pass_sigma_px: 2.0, kept_detail: 0.35 });
    let options = JobOptions { preview: true, texture, ..JobOptions::default() };
    let mut model = Echo(TileSpec { sides: vec![256, 512] });
    let job = || pollster::block_on(erase(&source, &mask, &mut model, None, &options, &Always, &mut |_| ())).unwrap();
    let (outcome, erasing) = most(pixels, job);
    outcome.apply(&mut source);
    let (_, saving) = most(pixels, || encode(&source, &EncodeOptions::new(format)).unwrap());
    [opening, erasing, saving]
}

/// The kinds that take most to open.
fn hard_files() -> [(&'static str, Vec<u8>); 2] {
    let (width, height) = size().into();
    let picture = picture(size());
    let mut progressive = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut progressive, 90);
    encoder.set_progressive(true);
    let sides = (width as u16, height as u16);
    encoder.encode(picture.as_bytes(), sides.0, sides.1, jpeg_encoder::ColorType::Rgba).unwrap();
    let mut deep = Vec::new();
    let mut encoder = png::Encoder::new(&mut deep, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Sixteen);
    encoder.set_compression(png::Compression::Fast);
    let values = picture.as_bytes().chunks_exact(4).flat_map(|pixel| [pixel[0], 0, pixel[1], 0, pixel[2], 0]).collect();
    let values: Vec<u8> = values;
    encoder.write_header().unwrap().write_image_data(&values).unwrap();
    [("progressive JPEG", progressive), ("PNG of 16 bits", deep)]
}

#[test]
fn no_step_takes_more_than_it_may() {
    let mut told = Vec::new();
    for format in [Format::Jpeg, Format::Png, Format::WebP] {
        let file = encode(&picture(size()), &EncodeOptions::new(format)).unwrap();
        told.push((format.extension(), steps(file, format)));
    }
    for (kind, file) in hard_files() {
        let (_, opening) = most(size().area(), || decode(&file, Limits::default()).unwrap());
        told.push((kind, [opening, 0.0, 0.0]));
    }
    for (kind, steps) in &told {
        println!("{kind}: bytes a pixel to open, erase, save: {steps:.2?}");
    }
    let most = told.iter().flat_map(|(_, steps)| *steps).fold(0.0, f64::max);
    assert!(most <= MOST_BYTES_A_PIXEL, "{told:?}");
}
