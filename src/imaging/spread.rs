//! Smooth guesses for pixels of which nothing is known, from those around them.

/// Gives each value a share of what is around it, as far as its own weight falls short of 1.
///
/// `values` and `weights` (in `[0, 1]`) are `width` wide, row by row. Push-pull over halved grids (Gortler and others,
/// "The Lumigraph", 1996, section 3.6.1): exact where the weight is 1, smooth where it is 0, and cheap however large the
/// gap is. All values become 0 if there is no weight anywhere.
pub fn spread<const N: usize>(values: &mut [[f32; N]], weights: &[f32], width: usize) {
    let height = weights.len() / width.max(1);
    if weights.iter().all(|&weight| weight >= 1.0) {
        return;
    }
    if width <= 1 && height <= 1 {
        return;
    }
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    let mut sums = vec![([0.0; N], 0.0f32); half_width * half_height];
    for (i, (value, &weight)) in values.iter().zip(weights).enumerate() {
        let sum = &mut sums[i / width / 2 * half_width + i % width / 2];
        for (sum, value) in sum.0.iter_mut().zip(value) {
            *sum += value * weight;
        }
        sum.1 += weight;
    }
    let mut halved: Vec<[f32; N]> =
        sums.iter().map(|(sum, weight)| if *weight > 0.0 { sum.map(|v| v / weight) } else { [0.0; N] }).collect();
    let half_weights: Vec<f32> = sums.iter().map(|(_, weight)| weight.min(1.0)).collect();
    spread(&mut halved, &half_weights, half_width);
    for (i, (value, &weight)) in values.iter_mut().zip(weights).enumerate() {
        if weight < 1.0 {
            let guess = between(&halved, half_width, half_height, i % width, i / width);
            for (value, guess) in value.iter_mut().zip(guess) {
                *value = guess + (*value - guess) * weight;
            }
        }
    }
}

/// The bilinear value of a halved grid at pixel (`x`, `y`) of the whole one.
pub(super) fn between<const N: usize>(
    halved: &[[f32; N]],
    width: usize,
    height: usize,
    x: usize,
    y: usize,
) -> [f32; N] {
    // Centres of the finer pixels lie a quarter to either side of the coarser one's: 3/4 of it, 1/4 of its neighbour.
    let neighbour = |at: usize, limit: usize| {
        if at.is_multiple_of(2) { (at / 2).saturating_sub(1) } else { (at / 2 + 1).min(limit - 1) }
    };
    let (near_x, near_y) = (x / 2, y / 2);
    let (far_x, far_y) = (neighbour(x, width), neighbour(y, height));
    let at = |x: usize, y: usize| halved[y * width + x];
    let (near, beside) = (at(near_x, near_y), at(far_x, near_y));
    let (below, across) = (at(near_x, far_y), at(far_x, far_y));
    std::array::from_fn(|n| (near[n] * 9.0 + (beside[n] + below[n]) * 3.0 + across[n]) / 16.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_stay_and_gaps_lie_between_them() {
        let (width, height) = (37, 21);
        let weights: Vec<f32> =
            (0..width * height).map(|i| f32::from(u8::from(i % width < 5 || i % width > 30))).collect();
        let mut values: Vec<[f32; 1]> =
            (0..width * height).map(|i| [if i % width < 5 { 10.0 } else { 20.0 }]).collect();
        spread(&mut values, &weights, width);
        assert!((values[3][0] - 10.0).abs() < 1e-6 && (values[width * 20 + 35][0] - 20.0).abs() < 1e-6);
        let middle: Vec<f32> = (0..width).map(|x| values[10 * width + x][0]).collect();
        assert!(middle.iter().all(|v| (10.0..=20.0).contains(v)), "{middle:?}");
        assert!((12.0..18.0).contains(&middle[17]), "{middle:?}");
    }

    #[test]
    fn all_the_same_stays_the_same() {
        let mut values = vec![[255.0, 1.0]; 33 * 9];
        let weights: Vec<f32> = (0..33 * 9).map(|i| f32::from(u8::from(i == 0))).collect();
        spread(&mut values, &weights, 33);
        assert!(values.iter().all(|[a, b]| (a - 255.0).abs() < 1e-4 && (b - 1.0).abs() < 1e-6));
    }
}
