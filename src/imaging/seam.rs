//! Making a fill meet the picture in the same tone.

use super::{
    card::{Card, Sheet, Work, as_many, for_work, tried},
    membrane::stretch,
};
use crate::{
    image::ShapeError,
    mask::Mask,
    tensor::{Rgb, Unit},
};

/// Side of the blocks in which tones are compared, in pixels: they average the grain away.
const BLOCK: usize = 8;

/// Pixels of a block from which its difference counts in full.
const ENOUGH: f32 = 16.0;

/// A difference in tone, of 1, that is doubted: a network misses the tone of a sky by less, a remainder of the object
/// at the edge of the mask differs by more.
const DOUBTFUL: f32 = 0.08;

/// Shifts the tone of `fill` so that it meets `source` around the hole.
///
/// The hole of a model is larger than what was painted. On the rim between, both are known: what the picture really
/// shows, and what the model made of it. Their difference, averaged over blocks, is stretched over the hole like a membrane
/// and added. A fill that is a little too grey in a blue sky loses its edge that way. It is the membrane of Poisson image
/// editing (Pérez and others, 2003), but for a rim in which single pixels, being grain, mean nothing.
///
/// `painted` is part of `hole`; nothing changes where they are equal. What of the rim differs strongly counts little.
///
/// # Errors
/// [`ShapeError`] unless all are of one size.
pub fn match_tone(fill: &mut Rgb<Unit>, source: &Rgb<Unit>, hole: &Mask, painted: &Mask) -> Result<(), ShapeError> {
    if let Some(mut tones) = Tones::measure(fill, source, (hole, painted))? {
        stretch(&mut tones.values, &tones.weights, tones.across);
        tones.add_to(fill, hole);
    }
    Ok(())
}

/// As [`match_tone`], but a card stretches the membrane if there is one.
///
/// # Errors
/// [`ShapeError`] unless all are of one size.
pub async fn match_tone_by(
    card: Option<&dyn Card>,
    fill: &mut Rgb<Unit>,
    source: &Rgb<Unit>,
    (hole, painted): (&Mask, &Mask),
) -> Result<(), ShapeError> {
    if let Some(mut tones) = Tones::measure(fill, source, (hole, painted))? {
        let sheet = Sheet { values: &tones.values, weights: &tones.weights, width: tones.across };
        let cells = sheet.values.len();
        let answer = for_work(card, Work::Tone).map(|card| card.stretch(sheet));
        match tried("tone", answer, |values| as_many(cells, values.len())).await {
            Some(values) => tones.values = values,
            None => stretch(&mut tones.values, &tones.weights, tones.across),
        }
        tones.add_to(fill, hole);
    }
    Ok(())
}

/// How far a fill is from the tone of the picture, block by block.
struct Tones {
    /// Blocks in a row.
    across: usize,
    /// What is to be added.
    values: Vec<[f32; 3]>,
    /// How much that is worth, from 0 to 1.
    weights: Vec<f32>,
}

impl Tones {
    /// None if nothing is known of any block.
    fn measure(
        fill: &Rgb<Unit>,
        source: &Rgb<Unit>,
        (hole, painted): (&Mask, &Mask),
    ) -> Result<Option<Self>, ShapeError> {
        let size = hole.size();
        for other in [fill.size(), source.size(), painted.size()] {
            if other != size {
                return Err(ShapeError { expected: size.area(), actual: other.area() });
            }
        }
        let across = (size.width() as usize).div_ceil(BLOCK);
        let count = across * (size.height() as usize).div_ceil(BLOCK);
        let (values, weights) = differences(fill, source, hole, painted, count);
        Ok(weights.iter().any(|&weight| weight > 0.0).then_some(Self { across, values, weights }))
    }

    /// Adds them to what lies in the hole.
    fn add_to(&self, fill: &mut Rgb<Unit>, hole: &Mask) {
        let Self { across, ref values, .. } = *self;
        let (size, width) = (hole.size(), hole.size().width() as usize);
        let down = values.len() / across;
        for (c, plane) in fill.as_mut_slice().chunks_exact_mut(size.area()).enumerate() {
            for (y, (row, hole)) in plane.chunks_exact_mut(width).zip(hole.as_bytes().chunks_exact(width)).enumerate() {
                let (above, below, lower) = between(y, down);
                for (x, (value, &hole)) in row.iter_mut().zip(hole).enumerate() {
                    if hole == Mask::FILL {
                        let (left, right, far) = between(x, across);
                        let tone = |y: usize| {
                            let (left, right) = (values[y * across + left][c], values[y * across + right][c]);
                            left + (right - left) * far
                        };
                        let (above, below) = (tone(above), tone(below));
                        *value = (*value + above + (below - above) * lower).clamp(0.0, 1.0);
                    }
                }
            }
        }
    }
}

