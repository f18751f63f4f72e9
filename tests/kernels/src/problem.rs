//! What is to be computed: an operator at a size. The sizes are those of the network in question.

/// Which kernel computes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// 1x1 convolution: a product of matrices.
    Pointwise,
    /// 3x3 convolution, padded by 1.
    Conv3x3,
    /// 15x15 convolution of single planes, padded by 7: each gives as many planes as there are keys.
    Position,
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pointwise, Self::Conv3x3, Self::Position];

    /// Weights along a side.
    pub const fn side(self) -> usize {
        match self {
            Self::Pointwise => 1,
            Self::Conv3x3 => 3,
            Self::Position => 15,
        }
    }

    /// In the words of tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pointwise => "1x1 convolution",
            Self::Conv3x3 => "3x3 convolution",
            Self::Position => "position convolution",
        }
    }
}

/// What values are stored as. Sums have 32 bits in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    /// 32 bits.
    Single,
    /// 16 bits.
    Half,
}

impl Precision {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Single, Self::Half];

    /// In the words of tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Single => "f32",
            Self::Half => "f16",
        }
    }

    /// How far apart two results may be, as a part of the larger of the expected value and the root of the mean square.
    /// Sums of up to 11,520 products in another order, then rounding to what is stored.
    pub const fn tolerance(self) -> f64 {
        match self {
            Self::Single => 1e-3,
            Self::Half => 2e-2,
        }
    }
}

/// What is done to a sum after the bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Epilogue {
    /// Nothing.
    Plain,
    /// `x * sigmoid(x)`.
    Silu,
    /// Something of the same shape is added.
    Residual,
}

/// A convolution with stride 1 whose output is as large as its input: `[batch, channels, height, width]` becomes
/// `[batch, outputs, height, width]`.
///
/// A position convolution has one channel, and each plane of values is an item of its batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// Which kernel.
    pub operator: Operator,
    /// Items.
    pub batch: usize,
    /// Planes of each item of the input.
    pub channels: usize,
    /// Planes of each item of the output; a multiple of 4, as the kernels want it.
    pub outputs: usize,
    /// Pixels.
    pub height: usize,
    /// Pixels; a multiple of 4.
    pub width: usize,
    /// After the bias.
    pub epilogue: Epilogue,
}

impl Problem {
    /// The problem without anything after the bias.
    pub const fn new(operator: Operator, batch: usize, channels: usize, outputs: usize, side: usize) -> Self {
        Self { operator, batch, channels, outputs, height: side, width: side, epilogue: Epilogue::Plain }
    }

    const fn with(self, epilogue: Epilogue) -> Self {
        Self { epilogue, ..self }
    }

    /// Weights of each pair of channels.
    pub const fn taps(&self) -> usize {
        self.operator.side() * self.operator.side()
    }

    /// Values of the input.
    pub const fn input_len(&self) -> usize {
        self.batch * self.channels * self.height * self.width
    }

    /// Values of the output.
    pub const fn output_len(&self) -> usize {
        self.batch * self.outputs * self.height * self.width
    }

    /// Weights.
    pub const fn weights_len(&self) -> usize {
        self.taps() * self.channels * self.outputs
    }

    /// Multiplications and additions, as usual counted at the borders too: there a kernel may do less.
    pub const fn flop(&self) -> f64 {
        2.0 * (self.output_len() * self.channels * self.taps()) as f64
    }

    /// In the words of tables.
    pub fn shape(&self) -> String {
        let Self { batch, channels, outputs, height, width, .. } = self;
        let after = match self.epilogue {
            Epilogue::Plain => "",
            Epilogue::Silu => ", SiLU",
            Epilogue::Residual => ", residual",
        };
        format!("{batch} x {channels} → {outputs} at {height} x {width}{after}")
    }

    /// Sizes of the denoiser with two rows. It has 320, 640 and 1280 channels at 64, 32 and 16 pixels a side, eight heads (so
    /// an eighth of the channels are keys, and another eighth are values), and feed-forward layers 2.5 times as wide whose
    /// first half gates the other.
    pub fn true_sizes() -> Vec<Self> {
        use Operator::{Conv3x3, Pointwise, Position};
        vec![
            Self::new(Pointwise, 2, 320, 320, 64).with(Epilogue::Residual),
            Self::new(Pointwise, 2, 320, 1600, 64).with(Epilogue::Silu),
            Self::new(Pointwise, 2, 1600, 640, 32).with(Epilogue::Residual),
            Self::new(Pointwise, 2, 1280, 6400, 16).with(Epilogue::Silu),
            Self::new(Conv3x3, 2, 640, 640, 64),
            Self::new(Conv3x3, 2, 1280, 1280, 32),
            Self::new(Conv3x3, 2, 9, 320, 64),
            Self::new(Position, 2 * 40, 1, 40, 64),
            Self::new(Position, 2 * 80, 1, 80, 32),
            Self::new(Position, 2 * 160, 1, 160, 16),
        ]
    }

    /// Small ones that fit no tile: for tests, and for adapters that compute on the processor.
    pub fn small_sizes() -> Vec<Self> {
        use Operator::{Conv3x3, Pointwise, Position};
        vec![
            Self::new(Pointwise, 2, 20, 36, 12).with(Epilogue::Residual),
            Self::new(Pointwise, 1, 33, 72, 16).with(Epilogue::Silu),
            Self::new(Conv3x3, 2, 9, 20, 12).with(Epilogue::Silu),
            Self::new(Conv3x3, 1, 17, 40, 16).with(Epilogue::Residual),
            Self::new(Position, 6, 1, 12, 16),
            Self { width: 68, ..Self::new(Position, 2, 1, 20, 36) },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_two_for_each_product() {
        // 40 planes of values by 40 keys for two rows, 225 products each.
        let position = Problem::new(Operator::Position, 80, 1, 40, 64);
        assert!((position.flop() - 2.0 * 80.0 * 40.0 * 4096.0 * 225.0).abs() < 1.0);
    }

    /// So that both are measured at the same sizes.
    #[test]
    fn the_runtime_gets_the_same_sizes() {
        let script = include_str!("../make_operators.py");
        for problem in Problem::true_sizes() {
            let Problem { operator, batch, channels, outputs, height, epilogue, .. } = problem;
            let row = format!("({operator:?}, {batch}, {channels}, {outputs}, {height}, {epilogue:?})").to_lowercase();
            let found = script.lines().any(|line| line.replace('"', "").trim().trim_end_matches(',') == row);
            assert!(found, "{row} is not in the script");
        }
        let rows = script.lines().filter(|line| line.starts_with("    (\"")).count();
        assert_eq!(rows, Problem::true_sizes().len());
    }

    #[test]
    fn kernels_get_what_they_can_do() {
        for problem in Problem::true_sizes().into_iter().chain(Problem::small_sizes()) {
            assert!(problem.outputs % 4 == 0 && problem.width % 4 == 0, "{problem:?}");
            assert!(problem.operator != Operator::Position || problem.channels == 1, "{problem:?}");
        }
    }
}
