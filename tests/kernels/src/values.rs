//! What kernels are tried on: numbers that are the same everywhere, and their bytes as a card wants them.

use half::f16;

use crate::problem::{Epilogue, Precision, Problem};
use crate::twin::{Inputs, convolve_at};

/// How many values of an output are compared where all would take the processor too long.
const SAMPLES: usize = 512;

/// Inputs with a mean square of about 1 and weights that keep it; all are numbers that `precision` can hold.
pub fn inputs(problem: &Problem, precision: Precision) -> Inputs {
    // Uniform numbers from -1 to 1 have a mean square of a third.
    let deviation = 3_f32.sqrt();
    let products = (problem.channels * problem.taps()) as f32;
    let draw = |seed: u64, len: usize, scale: f32| -> Vec<f32> {
        (0..len as u64).map(|at| rounded(uniform(seed, at) * scale, precision)).collect()
    };
    let residual = if problem.epilogue == Epilogue::Residual { problem.output_len() } else { 0 };
    Inputs {
        input: draw(1, problem.input_len(), deviation),
        weights: draw(2, problem.weights_len(), deviation / products.sqrt()),
        // Not stored with 16 bits.
        biases: (0..problem.outputs as u64).map(|at| uniform(3, at)).collect(),
        residual: draw(4, residual, deviation),
    }
}

/// From -1 to 1, by the finaliser of the `SplitMix64` generator (Steele, Lea, Flood, 2014).
fn uniform(seed: u64, at: u64) -> f32 {
    let mut bits = (seed << 40).wrapping_add(at).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    (bits >> 40) as f32 / 8_388_608.0 - 1.0
}

fn rounded(value: f32, precision: Precision) -> f32 {
    match precision {
        Precision::Single => value,
        Precision::Half => f16::from_f32(value).to_f32(),
    }
}

/// `[outputs, channels, taps]` as `[taps, channels, outputs]`: so neighbours in a tile are neighbours in memory. Weights
/// don't change, so it is done once when a model is loaded.
///
/// # Panics
/// If there are fewer weights than the problem says.
pub fn by_tap(problem: &Problem, weights: &[f32]) -> Vec<f32> {
    let (taps, channels, outputs) = (problem.taps(), problem.channels, problem.outputs);
    let index = |at: usize| {
        let (output, channel, tap) = (at % outputs, at / outputs % channels, at / (outputs * channels));
        (output * channels + channel) * taps + tap
    };
    (0..problem.weights_len()).map(|at| weights[index(at)]).collect()
}

/// As a card stores it.
pub fn bytes(values: &[f32], precision: Precision) -> Vec<u8> {
    match precision {
        Precision::Single => bytemuck::cast_slice(values).to_vec(),
        Precision::Half => values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect(),
    }
}

/// What [`bytes`] made.
pub fn from_bytes(bytes: &[u8], precision: Precision) -> Vec<f32> {
    match precision {
        Precision::Single => bytemuck::pod_collect_to_vec(bytes),
        Precision::Half => {
            let (pairs, _) = bytes.as_chunks();
            pairs.iter().map(|&pair| f16::from_le_bytes(pair).to_f32()).collect()
        }
    }
}

/// Some values of the right output: the place of each, and what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    values: Vec<(usize, f32)>,
    root_mean_square: f64,
}

impl Expected {
    /// All values of a small output.
    pub fn all(problem: &Problem, inputs: &Inputs) -> Self {
        Self::at(problem, inputs, 0..problem.output_len())
    }

    /// The first, the last and others from everywhere between.
    pub fn sampled(problem: &Problem, inputs: &Inputs) -> Self {
        let len = problem.output_len();
        if len <= SAMPLES {
            return Self::all(problem, inputs);
        }
        let part = len as f64 / SAMPLES as f64;
        let middle = (1..SAMPLES as u64 - 1).map(|at| {
            let shift = f64::from(uniform(5, at)).mul_add(0.5, 0.5);
            (((at as f64 + shift) * part) as usize).min(len - 1)
        });
        Self::at(problem, inputs, [0].into_iter().chain(middle).chain([len - 1]))
    }

    fn at(problem: &Problem, inputs: &Inputs, places: impl Iterator<Item = usize>) -> Self {
        let values: Vec<(usize, f32)> = places.map(|at| (at, convolve_at(problem, inputs, at))).collect();
        let squares: f64 = values.iter().map(|&(_, value)| f64::from(value) * f64::from(value)).sum();
        let root_mean_square = (squares / values.len().max(1) as f64).sqrt();
        Self { values, root_mean_square }
    }

    /// How far `output` is off where it is worst, as a part of the larger of what was expected there and the root of the mean
    /// square. Infinite where values are missing or none.
    pub fn error_of(&self, output: &[f32]) -> f64 {
        let errors = self.values.iter().map(|&(at, expected)| {
            let error = output.get(at).map_or(f64::NAN, |&value| f64::from(value) - f64::from(expected)).abs();
            let error = error / self.root_mean_square.max(f64::from(expected).abs());
            if error.is_nan() { f64::INFINITY } else { error }
        });
        errors.fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Operator;

    #[test]
    fn weights_are_sorted_by_tap_then_channel() {
        let problem = Problem::new(Operator::Conv3x3, 1, 2, 4, 4);
        let weights: Vec<f32> = (0..72_u8).map(f32::from).collect();
        let sorted = by_tap(&problem, &weights);
        // Tap 5 of channel 1 of output 3.
        assert!((sorted[(5 * 2 + 1) * 4 + 3] - weights[(3 * 2 + 1) * 9 + 5]).abs() < f32::EPSILON);
    }

    #[test]
    fn bytes_come_back() {
        let values = [0.5, -2.0, 1.0 / 3.0];
        assert_eq!(from_bytes(&bytes(&values, Precision::Single), Precision::Single), values);
        let halves = from_bytes(&bytes(&values, Precision::Half), Precision::Half);
        assert_eq!(halves, values.map(|value| rounded(value, Precision::Half)));
    }

    #[test]
    fn what_is_wrong_is_seen() {
        let problem = Problem::new(Operator::Position, 2, 1, 4, 16);
        let inputs = inputs(&problem, Precision::Single);
        let expected = Expected::sampled(&problem, &inputs);
        assert_eq!(expected.values.len(), SAMPLES);
        let mut output = crate::twin::convolve(&problem, &inputs);
        assert!(expected.error_of(&output) < 1e-12);
        if let Some(last) = output.last_mut() {
            *last += 1.0;
        }
        assert!(expected.error_of(&output) > 0.1);
        output[0] = f32::NAN;
        assert!(expected.error_of(&output).is_infinite());
        assert!(expected.error_of(&[]).is_infinite());
    }

    #[test]
    fn outputs_are_about_as_large_as_inputs() {
        let problem = Problem::new(Operator::Pointwise, 1, 64, 32, 8);
        let expected = Expected::all(&problem, &inputs(&problem, Precision::Single));
        assert!((0.7..1.7).contains(&expected.root_mean_square), "{}", expected.root_mean_square);
    }
}
