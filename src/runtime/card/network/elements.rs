//! Kernels that work element by element or row by row.

use super::{
    kernels::{Bound, EACH, Launch, TOGETHER, lines, padded, threads, written},
    template::TemplateError,
};
use crate::onnx::plan::{Affine, Each, Gather, Map, Normalisation, Softmax, View, joined};

/// Rows of at most so many elements are normalised by one workgroup.
const ONE_GROUP: usize = 8192;
/// Elements of a part of a longer row.
const PART: usize = 16_384;
/// Rows of at most so many elements a thread does alone.
const ONE_THREAD: usize = 32;

const MAP: &str = include_str!("map.wgsl");
const AFFINE: &str = include_str!("affine.wgsl");
const ROW: &str = include_str!("row.wgsl");
const PARTS: &str = include_str!("parts.wgsl");
const WHOLE: &str = include_str!("whole.wgsl");
const APPLY: &str = include_str!("apply.wgsl");
const SOFTMAX: &str = include_str!("softmax.wgsl");
const GATHER: &str = include_str!("gather.wgsl");
const CHANNELS: &str = include_str!("channels.wgsl");

fn expression(each: Each) -> String {
    match each {
        Each::Copy => "a".to_owned(),
        Each::Fill(filling) => format!("value({filling:?})"),
        Each::Add => "a + b".to_owned(),
        Each::Sub => "a - b".to_owned(),
        Each::Mul => "a * b".to_owned(),
        Each::Div => "a / b".to_owned(),
        Each::Pow => "pow(a, b)".to_owned(),
        Each::Sigmoid => "1.0 / (1.0 + exp(-a))".to_owned(),
        Each::QuickGelu(factor) => format!("a / (1.0 + exp(-{factor:?} * a))"),
        Each::Gate(factor) => format!("a / (1.0 + exp(-{factor:?} * a)) * b"),
        Each::Relu => "max(a, value())".to_owned(),
        Each::Exp => "exp(a)".to_owned(),
        Each::Sqrt => "sqrt(a)".to_owned(),
        Each::Neg => "-a".to_owned(),
        Each::Sin => "sine(a)".to_owned(),
        Each::Cos => "cosine(a)".to_owned(),
        Each::Tanh => "tanh(clamp(a, value(-20.0), value(20.0)))".to_owned(),
        Each::Reciprocal => "1.0 / a".to_owned(),
    }
}

pub(super) fn map(step: &Map) -> Result<Launch, TemplateError> {
    let views: Vec<&View> = std::iter::once(&step.output).chain(&step.inputs).collect();
    let (extents, strides) = joined(&step.shape, &views);
    let elements: usize = step.shape.iter().product();
    let is_vector = extents.len() <= 1
        && elements.is_multiple_of(4)
        && strides.iter().all(|strides| strides.first().is_none_or(|&stride| stride == 1))
        && views.iter().all(|view| view.offset.is_multiple_of(4));
    let side = if is_vector { 4 } else { 1 };
    let offset = |at: usize| views.get(at).map_or(0, |view| view.offset / side);
    let extents = if is_vector { vec![elements / 4] } else { extents };
    let mut numbers = vec![elements / side, offset(0), offset(1), offset(2)];
    numbers.extend(padded(&extents));
    for at in 0..3 {
        numbers.extend(padded(strides.get(at).map_or(&[], Vec::as_slice)));
    }
    let names = [("VECTOR", usize::from(is_vector)), ("INPUTS", step.inputs.len()), ("RANK", extents.len())];
    let bound = (1..).zip(&views).map(|(binding, view)| (binding, Some(Bound::from(view.operand))));
    let text = MAP.replace("EXPRESSION", &expression(step.each));
    Launch::new(&[&text, EACH], &names, &numbers, &bound.collect::<Vec<_>>(), threads(elements / side))
}

pub(super) fn normalisation(step: &Normalisation) -> Result<Vec<Launch>, TemplateError> {
    let (rows, length) = (step.rows, step.length);
    let span = step.affine.map_or(length, |affine| affine.span);
    let parts = length.div_ceil(PART);
    let numbers = [rows, length, step.groups, span, PART, parts, step.apart, step.epsilon.to_bits() as usize];
    let (scale, shift) = step.affine.map_or((None, None), |Affine { scale, shift, .. }| (Some(scale), shift));
    let is_vector = step.apart == 1 && length > ONE_GROUP && length.is_multiple_of(4) && span.is_multiple_of(4);
    let names = |is_last: bool| {
        [
            ("VECTOR", usize::from(is_vector && is_last)),
            ("SCALE", usize::from(scale.is_some() && is_last)),
            ("SHIFT", usize::from(shift.is_some() && is_last)),
            ("SILU", usize::from(step.silu && is_last)),
        ]
    };
    let affine = [(4, scale.map(Bound::from)), (5, shift.map(Bound::from))];
    let input = Some(Bound::from(step.input));
    let bound = [[written(step.output), (2, input)].as_slice(), &affine].concat();
    if step.apart > 1 {
        let groups = lines(rows.div_ceil(16));
        return Ok(vec![Launch::new(&[AFFINE, CHANNELS], &names(true), &numbers, &bound, groups)?]);
    }
    if length <= ONE_GROUP {
        return Ok(vec![Launch::new(&[AFFINE, TOGETHER, ROW], &names(true), &numbers, &bound, lines(rows))?]);
    }
    let (found, whole) = (Some(Bound::Between(0)), Some(Bound::Between(1)));
    let groups = [parts as u32, rows as u32, 1];
    let of_parts = Launch::new(&[AFFINE, TOGETHER, PARTS], &names(false), &numbers, &[(1, found), (2, input)], groups)?;
    let groups = [rows.div_ceil(64) as u32, 1, 1];
    let of_whole = Launch::new(&[AFFINE, WHOLE], &names(false), &numbers, &[(1, whole), (2, found)], groups)?;
    let bound = [[written(step.output), (2, input), (3, whole)].as_slice(), &affine].concat();
    let groups = threads(rows * length / if is_vector { 4 } else { 1 });
    let applied = Launch::new(&[AFFINE, APPLY, EACH], &names(true), &numbers, &bound, groups)?;
    let between = [2 * rows * parts, 2 * rows];
    Ok([of_parts, of_whole, applied].into_iter().map(|launch| Launch { between, ..launch }).collect())
}

pub(super) fn softmax(step: &Softmax) -> Result<Launch, TemplateError> {
    let is_short = step.length <= ONE_THREAD;
    let bound = [written(step.output), (2, Some(step.input.into()))];
    let groups = if is_short { threads(step.rows) } else { lines(step.rows) };
    Launch::new(&[SOFTMAX], &[("SHORT", usize::from(is_short))], &[step.rows, step.length], &bound, groups)
}

pub(super) fn gather(step: &Gather) -> Result<Launch, TemplateError> {
    let [before, rows, after] = step.extents;
    let elements = before * step.count * after;
    let bound = [written(step.output), (2, Some(step.table.into())), (3, Some(step.numbers.into()))];
    Launch::new(&[GATHER, EACH], &[], &[rows, after, step.count, elements], &bound, threads(elements))
}
