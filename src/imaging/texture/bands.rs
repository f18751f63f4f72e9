//! Splitting a picture into structure and grain.

use super::field::{Field, LANES};

/// One half of a Gaussian, the middle first. All together sum to 1.
#[derive(Debug, Clone)]
pub(super) struct Gaussian {
    taps: Vec<f32>,
}

impl Gaussian {
    /// A Gaussian that is cut at four standard deviations.
    pub(super) fn new(sigma: f32) -> Self {
        let sigma = sigma.clamp(0.1, 32.0);
        let radius = (4.0 * sigma).round() as usize;
        let weight = |i: usize| (-0.5 * (i as f32 / sigma) * (i as f32 / sigma)).exp();
        let sum = weight(0) + 2.0 * (1..=radius).map(weight).sum::<f32>();
        Self { taps: (0..=radius).map(|i| weight(i) / sum).collect() }
    }

    /// Pixels to either side that count.
    pub(super) fn radius(&self) -> usize {
        self.taps.len() - 1
    }

    /// Blurs, the field being mirrored at its edges (which are not repeated).
    pub(super) fn blur(&self, field: &Field) -> Field {
        self.blur_rows(&self.blur_columns(field))
    }

    fn blur_columns(&self, field: &Field) -> Field {
        let mut out = Field::zeroed(field.width, field.height);
        let count = field.stride / LANES;
        for y in 0..field.height {
            let centre = field.lanes(y);
            let around: Vec<_> = self
                .taps
                .iter()
                .enumerate()
                .skip(1)
                .map(|(k, &tap)| {
                    let (above, below) = mirrored(y, k, field.height);
                    (field.lanes(above), field.lanes(below), tap)
                })
                .collect();
            let out = out.lanes_mut(y);
            for i in 0..count {
                let mut sum = centre[i].map(|value| value * self.taps[0]);
                for (above, below, tap) in &around {
                    for lane in 0..LANES {
                        sum[lane] += (above[i][lane] + below[i][lane]) * tap;
                    }
                }
                out[i] = sum;
            }
        }
        out
    }

    fn blur_rows(&self, field: &Field) -> Field {
        let mut out = Field::zeroed(field.width, field.height);
        let radius = self.radius();
        let mut padded = vec![0.0; field.stride + 2 * radius];
        for y in 0..field.height {
            let row = field.row(y);
            padded[radius..radius + field.width].copy_from_slice(row);
            let last = field.width - 1;
            for k in 1..=radius {
                padded[radius - k] = row[mirrored(0, k, field.width).0];
                padded[radius + last + k] = row[mirrored(last, k, field.width).1];
            }
            for (i, out) in out.lanes_mut(y).iter_mut().enumerate() {
                let window = &padded[i * LANES..][..LANES + 2 * radius];
                let mut sum = [0.0; LANES];
                for lane in 0..LANES {
                    sum[lane] = window[radius + lane] * self.taps[0];
                }
                for (k, tap) in self.taps.iter().enumerate().skip(1) {
                    let left = &window[radius - k..][..LANES];
                    let right = &window[radius + k..][..LANES];
                    for lane in 0..LANES {
                        sum[lane] += (left[lane] + right[lane]) * tap;
                    }
                }
                *out = sum;
            }
        }
        out
    }
}

/// The positions `by` before and after `at` when `0..len` is mirrored at both ends.
fn mirrored(at: usize, by: usize, len: usize) -> (usize, usize) {
    let period = 2 * len.saturating_sub(1);
    if period == 0 {
        return (0, 0);
    }
    let fold = |at: usize| (at % period).min(period - at % period);
    (fold(at + period - by % period), fold(at + by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_field_stays_flat_up_to_its_edges() {
        let mut field = Field::zeroed(37, 9);
        for y in 0..9 {
            field.row_mut(y).fill(0.25);
        }
        let blurred = Gaussian::new(2.0).blur(&field);
        assert!((0..9).all(|y| blurred.row(y).iter().all(|v| (v - 0.25).abs() < 1e-6)));
    }

    #[test]
    fn a_point_becomes_a_gaussian() {
        let mut field = Field::zeroed(41, 41);
        field.row_mut(20)[20] = 1.0;
        let blurred = Gaussian::new(2.0).blur(&field);
        let expected = |squared: f32| (-squared / 8.0).exp() / (8.0 * std::f32::consts::PI);
        assert!((blurred.row(20)[20] - expected(0.0)).abs() < 1e-4);
        assert!((blurred.row(23)[16] - expected(25.0)).abs() < 1e-4);
    }
}
