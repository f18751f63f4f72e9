//! How weights lie on the card.

use super::{
    elements::map,
    kernels::{Bound, EACH, Launch, is_position, is_tiled, threads},
    products::reads_halves,
    template::TemplateError,
};
use crate::onnx::plan::{Each, Layout, Map, Operand, Plan, Step, View, Weight};

const INTEGERS: &str = include_str!("integers.wgsl");
const HALVES: &str = include_str!("halves.wgsl");

/// Weights of fewer elements stay as they are: there is nothing to gain.
const FEW: usize = 1024;

/// With how many bits weights lie on the card. Sums have 32 either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// With 32, as in their file.
    Singles,
    /// With 16 where kernels can read them so: half the memory, and half of what a run reads. Rounded to 11 significant bits.
    Halves,
}

/// Of each weight, whether all that read it can do so with 16 bits, and it is worth it.
pub(super) fn halved(plan: &Plan, weights: Weights) -> Vec<bool> {
    let is_large = |weight: &Weight| weight.source.len() >= FEW && weight.layout != Layout::Integers;
    let mut halved: Vec<bool> =
        plan.weights.iter().map(|weight| weights == Weights::Halves && is_large(weight)).collect();
    for step in plan.first.iter().chain(&plan.steps) {
        let readable = match step {
            Step::Convolution(step) if is_tiled(step) && !is_position(step) => Some(step.weight),
            Step::Product(step) if reads_halves(step) => Some(step.right.operand),
            _ => None,
        };
        let mut reads = step.reads();
        if let Some(at) = reads.iter().position(|operand| Some(*operand) == readable) {
            reads.swap_remove(at);
        }
        for operand in reads {
            if let Operand::Weight(weight) = operand {
                halved[weight] = false;
            }
        }
    }
    halved
}

/// How many words of 32 bits a weight takes on the card.
pub(super) fn words(weight: &Weight, is_halved: bool) -> usize {
    let len = weight.layout.len(weight.source.len());
    if is_halved { len.div_ceil(2) } else { len }
}

/// Brings a weight from how it lies in its file to how kernels read it: from one room between kernels to the other. None if it
/// lies so already.
pub(super) fn arranging(layout: Layout, words: usize, is_halved: bool) -> Result<Option<Launch>, TemplateError> {
    let bound = [(1, Some(Bound::Between(1))), (2, Some(Bound::Between(0)))];
    let halves = |[outputs, channels, taps]: [usize; 3]| {
        let filled = outputs.next_multiple_of(4);
        let words = filled * channels * taps / 2;
        let numbers = [outputs, filled, channels, taps, words];
        Launch::new(&[HALVES, EACH], &[], &numbers, &bound, threads(words)).map(Some)
    };
    match layout {
        Layout::Plain if is_halved => halves([words, 1, 1]),
        Layout::Plain => Ok(None),
        Layout::Integers => Launch::new(&[INTEGERS, EACH], &[], &[words / 2], &bound, threads(words / 2)).map(Some),
        Layout::Kernel { outputs, channels, taps } if is_halved => halves([outputs, channels, taps]),
        Layout::Kernel { outputs, channels, taps } => {
            // Both are replaced below.
            let operand = Operand::Weight(0);
            let shape = vec![taps, channels, outputs];
            let filled = outputs.next_multiple_of(4);
            let view =
                |strides: [usize; 3]| View { operand, offset: 0, shape: shape.clone(), strides: strides.to_vec() };
            let (file, card) = (view([1, taps, channels * taps]), view([channels * filled, filled, 1]));
            let launch = map(&Map { each: Each::Copy, shape: shape.clone(), inputs: vec![file], output: card })?;
            let buffers = bound.iter().filter_map(|&(binding, bound)| Some((binding, bound?))).collect();
            Ok(Some(Launch { buffers, ..launch }))
        }
    }
}
