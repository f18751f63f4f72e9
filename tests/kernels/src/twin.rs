//! What the kernels must give: plain loops on the processor, which are their specification.

use crate::problem::{Epilogue, Problem};

/// What goes in, as ONNX lays it out.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs {
    /// `[batch, channels, height, width]`.
    pub input: Vec<f32>,
    /// `[outputs, channels, side, side]`.
    pub weights: Vec<f32>,
    /// `[outputs]`.
    pub biases: Vec<f32>,
    /// `[batch, outputs, height, width]`, or empty where nothing is added.
    pub residual: Vec<f32>,
}

/// The whole output, `[batch, outputs, height, width]`.
pub fn convolve(problem: &Problem, inputs: &Inputs) -> Vec<f32> {
    (0..problem.output_len()).map(|at| convolve_at(problem, inputs, at)).collect()
}

/// The value of the output at index `at` of its flat memory: with `r` half a side,
///
/// `after(bias[o] + sum over c, i, j of weights[o, c, i, j] * input[b, c, y + i - r, x + j - r])`
///
/// where pixels outside the picture are 0, and `after` is nothing, `v * sigmoid(v)`, or `v + residual[b, o, y, x]`. Sums have 64
/// bits: they are what others are measured by.
///
/// # Panics
/// If an input is shorter than the problem says.
pub fn convolve_at(problem: &Problem, inputs: &Inputs, at: usize) -> f32 {
    let Problem { channels, outputs, height, width, .. } = *problem;
    let side = problem.operator.side();
    let (x, y) = (at % width, at / width % height);
    let output = at / (width * height) % outputs;
    let item = at / (width * height * outputs);
    let mut sum = f64::from(inputs.biases[output]);
    for channel in 0..channels {
        for i in 0..side {
            for j in 0..side {
                // Outside the picture this wraps, and is too large.
                let (from_y, from_x) = ((y + i).wrapping_sub(side / 2), (x + j).wrapping_sub(side / 2));
                if from_y < height && from_x < width {
                    let weight = inputs.weights[((output * channels + channel) * side + i) * side + j];
                    let value = inputs.input[((item * channels + channel) * height + from_y) * width + from_x];
                    sum += f64::from(weight) * f64::from(value);
                }
            }
        }
    }
    let value = match problem.epilogue {
        Epilogue::Plain => sum,
        Epilogue::Silu => sum / (1.0 + (-sum).exp()),
        Epilogue::Residual => sum + f64::from(inputs.residual[at]),
    };
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Operator;

    fn check(problem: &Problem, inputs: &Inputs, expected: &[f32]) {
        for (at, (got, want)) in convolve(problem, inputs).iter().zip(expected).enumerate() {
            assert!((got - want).abs() < 1e-6, "{got} instead of {want} at {at} of {problem:?}");
        }
        assert_eq!(convolve(problem, inputs).len(), expected.len());
    }

    fn by(operator: Operator, channels: usize, outputs: usize, height: usize, width: usize) -> Problem {
        Problem { height, width, ..Problem::new(operator, 1, channels, outputs, 1) }
    }

    #[test]
    fn a_pointwise_convolution_is_a_product_of_matrices() {
        // [[1, 2], [3, 4]] by [[5, 6], [7, 8]] is [[19, 22], [43, 50]].
        let problem = Problem { epilogue: Epilogue::Residual, ..by(Operator::Pointwise, 2, 2, 1, 2) };
        let inputs = Inputs {
            input: vec![5.0, 6.0, 7.0, 8.0],
            weights: vec![1.0, 2.0, 3.0, 4.0],
            biases: vec![0.5, -0.5],
            residual: vec![100.0, 200.0, 300.0, 400.0],
        };
        check(&problem, &inputs, &[119.5, 222.5, 342.5, 449.5]);
    }

    #[test]
    fn what_lies_outside_is_zero() {
        // Nine different weights over [[1, 2], [3, 4]]: each pixel sees its neighbours under the weights around the middle, 5.
        let problem = by(Operator::Conv3x3, 1, 1, 2, 2);
        let weights: Vec<f32> = (1..=9_u8).map(f32::from).collect();
        let inputs = Inputs { input: vec![1.0, 2.0, 3.0, 4.0], weights, biases: vec![0.0], residual: vec![] };
        let corner = 1.0 * 5.0 + 2.0 * 6.0 + 3.0 * 8.0 + 4.0 * 9.0;
        let right = 1.0 * 4.0 + 2.0 * 5.0 + 3.0 * 7.0 + 4.0 * 8.0;
        let below = 1.0 * 2.0 + 2.0 * 3.0 + 3.0 * 5.0 + 4.0 * 6.0;
        let last = 1.0 * 1.0 + 2.0 * 2.0 + 3.0 * 4.0 + 4.0 * 5.0;
        check(&problem, &inputs, &[corner, right, below, last]);
    }

    #[test]
    fn the_activation_is_x_by_its_sigmoid() {
        let problem = Problem { epilogue: Epilogue::Silu, ..by(Operator::Pointwise, 1, 1, 1, 2) };
        let inputs = Inputs { input: vec![0.0, 1.0], weights: vec![1.0], biases: vec![0.0], residual: vec![] };
        check(&problem, &inputs, &[0.0, 0.731_058_6]);
    }

    #[test]
    fn a_position_convolution_reaches_seven_pixels_far() {
        // One pixel of 1 in the middle of a row of 17, and weights that tell their column in the middle row.
        let problem = by(Operator::Position, 1, 1, 1, 17);
        let mut inputs = Inputs { input: vec![0.0; 17], weights: vec![0.0; 225], biases: vec![0.0], residual: vec![] };
        inputs.input[8] = 1.0;
        for column in 0..15_u8 {
            inputs.weights[7 * 15 + usize::from(column)] = f32::from(column) + 1.0;
        }
        let mut expected = [0.0; 17];
        for (at, value) in (1..=15).zip((1..=15_u8).rev()) {
            expected[at] = f32::from(value);
        }
        check(&problem, &inputs, &expected);
    }
}
