//! Weights that are computed from the published ones, piece by piece.

use std::ops::Range;

use super::proto::Tensor;

/// Pieces of a file are at most about this long.
const PIECE_BYTES: u64 = 4 << 20;

/// How a weight comes from another, of 32-bit floats both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recipe {
    /// Of a 3x3 kernel on a picture that was doubled by nearest neighbours, the 2x2 kernel on the picture itself that
    /// makes the pixels of even or odd rows and columns.
    Quarter(Half),
    /// Of kernels over one channel, kernels over `block` neighbouring columns as channels, which make as many.
    Columns {
        /// How many kernels.
        kernels: usize,
        /// Rows of a kernel.
        rows: usize,
        /// Columns of a kernel.
        columns: usize,
        /// How many columns are taken together.
        block: usize,
    },
    /// The same several times.
    Repeat {
        /// How often.
        times: usize,
    },
}

/// Which pixels of a doubled picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Half {
    /// Those of odd rows.
    pub(super) is_below: bool,
    /// Those of odd columns.
    pub(super) is_right: bool,
}

/// How far a kernel over blocks of columns reaches to each side, in blocks.
pub(super) const fn reach(columns: usize, block: usize) -> usize {
    (columns / 2).div_ceil(block)
}

impl Recipe {
    /// Computes a piece.
    fn apply(self, source: &[f32]) -> Vec<f32> {
        match self {
            Self::Quarter(half) => source.as_chunks::<9>().0.iter().flat_map(|kernel| quarter(kernel, half)).collect(),
            Self::Columns { kernels, rows, columns, block } => {
                let reach = reach(columns, block);
                let mut made = Vec::with_capacity(block * kernels * block * rows * (2 * reach + 1));
                for (column_out, kernel) in
                    (0..block).flat_map(|column| (0..kernels).map(move |kernel| (column, kernel)))
                {
                    let kernel = &source[kernel * rows * columns..][..rows * columns];
                    for (column_in, row) in (0..block).flat_map(|column| (0..rows).map(move |row| (column, row))) {
                        // Where a column of a block is in the kernel, seen from the column that is made.
                        let places = (0..=2 * reach)
                            .map(|tap| (tap * block + column_in + columns / 2).checked_sub(reach * block + column_out));
                        let row = &kernel[row * columns..][..columns];
                        made.extend(places.map(|at| at.and_then(|at| row.get(at)).copied().unwrap_or_default()));
                    }
                }
                made
            }
            Self::Repeat { times } => source.repeat(times),
        }
    }

    /// Whether a weight is made of all of the other, not piece by piece.
    const fn needs_all(self) -> bool {
        matches!(self, Self::Columns { .. } | Self::Repeat { .. })
    }

    /// How long pieces of the source may be so that what is made of them can be joined.
    const fn piece_bytes(self, source_bytes: u64) -> u64 {
        match self {
            Self::Quarter(_) => PIECE_BYTES / 36 * 36,
            Self::Columns { .. } | Self::Repeat { .. } => source_bytes,
        }
    }
}

/// Neighbours that fall on the same pixel become one.
fn quarter(kernel: &[f32; 9], half: Half) -> [f32; 4] {
    let halves = |three: [f32; 3], is_second: bool| {
        let [one, two, three] = three;
        if is_second { [one + two, three] } else { [one, two + three] }
    };
    let row = |at: usize| halves([kernel[3 * at], kernel[3 * at + 1], kernel[3 * at + 2]], half.is_right);
    let [top, middle, bottom] = [row(0), row(1), row(2)];
    let left = halves([top[0], middle[0], bottom[0]], half.is_below);
    let right = halves([top[1], middle[1], bottom[1]], half.is_below);
    [left[0], right[0], left[1], right[1]]
}

/// Weights that are made from one piece of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    source: Range<u64>,
    made: Vec<Made>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Made {
    recipe: Recipe,
    /// Where it is in the file that the graph names.
    span: Range<u64>,
}

impl Derived {
    /// The pieces of the file that they are made of, one after another.
    pub fn pieces(&self) -> impl Iterator<Item = Range<u64>> {
        let Range { start, end } = self.source;
        let of_all = self.made.iter().map(|made| made.recipe.piece_bytes(end - start));
        // What one of them needs whole is read whole; lengths of pieces are multiples of a number.
        let whole = self.made.iter().any(|made| made.recipe.needs_all());
        let step = if whole { end - start } else { of_all.min().unwrap_or(1) }.max(1);
        (0..(end - start).div_ceil(step)).map(move |index| start + index * step..end.min(start + (index + 1) * step))
    }

    /// How many bytes are made in all.
    pub fn len_bytes(&self) -> u64 {
        self.made.iter().map(|made| made.span.end - made.span.start).sum()
    }

    /// What is made of a piece: something of each weight. All of a weight comes before the next weight.
    pub fn compute(&self, piece: &[u8]) -> Vec<Vec<u8>> {
        let floats: Vec<f32> = piece.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        self.made.iter().map(|made| bytes_of(&made.recipe.apply(&floats))).collect()
    }
}

fn bytes_of(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// A weight to be derived.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub(super) name: &'a str,
    pub(super) dims: &'a [i64],
    pub(super) recipe: Recipe,
}

/// How many elements a weight of this shape has; none if that is no number.
fn elements(dims: &[i64]) -> Option<u64> {
    dims.iter().try_fold(1_u64, |elements, &extent| elements.checked_mul(extent.try_into().ok()?))
}

/// All weights that passes derive.
#[derive(Debug)]
pub(super) struct Derivations<'a> {
    /// What graphs call the file.
    location: &'a str,
    /// How long the published file is.
    file_bytes: u64,
    /// Where the next begins.
    end: u64,
    /// In their order.
    pub(super) list: Vec<Derived>,
}

impl<'a> Derivations<'a> {
    /// None yet.
    pub(super) const fn new(location: &'a str, file_bytes: u64) -> Self {
        Self { location, file_bytes, end: file_bytes, list: Vec::new() }
    }

    /// Weights that are all made from one other, which is read once. None if that one has not as many elements as it says.
    pub(super) fn derive(&mut self, source: &Tensor, wanted: &[Wanted<'_>]) -> Option<Vec<Tensor>> {
        let source_elements = elements(&source.dims)?;
        if let Some(floats) = source.floats().filter(|floats| floats.len() as u64 == source_elements) {
            let made = wanted.iter().map(|wanted| {
                let made = wanted.recipe.apply(&floats);
                let is_whole = elements(wanted.dims) == Some(made.len() as u64);
                is_whole.then(|| Tensor::of_floats(wanted.name, wanted.dims, &made))
            });
            return made.collect();
        }
        let is_whole = |span: &Range<u64>| {
            let bytes = source_elements.checked_mul(4);
            span.end <= self.file_bytes && Some(span.end - span.start) == bytes
        };
        let source_span = source.span().filter(is_whole).filter(|_| source.data_type() == Tensor::FLOAT)?;
        let mut tensors = Vec::with_capacity(wanted.len());
        let mut made = Vec::with_capacity(wanted.len());
        for Wanted { name, dims, recipe } in wanted {
            let bytes = elements(dims)?.checked_mul(4)?;
            let end = self.end.checked_add(bytes)?;
            tensors.push(Tensor::of_file(name, dims, Tensor::FLOAT, self.location, self.end, bytes));
            made.push(Made { recipe: *recipe, span: self.end..end });
            self.end = end;
        }
        self.list.push(Derived { source: source_span, made });
        Some(tensors)
    }
}
