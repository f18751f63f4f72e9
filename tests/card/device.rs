//! Each kernel beside its twin, on whatever driver of Vulkan this machine has: one on the processor will do.
#![expect(clippy::print_stderr, reason = "says what was not tried")]

use brushaway::{
    geometry::{Rect, Size},
    imaging::{
        card::{Card as _, CardError, LOOKS, Looks, Search, Sheet},
        crop::Square,
        membrane, planes,
        texture::Grain,
    },
    runtime::card::WgpuCard,
};

use crate::scene::{SIDE, STEP, blurred, disc, erased, picture};

/// None if this machine has no driver, which is said.
pub(crate) fn device(limits: impl FnOnce(wgpu::Limits) -> wgpu::Limits) -> Option<(wgpu::Device, wgpu::Queue)> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wgpu::Backends::VULKAN,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let adapter = match pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default())) {
        Ok(adapter) => adapter,
        Err(error) => {
            eprintln!("the card's steps are not compared with the processor's: {error}");
            return None;
        }
    };
    let descriptor =
        wgpu::DeviceDescriptor { required_limits: limits(adapter.limits()), ..wgpu::DeviceDescriptor::default() };
    Some(pollster::block_on(adapter.request_device(&descriptor)).unwrap())
}

fn card(limits: impl FnOnce(wgpu::Limits) -> wgpu::Limits) -> Option<WgpuCard> {
    let (device, queue) = device(limits)?;
    Some(pollster::block_on(WgpuCard::new(device, queue)).unwrap())
}

/// The same numbers each time, in `[0, 1)`.
pub(crate) fn random() -> impl FnMut() -> f32 {
    let mut seed = 3_u32;
    move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as f32 / (1 << 24) as f32
    }
}

#[test]
fn membranes_are_stretched_alike() {
    let Some(card) = card(|limits| limits) else { return };
    let mut random = random();
    // Larger ones after smaller ones and the other way round: buffers are kept.
    for (width, height) in [(64, 64), (1, 1), (2, 1), (7, 5), (33, 48), (130, 90), (64, 64)] {
        let mut values: Vec<[f32; 3]> = (0..width * height).map(|_| [(); 3].map(|()| random() - 0.5)).collect();
        let weights: Vec<f32> =
            (0..width * height).map(|i| if i % 5 == 0 { (random() * 2.0 - 1.0).max(0.0) } else { 0.0 }).collect();
        let sheet = Sheet { values: &values, weights: &weights, width };
        let found = pollster::block_on(card.stretch(sheet)).unwrap();
        membrane::stretch(&mut values, &weights, width);
        assert_eq!(found.len(), values.len());
        let apart = found.iter().flatten().zip(values.iter().flatten()).map(|(a, b)| (a - b).abs());
        let most = apart.fold(0.0, f32::max);
        assert!(most < 1e-5, "{width} x {height}: {most}");
    }
}

#[test]
fn the_nearest_patches_are_found() {
    let Some(card) = card(|limits| limits) else { return };
    let mut random = random();
    let mut looks = || -> Looks { std::array::from_fn(|d| random() / (1.0 + d as f32)) };
    for (known, queries) in [(700, 90), (50, 1), (3, 20), (701, 17)] {
        let mut known: Vec<Looks> = (0..known).map(|_| looks()).collect();
        // The same ones once more: the first are to be found.
        known.extend_from_within(..);
        let queries: Vec<Looks> = (0..queries).map(|_| looks()).collect();
        let found = pollster::block_on(card.nearest(Search { known: &known, queries: &queries })).unwrap();
        assert_eq!(found.len(), queries.len());
        let distance = |a: &Looks, b: &Looks| (0..LOOKS).map(|d| (a[d] - b[d]).powi(2)).sum::<f32>();
        for (query, &found) in queries.iter().zip(&found) {
            let nearest = known.iter().map(|other| distance(query, other)).fold(f32::INFINITY, f32::min);
            let there = distance(query, &known[found as usize]);
            assert!((there - nearest).abs() < 1e-5 && (found as usize) < known.len() / 2, "{there} {nearest}");
        }
    }
}

#[test]
fn grain_is_laid_alike_at_any_scale() {
    let Some(card) = card(|limits| limits) else { return };
    let tile = Size::square(SIDE).unwrap();
    for scale in [1.0, 1.37, 3.0] {
        let large = Size::square((SIDE as f32 * scale) as u32).unwrap();
        let sharp = picture(large);
        let source = planes::from_image(&picture(tile)).unwrap();
        let (mask, fill) = (disc(tile), blurred(&source));
        let on_processor = Grain::find(&fill, &source, &mask, STEP).unwrap().unwrap();
        let finding = Grain::find_by(Some(&card), &fill, &source, &mask, STEP);
        let on_card = pollster::block_on(finding).unwrap().unwrap();
        let there = disc(large).bounds().unwrap();
        // Over the edge of what grain was found for as well.
        for rect in [there, Rect::between(there.x / 2, there.y, there.right(), large.height()).unwrap()] {
            let under = (&sharp, Square::around(large.bounds(), large.width(), large));
            let expected = on_processor.paint(&fill, &mask, None, under, rect).unwrap();
            let painting = on_card.paint_by(Some(&card), (&fill, &mask, None), under, rect);
            let found = pollster::block_on(painting).unwrap();
            let apart = found.as_bytes().iter().zip(expected.as_bytes()).map(|(a, b)| a.abs_diff(*b));
            assert!(apart.max() <= Some(1), "{scale} times as large, {rect:?}");
        }
    }
}

#[test]
fn a_whole_fill_is_the_processors() {
    let Some(card) = card(|limits| limits) else { return };
    for scale in [1, 3] {
        let (found, expected) = (erased(scale, Some(&card)), erased(scale, None));
        let apart = found.as_bytes().iter().zip(expected.as_bytes()).map(|(a, b)| a.abs_diff(*b));
        assert!(apart.max() <= Some(1), "{scale} times as large");
    }
}

#[test]
fn what_is_too_large_is_left_to_the_processor() {
    let limits = |limits| wgpu::Limits { max_storage_buffer_binding_size: 32 << 10, ..limits };
    let Some(card) = card(limits) else { return };
    let known = vec![[0.0; LOOKS]; 1000];
    let refused = pollster::block_on(card.nearest(Search { known: &known, queries: &known[..1] }));
    let needed = (known.len() * size_of::<Looks>()) as u64;
    assert_eq!(refused, Err(CardError::TooLarge { what: "a buffer's bytes", needed, limit: 32 << 10 }));
    assert!(erased(2, Some(&card)) == erased(2, None));
}

#[test]
fn a_device_that_is_lost_costs_no_picture() {
    let Some((device, queue)) = device(|limits| limits) else { return };
    let card = pollster::block_on(WgpuCard::new(device.clone(), queue)).unwrap();
    let expected = erased(2, None);
    // With buffers of a run before.
    assert_eq!(erased(2, Some(&card)).size(), expected.size());
    device.destroy();
    let looks = [[0.0; LOOKS]; 8];
    assert!(pollster::block_on(card.nearest(Search { known: &looks, queries: &looks })).is_err());
    assert!(erased(2, Some(&card)) == expected);
}
