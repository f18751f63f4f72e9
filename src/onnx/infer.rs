//! The shape of what an operator makes, from the shapes of what it is given.
//!
//! Only what can be told for sure. An operator that is not here is no fault: nothing is known of what it makes.

use super::{
    amount::{Amount, product},
    fact::{Elements, Fact, MOST_ELEMENTS},
    proto::{Node, Tensor},
};

/// What is known of each output of a node before it runs; the first output's elements are told elsewhere.
pub(super) fn outputs(node: &Node, inputs: &[Fact]) -> Vec<Fact> {
    let first = |at: usize| inputs.get(at).cloned().unwrap_or_default();
    if node.is("Split") {
        return split(node, inputs).unwrap_or_default();
    }
    let element = match node.op_type() {
        "Shape" | "Size" => Some(Tensor::INT64),
        "Equal" | "Less" | "Greater" | "LessOrEqual" | "GreaterOrEqual" | "And" | "Or" | "Not" => Some(Tensor::BOOL),
        "Cast" => node.find("to").and_then(|to| to.i).and_then(|to| i32::try_from(to).ok()),
        "Constant" => None,
        "ConstantOfShape" => node.find("value").map_or(Some(Tensor::FLOAT), |value| value.t.as_ref()?.data_type),
        "Where" => first(1).element,
        _ => first(0).element,
    };
    if !matches!(node.domain(), "" | "ai.onnx") && !node.domain().starts_with("com.microsoft") {
        return Vec::new();
    }
    vec![Fact::of_shape(element, shape(node, inputs))]
}

/// Operators that make a value of the shape of the first they are given.
const SHAPE_STAYS: &[&str] = &[
    "Identity",
    "Cast",
    "Relu",
    "Sigmoid",
    "Tanh",
    "Exp",
    "Log",
    "Sqrt",
    "Neg",
    "Sin",
    "Cos",
    "Erf",
    "Floor",
    "Ceil",
    "Round",
    "Abs",
    "Not",
    "Reciprocal",
    "Softmax",
    "LogSoftmax",
    "InstanceNormalization",
    "LayerNormalization",
    "BatchNormalization",
    "GroupNormalization",
    "Dropout",
    "Clip",
    "LeakyRelu",
    "Elu",
    "HardSwish",
    "Softplus",
    "Gelu",
    "QuickGelu",
];

fn shape(node: &Node, inputs: &[Fact]) -> Option<Vec<Amount>> {
    let shape_of = |at: usize| inputs.get(at)?.shape.as_deref();
    match node.op_type() {
        operator if SHAPE_STAYS.contains(&operator) => shape_of(0).map(<[Amount]>::to_vec),
        "Add" | "Sub" | "Mul" | "Div" | "Pow" | "Mod" | "Equal" | "Less" | "Greater" | "LessOrEqual"
        | "GreaterOrEqual" | "And" | "Or" | "Min" | "Max" | "Where" => broadcast_all(inputs),
        "Conv" => convolution(node, shape_of(0)?, shape_of(1)?),
        "AveragePool" | "MaxPool" => pooled(node, shape_of(0)?),
        "ReduceSum" | "ReduceMean" | "ReduceMax" | "ReduceMin" => reduced(node, shape_of(0)?, inputs),
        "Gemm" => {
            let (a, b) = (shape_of(0)?, shape_of(1)?);
            let rows = *a.get(usize::from(node.int("transA", 0) != 0))?;
            Some(vec![rows, *b.get(usize::from(node.int("transB", 0) == 0))?])
        }
        "MatMul" => matrix_product(shape_of(0)?, shape_of(1)?),
        "Einsum" => einsum(node.text("equation"), inputs),
        "Shape" => Some(vec![Amount::known(inputs.first()?.rank()? as i64)]),
        "ConstantOfShape" => inputs.first()?.ints().map(<[Amount]>::to_vec),
        "Expand" => broadcast(shape_of(0)?, inputs.get(1)?.ints()?),
        "Resize" => resize(shape_of(0)?, inputs),
        "Pad" => pad(shape_of(0)?.to_vec(), inputs),
        _ => rearranged(node, inputs),
    }
}

