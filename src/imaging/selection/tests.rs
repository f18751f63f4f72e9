use super::*;
use crate::geometry::Rect;

fn size() -> Size {
    Size::new(240, 180).unwrap()
}

/// Grain by formula, -1 to 1.
fn grain(x: u32, y: u32) -> f32 {
    let hash = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(2_246_822_519)).wrapping_mul(3_266_489_917);
    (hash >> 16) as f32 / 32_768.0 - 1.0
}

fn picture(size: Size, colour: impl Fn(u32, u32) -> [f32; 3]) -> Image {
    let (width, height) = size.into();
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let data = pixels.flat_map(|(x, y)| {
        let [red, green, blue] = colour(x, y).map(|value| value as u8);
        [red, green, blue, 255]
    });
    Image::from_rgba(size, data.collect()).unwrap()
}

fn disc(size: Size, cx: f32, cy: f32, radius: f32) -> Mask {
    Mask::from_fn(size, |x, y| (x as f32 + 0.5 - cx).hypot(y as f32 + 0.5 - cy) <= radius)
}

fn shared(a: &Mask, b: &Mask) -> f32 {
    let pairs = || a.as_bytes().iter().zip(b.as_bytes());
    let both = pairs().filter(|&(&a, &b)| a & b == Mask::FILL).count();
    both as f32 / pairs().filter(|&(&a, &b)| a | b == Mask::FILL).count() as f32
}

fn include(points: &[(f32, f32)]) -> Seeds {
    Seeds { include: points.iter().map(|&(x, y)| Point::new(x, y)).collect(), ..Seeds::default() }
}

/// Clicks on a truth painted over some ground.
fn check(name: &str, truth: &Mask, at: (f32, f32), ground: impl Fn(u32, u32) -> f32) {
    let image = picture(truth.size(), |x, y| {
        let light = ground(x, y) + 12.0 * grain(x, y);
        if truth.is_fill(x, y) { [180.0 + 10.0 * grain(y, x), 70.0, 60.0] } else { [light, light + 10.0, light + 20.0] }
    });
    let selector = Selector::new(&image).unwrap();
    let found = selector.select(&include(&[at])).unwrap();
    assert!(shared(&found, truth) > 0.95, "{name}: {}", shared(&found, truth));
    assert_eq!(selector.select(&include(&[at])).unwrap(), found, "{name} again");
}

#[test]
fn a_click_selects_what_it_is_on() {
    let big = disc(size(), 120.0, 90.0, 36.0);
    check("disc on grain", &big, (110.0, 95.0), |_, _| 120.0);
    check("disc on a slope", &big, (120.0, 90.0), |x, y| 40.0 + (x + y) as f32 * 0.35);
    let pole = Mask::from_fn(size(), |x, y| (118..125).contains(&x) && y > 30);
    check("thin pole", &pole, (121.5, 100.0), |_, _| 120.0);
    check("at the border", &disc(size(), 230.0, 90.0, 36.0), (225.0, 90.0), |_, _| 120.0);
}

#[test]
fn of_two_alike_only_the_clicked_one() {
    let (left, right) = (disc(size(), 70.0, 90.0, 30.0), disc(size(), 170.0, 90.0, 30.0));
    let image = picture(size(), |x, y| {
        if left.is_fill(x, y) || right.is_fill(x, y) { [180.0, 70.0, 60.0] } else { [120.0 + 10.0 * grain(x, y); 3] }
    });
    let selector = Selector::new(&image).unwrap();
    assert!(shared(&selector.select(&include(&[(70.0, 90.0)])).unwrap(), &left) > 0.95);
    let mut both = left;
    both.unite(&right).unwrap();
    assert!(shared(&selector.select(&include(&[(70.0, 90.0), (170.0, 90.0)])).unwrap(), &both) > 0.95);
    // In any order of the corners, and never beyond them.
    let boxed = |a: Point, b: Point| selector.select(&Seeds { within: Some([a, b]), ..Seeds::default() }).unwrap();
    assert!(shared(&boxed(Point::new(210.0, 45.0), Point::new(125.0, 135.0)), &right) > 0.95);
    let cut = boxed(Point::new(125.0, 45.0), Point::new(181.0, 135.0));
    assert!(cut.bounds().is_none_or(|bounds| bounds.right() <= 181), "{cut:?}");
}

