//! How a problem is cut up: what a thread sums in registers, and what its workgroup shares.

use std::fmt::{self, Display, Formatter};

use crate::problem::{Operator, Problem};
use crate::template::Names;

/// Threads that run in step on the cards this is for; a workgroup is made of whole ones.
const IN_STEP: u32 = 32;
/// Bytes of a value in workgroup memory.
const VALUE: u32 = 4;
/// Values along each side of a matrix that a card's unit takes.
const MATRIX: u32 = 16;

/// For products of matrices: the 1x1 and the 3x3 convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProductTiles {
    /// Output channels of a thread; a multiple of 4.
    pub rows: u32,
    /// Pixels of a thread; a multiple of 4.
    pub columns: u32,
    /// Threads over output channels; a multiple of 4.
    pub down: u32,
    /// Threads over pixels; a multiple of 8.
    pub across: u32,
    /// Input channels that are staged at once.
    pub depth: u32,
    /// How staged values come into registers.
    pub reading: Reading,
}

/// How threads get values out of workgroup memory that several of them need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Each reads all that it needs.
    Direct,
    /// Each reads a part, and they exchange parts by shuffles; only where 32 threads are in step.
    Shuffled,
}

/// For the position convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowTiles {
    /// Neighbouring pixels of a thread; a multiple of 4.
    pub columns: u32,
    /// Output planes of a thread; a multiple of 4.
    pub keys: u32,
    /// Threads along a row.
    pub across: u32,
    /// Threads down a column, a row each.
    pub down: u32,
    /// Input planes of a workgroup.
    pub planes: u32,
}

/// For products of matrices by the card's own units, 16 bits to 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatrixTiles {
    /// Matrices of 16 output channels of a subgroup.
    pub rows: u32,
    /// Matrices of 16 pixels of a subgroup.
    pub columns: u32,
    /// Subgroups over output channels.
    pub down: u32,
    /// Subgroups over pixels.
    pub across: u32,
    /// Input channels that are staged at once; a multiple of 16.
    pub depth: u32,
}

/// One way to cut up a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tiles {
    /// See [`ProductTiles`].
    Product(ProductTiles),
    /// See [`WindowTiles`].
    Window(WindowTiles),
    /// See [`MatrixTiles`]: not for all cards, and for 16 bits only.
    Matrix(MatrixTiles),
}

/// What a device gives a workgroup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Threads.
    pub threads: u32,
    /// Bytes of workgroup memory.
    pub bytes: u32,
    /// Whether threads can exchange values, and it is always 32 that are in step.
    pub shuffles: bool,
}

impl Room {
    /// What any WebGPU device has.
    pub const LEAST: Self = Self { threads: 256, bytes: 16_384, shuffles: false };
}

const fn product(rows: u32, columns: u32, down: u32, across: u32, depth: u32) -> Tiles {
    Tiles::Product(ProductTiles { rows, columns, down, across, depth, reading: Reading::Direct })
}

const fn shuffled(rows: u32, columns: u32, down: u32, across: u32, depth: u32) -> Tiles {
    Tiles::Product(ProductTiles { rows, columns, down, across, depth, reading: Reading::Shuffled })
}

const fn window(columns: u32, keys: u32, across: u32, down: u32, planes: u32) -> Tiles {
    Tiles::Window(WindowTiles { columns, keys, across, down, planes })
}

const fn matrix(rows: u32, columns: u32, down: u32, across: u32, depth: u32) -> Tiles {
    Tiles::Matrix(MatrixTiles { rows, columns, down, across, depth })
}

/// Large tiles read less, small ones leave no part of a card idle: 16 by 16 pixels are few.
const PRODUCTS: [Tiles; 14] = [
    product(8, 8, 16, 16, 8),
    product(8, 8, 16, 16, 16),
    product(8, 8, 8, 16, 8),
    product(8, 8, 8, 16, 16),
    product(8, 8, 16, 8, 16),
    product(8, 8, 8, 8, 16),
    product(16, 8, 8, 16, 8),
    product(8, 16, 16, 8, 8),
    product(16, 8, 16, 16, 8),
    product(8, 4, 8, 8, 16),
    product(4, 8, 8, 8, 16),
    shuffled(8, 8, 16, 16, 8),
    shuffled(8, 8, 8, 16, 8),
    shuffled(16, 8, 8, 16, 8),
];

/// 64, 32 and 16 pixels across.
const WINDOWS: [Tiles; 11] = [
    window(8, 8, 8, 16, 1),
    window(8, 8, 8, 32, 1),
    window(16, 8, 4, 32, 1),
    window(8, 16, 8, 16, 1),
    window(8, 8, 4, 32, 1),
    window(8, 8, 4, 16, 2),
    window(16, 8, 2, 32, 2),
    window(8, 8, 2, 16, 2),
    window(8, 8, 2, 16, 4),
    window(8, 16, 2, 16, 4),
    window(16, 8, 1, 16, 4),
];