/// Of operators that take elements as they are to other places.
fn rearranged(node: &Node, inputs: &[Fact]) -> Option<Vec<Amount>> {
    let shape = inputs.first()?.shape.as_deref()?;
    let given_axes = || inputs.get(1)?.plain_ints();
    match node.op_type() {
        "Reshape" => reshape(node, shape, inputs.get(1)?.ints()?),
        "Flatten" => {
            let (rows, columns) = shape.split_at(axis(node.int("axis", 1), shape.len() + 1)?);
            Some(vec![product(rows)?, product(columns)?])
        }
        "Transpose" => {
            let reversed: Vec<i64> = (0..shape.len() as i64).rev().collect();
            let order = node.ints("perm").unwrap_or(&reversed);
            order.iter().map(|&from| shape.get(usize::try_from(from).ok()?).copied()).collect()
        }
        "Concat" => concat(node, inputs),
        "Slice" => slice(shape, inputs),
        "Gather" => {
            let axis = axis(node.int("axis", 0), shape.len())?;
            Some([&shape[..axis], inputs.get(1)?.shape.as_deref()?, &shape[axis + 1..]].concat())
        }
        "Unsqueeze" => unsqueeze(shape.to_vec(), &given_axes()?),
        "Squeeze" => {
            let away = given_axes()?.iter().map(|&at| axis(at, shape.len())).collect::<Option<Vec<_>>>()?;
            let kept = shape.iter().enumerate().filter(|(at, _)| !away.contains(at));
            Some(kept.map(|(_, extent)| *extent).collect())
        }
        "DepthToSpace" => {
            let (side, [rows, channels, height, width]) = (Amount::known(node.int("blocksize", 1)), shape) else {
                return None;
            };
            Some(vec![*rows, channels.over(side.times(side)?)?, height.times(side)?, width.times(side)?])
        }
        _ => None,
    }
}

/// A place counted from the end if negative.
pub(super) fn axis(at: i64, rank: usize) -> Option<usize> {
    let at = if at < 0 { at + rank as i64 } else { at };
    usize::try_from(at).ok().filter(|&at| at < rank)
}

fn broadcast_all(inputs: &[Fact]) -> Option<Vec<Amount>> {
    let (first, others) = inputs.split_first()?;
    let first = first.shape.clone()?;
    others.iter().try_fold(first, |shape, other| broadcast(&shape, other.shape.as_ref()?))
}

/// The shape of both together: extents of 1 follow the other.
pub(super) fn broadcast(one: &[Amount], other: &[Amount]) -> Option<Vec<Amount>> {
    let rank = one.len().max(other.len());
    let padded = |shape: &[Amount]| [vec![Amount::known(1); rank - shape.len()], shape.to_vec()].concat();
    let pairs = padded(one).into_iter().zip(padded(other));
    pairs
        .map(|(one, other)| match (one, other) {
            _ if one == other => Some(one),
            (Amount { factor: 1, symbol: None }, other) => Some(other),
            (one, Amount { factor: 1, symbol: None }) => Some(one),
            _ => None,
        })
        .collect()
}

fn convolution(node: &Node, input: &[Amount], weight: &[Amount]) -> Option<Vec<Amount>> {
    let kernel = weight.get(2..)?.iter().map(|extent| extent.plain()).collect::<Option<Vec<_>>>()?;
    windows(node, input, weight[0], &kernel)
}

fn pooled(node: &Node, input: &[Amount]) -> Option<Vec<Amount>> {
    let kernel = node.ints("kernel_shape").filter(|_| node.int("ceil_mode", 0) == 0)?;
    windows(node, input, *input.get(1)?, kernel)
}

/// A value for each window of so many pixels.
fn windows(node: &Node, input: &[Amount], channels: Amount, kernel: &[i64]) -> Option<Vec<Amount>> {
    let axes = kernel.len();
    if input.len() != axes + 2 || !matches!(node.text("auto_pad"), "" | "NOTSET") {
        return None;
    }
    let or = |name, default: i64, len: usize| node.ints(name).map_or(vec![default; len], <[i64]>::to_vec);
    let (pads, strides, dilations) = (or("pads", 0, 2 * axes), or("strides", 1, axes), or("dilations", 1, axes));
    let mut shape = vec![input[0], channels];
    for at in 0..axes {
        // From the first to the last pixel that a kernel sees.
        let reach = dilations.get(at)?.checked_mul(kernel[at].checked_sub(1)?)?;
        let around = pads.get(at)?.checked_add(*pads.get(at + axes)?)?;
        let last = input[at + 2].plain()?.checked_add(around)?.checked_sub(reach)?.checked_sub(1)?;
        shape.push(Amount::known(last.checked_div(*strides.get(at)?)?.checked_add(1)?));
    }
    Some(shape)
}

