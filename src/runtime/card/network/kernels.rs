//! What a card is told for each step of a plan: text, numbers, buffers, and how many workgroups.

use super::{
    elements::{gather, map, normalisation, softmax},
    products::product,
    template::{Names, TemplateError, expand},
};
use crate::onnx::plan::{Contraction, Convolution, Ending, MOST_AXES, Operand, Step, View, joined};

/// Threads of the kernels in which each has its own element.
const THREADS: usize = 256;
/// Workgroups along one axis; more go along the second. Every WebGPU device has as many.
pub(super) const MOST_GROUPS: usize = 65_535;
/// Elements along an axis that a thread sums together.
const TOGETHER_ROWS: usize = 8;

pub(super) const TILE: &str = include_str!("tile.wgsl");
pub(super) const STAGED: &str = include_str!("staged.wgsl");
const CONVOLUTION: &str = include_str!("convolution.wgsl");
const WINDOWS: &str = include_str!("windows.wgsl");
pub(super) const TOGETHER: &str = include_str!("together.wgsl");
const POSITION: &str = include_str!("position.wgsl");
const CONTRACTION: &str = include_str!("contraction.wgsl");
pub(super) const EACH: &str = include_str!("each.wgsl");
const PLANES: &str = include_str!("planes.wgsl");
pub(super) const ENDING: &str = include_str!("ending.wgsl");

/// What computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adapter {
    /// A graphics card: sums are held in as many registers as there are.
    Card,
    /// A processor that acts as one: it compiles long kernels for minutes.
    Software,
}

/// What kernels are written for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) adapter: Adapter,
    /// Of each weight, whether it lies on the card as 16-bit floats.
    pub(super) halved: &'a [bool],
}

impl Target<'_> {
    /// 1 if an operand lies there so, else 0.
    pub(super) fn is_halved(self, operand: Operand) -> usize {
        match operand {
            Operand::Weight(weight) => self.halved.get(weight).copied().unwrap_or_default().into(),
            Operand::Value(_) => 0,
        }
    }
}

/// What is bound to a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Bound {
    /// Of the plan.
    Operand(Operand),
    /// Room between two kernels of one step.
    Between(usize),
}

impl From<Operand> for Bound {
    fn from(operand: Operand) -> Self {
        Self::Operand(operand)
    }
}

/// One kernel, to be run once.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Launch {
    /// WGSL with the entry point `main`.
    pub(super) source: String,
    /// Binding 0.
    pub(super) numbers: Vec<u32>,
    /// The other bindings.
    pub(super) buffers: Vec<(u32, Bound)>,
    /// Workgroups.
    pub(super) groups: [u32; 3],
    /// Elements of each room between kernels.
    pub(super) between: [usize; 2],
}

impl Launch {
    pub(super) fn new(
        texts: &[&str],
        names: &[Name],
        numbers: &[usize],
        buffers: &[Binding],
        groups: [u32; 3],
    ) -> Result<Self, TemplateError> {
        let names: Names = names.iter().map(|&(name, value)| (name.to_owned(), value as u32)).collect();
        let source = expand(&texts.join("\n"), &names)?;
        let numbers = numbers.iter().map(|&number| number as u32).collect();
        let buffers = buffers.iter().filter_map(|&(binding, bound)| Some((binding, bound?))).collect();
        Ok(Self { source, numbers, buffers, groups, between: [0; 2] })
    }
}

/// So many workgroups.
pub(super) const fn lines(groups: usize) -> [u32; 3] {
    let down = groups.div_ceil(MOST_GROUPS);
    let across = if down > 1 { MOST_GROUPS } else { groups };
    [across as u32, down as u32, 1]
}

/// A thread for each of so many elements.
pub(super) const fn threads(elements: usize) -> [u32; 3] {
    lines(elements.div_ceil(THREADS))
}

/// A number for each axis that a kernel knows; what is missing does not count.
pub(super) fn padded(values: &[usize]) -> [usize; MOST_AXES] {
    std::array::from_fn(|axis| values.get(axis).copied().unwrap_or_default())
}

/// How a product is cut up: what a thread sums in registers, and what its workgroup shares.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tiles {
    /// Rows of a thread; a multiple of 4.
    rows: usize,
    /// Columns of a thread; a multiple of 4.
    columns: usize,
    /// Threads over rows; a multiple of 4.
    down: usize,
    /// Threads over columns; a multiple of 8.
    across: usize,
    /// What is staged at once.
    depth: usize,
}

impl Tiles {
    /// What was fastest for large shapes, or within 10% of it (`docs/kernels.md`).
    const LARGE: Self = Self { rows: 8, columns: 8, down: 8, across: 16, depth: 8 };
    /// For few rows: less is computed for nobody.
    const FLAT: Self = Self { rows: 4, columns: 8, down: 4, across: 16, depth: 16 };

    /// Little text.
    const SMALL: Self = Self { rows: 4, columns: 4, down: 4, across: 8, depth: 8 };

