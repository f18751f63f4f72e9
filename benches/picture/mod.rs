//! A picture by formula, so that two machines measure the same.

/// RGBA, row by row: slopes, waves of several lengths and grain, about as hard for coders and searches as a photograph.
pub(crate) fn pixels(width: u32, height: u32) -> Vec<u8> {
    let pixel = |x: u32, y: u32| {
        let wave = ((x as f32 / 37.0).sin() + (y as f32 / 23.0).cos() + ((x + 2 * y) as f32 / 190.0).sin()) * 30.0;
        let grain = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(2_246_822_519)).wrapping_mul(3_266_489_917) >> 28;
        let base = 100.0 + wave + grain as f32 + y as f32 * 40.0 / height as f32;
        [base, base * 0.9 + 10.0, 60.0 + base * 0.5, 255.0].map(|value| value as u8)
    };
    (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect()
}