/// One value for all along some axes, which stay with an extent of 1 or go.
fn reduced(node: &Node, input: &[Amount], inputs: &[Fact]) -> Option<Vec<Amount>> {
    let axes = summed(node, inputs, input.len())?;
    let keeps = node.int("keepdims", 1) != 0;
    let extents = input.iter().enumerate().filter(|(at, _)| keeps || !axes.contains(at));
    Some(extents.map(|(at, &extent)| if axes.contains(&at) { Amount::known(1) } else { extent }).collect())
}

/// The axes along which a node makes one value of many: all if it names none, or none if it says so.
pub(super) fn summed(node: &Node, inputs: &[Fact], rank: usize) -> Option<Vec<usize>> {
    let given = match node.input(1) {
        Some(_) => Some(inputs.get(1)?.plain_ints()?),
        None => node.ints("axes").map(<[i64]>::to_vec),
    };
    match given.filter(|axes| !axes.is_empty()) {
        Some(axes) => axes.iter().map(|&at| axis(at, rank)).collect(),
        None if node.int("noop_with_empty_axes", 0) != 0 => Some(Vec::new()),
        None => Some((0..rank).collect()),
    }
}

fn matrix_product(a: &[Amount], b: &[Amount]) -> Option<Vec<Amount>> {
    let ([.., rows, _], [.., _, columns]) = (a, b) else { return None };
    let mut shape = broadcast(&a[..a.len() - 2], &b[..b.len() - 2])?;
    shape.extend([*rows, *columns]);
    Some(shape)
}

fn einsum(equation: &str, inputs: &[Fact]) -> Option<Vec<Amount>> {
    let equation: String = equation.split_whitespace().collect();
    let (given, made) = equation.split_once("->")?;
    if given.split(',').count() != inputs.len() || equation.contains('.') {
        return None;
    }
    let extent_of = |letter: char| {
        given.split(',').zip(inputs).find_map(|(letters, fact)| {
            let at = letters.chars().position(|other| other == letter)?;
            fact.shape.as_ref()?.get(at).copied()
        })
    };
    made.chars().map(extent_of).collect()
}

fn reshape(node: &Node, input: &[Amount], target: &[Amount]) -> Option<Vec<Amount>> {
    let copies = node.int("allowzero", 0) == 0;
    let given = target.iter().enumerate().map(|(at, &extent)| match extent.plain() {
        Some(0) if copies => input.get(at).copied(),
        _ => Some(extent),
    });
    let mut shape = given.collect::<Option<Vec<_>>>()?;
    if let Some(open) = shape.iter().position(|extent| extent.plain() == Some(-1)) {
        shape[open] = Amount::known(1);
        shape[open] = product(input)?.over(product(&shape)?)?;
    }
    Some(shape)
}

fn concat(node: &Node, inputs: &[Fact]) -> Option<Vec<Amount>> {
    let mut shape = inputs.first()?.shape.clone()?;
    let axis = axis(node.int("axis", 0), shape.len())?;
    for other in &inputs[1..] {
        shape[axis] = shape[axis].plus(*other.shape.as_ref()?.get(axis)?)?;
    }
    Some(shape)
}

fn slice(input: &[Amount], inputs: &[Fact]) -> Option<Vec<Amount>> {
    let mut shape = input.to_vec();
    for cut in cuts(inputs)? {
        let along = axis(cut.axis, shape.len())?;
        // All of an open extent.
        if cut.step == 1 && cut.start == 0 && cut.end >= i64::from(i32::MAX) {
            continue;
        }
        let (_, count) = span(cut.start, cut.end, cut.step, shape[along].plain()?)?;
        shape[along] = Amount::known(count);
    }
    Some(shape)
}

/// What a slice takes along one axis.
pub(super) struct Cut {
    pub(super) axis: i64,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) step: i64,
}