    pub(super) const fn of(rows: usize, adapter: Adapter) -> Self {
        match adapter {
            Adapter::Software => Self::SMALL,
            Adapter::Card if rows <= 16 => Self::FLAT,
            Adapter::Card => Self::LARGE,
        }
    }

    pub(super) fn names(self) -> Vec<Name> {
        let (weight_quads, input_quads) = (self.down * self.rows / 4, self.across * self.columns / 4);
        let threads = self.down * self.across;
        vec![
            ("ROWS", self.rows),
            ("COLUMNS", self.columns),
            ("DOWN", self.down),
            ("ACROSS", self.across),
            ("DEPTH", self.depth),
            ("WEIGHT_QUADS", weight_quads),
            ("INPUT_QUADS", input_quads),
            ("THREADS", threads),
            ("WEIGHT_LOADS", self.depth * weight_quads / threads),
            ("INPUT_LOADS", self.depth * input_quads / threads),
        ]
    }

    /// Workgroups for so many rows and columns.
    pub(super) const fn groups(self, rows: usize, columns: usize, batch: usize) -> [u32; 3] {
        let across = columns.div_ceil(self.across * self.columns);
        let down = rows.div_ceil(self.down * self.rows);
        [across as u32, down as u32, batch as u32]
    }
}

/// What a step is for a card.
pub(super) fn launches(step: &Step, target: Target<'_>) -> Result<Vec<Launch>, TemplateError> {
    match step {
        Step::Convolution(step) if is_position(step) => Ok(vec![position(step, target.adapter)?]),
        Step::Convolution(step) if is_tiled(step) => Ok(vec![convolution(step, target)?]),
        Step::Convolution(step) => Ok(vec![windows(step)?]),
        Step::Product(step) => Ok(vec![product(step, target)?]),
        Step::Contraction(step) => Ok(vec![contraction(step)?]),
        Step::Map(step) => Ok(vec![map(step)?]),
        Step::Normalisation(step) => normalisation(step),
        Step::Softmax(step) => Ok(vec![softmax(step)?]),
        Step::Gather(step) => Ok(vec![gather(step)?]),
    }
}

pub(super) fn is_tiled(step: &Convolution) -> bool {
    step.groups == 1
        && step.output_size[1].is_multiple_of(4)
        && (step.output_size[0] * step.output_size[1]).is_multiple_of(4)
        && step.channels >= 3
}

/// A number that a text names.
pub(super) type Name = (&'static str, usize);
/// A buffer, if there is one, and where it is bound.
pub(super) type Binding = (u32, Option<Bound>);

/// How many sums a kernel stores at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    /// Each alone.
    Single,
    /// Four side by side.
    Quads,
}

/// Names that say what comes after a sum, and the buffers for it.
pub(super) fn ending(bias: Option<Operand>, ending: Ending, stored: Stored) -> (Vec<Name>, [Binding; 2]) {
    let residual = match ending {
        Ending::Residual(other) => Some(Bound::from(other)),
        Ending::Plain | Ending::Silu | Ending::Relu => None,
    };
    let names = vec![
        ("VECTOR", usize::from(stored == Stored::Quads)),
        ("BIAS", usize::from(bias.is_some())),
        ("SILU", usize::from(ending == Ending::Silu)),
        ("RELU", usize::from(ending == Ending::Relu)),
        ("RESIDUAL", usize::from(residual.is_some())),
    ];
    (names, [(4, bias.map(Bound::from)), (5, residual)])
}

/// What a step writes, as the first binding.
pub(super) const fn written(value: usize) -> Binding {
    (1, Some(Bound::Operand(Operand::Value(value))))
}

fn convolution(step: &Convolution, target: Target<'_>) -> Result<Launch, TemplateError> {
    let tiles = Tiles::of(step.outputs, target.adapter);
    let [height, width] = step.size;
    let [output_height, output_width] = step.output_size;
    let is_pointwise =
        step.window == [1, 1] && step.strides == [1, 1] && step.pads == [0, 0] && step.size == step.output_size;
    let (after, buffers) = ending(step.bias, step.ending, Stored::Quads);
    let mut names = tiles.names();
    names.extend(after);
    names.extend([
        ("POINTWISE", usize::from(is_pointwise)),
        ("WEIGHT_HALVES", target.is_halved(step.weight)),
        ("INPUT_HALVES", 0),
        ("WINDOW_HEIGHT", step.window[0]),
        ("WINDOW_WIDTH", step.window[1]),
        ("STRIDE_Y", step.strides[0]),
        ("STRIDE_X", step.strides[1]),
    ]);
    let [above, left] = step.pads;
    let numbers = [step.channels, height, width, step.outputs, output_height, output_width, above, left];
    let bound = [written(step.output), (2, Some(step.weight.into())), (3, Some(step.input.into()))];
    let groups = tiles.groups(step.outputs, output_height * output_width, step.batch);
    Launch::new(&[ENDING, STAGED, CONVOLUTION, TILE], &names, &numbers, &[bound.as_slice(), &buffers].concat(), groups)
}