/// Two or four subgroups at least, or too little is on its way.
const MATRICES: [Tiles; 5] = [
    matrix(4, 4, 2, 2, 16),
    matrix(4, 4, 1, 2, 32),
    matrix(2, 4, 2, 2, 32),
    matrix(2, 2, 2, 2, 32),
    matrix(4, 2, 2, 4, 16),
];

impl Tiles {
    /// All that are tried for an operator besides, with 16 bits, on a card with units for products of matrices.
    pub const fn with_matrices(operator: Operator) -> &'static [Self] {
        match operator {
            Operator::Pointwise | Operator::Conv3x3 => &MATRICES,
            Operator::Position => &[],
        }
    }

    /// All that are tried for an operator.
    pub const fn candidates(operator: Operator) -> &'static [Self] {
        match operator {
            Operator::Pointwise | Operator::Conv3x3 => &PRODUCTS,
            Operator::Position => &WINDOWS,
        }
    }

    /// Threads of a workgroup.
    pub const fn threads(&self) -> u32 {
        match self {
            Self::Product(tiles) => tiles.down * tiles.across,
            Self::Window(tiles) => tiles.down * tiles.across * tiles.planes,
            Self::Matrix(tiles) => tiles.down * tiles.across * IN_STEP,
        }
    }

    /// Bytes that a workgroup shares.
    pub const fn bytes(&self) -> u32 {
        match self {
            Self::Product(tiles) => 2 * tiles.depth * (tiles.rows * tiles.down + tiles.columns * tiles.across) * VALUE,
            Self::Window(tiles) => (225 * tiles.keys + tiles.window_lines() * tiles.window_quads() * 4) * VALUE,
            Self::Matrix(tiles) => {
                // Two quads more in each row; 16 bits; then a row of matrices of each subgroup with 32 bits.
                let staged = 2 * tiles.depth * (tiles.weight_quads() + tiles.input_quads() + 4) * VALUE * 2;
                staged + tiles.down * tiles.across * MATRIX * MATRIX * tiles.columns * VALUE
            }
        }
    }

    /// Whether a device has the room, and no tile is wider or higher than the picture.
    pub const fn suits(&self, problem: &Problem, room: Room) -> bool {
        let fits = self.threads() <= room.threads && self.bytes() <= room.bytes;
        match self {
            Self::Product(tiles) => fits && (room.shuffles || matches!(tiles.reading, Reading::Direct)),
            Self::Matrix(_) => fits,
            Self::Window(tiles) => {
                let (width, height) = (problem.width as u32, problem.height as u32);
                fits && tiles.across * tiles.columns <= width && tiles.down <= height
            }
        }
    }

    /// Workgroups along each axis.
    pub fn groups(&self, problem: &Problem) -> [u32; 3] {
        let (width, height) = (problem.width as u32, problem.height as u32);
        let (outputs, batch) = (problem.outputs as u32, problem.batch as u32);
        let (weight_quads, input_quads) = match self {
            Self::Product(tiles) => (tiles.weight_quads(), tiles.input_quads()),
            Self::Matrix(tiles) => (tiles.weight_quads(), tiles.input_quads()),
            Self::Window(tiles) => {
                return [
                    width.div_ceil(tiles.across * tiles.columns) * height.div_ceil(tiles.down),
                    outputs.div_ceil(tiles.keys),
                    batch.div_ceil(tiles.planes),
                ];
            }
        };
        [(width * height / 4).div_ceil(input_quads), (outputs / 4).div_ceil(weight_quads), batch]
    }

    /// What the text of a kernel names.
    pub(crate) fn names(&self) -> Names {
        let mut names = match *self {
            Self::Product(tiles) => {
                let ProductTiles { rows, columns, down, across, depth, reading } = tiles;
                let sizes = [rows, columns, down, across, depth];
                let mut names = self.product_names(sizes, tiles.weight_quads(), tiles.input_quads());
                names.insert("SHUFFLED".to_owned(), u32::from(reading == Reading::Shuffled));
                names
            }
            Self::Matrix(tiles) => {
                let MatrixTiles { rows, columns, down, across, depth } = tiles;
                self.product_names([rows, columns, down, across, depth], tiles.weight_quads(), tiles.input_quads())
            }
            Self::Window(tiles) => names([
                ("COLUMNS", tiles.columns),
                ("KEYS", tiles.keys),
                ("ACROSS", tiles.across),
                ("DOWN", tiles.down),
                ("PLANES", tiles.planes),
                ("WINDOW_QUADS", tiles.window_quads()),
            ]),
        };
        names.insert("THREADS".to_owned(), self.threads());
        names
    }

    fn product_names(&self, sizes: [u32; 5], weight_quads: u32, input_quads: u32) -> Names {
        let [rows, columns, down, across, depth] = sizes;
        names([
            ("ROWS", rows),
            ("COLUMNS", columns),
            ("DOWN", down),
            ("ACROSS", across),
            ("DEPTH", depth),
            ("WEIGHT_QUADS", weight_quads),
            ("INPUT_QUADS", input_quads),
            ("WEIGHT_LOADS", depth * weight_quads / self.threads()),
            ("INPUT_LOADS", depth * input_quads / self.threads()),
        ])
    }

    /// Whether the kernel's arithmetic comes out even: each thread stages as many quads as all others, always of one column.
    pub const fn is_even(&self) -> bool {
        let threads = self.threads();
        match self {
            Self::Product(tiles) => {
                let multiples = tiles.rows % 4 + tiles.columns % 4 + tiles.down % 4 + tiles.across % 8 == 0;
                // Of a group in step: 4 by 8 threads. With shuffles all that they need is one quad for each of them at most.
                let shared = matches!(tiles.reading, Reading::Direct) || tiles.rows + 2 * tiles.columns <= IN_STEP;
                multiples && shared && stages_evenly(threads, tiles.depth, tiles.weight_quads(), tiles.input_quads())
            }
            Self::Matrix(tiles) => {
                let even = stages_evenly(threads, tiles.depth, tiles.weight_quads(), tiles.input_quads());
                even && tiles.depth.is_multiple_of(MATRIX)
            }
            Self::Window(tiles) => threads % IN_STEP + tiles.columns % 4 + tiles.keys % 4 == 0,
        }
    }
}