/// What a slice takes along each axis that it names.
pub(super) fn cuts(inputs: &[Fact]) -> Option<Vec<Cut>> {
    let starts = inputs.get(1)?.plain_ints()?;
    let ends = inputs.get(2)?.plain_ints()?;
    let or = |at: usize, default: Vec<i64>| match inputs.get(at).filter(|given| given.rank().is_some()) {
        Some(given) => given.plain_ints(),
        None => Some(default),
    };
    let (axes, steps) = (or(3, (0..starts.len() as i64).collect())?, or(4, vec![1; starts.len()])?);
    let numbers = starts.into_iter().zip(ends).zip(axes.into_iter().zip(steps));
    Some(numbers.map(|((start, end), (axis, step))| Cut { axis, start, end, step }).collect())
}

/// The places that a slice takes of an axis of this extent, in its order. None if they are many.
pub(super) fn places(start: i64, end: i64, step: i64, extent: i64) -> Option<Vec<usize>> {
    let (first, count) = span(start, end, step, extent)?;
    let count = usize::try_from(count).ok().filter(|&count| count <= MOST_ELEMENTS)?;
    (0..count as i64).map(|at| usize::try_from(first + at * step).ok()).collect()
}

/// The first place that a slice takes of an axis of this extent, and how many it takes.
fn span(start: i64, end: i64, step: i64, extent: i64) -> Option<(i64, i64)> {
    if extent < 0 {
        return None;
    }
    let from_front = |at: i64| if at < 0 { at.saturating_add(extent) } else { at };
    let (start, end) = (from_front(start), from_front(end));
    let (first, len) = if step > 0 {
        let first = start.clamp(0, extent);
        (first, end.clamp(0, extent) - first)
    } else {
        let first = start.clamp(-1, extent - 1);
        (first, first - end.clamp(-1, extent - 1))
    };
    let count = if len > 0 { (len - 1).checked_div(step.checked_abs()?)? + 1 } else { 0 };
    Some((first, count))
}

fn unsqueeze(mut shape: Vec<Amount>, axes: &[i64]) -> Option<Vec<Amount>> {
    let rank = shape.len() + axes.len();
    let mut axes = axes.iter().map(|&at| axis(at, rank)).collect::<Option<Vec<_>>>()?;
    axes.sort_unstable();
    for at in axes {
        if at > shape.len() {
            return None;
        }
        shape.insert(at, Amount::known(1));
    }
    Some(shape)
}

fn pad(mut shape: Vec<Amount>, inputs: &[Fact]) -> Option<Vec<Amount>> {
    let pads = inputs.get(1)?.plain_ints()?;
    if inputs.get(3).is_some_and(|axes| axes.rank().is_some()) || pads.len() != 2 * shape.len() {
        return None;
    }
    let (begins, ends) = pads.split_at(shape.len());
    for ((extent, begin), end) in shape.iter_mut().zip(begins).zip(ends) {
        *extent = extent.plus(Amount::known(begin.checked_add(*end)?))?;
    }
    Some(shape)
}

fn resize(input: &[Amount], inputs: &[Fact]) -> Option<Vec<Amount>> {
    if let Some(sizes) = inputs.get(3).filter(|sizes| sizes.rank().is_some()) {
        return sizes.ints().map(<[Amount]>::to_vec);
    }
    let Elements::Floats(scales) = inputs.get(2)?.elements.as_ref()? else { return None };
    if scales.len() != input.len() {
        return None;
    }
    let extents = input.iter().zip(scales).map(|(extent, scale)| {
        if (scale - 1.0).abs() < f32::EPSILON {
            return Some(*extent);
        }
        Some(Amount::known((extent.plain()? as f64 * f64::from(*scale)).floor() as i64))
    });
    extents.collect()
}

fn split(node: &Node, inputs: &[Fact]) -> Option<Vec<Fact>> {
    let input = inputs.first()?;
    let shape = input.shape.clone()?;
    let axis = axis(node.int("axis", 0), shape.len())?;
    let lengths = if let Some(lengths) = inputs.get(1).filter(|lengths| lengths.rank().is_some()) {
        lengths.ints()?.to_vec()
    } else {
        let parts = node.output.len() as i64;
        let extent = shape[axis].plain().filter(|extent| extent.checked_rem(parts) == Some(0))?;
        vec![Amount::known(extent / parts); node.output.len()]
    };
    let parts = lengths.into_iter().map(|length| {
        let mut shape = shape.clone();
        shape[axis] = length;
        Fact::of_shape(input.element, Some(shape))
    });
    Some(parts.collect())
}
