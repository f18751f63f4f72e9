use super::*;
use crate::{
    geometry::{Rect, Size},
    image::Image,
    imaging::{crop::Square, planes},
};

/// Grey with grain on it, the same for the same seed.
fn grainy(size: Size, strength: f32) -> Rgb<Unit> {
    let mut seed = 9_u32;
    let mut noise = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as f32 / (1 << 24) as f32 - 0.5
    };
    let plane: Vec<f32> =
        (0..size.area()).map(|i| 0.4 + 0.2 * (i as f32 / size.area() as f32) + strength * noise()).collect();
    Rgb::from_vec(size, plane.repeat(3)).unwrap()
}

fn square_hole(size: Size) -> Mask {
    let (width, height) = size.into();
    Mask::from_fn(size, |x, y| (width / 3..width / 2).contains(&x) && (height / 3..height / 2).contains(&y))
}

/// How much neighbours in a row differ, inside or outside of the hole.
fn roughness(picture: &Rgb<Unit>, mask: &Mask, inside: u8) -> f32 {
    let pairs =
        picture.plane(0).windows(2).zip(mask.as_bytes().windows(2)).filter(|(_, hole)| *hole == [inside, inside]);
    let (sum, count) = pairs.fold((0.0, 0.0), |(sum, n), (pair, _)| (sum + (pair[0] - pair[1]).abs(), n + 1.0));
    sum / count
}

const STEP: TextureStep = TextureStep { low_pass_sigma_px: 2.0, kept_detail: 0.35 };

#[test]
fn a_smooth_fill_gets_the_grain_around_it() {
    let size = Size::square(200).unwrap();
    let (source, fill, mask) = (grainy(size, 0.3), grainy(size, 0.0), square_hole(size));
    let out = add_texture(&fill, &source, &mask, STEP).unwrap();
    let ratio = roughness(&out, &mask, Mask::FILL) / roughness(&source, &mask, Mask::KEEP);
    assert!((0.75..1.25).contains(&ratio), "{ratio}");
    for (i, &hole) in mask.as_bytes().iter().enumerate() {
        assert!(hole == Mask::FILL || (out.plane(1)[i] - fill.plane(1)[i]).abs() < f32::EPSILON);
    }
}

#[test]
fn what_the_hole_held_has_no_influence() {
    let size = Size::new(160, 120).unwrap();
    let (source, fill, mask) = (grainy(size, 0.3), grainy(size, 0.0), square_hole(size));
    let mut other = source.clone();
    for plane in other.as_mut_slice().chunks_exact_mut(size.area()) {
        for (value, _) in plane.iter_mut().zip(mask.as_bytes()).filter(|(_, hole)| **hole == Mask::FILL) {
            *value = 1.0;
        }
    }
    assert_eq!(add_texture(&fill, &source, &mask, STEP).unwrap(), add_texture(&fill, &other, &mask, STEP).unwrap());
}

#[test]
fn a_fill_stays_where_there_is_no_grain_to_take() {
    let size = Size::square(64).unwrap();
    let (source, fill) = (grainy(size, 0.3), grainy(size, 0.0));
    let nearly_all = Mask::from_fn(size, |x, y| x > 3 || y > 3);
    for mask in [nearly_all, Mask::empty(size)] {
        assert_eq!(add_texture(&fill, &source, &mask, STEP).unwrap(), fill);
    }
    assert!(add_texture(&fill, &source, &Mask::empty(Size::square(65).unwrap()), STEP).is_err());
}

#[test]
fn any_size_and_any_hole_are_taken() {
    for (width, height) in [(12, 11), (11, 40), (33, 57), (130, 47), (5, 5)] {
        let size = Size::new(width, height).unwrap();
        let (source, fill) = (grainy(size, 0.3), grainy(size, 0.0));
        let corner = Mask::from_fn(size, |x, y| x + 3 >= width && y + 3 >= height);
        let edge = Mask::from_fn(size, |x, _| x == 0);
        for mask in [corner, edge, square_hole(size)] {
            let out = add_texture(&fill, &source, &mask, STEP).unwrap();
            assert!(out.as_slice().iter().all(|value| (0.0..=1.0).contains(value)));
        }
    }
}