#[test]
fn nothing_to_go_by_is_said_and_odd_pictures_do_no_harm() {
    let selector = Selector::new(&Image::filled(size(), [90, 90, 90, 255])).unwrap();
    assert_eq!(selector.select(&Seeds::default()), Err(SelectionError::NoSeed));
    assert_eq!(selector.select(&include(&[(-1.0, 5.0), (f32::NAN, 5.0), (5.0, 180.0)])), Err(SelectionError::NoSeed));
    let within = Some([Point::new(3.6, 3.6), Point::new(4.4, 9.0)]);
    assert_eq!(selector.select(&Seeds { within, ..Seeds::default() }), Err(SelectionError::NoSeed));
    assert!(selector.select(&include(&[(5.0, 5.0)])).unwrap().is_fill(5, 5));
    for (width, height) in [(1, 1), (2, 1), (1, 512), (3, 5)] {
        let small = Image::filled(Size::new(width, height).unwrap(), [9, 9, 9, 255]);
        assert!(Selector::new(&small).unwrap().select(&include(&[(0.5, 0.5)])).unwrap().is_fill(0, 0));
    }
    let large = Image::filled(Size::new(513, 2).unwrap(), [0; 4]);
    assert_eq!(Selector::new(&large).err(), Some(SelectionError::TooLarge { longer_side: 513 }));
}

#[test]
fn the_full_mask_follows_the_full_picture() {
    let full = Size::new(1200, 900).unwrap();
    let truth = disc(full, 607.0, 455.0, 181.0);
    let colour = |inside: bool| if inside { [180.0, 70.0, 60.0] } else { [110.0, 120.0, 130.0] };
    let image = picture(full, |x, y| colour(truth.is_fill(x, y)));
    let small = picture(size(), |x, y| colour(truth.is_fill(x * 5 + 2, y * 5 + 2)));
    let selector = Selector::new(&small).unwrap();
    let mask = selector.select(&include(&[(121.0, 91.0)])).unwrap();
    let rect = selector.wanted(&mask, full).unwrap();
    let enlarged = selector.enlarge(&mask, full, &image.cropped(rect), rect).unwrap();
    assert!(shared(&enlarged, &truth) > 0.985, "{}", shared(&enlarged, &truth));
    let wrong = Rect { x: 1000, ..rect };
    assert_eq!(selector.enlarge(&mask, full, &image.cropped(rect), wrong), Err(SelectionError::Mismatch));
}

#[test]
fn masks_grow_shrink_round_and_turn() {
    let mask = disc(size(), 230.0, 90.0, 30.0);
    assert!(shared(&reshape::grow(&mask, 5), &disc(size(), 230.0, 90.0, 35.0)) > 0.97);
    assert!(shared(&reshape::shrink(&mask, 5), &disc(size(), 230.0, 90.0, 25.0)) > 0.97);
    assert_eq!(reshape::invert(&reshape::invert(&mask)), mask);
    let ragged = Mask::from_fn(size(), |x, y| mask.is_fill(x, y) != (x * 7 + y * 5 == 1000 || (x, y) == (225, 90)));
    assert!(shared(&reshape::smooth(&ragged, 2), &mask) > 0.97);
    assert!(!reshape::smooth(&ragged, 2).is_fill(120, 32) && reshape::smooth(&ragged, 2).is_fill(225, 90));
    let ring = Mask::from_fn(size(), |x, y| mask.is_fill(x, y) && !(x.abs_diff(225) < 3 && y.abs_diff(90) < 3));
    assert_eq!(reshape::fill_holes(&ring, 25), mask);
    assert_eq!(reshape::fill_holes(&ring, 24), ring);
}

