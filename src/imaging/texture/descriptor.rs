//! What a blurred patch looks like, in 32 numbers.
//!
//! Squared distances between them are those between the patches' pixels, but for what lies in higher frequencies, of which
//! blurring has left next to nothing.

use super::{PATCH, field::Field};
use crate::imaging::card::{LOOKS, Looks};

/// Frequencies that are told apart along one axis.
const FREQUENCIES: usize = 4;

/// Plane, frequency across and frequency down of each number; the ones that tell most apart come first, since a search
/// stops as soon as these differ too much.
///
/// Frequencies are those that survive a Gaussian of 2 pixels: it leaves `exp(-(u² + v²) / 6.1)` of amplitude.
const COEFFICIENTS: [(usize, usize, usize); LOOKS] = [
    (0, 0, 0),
    (0, 1, 0),
    (0, 0, 1),
    (1, 0, 0),
    (2, 0, 0),
    (0, 1, 1),
    (0, 2, 0),
    (0, 0, 2),
    (1, 1, 0),
    (1, 0, 1),
    (2, 1, 0),
    (2, 0, 1),
    (0, 2, 1),
    (0, 1, 2),
    (0, 3, 0),
    (0, 0, 3),
    (0, 2, 2),
    (0, 3, 1),
    (0, 1, 3),
    (1, 1, 1),
    (2, 1, 1),
    (1, 2, 0),
    (1, 0, 2),
    (2, 2, 0),
    (2, 0, 2),
    (0, 3, 2),
    (0, 2, 3),
    (1, 2, 1),
    (1, 1, 2),
    (2, 2, 1),
    (2, 1, 2),
    (0, 3, 3),
];

/// Describes the patches of a picture.
#[derive(Debug)]
pub(super) struct Describer {
    /// Brightness and two colour axes.
    planes: [Field; 3],
    /// The cosines of the orthonormal DCT-II of [`PATCH`] points.
    cosines: [[f32; PATCH]; FREQUENCIES],
}

/// For one row of patches: their columns, projected on each frequency down. By plane, then frequency.
type Profile = [[Vec<f32>; FREQUENCIES]; 3];

impl Describer {
    /// Takes red, green and blue, blurred.
    pub(super) fn new([red, green, blue]: &[Field; 3]) -> Self {
        // An orthonormal basis: distances stay, but nearly all of them is in the first axis.
        let [a, b, c] = [3.0_f32, 2.0, 6.0].map(|squared| squared.sqrt().recip());
        let mix = |f: &dyn Fn(f32, f32, f32) -> f32| {
            let mut out = red.clone();
            for ((out, &green), &blue) in out.data.iter_mut().zip(&green.data).zip(&blue.data) {
                *out = f(*out, green, blue);
            }
            out
        };
        let planes =
            [mix(&|r, g, b| (r + g + b) * a), mix(&|r, _, blue| (r - blue) * b), mix(&|r, g, b| (r - 2.0 * g + b) * c)];
        Self { planes, cosines: cosines() }
    }

    /// Describes the patches whose top left corners are in row `y` at each of the columns `xs`.
    pub(super) fn row(&self, y: usize, xs: impl Iterator<Item = usize>, mut each: impl FnMut(usize, Looks)) {
        let profile = self.profile(y);
        for x in xs {
            each(x, self.describe(|plane, down| &profile[plane][down][x..x + PATCH]));
        }
    }

    /// Describes one patch by its top left corner.
    pub(super) fn at(&self, x: usize, y: usize) -> Looks {
        let mut profile = [[[0.0; PATCH]; FREQUENCIES]; 3];
        for (plane, profile) in self.planes.iter().zip(&mut profile) {
            for k in 0..PATCH {
                let row = &plane.row(y + k)[x..x + PATCH];
                for (sums, cosines) in profile.iter_mut().zip(&self.cosines) {
                    for (sum, value) in sums.iter_mut().zip(row) {
                        *sum += cosines[k] * value;
                    }
                }
            }
        }
        self.describe(|plane, down| &profile[plane][down])
    }

    /// Describes a patch whose columns were projected already.
    fn describe<'a>(&self, projected: impl Fn(usize, usize) -> &'a [f32]) -> Looks {
        COEFFICIENTS.map(|(plane, across, down)| {
            let values = projected(plane, down);
            self.cosines[across].iter().zip(values).map(|(cosine, value)| cosine * value).sum()
        })
    }

    fn profile(&self, y: usize) -> Profile {
        std::array::from_fn(|plane| {
            let plane = &self.planes[plane];
            std::array::from_fn(|frequency| {
                let mut sums = vec![0.0; plane.width];
                for (k, cosine) in self.cosines[frequency].iter().enumerate() {
                    for (sum, value) in sums.iter_mut().zip(plane.row(y + k)) {
                        *sum += cosine * value;
                    }
                }
                sums
            })
        })
    }
}

fn cosines() -> [[f32; PATCH]; FREQUENCIES] {
    std::array::from_fn(|frequency| {
        let scale = if frequency == 0 { 1.0 } else { 2.0_f32.sqrt() } / (PATCH as f32).sqrt();
        let step = std::f32::consts::PI * frequency as f32 / PATCH as f32;
        std::array::from_fn(|i| scale * (step * (i as f32 + 0.5)).cos())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::texture::bands::Gaussian;

    #[test]
    fn distances_are_those_of_the_pixels() {
        let mut seed = 1_u32;
        let mut noise = || {
            let mut field = Field::zeroed(48, 32);
            for y in 0..32 {
                for value in field.row_mut(y) {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    *value = (seed >> 8) as f32 / (1 << 24) as f32;
                }
            }
            // Pictures have less in the high frequencies, which are left out, than white noise has.
            Gaussian::new(3.5).blur(&field)
        };
        let planes = [noise(), noise(), noise()];
        let describer = Describer::new(&planes);
        for ((ax, ay), (bx, by)) in [((0, 0), (20, 9)), ((37, 21), (3, 4)), ((11, 12), (13, 12))] {
            let (a, b) = (describer.at(ax, ay), describer.at(bx, by));
            let found: f32 = a.iter().zip(&b).map(|(a, b)| (a - b) * (a - b)).sum();
            let mut truth = 0.0;
            for plane in &planes {
                for y in 0..PATCH {
                    for x in 0..PATCH {
                        let difference = plane.row(ay + y)[ax + x] - plane.row(by + y)[bx + x];
                        truth += difference * difference;
                    }
                }
            }
            assert!(found <= truth * 1.001 && found > truth * 0.95, "{found} of {truth}");
        }
    }

    #[test]
    fn a_row_of_patches_is_described_as_each_of_them() {
        let mut field = Field::zeroed(30, 12);
        for y in 0..12 {
            for (x, value) in field.row_mut(y).iter_mut().enumerate() {
                *value = ((x * 7 + y * 3) % 11) as f32 / 11.0;
            }
        }
        let describer = Describer::new(&[field.clone(), field.clone(), field]);
        describer.row(1, [0, 5, 19].into_iter(), |x, found| {
            let expected = describer.at(x, 1);
            assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-5), "{x}");
        });
    }
}
