//! What a person waits for after a click on an object.
//!
//! Inputs are made by formula, so that two machines measure the same. Selecting happens on 512 pixels; a photograph of
//! 12 megapixels is the size that a phone takes.
#![expect(clippy::expect_used, reason = "a bench may")]
#![expect(missing_docs, reason = "the macro of criterion writes a public function")]

use std::hint::black_box;

use brushaway::{
    geometry::{Point, Size},
    image::Image,
    imaging::selection::{Seeds, Selector, include_shadow},
    mask::Mask,
};
use criterion::{Criterion, criterion_group, criterion_main};

fn size(width: u32, height: u32) -> Size {
    Size::new(width, height).expect("sides are not zero")
}

/// How far a place is from the middle, in radii of the object: 1 at its border.
fn from_middle(size: Size, x: u32, y: u32) -> f32 {
    let (width, height) = (size.width() as f32, size.height() as f32);
    (x as f32 - width / 2.0).hypot(y as f32 - height / 2.0) / (0.2 * height)
}

/// A ball on a ground of waves and grain, and its shadow below.
fn picture(size: Size) -> Image {
    let scale = 512.0 / size.width() as f32;
    let pixel = |x: u32, y: u32| {
        let (u, v) = (x as f32 * scale, y as f32 * scale);
        let wave = ((u / 37.0).sin() + (v / 23.0).cos() + ((u + 2.0 * v) / 90.0).sin()) * 6.0;
        let grain = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(2_246_822_519)).wrapping_mul(3_266_489_917) >> 28;
        let light = grain as f32 + wave;
        let from_shadow = from_middle(size, x, y.saturating_sub(size.height() / 6));
        let dimmed = 0.6 + 0.4 * ((from_shadow - 0.7) / 0.4).clamp(0.0, 1.0);
        let [red, green, blue] = if from_middle(size, x, y) <= 1.0 {
            [170.0 + light, 70.0 + light, 60.0 + light]
        } else {
            [(150.0 + light) * dimmed, (145.0 + light) * dimmed, (130.0 + light) * dimmed]
        };
        [red, green, blue, 255.0].map(|value| value as u8)
    };
    let data = (0..size.height()).flat_map(|y| (0..size.width()).flat_map(move |x| pixel(x, y))).collect();
    Image::from_rgba(size, data).expect("four bytes a pixel")
}

fn selects(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("selection");
    group.sample_size(20);
    let small = picture(size(512, 384));
    group.bench_function("look at 512 px", |bencher| bencher.iter(|| Selector::new(black_box(&small))));
    let selector = Selector::new(&small).expect("small enough");
    let click = Seeds { include: vec![Point::new(250.0, 200.0)], ..Seeds::default() };
    group.bench_function("click at 512 px", |bencher| bencher.iter(|| selector.select(black_box(&click))));
    let within = Some([Point::new(160.0, 100.0), Point::new(350.0, 290.0)]);
    let boxed = Seeds { within, ..Seeds::default() };
    group.bench_function("box at 512 px", |bencher| bencher.iter(|| selector.select(black_box(&boxed))));

    let full = size(4000, 3000);
    let photo = picture(full);
    let mask = selector.select(&click).expect("a click in the picture");
    let rect = selector.wanted(&mask, full).expect("a mask that is not empty");
    let part = photo.cropped(rect);
    group.bench_function("enlarge to 12 MP", |bencher| {
        bencher.iter(|| selector.enlarge(black_box(&mask), full, &part, rect));
    });
    let object = Mask::from_fn(full, |x, y| from_middle(full, x, y) <= 1.0);
    let grown = include_shadow(&object, &photo).expect("of one size");
    assert!(grown.count() > object.count(), "there is a shadow to find");
    group.bench_function("include shadow at 12 MP", |bencher| {
        bencher.iter(|| include_shadow(&object, black_box(&photo)));
    });
    group.finish();
}

criterion_group!(benches, selects);
criterion_main!(benches);
