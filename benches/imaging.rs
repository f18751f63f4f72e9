//! What the engine does to pixels around a model's run.
//!
//! Inputs are made by formula, so that two machines measure the same. A photograph of 12 megapixels is the size that a
//! phone takes; 512 is the side of the built-in model's tile.
#![expect(clippy::expect_used, reason = "a bench may")]
#![expect(missing_docs, reason = "the macro of criterion writes a public function")]

mod picture;

use std::hint::black_box;

use brushaway::{
    engine::{JobOptions, erase},
    geometry::{Rect, Size},
    image::Image,
    imaging::{
        codec::{EncodeOptions, Format, Limits, decode, encode},
        composite::composite,
        crop::Square,
        feather::Margin,
        morphology::dilate,
        planes,
        resize::{Window, resample, shrink_known},
        seam::match_tone,
        texture::{Grain, TextureStep, add_texture},
    },
    mask::Mask,
    models::{Backend, Cancelled, InferError, Inpainter, Run, Tile, TileSpec},
    tensor::{Rgb, Unit},
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::future::LocalBoxFuture;

const TEXTURE: TextureStep = TextureStep { low_pass_sigma_px: 2.0, kept_detail: 0.35 };

fn size(width: u32, height: u32) -> Size {
    Size::new(width, height).expect("sides are not zero")
}

fn picture(size: Size) -> Image {
    Image::from_rgba(size, picture::pixels(size.width(), size.height())).expect("four bytes a pixel")
}

/// A disc in the middle that covers about 15% of a square.
fn disc(size: Size) -> Mask {
    let (width, height) = size.into();
    let radius = size.width().min(size.height()) * 22 / 100;
    Mask::from_fn(size, |x, y| x.abs_diff(width / 2).pow(2) + y.abs_diff(height / 2).pow(2) < radius * radius)
}

/// The disc, and what a margin can add to it.
fn around(mask: &Mask, reach: u32) -> Rect {
    mask.bounds().expect("a disc").grown(reach, mask.size())
}

fn masks(c: &mut Criterion) {
    for (name, side, reach) in [("512", 512, 6), ("2048", 2048, 12), ("4000", 4000, 25)] {
        let mask = disc(size(side, side));
        let rect = around(&mask, reach);
        let mut group = c.benchmark_group("masks");
        group.throughput(Throughput::Elements(rect.size.area() as u64));
        group.bench_with_input(BenchmarkId::new("dilate", name), &mask, |b, mask| b.iter(|| dilate(mask, reach)));
        let margin = Margin { grow_px: reach, feather_px: reach * 2 / 3 };
        group.bench_with_input(BenchmarkId::new("feather", name), &mask, |b, mask| b.iter(|| margin.matte(mask, rect)));
        let source = picture(mask.size());
        let fill = Image::filled(rect.size, [90, 120, 60, 255]);
        let matte = margin.matte(&mask, rect).expect("sizes agree");
        group.bench_with_input(BenchmarkId::new("composite", name), &source, |b, source| {
            b.iter(|| composite(source, &fill, &matte, rect));
        });
        group.finish();
    }
}

fn resizing(c: &mut Criterion) {
    let mut group = c.benchmark_group("resize");
    let tile = size(512, 512);
    for side in [900, 2048, 3000] {
        let source = picture(size(side, side));
        let mask = disc(source.size());
        let square = Square::around(source.size().bounds(), side, source.size());
        group.throughput(Throughput::Elements(source.size().area() as u64));
        group.bench_with_input(BenchmarkId::new("to_tile", side), &source, |b, source| {
            b.iter(|| shrink_known(source, &mask, square, tile));
        });
        let (small, hole) = (picture(tile), around(&mask, 8));
        let window = Window::scaled(hole, source.size(), tile);
        group.throughput(Throughput::Elements(hole.size.area() as u64));
        group.bench_with_input(BenchmarkId::new("from_tile", side), &small, |b, small| {
            b.iter(|| resample(small, window, hole.size));
        });
    }
    group.finish();
}

fn texture(c: &mut Criterion) {
    let mut group = c.benchmark_group("texture");
    group.sample_size(20);
    for side in [256, 512] {
        let source = planes::from_image(&picture(size(side, side))).expect("sizes agree");
        let mask = disc(source.size());
        // As a network fills: in the right colours, out of focus.
        let small = resample(&picture(mask.size()), whole(mask.size()), size(side / 8, side / 8)).expect("inside");
        let blurred = resample(&small, whole(small.size()), mask.size()).expect("inside");
        let fill = planes::from_image(&blurred).expect("sizes agree");
        group.throughput(Throughput::Elements(mask.count() as u64));
        group.bench_with_input(BenchmarkId::new("tile", side), &fill, |b, fill| {
            b.iter(|| add_texture(fill, &source, &mask, TEXTURE));
        });
        let rim = dilate(&mask, 6);
        group.bench_with_input(BenchmarkId::new("tone", side), &fill, |b, fill| {
            b.iter(|| match_tone(&mut fill.clone(), &source, &rim, &mask));
        });
        let large = picture(size(side * 4, side * 4));
        let square = Square::around(large.size().bounds(), side * 4, large.size());
        let hole = around(&disc(large.size()), 8);
        let grain = Grain::find(&fill, &source, &mask, TEXTURE).expect("sizes agree").expect("enough is known");
        group.throughput(Throughput::Elements(hole.size.area() as u64));
        group.bench_with_input(BenchmarkId::new("four_times_larger", side), &large, |b, large| {
            b.iter(|| grain.paint(&fill, &mask, None, (large, square), hole));
        });
    }
    group.finish();
}

fn whole(size: Size) -> Window {
    Window::scaled(size.bounds(), size, size)
}

fn files(c: &mut Criterion) {
    let mut group = c.benchmark_group("files");
    group.sample_size(10);
    for (name, width, height) in [("1MP", 1200, 900), ("12MP", 4000, 3000)] {
        let image = picture(size(width, height));
        group.throughput(Throughput::Elements(image.size().area() as u64));
        for format in [Format::Jpeg, Format::Png, Format::WebP] {
            let file = encode(&image, &EncodeOptions::new(format)).expect("the picture fits");
            let id = |what: &str| BenchmarkId::new(format!("{what}_{}", format.extension()), name);
            group.bench_with_input(id("encode"), &image, |b, image| {
                b.iter(|| encode(image, &EncodeOptions::new(format)));
            });
            group.bench_with_input(id("decode"), &file, |b, file| {
                b.iter(|| decode(black_box(file), Limits::default()));
            });
        }
    }
    group.finish();
}

/// Fills with what is there: all that a job takes besides the network.
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

/// Never stops.
struct Always;

impl Run for Always {
    fn step(&self, _: usize, _: usize) -> Result<(), Cancelled> {
        Ok(())
    }
}

fn jobs(c: &mut Criterion) {
    let mut group = c.benchmark_group("job");
    group.sample_size(10);
    let source = picture(size(4000, 3000));
    let mask = Mask::from_fn(source.size(), |x, y| x.abs_diff(2000).pow(2) + y.abs_diff(1500).pow(2) < 400 * 400);
    let options = JobOptions { preview: true, texture: Some(TEXTURE), ..JobOptions::default() };
    let mut model = Echo(TileSpec { sides: vec![256, 512] });
    group.bench_function("without_network/12MP", |b| {
        b.iter(|| pollster::block_on(erase(&source, &mask, &mut model, None, &options, &Always, &mut |_| ())));
    });
    group.finish();
}

criterion_group!(benches, masks, resizing, texture, files, jobs);
criterion_main!(benches);
