//! Objects of photographs are selected as a person would outline them.
#![cfg(feature = "codecs")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use brushaway::{
    geometry::{Point, Size},
    image::Image,
    imaging::{
        codec::{Limits, decode},
        resize::{Window, resample},
        selection::{Seeds, Selector},
    },
    mask::Mask,
};

/// A photograph of this folder, 512 pixels wide.
fn photo(name: &str) -> Image {
    let file = format!("{}/tests/photos/{name}.jpg", env!("CARGO_MANIFEST_DIR"));
    let full = decode(&std::fs::read(file).unwrap(), Limits::default()).unwrap().image;
    let (width, height) = full.size().into();
    let to = Size::new(512, (height * 512 + width / 2) / width).unwrap();
    let all = Window { left: 0.0, top: 0.0, width: width.into(), height: height.into() };
    resample(&full, all, to).unwrap()
}

/// What is in a ring of corners: even-odd.
fn polygon(size: Size, corners: &[(f32, f32)]) -> Mask {
    Mask::from_fn(size, |x, y| {
        let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
        let next = corners.iter().cycle().skip(1);
        let crossed = corners
            .iter()
            .zip(next)
            .filter(|&(a, b)| (a.1 > y) != (b.1 > y) && x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0);
        crossed.count() % 2 == 1
    })
}

fn shared(a: &Mask, b: &Mask) -> f32 {
    let pairs = || a.as_bytes().iter().zip(b.as_bytes());
    let both = pairs().filter(|&(&a, &b)| a & b == Mask::FILL).count();
    both as f32 / pairs().filter(|&(&a, &b)| a | b == Mask::FILL).count() as f32
}

fn click(x: f32, y: f32) -> Seeds {
    Seeds { include: vec![Point::new(x, y)], ..Seeds::default() }
}

fn around(left: f32, top: f32, right: f32, bottom: f32) -> Seeds {
    Seeds { within: Some([Point::new(left, top), Point::new(right, bottom)]), ..Seeds::default() }
}

/// The rocket without its fins.
const ROCKET: &[(f32, f32)] = &[(248.0, 115.0), (258.0, 103.0), (268.0, 115.0), (269.0, 326.0), (247.0, 326.0)];
/// The seed head in the middle.
const SEED_HEAD: &[(f32, f32)] = &[
    (386.0, 220.0),
    (393.0, 203.0),
    (408.0, 196.0),
    (430.0, 196.0),
    (446.0, 206.0),
    (453.0, 220.0),
    (448.0, 238.0),
    (430.0, 247.0),
    (408.0, 247.0),
    (392.0, 238.0),
];
/// The cup without its handle.
const CUP: &[(f32, f32)] = &[
    (148.0, 95.0),
    (158.0, 55.0),
    (185.0, 28.0),
    (240.0, 14.0),
    (300.0, 22.0),
    (335.0, 48.0),
    (349.0, 90.0),
    (343.0, 130.0),
    (320.0, 158.0),
    (280.0, 174.0),
    (235.0, 177.0),
    (195.0, 168.0),
    (163.0, 145.0),
];
/// The cup with its saucer.
const SAUCER: &[(f32, f32)] = &[
    (66.0, 180.0),
    (75.0, 140.0),
    (110.0, 92.0),
    (150.0, 66.0),
    (185.0, 28.0),
    (240.0, 14.0),
    (300.0, 22.0),
    (335.0, 48.0),
    (352.0, 85.0),
    (385.0, 120.0),
    (408.0, 165.0),
    (406.0, 215.0),
    (380.0, 265.0),
    (330.0, 305.0),
    (270.0, 323.0),
    (210.0, 325.0),
    (150.0, 308.0),
    (100.0, 268.0),
    (72.0, 220.0),
];

/// What a person points at in a photograph, what they mean, and how much of both must be common at least.
struct Case {
    photo: &'static str,
    meant: &'static [(f32, f32)],
    seeds: Seeds,
    least: f32,
}

#[test]
fn photographed_objects_are_selected() {
    let case = |photo, meant, seeds, least| Case { photo, meant, seeds, least };
    let cases = [
        case("rocket", ROCKET, click(258.0, 220.0), 0.7),
        case("rocket", ROCKET, around(240.0, 96.0, 276.0, 330.0), 0.75),
        case("dandelions", SEED_HEAD, click(418.0, 222.0), 0.8),
        case("coffee", CUP, click(165.0, 70.0), 0.8),
        case("coffee", SAUCER, around(60.0, 10.0, 415.0, 330.0), 0.85),
    ];
    for Case { photo: file, meant, seeds, least } in cases {
        let image = photo(file);
        let found = Selector::new(&image).unwrap().select(&seeds).unwrap();
        let share = shared(&found, &polygon(image.size(), meant));
        assert!(share > least, "{file} {seeds:?}: {share}");
    }
}

#[test]
fn further_clicks_refine_a_selection() {
    let selector = Selector::new(&photo("coffee")).unwrap();
    let first = selector.select(&click(165.0, 70.0)).unwrap();
    assert!(first.is_fill(240, 130), "the coffee is in the cup");
    let seeds = Seeds { exclude: vec![Point::new(240.0, 130.0)], ..click(165.0, 70.0) };
    let without = selector.select(&seeds).unwrap();
    assert!(without.is_fill(165, 70) && !without.is_fill(240, 130) && without.count() < first.count());
    let spoon = Point::new(312.0, 250.0);
    assert!(!first.is_fill(312, 250));
    let seeds = Seeds { include: vec![Point::new(165.0, 70.0), spoon], ..Seeds::default() };
    let both = selector.select(&seeds).unwrap();
    assert!(both.is_fill(165, 70) && both.is_fill(312, 250) && both.count() > first.count());
}
