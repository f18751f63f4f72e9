//! A quick look at a latent, without the decoder.

use crate::{
    geometry::Size,
    image::ShapeError,
    tensor::{Rgb, Unit},
};

/// Colours of cells as a linear function of their latent, learnt from the picture's own surroundings, whose latent and
/// colours are both known. Needs no knowledge of the decoder, and costs next to nothing.
#[derive(Debug, Clone)]
pub(super) struct LatentLook {
    /// For red, green and blue: a weight for each channel of the latent, then what is added.
    weights: [Vec<f64>; 3],
    channels: usize,
}

/// Keeps what cannot be told from the surroundings at nothing, relative to the mean square of a channel.
const RIDGE: f64 = 1e-3;

impl LatentLook {
    /// Learns from the cells that `hole` (1 = hole) leaves free; none if there are too few of them.
    pub(super) fn learn(latent: &[f32], hole: &[f32], image: &Rgb<Unit>) -> Option<Self> {
        let cells = hole.len();
        let channels = latent.len() / cells.max(1);
        let colours = colours_of_cells(image, cells)?;
        let known: Vec<usize> = (0..cells).filter(|&cell| hole[cell] < 0.5).collect();
        if known.len() < 8 * (channels + 1) {
            return None;
        }
        // Least squares: the normal equations of a few unknowns.
        let terms = channels + 1;
        let row = |cell: usize| -> Vec<f64> {
            let latent = (0..channels).map(|channel| f64::from(latent[channel * cells + cell]));
            latent.chain([1.0]).collect()
        };
        let mut products = vec![vec![0.0; terms]; terms];
        let mut sums = vec![[0.0; 3]; terms];
        for &cell in &known {
            let row = row(cell);
            for i in 0..terms {
                for j in 0..terms {
                    products[i][j] += row[i] * row[j];
                }
                for (sum, colours) in sums[i].iter_mut().zip(&colours) {
                    *sum += row[i] * f64::from(colours[cell]);
                }
            }
        }
        for (i, product) in products.iter_mut().enumerate().take(channels) {
            product[i] *= 1.0 + RIDGE;
            product[i] += RIDGE;
        }
        let solved = solve(products, sums)?;
        let weights = [0, 1, 2].map(|colour| solved.iter().map(|sums| sums[colour]).collect());
        Some(Self { weights, channels })
    }

    /// The whole tile as it roughly looks.
    ///
    /// # Errors
    /// [`ShapeError`] unless the latent has square planes of whole cells.
    pub(super) fn picture(&self, latent: &[f32], size: Size) -> Result<Rgb<Unit>, ShapeError> {
        let cells = latent.len() / self.channels.max(1);
        let across = cells.isqrt();
        let (width, height) = (size.width() as usize, size.height() as usize);
        if across == 0 || across * across != cells || width % across != 0 || height % across != 0 {
            return Err(ShapeError { expected: size.area(), actual: cells });
        }
        let mut pixels = Vec::with_capacity(3 * size.area());
        for weights in &self.weights {
            let value = |cell: usize| {
                let parts =
                    (0..self.channels).map(|channel| weights[channel] * f64::from(latent[channel * cells + cell]));
                (parts.sum::<f64>() + weights[self.channels]).clamp(0.0, 1.0) as f32
            };
            let plane: Vec<f32> = (0..cells).map(value).collect();
            enlarge(&plane, across, width / across, height / across, &mut pixels);
        }
        Rgb::from_vec(size, pixels)
    }
}

/// The mean colour of each cell; none if the image does not consist of whole cells.
fn colours_of_cells(image: &Rgb<Unit>, cells: usize) -> Option<[Vec<f32>; 3]> {
    let across = cells.isqrt();
    let (width, height) = (image.size().width() as usize, image.size().height() as usize);
    if across == 0 || across * across != cells || !width.is_multiple_of(across) || !height.is_multiple_of(across) {
        return None;
    }
    let (cell_width, cell_height) = (width / across, height / across);
    let share = 1.0 / (cell_width * cell_height) as f32;
    Some([0, 1, 2].map(|c| {
        let mut means = vec![0.0; cells];
        for (y, row) in image.plane(c).chunks_exact(width).enumerate() {
            for (x, values) in row.chunks_exact(cell_width).enumerate() {
                means[y / cell_height * across + x] += share * values.iter().sum::<f32>();
            }
        }
        means
    }))
}