fn windows(step: &Convolution) -> Result<Launch, TemplateError> {
    let [height, width] = step.size;
    let [output_height, output_width] = step.output_size;
    let [above, left] = step.pads;
    let (after, buffers) = ending(step.bias, step.ending, Stored::Single);
    let mut names = after;
    names.extend([
        ("GROUPED", usize::from(step.groups > 1)),
        ("WINDOW_HEIGHT", step.window[0]),
        ("WINDOW_WIDTH", step.window[1]),
        ("STRIDE_Y", step.strides[0]),
        ("STRIDE_X", step.strides[1]),
    ]);
    let elements = step.batch * step.outputs * output_height * output_width;
    let sizes = [step.channels, height, width, step.outputs, output_height, output_width, above, left];
    let numbers = [sizes.as_slice(), &[step.channels / step.groups, step.outputs / step.groups, elements]].concat();
    let bound = [written(step.output), (2, Some(step.weight.into())), (3, Some(step.input.into()))];
    Launch::new(&[ENDING, WINDOWS, EACH], &names, &numbers, &[bound.as_slice(), &buffers].concat(), threads(elements))
}

/// Whether it is of single planes, with windows of 15 by 15 around each pixel.
pub(super) fn is_position(step: &Convolution) -> bool {
    step.channels == 1
        && step.groups == 1
        && step.window == [15, 15]
        && step.strides == [1, 1]
        && step.pads == [7, 7]
        && step.size == step.output_size
        && step.size[1].is_multiple_of(4)
        && step.ending == Ending::Plain
}

fn position(step: &Convolution, adapter: Adapter) -> Result<Launch, TemplateError> {
    let [height, width] = step.size;
    // Rows and quads of columns of a workgroup, and its planes: what was fastest (`docs/kernels.md`).
    let (down, across, planes) = if height >= 32 { (32, 4, 1) } else { (16, 2, 2) };
    let (columns, keys) = match adapter {
        Adapter::Card => (8, 8),
        Adapter::Software => (4, 4),
    };
    let names = [
        ("COLUMNS", columns),
        ("KEYS", keys),
        ("ACROSS", across),
        ("DOWN", down),
        ("PLANES", planes),
        ("WINDOW_QUADS", across * columns / 4 + 4),
        ("THREADS", across * down * planes),
        ("BIAS", usize::from(step.bias.is_some())),
    ];
    let tiles = width.div_ceil(across * columns) * height.div_ceil(down);
    let groups = [tiles, step.outputs.div_ceil(keys), step.batch.div_ceil(planes)].map(|count| count as u32);
    let bound = [
        written(step.output),
        (2, Some(step.weight.into())),
        (3, Some(step.input.into())),
        (4, step.bias.map(Bound::from)),
    ];
    Launch::new(&[PLANES, POSITION], &names, &[step.batch, height, width, step.outputs], &bound, groups)
}

fn contraction(step: &Contraction) -> Result<Launch, TemplateError> {
    let rank = step.shape.len();
    let output = View::whole(Operand::Value(step.output), &step.shape);
    // An axis along which one factor stays the same: what is read of it serves several sums.
    let is_row = |view: &View, axis: usize| view.strides[axis] == 0 && step.shape[axis] == TOGETHER_ROWS;
    let row = (0..rank.saturating_sub(1)).find(|&axis| is_row(&step.left, axis) || is_row(&step.right, axis));
    let is_turned = row.is_some_and(|axis| is_row(&step.left, axis));
    let (left, right) = if is_turned { (&step.right, &step.left) } else { (&step.left, &step.right) };
    let without = |view: &View| {
        let axes = (0..rank).filter(|&axis| Some(axis) != row);
        let (shape, strides) = axes.map(|axis| (step.shape[axis], view.strides[axis])).unzip();
        View { shape, strides, ..view.clone() }
    };
    let views = [without(&output), without(left), without(right)];
    let (extents, strides) = joined(&views[0].shape, &views.iter().collect::<Vec<_>>());
    let elements = extents.iter().product();
    let at_row = |view: &View| row.map_or(0, |axis| view.strides[axis]);
    let mut numbers = vec![
        elements,
        step.depth,
        at_row(&output),
        left.offset,
        at_row(left),
        left.strides[rank],
        right.offset,
        right.strides[rank],
    ];
    numbers.extend(padded(&extents));
    numbers.extend(strides.iter().flat_map(|strides| padded(strides)));
    let names = [("ROWS", if row.is_some() { TOGETHER_ROWS } else { 1 }), ("RANK", extents.len())];
    let bound = [written(step.output), (2, Some(left.operand.into())), (3, Some(right.operand.into()))];
    Launch::new(&[CONTRACTION, EACH], &names, &numbers, &bound, threads(elements))
}
