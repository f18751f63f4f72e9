//! A smooth sheet through points of which some are surer than others.

use super::spread::between;

/// How strongly a value with weight 1 holds the sheet, against its four neighbours.
const HOLD: f32 = 4.0;

/// How often each grid is relaxed.
const SWEEPS: usize = 6;

/// Replaces `values` by the sheet `u` that is bent least and yet near to them where `weights` (at least 0) say so: it minimises
/// the sum of `|grad u|²` and of `HOLD * weight * (u - value)²`.
///
/// Both are `width` wide, row by row. This is the membrane of Poisson image editing (Pérez and others, 2003, section 2), but
/// held softly, for values that are measured. Solved by multigrid from coarse to fine: each grid begins with what the one
/// of half its size came to, and a few sweeps take out what that bends (cascadic multigrid, Bornemann and Deuflhard, 1996).
/// All values become 0 if there is no weight anywhere. `membrane.wgsl` does the same sums on a graphics card; this is its
/// specification.
pub fn stretch<const N: usize>(values: &mut [[f32; N]], weights: &[f32], width: usize) {
    let height = weights.len() / width.max(1);
    if width <= 1 && height <= 1 {
        let unknown = weights.iter().all(|&weight| weight <= 0.0);
        values.iter_mut().filter(|_| unknown).for_each(|value| *value = [0.0; N]);
        return;
    }
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    let mut sums = vec![([0.0; N], 0.0_f32); half_width * half_height];
    for (i, (value, &weight)) in values.iter().zip(weights).enumerate() {
        let (sum, total) = &mut sums[i / width / 2 * half_width + i % width / 2];
        for (sum, value) in sum.iter_mut().zip(value) {
            *sum += value * weight;
        }
        *total += weight;
    }
    let mean = |(sum, total): &([f32; N], f32)| if *total > 0.0 { sum.map(|sum| sum / total) } else { [0.0; N] };
    let mut halved: Vec<[f32; N]> = sums.iter().map(mean).collect();
    // A gradient's square counts as much on a grid of half the size; four weights count together.
    let half_weights: Vec<f32> = sums.iter().map(|&(_, total)| total).collect();
    stretch(&mut halved, &half_weights, half_width);
    let known = values.to_vec();
    for (i, value) in values.iter_mut().enumerate() {
        *value = between(&halved, half_width, half_height, i % width, i / width);
    }
    relax(values, &known, weights, width);
}

/// Gauss-Seidel sweeps over the squares of a chess board, first those of one colour, then the others: no square looks at one of
/// its own colour, so all of a colour may be done at once, which is how a graphics card does it.
fn relax<const N: usize>(sheet: &mut [[f32; N]], known: &[[f32; N]], weights: &[f32], width: usize) {
    for half_sweep in 0..2 * SWEEPS {
        for y in 0..sheet.len() / width {
            for x in ((y + half_sweep) % 2..width).step_by(2) {
                relax_one(sheet, known, weights, (x, y * width + x, width));
            }
        }
    }
}

/// Brings one value, of column `x` and at `at`, to where its neighbours and what is known hold it.
fn relax_one<const N: usize>(
    sheet: &mut [[f32; N]],
    known: &[[f32; N]],
    weights: &[f32],
    (x, at, width): (usize, usize, usize),
) {
    let neighbours = [
        at.checked_sub(width),
        (at + width < sheet.len()).then_some(at + width),
        (x > 0).then(|| at - 1),
        (x + 1 < width).then_some(at + 1),
    ];
    let mut total = HOLD * weights[at];
    let mut sum = known[at].map(|value| value * total);
    for neighbour in neighbours.into_iter().flatten() {
        for (sum, value) in sum.iter_mut().zip(sheet[neighbour]) {
            *sum += value;
        }
        total += 1.0;
    }
    if total > 0.0 {
        sheet[at] = sum.map(|sum| sum / total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_edges_it_is_a_slope() {
        let (width, height) = (48, 20);
        let is_edge = |i: usize| i.is_multiple_of(width) || i % width == width - 1;
        let weights: Vec<f32> = (0..width * height).map(|i| if is_edge(i) { 100.0 } else { 0.0 }).collect();
        let mut values: Vec<[f32; 1]> =
            (0..width * height).map(|i| [if i % width == width - 1 { 1.0 } else { 0.0 }]).collect();
        stretch(&mut values, &weights, width);
        for (i, [value]) in values.iter().enumerate() {
            let expected = (i % width) as f32 / (width - 1) as f32;
            assert!((value - expected).abs() < 0.05, "{} {value} {expected}", i % width);
        }
    }

    #[test]
    fn noise_in_what_is_known_is_smoothed() {
        let width = 32;
        let noise = |i: usize| if (i * 7 + i / 5).is_multiple_of(2) { 0.1 } else { -0.1 };
        let weights: Vec<f32> = (0..width * width).map(|i| f32::from(u8::from(i % width < 3))).collect();
        let mut values: Vec<[f32; 1]> = (0..width * width).map(|i| [noise(i)]).collect();
        stretch(&mut values, &weights, width);
        assert!(values.iter().skip(width * 4).all(|[value]| value.abs() < 0.09));
    }

    #[test]
    fn nothing_known_gives_nothing() {
        let mut values = vec![[3.0, 1.0]; 7 * 5];
        stretch(&mut values, &[0.0; 35], 7);
        assert!(values.iter().flatten().all(|value| value.abs() < 1e-6));
    }
}
