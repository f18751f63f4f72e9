//! What kernels there are, and what each is told.

use super::{Operand, View};

/// What is done to a sum before it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// Nothing.
    Plain,
    /// `x * sigmoid(x)`.
    Silu,
    /// The larger of it and 0.
    Relu,
    /// Another value is added.
    Residual(Operand),
}

/// A convolution. All operands lie as `[batch, channels, rows, columns]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Convolution {
    /// What it is of.
    pub input: Operand,
    /// `Layout::Kernel` if there is one group, else as in the file.
    pub weight: Operand,
    /// One for each output channel.
    pub bias: Option<Operand>,
    /// After the bias.
    pub ending: Ending,
    /// What is computed.
    pub output: usize,
    /// Pictures.
    pub batch: usize,
    /// Channels of the input.
    pub channels: usize,
    /// Rows and columns of the input.
    pub size: [usize; 2],
    /// Channels of the output.
    pub outputs: usize,
    /// Rows and columns of the output.
    pub output_size: [usize; 2],
    /// Rows and columns of the window.
    pub window: [usize; 2],
    /// How far apart windows are.
    pub strides: [usize; 2],
    /// Zeros above and to the left.
    pub pads: [usize; 2],
    /// Channels are divided into as many parts that have nothing to do with each other.
    pub groups: usize,
}

/// Sums of products along one axis: `output[b, m, n] = sum_k a[b, m, k] * c[b, k, n]`, then what is added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Extents of the batch, the rows and the columns; batches have up to three axes.
    pub batch: Vec<usize>,
    /// Rows that come out.
    pub rows: usize,
    /// Columns that come out.
    pub columns: usize,
    /// What is summed over.
    pub depth: usize,
    /// `[batch.., rows, depth]`
    pub left: View,
    /// `[batch.., depth, columns]`
    pub right: View,
    /// One for each column.
    pub bias: Option<Operand>,
    /// After the bias.
    pub ending: Ending,
    /// `[batch.., rows, columns]`, one after another.
    pub output: usize,
}

/// Sums of products, each element of the output with one of its own: `output[p] = sum_k left[p, k] * right[p, k]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contraction {
    /// Extents of what is computed.
    pub shape: Vec<usize>,
    /// What is summed over.
    pub depth: usize,
    /// `[shape.., depth]`
    pub left: View,
    /// `[shape.., depth]`
    pub right: View,
    /// Of this shape, one after another.
    pub output: usize,
}

/// What is done to each element alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Each {
    /// Nothing.
    Copy,
    /// Always the same.
    Fill(f32),
    /// The sum of two.
    Add,
    /// Their difference.
    Sub,
    /// Their product.
    Mul,
    /// Their quotient.
    Div,
    /// One to the power of the other, of which one must be positive.
    Pow,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// `x / (1 + exp(-factor * x))`
    QuickGelu(f32),
    /// That of one, multiplied with the other.
    Gate(f32),
    /// The larger of it and 0.
    Relu,
    /// Powers of e.
    Exp,
    /// Square roots.
    Sqrt,
    /// The other sign.
    Neg,
    /// Sines.
    Sin,
    /// Cosines.
    Cos,
    /// Hyperbolic tangents.
    Tanh,
    /// One divided by it.
    Reciprocal,
}

/// Element by element.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// What is done.
    pub each: Each,
    /// Extents of what is computed.
    pub shape: Vec<usize>,
    /// As many as are needed, all of this shape.
    pub inputs: Vec<View>,
    /// Where it goes.
    pub output: View,
}

/// A factor and a summand for channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Affine {
    /// Multiplied with.
    pub scale: Operand,
    /// Added.
    pub shift: Option<Operand>,
    /// So many neighbouring elements of a row are of one channel.
    pub span: usize,
}

/// Each row is brought to a mean of 0 and a variance of 1, the same way for instance, group and layer normalisation.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalisation {
    /// `[rows / apart, length, apart]`
    pub input: Operand,
    /// How many rows.
    pub rows: usize,
    /// Elements of a row.
    pub length: usize,
    /// How far apart neighbours in a row are, as many rows lying between each other: 1 if each row lies for itself.
    pub apart: usize,
    /// Rows whose channels come one after another, before they begin again.
    pub groups: usize,
    /// Added to the variance.
    pub epsilon: f32,
    /// After that.
    pub affine: Option<Affine>,
    /// Whether `x * sigmoid(x)` comes last.
    pub silu: bool,
    /// As the input.
    pub output: usize,
}