/// The mean difference in each of `count` blocks, and how much that is worth, from 0 to 1.
fn differences(
    fill: &Rgb<Unit>,
    source: &Rgb<Unit>,
    hole: &Mask,
    painted: &Mask,
    count: usize,
) -> (Vec<[f32; 3]>, Vec<f32>) {
    let width = hole.size().width() as usize;
    let across = width.div_ceil(BLOCK);
    let mut sums = vec![([0.0_f32; 3], 0.0_f32, 0.0_f32); count];
    for (i, (&hole, &painted)) in hole.as_bytes().iter().zip(painted.as_bytes()).enumerate() {
        if hole == Mask::FILL && painted == Mask::KEEP {
            let difference = [0, 1, 2].map(|c| source.plane(c)[i] - fill.plane(c)[i]);
            let most = difference.iter().fold(0.0_f32, |most, value| most.max(value.abs())) / DOUBTFUL;
            let weight = (1.0 + most * most).recip();
            let (sum, total, count) = &mut sums[i / width / BLOCK * across + i % width / BLOCK];
            for (sum, difference) in sum.iter_mut().zip(difference) {
                *sum += difference * weight;
            }
            *total += weight;
            *count += 1.0;
        }
    }
    let mean = |(sum, total, count): &([f32; 3], f32, f32)| {
        // Where nearly all is doubted, little of it is believed.
        let believed = (2.0 * total / count.max(1.0)).min(1.0);
        sum.map(|sum| if *total > 0.0 { sum / total * believed } else { 0.0 })
    };
    (sums.iter().map(mean).collect(), sums.iter().map(|(_, total, _)| (total / ENOUGH).min(1.0)).collect())
}

/// The two of `count` blocks whose middles are around pixel `at`, and how far it is from the first to the second.
fn between(at: usize, count: usize) -> (usize, usize, f32) {
    let position = ((at as f32 + 0.5) / BLOCK as f32 - 0.5).clamp(0.0, (count - 1) as f32);
    let first = position as usize;
    (first, (first + 1).min(count - 1), position - first as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{geometry::Size, imaging::morphology::dilate};

    /// A slope of brightness, shifted by `shift`.
    fn slope(size: Size, shift: f32) -> Rgb<Unit> {
        let row = |_| (0..size.width()).map(|x| 0.3 + 0.4 * x as f32 / size.width() as f32 + shift);
        Rgb::from_vec(size, (0..3 * size.height()).flat_map(row).collect()).unwrap()
    }

    #[test]
    fn a_fill_that_is_too_dark_is_lifted_everywhere() {
        let size = Size::new(128, 96).unwrap();
        let painted = Mask::from_fn(size, |x, y| (40..90).contains(&x) && (30..70).contains(&y));
        let hole = dilate(&painted, 6);
        let (source, mut fill) = (slope(size, 0.0), slope(size, -0.03));
        match_tone(&mut fill, &source, &hole, &painted).unwrap();
        for ((fill, source), &hole) in fill.plane(1).iter().zip(source.plane(1)).zip(hole.as_bytes()) {
            let expected = if hole == Mask::FILL { *source } else { source - 0.03 };
            assert!((fill - expected).abs() < 0.004, "{fill} {expected}");
        }
    }

    #[test]
    fn a_remainder_of_the_object_changes_little() {
        let size = Size::square(96).unwrap();
        let painted = Mask::from_fn(size, |x, y| (30..60).contains(&x) && (30..60).contains(&y));
        let hole = dilate(&painted, 6);
        let mut source = slope(size, 0.0);
        for value in source.as_mut_slice().chunks_exact_mut(96 * 96).flat_map(|plane| &mut plane[26 * 96..29 * 96]) {
            *value = 0.0;
        }
        let mut fill = slope(size, 0.0);
        match_tone(&mut fill, &source, &hole, &painted).unwrap();
        let before = slope(size, 0.0);
        let moved = fill.as_slice().iter().zip(before.as_slice()).map(|(a, b)| (a - b).abs());
        assert!(moved.fold(0.0, f32::max) < 0.04);
    }

    #[test]
    fn another_colour_is_no_wrong_tone() {
        let size = Size::square(64).unwrap();
        let painted = Mask::from_fn(size, |x, y| (20..44).contains(&x) && (20..44).contains(&y));
        let mut fill = slope(size, -0.6);
        match_tone(&mut fill, &slope(size, 0.0), &dilate(&painted, 5), &painted).unwrap();
        let before = slope(size, -0.6);
        let moved = fill.as_slice().iter().zip(before.as_slice()).map(|(a, b)| a - b.max(0.0)).fold(0.0, f32::max);
        assert!(moved < 0.05, "{moved}");
    }

    #[test]
    fn nothing_changes_without_a_rim() {
        let size = Size::square(40).unwrap();
        let hole = Mask::from_fn(size, |x, y| x > 10 && y > 10 && x < 30);
        let mut fill = slope(size, -0.1);
        match_tone(&mut fill, &slope(size, 0.0), &hole, &hole).unwrap();
        assert_eq!(fill, slope(size, -0.1));
    }
}