#[test]
fn grain_in_the_scale_of_the_tile_is_the_same_either_way() {
    let size = Size::square(150).unwrap();
    let (source, fill, mask) = (grainy(size, 0.3), grainy(size, 0.0), square_hole(size));
    let picture = planes::into_image(&source, None).unwrap();
    let source = planes::from_image(&picture).unwrap();
    let expected = planes::into_image(&add_texture(&fill, &source, &mask, STEP).unwrap(), None).unwrap();
    let grain = Grain::find(&fill, &source, &mask, STEP).unwrap().unwrap();
    let hole = mask.bounds().unwrap();
    let whole = Square::around(size.bounds(), 150, size);
    let painted = grain.paint(&fill, &mask, None, (&picture, whole), hole).unwrap();
    let furthest = painted.as_bytes().iter().zip(expected.cropped(hole).as_bytes()).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(furthest <= Some(1), "{furthest:?}");
}

#[test]
fn a_larger_picture_lends_its_own_grain() {
    // The tile is smooth, for shrinking took the grain of the picture; that comes back all the same.
    let (tile, large) = (Size::square(120).unwrap(), Size::square(360).unwrap());
    let smooth = grainy(tile, 0.0);
    let picture = planes::into_image(&grainy(large, 0.3), None).unwrap();
    let mask = square_hole(tile);
    let grain = Grain::find(&smooth, &smooth, &mask, STEP).unwrap().unwrap();
    let hole = Rect::between(120, 120, 180, 180).unwrap();
    let whole = Square::around(large.bounds(), 360, large);
    let painted = grain.paint(&smooth, &mask, None, (&picture, whole), hole).unwrap();
    let rough = |image: &Image| {
        let row = |y| image.row(image.size().bounds(), y).as_chunks::<4>().0.windows(2);
        let steps = (0..image.size().height()).flat_map(row).map(|pair| f32::from(pair[0][0].abs_diff(pair[1][0])));
        steps.sum::<f32>() / image.size().area() as f32
    };
    let ratio = rough(&painted) / rough(&picture);
    assert!((0.7..1.3).contains(&ratio), "{ratio}");
}

#[test]
fn a_mark_that_stands_out_is_not_laid_on_a_smooth_fill() {
    // Blurred, the mark looks a little more like the fill than all else does.
    let (size, mask) = (Size::square(160).unwrap(), square_hole(Size::square(160).unwrap()));
    let mut source = grainy(size, 0.02);
    let grain: Vec<f32> =
        source.plane(0).iter().zip(grainy(size, 0.0).plane(0)).map(|(all, base)| all - base).collect();
    let in_mark = |x: usize, y: usize| (90..110).contains(&x) && (60..80).contains(&y);
    for plane in source.as_mut_slice().chunks_exact_mut(size.area()) {
        for (i, value) in plane.iter_mut().enumerate() {
            let (x, y) = (i % 160, i / 160);
            let checks = if (x + y) % 2 == 0 { 0.204 } else { -0.196 };
            *value = 0.4 + grain[i] + if in_mark(x, y) { checks } else { 0.0 };
        }
    }
    let fill = Rgb::from_vec(size, vec![0.404; 3 * size.area()]).unwrap();
    let out = add_texture(&fill, &source, &mask, STEP).unwrap();
    let deep = out.plane(0).iter().zip(mask.as_bytes()).filter(|(_, hole)| **hole == Mask::FILL);
    let most = deep.map(|(value, _)| (value - 0.404).abs()).fold(0.0, f32::max);
    assert!(most < 0.1, "{most}");
}