/// Each row becomes positive with a sum of 1: `exp(x)` divided by the sum of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Softmax {
    /// `[rows, length]`
    pub input: Operand,
    /// How many rows.
    pub rows: usize,
    /// Elements of a row.
    pub length: usize,
    /// `[rows, length]`
    pub output: usize,
}

/// Rows of a table, by their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gather {
    /// `[before, rows, after]`
    pub table: Operand,
    /// Numbers of rows, as floats.
    pub numbers: Operand,
    /// How many numbers.
    pub count: usize,
    /// Extents of the table.
    pub extents: [usize; 3],
    /// `[before, count, after]`
    pub output: usize,
}

/// One kernel, or a few that belong together.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// See [`Convolution`].
    Convolution(Convolution),
    /// See [`Product`].
    Product(Product),
    /// See [`Contraction`].
    Contraction(Contraction),
    /// See [`Map`].
    Map(Map),
    /// See [`Normalisation`].
    Normalisation(Normalisation),
    /// See [`Softmax`].
    Softmax(Softmax),
    /// See [`Gather`].
    Gather(Gather),
}

impl Step {
    /// All that it reads.
    pub fn reads(&self) -> Vec<Operand> {
        let of_ending = |ending: &Ending| match ending {
            Ending::Residual(other) => Some(*other),
            Ending::Plain | Ending::Silu | Ending::Relu => None,
        };
        match self {
            Self::Convolution(step) => {
                let more = [step.bias, of_ending(&step.ending)];
                [step.input, step.weight].into_iter().chain(more.into_iter().flatten()).collect()
            }
            Self::Product(step) => {
                let more = [step.bias, of_ending(&step.ending)];
                [step.left.operand, step.right.operand].into_iter().chain(more.into_iter().flatten()).collect()
            }
            Self::Contraction(step) => vec![step.left.operand, step.right.operand],
            Self::Map(step) => step.inputs.iter().map(|view| view.operand).collect(),
            Self::Normalisation(step) => {
                let affine = step.affine.iter().flat_map(|affine| [Some(affine.scale), affine.shift]);
                std::iter::once(step.input).chain(affine.flatten()).collect()
            }
            Self::Softmax(step) => vec![step.input],
            Self::Gather(step) => vec![step.table, step.numbers],
        }
    }

    /// The value that it writes, or a part of it.
    pub fn writes(&self) -> usize {
        match self {
            Self::Convolution(step) => step.output,
            Self::Product(step) => step.output,
            Self::Contraction(step) => step.output,
            Self::Map(step) => match step.output.operand {
                Operand::Value(value) => value,
                Operand::Weight(_) => unreachable!("the planner writes to values alone"),
            },
            Self::Normalisation(step) => step.output,
            Self::Softmax(step) => step.output,
            Self::Gather(step) => step.output,
        }
    }

    /// About how many floating-point operations it is, elements that are read and written counted as ten each.
    pub fn work(&self) -> u64 {
        let count = |extents: &[usize]| extents.iter().map(|&extent| extent as u64).product::<u64>();
        match self {
            Self::Convolution(step) => {
                let sums = count(&[step.batch, step.outputs]) * count(&step.output_size);
                sums * (2 * count(&step.window) * (step.channels / step.groups) as u64 + 10)
            }
            Self::Product(step) => {
                count(&step.batch) * count(&[step.rows, step.columns]) * (2 * step.depth as u64 + 10)
            }
            Self::Contraction(step) => count(&step.shape) * (2 * step.depth as u64 + 10),
            Self::Map(step) => 20 * count(&step.shape),
            Self::Normalisation(step) => 40 * count(&[step.rows, step.length]),
            Self::Softmax(step) => 40 * count(&[step.rows, step.length]),
            Self::Gather(step) => 20 * count(&step.extents),
        }
    }
}