/// Appends a plane of cells, enlarged with straight lines between their middles.
fn enlarge(plane: &[f32], across: usize, cell_width: usize, cell_height: usize, out: &mut Vec<f32>) {
    let places = |cell_side: usize| -> Vec<(usize, usize, f32)> {
        let between = |at: usize| {
            let middle = ((at as f32 + 0.5) / cell_side as f32 - 0.5).clamp(0.0, (across - 1) as f32);
            let first = middle as usize;
            (first, (first + 1).min(across - 1), middle - first as f32)
        };
        (0..across * cell_side).map(between).collect()
    };
    let columns = places(cell_width);
    for (above, below, down) in places(cell_height) {
        let (above, below) = (&plane[above * across..], &plane[below * across..]);
        out.extend(columns.iter().map(|&(left, right, along)| {
            let mix = |row: &[f32]| row[left] + (row[right] - row[left]) * along;
            mix(above) + (mix(below) - mix(above)) * down
        }));
    }
}

/// Solves `matrix * x = sums` by elimination with pivots; none if there is no single answer.
fn solve(mut matrix: Vec<Vec<f64>>, mut sums: Vec<[f64; 3]>) -> Option<Vec<[f64; 3]>> {
    let len = matrix.len();
    for column in 0..len {
        let pivot = (column..len).max_by(|&a, &b| matrix[a][column].abs().total_cmp(&matrix[b][column].abs()))?;
        if matrix[pivot][column].abs() < 1e-12 {
            return None;
        }
        matrix.swap(column, pivot);
        sums.swap(column, pivot);
        let (pivot, pivot_sums) = (matrix[column].clone(), sums[column]);
        let others = matrix.iter_mut().zip(&mut sums).enumerate().filter(|(row, _)| *row != column);
        for (_, (values, sums)) in others {
            let factor = values[column] / pivot[column];
            for (value, pivot) in values.iter_mut().zip(&pivot) {
                *value -= factor * pivot;
            }
            for (sum, pivot) in sums.iter_mut().zip(pivot_sums) {
                *sum -= factor * pivot;
            }
        }
    }
    Some((0..len).map(|row| sums[row].map(|sum| sum / matrix[row][row])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A latent that mixes the colours of its cells, as an encoder might.
    fn encode(image: &Rgb<Unit>, cells: usize) -> Vec<f32> {
        let colours = colours_of_cells(image, cells).unwrap();
        let mixes = [[1.0, 1.0, 0.0], [0.0, 1.5, -0.5], [0.2, 0.0, 2.0], [1.0, 0.0, -1.0]];
        let encoded = |mix: [f32; 3]| {
            let colours = &colours;
            (0..cells).map(move |cell| (0..3).map(|c| mix[c] * (colours[c][cell] * 2.0 - 1.0)).sum::<f32>())
        };
        mixes.into_iter().flat_map(encoded).collect()
    }

    fn image(side: usize, at: impl Fn(usize, usize, usize) -> f32) -> Rgb<Unit> {
        let at = &at;
        let values = (0..3).flat_map(|c| (0..side).flat_map(move |y| (0..side).map(move |x| at(c, x, y))));
        Rgb::from_vec(Size::square(side as u32).unwrap(), values.collect()).unwrap()
    }

    #[test]
    fn what_the_surroundings_taught_holds_in_the_hole() {
        let slopes = |c: usize, x: usize, y: usize| [x as f32, y as f32, (x * y % 64) as f32][c] / 64.0;
        let seen = image(64, slopes);
        let hole: Vec<f32> = (0..64).map(|cell| f32::from(u8::from((26..38).contains(&cell)))).collect();
        let look = LatentLook::learn(&encode(&seen, 64), &hole, &seen).unwrap();
        let other = image(64, |c, x, y| 1.0 - slopes(c, y, x));
        let picture = look.picture(&encode(&other, 64), other.size()).unwrap();
        let (wanted, got) = (colours_of_cells(&other, 64).unwrap(), colours_of_cells(&picture, 64).unwrap());
        let inner = (0..64).filter(|cell| (1..7).contains(&(cell % 8)) && (1..7).contains(&(cell / 8)));
        for (c, cell) in inner.flat_map(|cell| (0..3).map(move |c| (c, cell))) {
            assert!((wanted[c][cell] - got[c][cell]).abs() < 0.05, "{c} {cell}: {} {}", wanted[c][cell], got[c][cell]);
        }
    }

    #[test]
    fn too_little_to_learn_from_teaches_nothing() {
        let seen = image(64, |_, x, _| x as f32 / 64.0);
        let latent = encode(&seen, 64);
        assert!(LatentLook::learn(&latent, &[1.0; 64], &seen).is_none());
        let flat = image(64, |_, _, _| 0.5);
        let look = LatentLook::learn(&encode(&flat, 64), &[0.0; 64], &flat).unwrap();
        let picture = look.picture(&encode(&flat, 64), flat.size()).unwrap();
        assert!(picture.as_slice().iter().all(|value| (value - 0.5).abs() < 1e-3));
        assert!(look.picture(&latent[..12], flat.size()).is_err());
    }
}
