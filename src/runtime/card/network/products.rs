//! Products of matrices.

use super::{
    kernels::{
        EACH, ENDING, Launch, MOST_GROUPS, STAGED, Stored, TILE, TOGETHER, Target, Tiles, ending, lines, threads,
        written,
    },
    template::TemplateError,
};
use crate::onnx::plan::{Ending, Product, View};

/// Axes of a batch that kernels know.
const BATCH_AXES: usize = 3;
/// Sums of so many products are worth a workgroup if there are few of them.
const LONG_SUM: usize = 256;

const MATRICES: &str = include_str!("matrices.wgsl");
const PRODUCT: &str = include_str!("product.wgsl");
const DOTS: &str = include_str!("dots.wgsl");
const SUMS: &str = include_str!("sums.wgsl");

/// How a product is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// A workgroup sums for each element.
    Dots,
    /// A thread does.
    Sums,
    /// In tiles.
    Tiles {
        /// Four neighbouring columns of the right factor are read at once.
        right_quads: bool,
    },
}

fn elements(step: &Product) -> usize {
    step.batch.iter().product::<usize>() * step.rows * step.columns
}

/// Strides of a factor; the first three axes are the batch's.
fn strides(step: &Product, view: &View) -> Vec<usize> {
    [vec![0; BATCH_AXES.saturating_sub(step.batch.len())], view.strides.clone()].concat()
}

fn way(step: &Product) -> Way {
    let has_residual = matches!(step.ending, Ending::Residual(_));
    if !has_residual && step.depth >= LONG_SUM && elements(step) <= MOST_GROUPS / 4 {
        return Way::Dots;
    }
    let batches: usize = step.batch.iter().product();
    if step.rows < 16 || step.columns < 32 || step.depth < 8 || batches > MOST_GROUPS {
        return Way::Sums;
    }
    let by_fours = |number: usize| number.is_multiple_of(4);
    let right = strides(step, &step.right);
    let is_even = right.split_last().is_some_and(|(&last, others)| last == 1 && others.iter().copied().all(by_fours));
    Way::Tiles { right_quads: is_even && by_fours(step.right.offset) && by_fours(step.columns) }
}

/// Whether its right factor may lie on the card as 16-bit floats.
pub(super) fn reads_halves(step: &Product) -> bool {
    way(step) == Way::Tiles { right_quads: true }
}

pub(super) fn product(step: &Product, target: Target<'_>) -> Result<Launch, TemplateError> {
    let (rows, columns) = (step.rows, step.columns);
    let batch = [vec![1; BATCH_AXES.saturating_sub(step.batch.len())], step.batch.clone()].concat();
    let elements = elements(step);
    let numbers = [
        [rows, columns, step.depth, batch[1], batch[2], step.left.offset].as_slice(),
        &strides(step, &step.left),
        &[step.right.offset],
        &strides(step, &step.right),
        &[elements],
    ]
    .concat();
    let bound = [written(step.output), (2, Some(step.left.operand.into())), (3, Some(step.right.operand.into()))];
    let way = way(step);
    let stored = if matches!(way, Way::Tiles { .. }) { Stored::Quads } else { Stored::Single };
    let (mut names, buffers) = ending(step.bias, step.ending, stored);
    let bound = [bound.as_slice(), &buffers].concat();
    match way {
        Way::Dots => Launch::new(&[MATRICES, ENDING, TOGETHER, DOTS], &names, &numbers, &bound, lines(elements)),
        Way::Sums => Launch::new(&[MATRICES, ENDING, SUMS, EACH], &names, &numbers, &bound, threads(elements)),
        Way::Tiles { right_quads } => {
            let tiles = Tiles::of(rows, target.adapter);
            names.extend(tiles.names());
            names.extend([
                ("QUADS", usize::from(columns.is_multiple_of(4))),
                ("RIGHT_QUADS", usize::from(right_quads)),
                ("WEIGHT_HALVES", 0),
                ("INPUT_HALVES", if right_quads { target.is_halved(step.right.operand) } else { 0 }),
            ]);
            let groups = tiles.groups(rows, columns, batch.iter().product());
            Launch::new(&[MATRICES, ENDING, STAGED, PRODUCT, TILE], &names, &numbers, &bound, groups)
        }
    }
}