/// Grey-brown ground with a red disc on it; `light` dims the ground.
fn lit(size: Size, object: &Mask, light: impl Fn(f32, f32) -> f32) -> Image {
    picture(size, |x, y| {
        if object.is_fill(x, y) {
            return [170.0, 60.0, 50.0];
        }
        let ground = 150.0 + 20.0 * x as f32 / size.width() as f32 + 6.0 * grain(x, y);
        let light = light(x as f32 + 0.5, y as f32 + 0.5);
        [ground * light, (ground - 8.0) * light, (ground - 25.0) * light]
    })
}

/// How far inside an ellipse that lies to the lower right of a disc: 0 outside, rising to 1 within `soft` of its axes.
fn cast(x: f32, y: f32, (cx, cy): (f32, f32), radius: f32, soft: f32) -> f32 {
    let (u, v) = ((x - cx - radius * 1.1) / (radius * 1.3), (y - cy - radius * 0.6) / (radius * 0.5));
    ((1.0 - u.hypot(v)) / soft).clamp(0.0, 1.0)
}

#[test]
fn a_soft_shadow_is_included() {
    // Small, and larger than the grid.
    for scale in [1, 4] {
        let size = Size::new(240 * scale, 180 * scale).unwrap();
        let (at, radius) = ((90.0 * scale as f32, 80.0 * scale as f32), 28.0 * scale as f32);
        let object = disc(size, at.0, at.1, radius);
        let image = lit(size, &object, |x, y| 1.0 - 0.4 * cast(x, y, at, radius, 0.35));
        let grown = include_shadow(&object, &image).unwrap();
        let truth = Mask::from_fn(size, |x, y| cast(x as f32 + 0.5, y as f32 + 0.5, at, radius, 0.35) > 0.1);
        let without = |mask: &Mask| Mask::from_fn(size, |x, y| mask.is_fill(x, y) && !object.is_fill(x, y));
        let share = shared(&without(&grown), &without(&truth));
        assert!(share > 0.8, "{scale}: {share}");
        let mut with_object = grown.clone();
        with_object.unite(&object).unwrap();
        assert_eq!(with_object, grown, "the object stays");
        assert_eq!(include_shadow(&object, &image).unwrap(), grown);
    }
}

#[test]
fn what_is_no_shadow_is_not_included() {
    let object = disc(size(), 90.0, 80.0, 28.0);
    let check = |name: &str, image: &Image| {
        let grown = include_shadow(&object, image).unwrap();
        assert!(grown == object, "{name}: {} more", grown.count() - object.count());
    };
    let at = (90.0, 80.0);
    check("plain ground", &lit(size(), &object, |_, _| 1.0));
    check("ground that darkens", &lit(size(), &object, |x, y| 1.0 - (x + y) / 900.0));
    check("a hard border", &lit(size(), &object, |x, y| if cast(x, y, at, 28.0, 0.35) > 0.1 { 0.6 } else { 1.0 }));
    check("apart from it", &lit(size(), &object, |x, y| 1.0 - 0.4 * cast(x - 60.0, y - 30.0, at, 28.0, 0.35)));
    check("a dark half", &lit(size(), &object, |_, y| 1.0 - 0.4 * ((y - 95.0) / 8.0).clamp(0.0, 1.0)));
    let bush = lit(size(), &object, |_, _| 1.0);
    let bush = picture(size(), |x, y| {
        let [red, green, blue, _] = bush.as_bytes().as_chunks::<4>().0[(y * 240 + x) as usize].map(f32::from);
        let other = if object.is_fill(x, y) { 0.0 } else { cast(x as f32, y as f32, at, 28.0, 0.35) };
        [(red, 40.0), (green, 95.0), (blue, 35.0)].map(|(ground, bush)| ground + (bush - ground) * other)
    });
    check("another hue", &bush);
    let elsewhere = Image::filled(Size::new(9, 9).unwrap(), [0; 4]);
    assert_eq!(include_shadow(&object, &elsewhere), Err(SelectionError::Mismatch));
    let nothing = Mask::empty(size());
    assert_eq!(include_shadow(&nothing, &bush), Ok(nothing.clone()));
    let all = Mask::from_fn(size(), |_, _| true);
    assert_eq!(include_shadow(&all, &bush), Ok(all.clone()));
}