const fn stages_evenly(threads: u32, depth: u32, weight_quads: u32, input_quads: u32) -> bool {
    let loads = (depth * weight_quads) % threads + (depth * input_quads) % threads;
    loads + threads % weight_quads + threads % input_quads == 0
}

impl ProductTiles {
    /// Output channels of a workgroup, by four.
    const fn weight_quads(&self) -> u32 {
        self.rows * self.down / 4
    }

    /// Pixels of a workgroup, by four.
    const fn input_quads(&self) -> u32 {
        self.columns * self.across / 4
    }
}

impl MatrixTiles {
    /// Output channels of a workgroup, by four.
    const fn weight_quads(&self) -> u32 {
        self.rows * self.down * MATRIX / 4
    }

    /// Pixels of a workgroup, by four.
    const fn input_quads(&self) -> u32 {
        self.columns * self.across * MATRIX / 4
    }
}

impl WindowTiles {
    /// Four columns each, with 8 columns more at each side.
    const fn window_quads(&self) -> u32 {
        self.across * self.columns / 4 + 4
    }

    /// With 7 rows more at each side.
    const fn window_lines(&self) -> u32 {
        self.planes * (self.down + 14)
    }
}

/// As a table names them: what a workgroup computes, then what a thread does.
impl Display for Tiles {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Product(ProductTiles { rows, columns, down, across, depth, reading }) => {
                let how = if *reading == Reading::Shuffled { ", shuffled" } else { "" };
                write!(f, "{} x {} by {depth}, a thread {rows} x {columns}{how}", rows * down, columns * across)
            }
            Self::Matrix(MatrixTiles { rows, columns, down, across, depth }) => {
                let (channels, pixels) = (rows * down * MATRIX, columns * across * MATRIX);
                write!(f, "{channels} x {pixels} by {depth}, a subgroup {rows} x {columns} matrices")
            }
            Self::Window(WindowTiles { columns, keys, across, down, planes }) => {
                let width = columns * across;
                write!(f, "{planes} x {down} x {width} by {keys}, a thread {columns} x {keys}")
            }
        }
    }
}

fn names<const N: usize>(named: [(&str, u32); N]) -> Names {
    named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_come_out_even() {
        for operator in Operator::ALL {
            for tiles in Tiles::candidates(operator).iter().chain(Tiles::with_matrices(operator)) {
                assert!(tiles.is_even(), "{tiles}");
            }
        }
    }

    #[test]
    fn each_true_size_has_tiles_on_any_device() {
        for problem in Problem::true_sizes() {
            let suiting = Tiles::candidates(problem.operator).iter().filter(|tiles| tiles.suits(&problem, Room::LEAST));
            assert!(suiting.count() > 0, "{problem:?}");
        }
    }

    #[test]
    fn tiles_of_matrices_fit_a_card_that_has_units_for_them() {
        let problem = Problem::new(Operator::Pointwise, 2, 320, 320, 64);
        let room = Room { threads: 1024, bytes: 48 << 10, shuffles: true };
        for tiles in Tiles::with_matrices(problem.operator) {
            assert!(tiles.suits(&problem, room), "{tiles}: {} bytes", tiles.bytes());
        }
    }

    #[test]
    fn groups_cover_what_does_not_divide() {
        let problem = Problem::new(Operator::Pointwise, 2, 20, 36, 12);
        // 144 pixels by 128, 36 channels by 64.
        assert_eq!(product(8, 8, 8, 16, 8).groups(&problem), [2, 1, 2]);
        let problem = Problem::new(Operator::Position, 5, 1, 20, 20);
        // 20 columns by 16, 20 rows by 16, 20 keys by 8, 5 planes by 4.
        assert_eq!(window(8, 8, 2, 16, 4).groups(&problem), [4, 3, 2]);
    }

    #[test]
    fn shared_memory_is_that_of_both_buffers() {
        assert_eq!(product(8, 8, 16, 16, 8).bytes(), 2 * 8 * 256 * 4);
        assert_eq!(window(8, 8, 8, 16, 1).bytes(), (225 * 8 + 30 * 80) * 4);
    }
}
