//! What operators make of elements that are known: the arithmetic with shapes that exporters leave in graphs.

use super::{
    amount::Amount,
    fact::{Elements, Fact, MOST_ELEMENTS},
    infer,
    proto::{Node, Tensor},
};

/// The elements of a node's first output, whose shape is known already.
pub(super) fn elements(node: &Node, inputs: &[Fact], output: &Fact) -> Option<Elements> {
    if !matches!(node.domain(), "" | "ai.onnx") {
        return None;
    }
    let len = output.shape.as_ref()?.iter().try_fold(1_usize, |len, extent| {
        len.checked_mul(usize::try_from(extent.plain()?).ok()?).filter(|&len| len <= MOST_ELEMENTS)
    })?;
    let given = |at: usize| inputs.get(at)?.elements.as_ref();
    let made = match node.op_type() {
        "Shape" => Elements::Ints(extents(node, inputs.first()?)?),
        "Identity" | "Reshape" | "Unsqueeze" | "Squeeze" | "Flatten" => given(0)?.clone(),
        "Cast" => cast(given(0)?, output.element?)?,
        "Gather" if inputs.first()?.rank() == Some(1) => gather(given(0)?, inputs.get(1)?)?,
        "Slice" => given(0)?.pick(sliced(inputs)?.into_iter())?,
        "Transpose" => given(0)?.pick(transposed(node, inputs.first()?)?.into_iter())?,
        "Concat" if inputs.first()?.rank() == Some(1) => joined(inputs)?,
        "ConstantOfShape" => filled(node, len)?,
        "Expand" if given(0)?.len() == 1 => given(0)?.pick((0..len).map(|_| 0))?,
        "Add" | "Sub" | "Mul" | "Div" | "Equal" => pairwise(node.op_type(), inputs, len)?,
        "Where" => chosen(inputs, len)?,
        _ => return None,
    };
    (made.len() == len).then_some(made)
}

fn extents(node: &Node, input: &Fact) -> Option<Vec<Amount>> {
    let shape = input.shape.as_ref()?;
    let end = node.int("end", i64::MAX);
    let places = infer::places(node.int("start", 0), end, 1, shape.len() as i64)?;
    places.into_iter().map(|at| shape.get(at).copied()).collect()
}

fn cast(given: &Elements, element: i32) -> Option<Elements> {
    match (given, element) {
        (Elements::Ints(values), Tensor::INT64 | Tensor::INT32) => Some(Elements::Ints(values.clone())),
        (Elements::Ints(values), Tensor::FLOAT) => {
            let plain = values.iter().map(|value| value.plain().map(|value| value as f32));
            plain.collect::<Option<_>>().map(Elements::Floats)
        }
        (Elements::Ints(values), Tensor::BOOL) => {
            let truths = values.iter().map(|value| value.equals(Amount::known(0)).map(|is_zero| truth(!is_zero)));
            truths.collect::<Option<_>>().map(Elements::Ints)
        }
        (Elements::Floats(values), Tensor::FLOAT) => Some(Elements::Floats(values.clone())),
        (Elements::Floats(values), Tensor::INT64 | Tensor::INT32) => {
            Some(Elements::Ints(values.iter().map(|value| Amount::known(*value as i64)).collect()))
        }
        _ => None,
    }
}

fn gather(given: &Elements, places: &Fact) -> Option<Elements> {
    let places = places.plain_ints()?;
    let places = places.iter().map(|&at| infer::axis(at, given.len())).collect::<Option<Vec<_>>>()?;
    given.pick(places.into_iter())
}

/// How far apart neighbours along each axis are.
fn strides(extents: &[usize]) -> Vec<usize> {
    (0..extents.len()).map(|at| extents[at + 1..].iter().product()).collect()
}

/// The extents of a value whose elements are known, none of which is large then: but for those of a value without any.
fn plain_shape(fact: &Fact) -> Option<Vec<usize>> {
    let extents = fact.shape.as_ref()?.iter().map(|extent| usize::try_from(extent.plain()?).ok());
    extents.map(|extent| extent.filter(|&extent| extent <= MOST_ELEMENTS)).collect()
}

/// All sums of one place along each axis, the last axis fastest.
fn combined(places: &[Vec<usize>]) -> Vec<usize> {
    // Not only in the end: until there, others may be many.
    if places.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    places
        .iter()
        .fold(vec![0], |sums, along| sums.iter().flat_map(|sum| along.iter().map(move |place| sum + place)).collect())
}

fn sliced(inputs: &[Fact]) -> Option<Vec<usize>> {
    let extents = plain_shape(inputs.first()?)?;
    let mut places: Vec<Vec<usize>> = extents.iter().map(|&extent| (0..extent).collect()).collect();
    for cut in infer::cuts(inputs)? {
        let along = infer::axis(cut.axis, extents.len())?;
        places[along] = infer::places(cut.start, cut.end, cut.step, extents[along] as i64)?;
    }
    let scaled = places.into_iter().zip(strides(&extents));
    let scaled: Vec<Vec<usize>> = scaled.map(|(along, stride)| along.iter().map(|at| at * stride).collect()).collect();
    Some(combined(&scaled))
}

fn transposed(node: &Node, input: &Fact) -> Option<Vec<usize>> {
    let extents = plain_shape(input)?;
    let strides = strides(&extents);
    let reversed: Vec<i64> = (0..extents.len() as i64).rev().collect();
    let order = node.ints("perm").unwrap_or(&reversed).iter().map(|&from| infer::axis(from, extents.len()));
    let order = order.collect::<Option<Vec<_>>>()?;
    let places: Vec<Vec<usize>> =
        order.iter().map(|&from| (0..extents[from]).map(|at| at * strides[from]).collect()).collect();
    Some(combined(&places))
}

fn joined(inputs: &[Fact]) -> Option<Elements> {
    let parts = inputs.iter().map(|fact| fact.ints().map(<[Amount]>::to_vec));
    parts.collect::<Option<Vec<_>>>().map(|parts| Elements::Ints(parts.concat()))
}

fn filled(node: &Node, len: usize) -> Option<Elements> {
    let Some(value) = node.find("value").and_then(|value| value.t.as_ref()) else {
        return Some(Elements::Floats(vec![0.0; len]));
    };
    Fact::of_tensor(value).elements?.pick((0..len).map(|_| 0))
}

const fn truth(is_true: bool) -> Amount {
    Amount::known(is_true as i64)
}

/// One by one; a single element goes with all of the other side.
fn pairwise(operator: &str, inputs: &[Fact], len: usize) -> Option<Elements> {
    let (one, other) = (inputs.first()?.elements.as_ref()?, inputs.get(1)?.elements.as_ref()?);
    if [one, other].iter().any(|side| side.len() != len && side.len() != 1) {
        return None;
    }
    let at = |at: usize, side: usize| if side == 1 { 0 } else { at };
    match (one, other) {
        (Elements::Ints(one), Elements::Ints(other)) => {
            let pairs = (0..len).map(|place| (one[at(place, one.len())], other[at(place, other.len())]));
            let made = pairs.map(|(one, other)| match operator {
                "Add" => one.plus(other),
                "Sub" => one.plus(other.negated()?),
                "Mul" => one.times(other),
                "Div" => one.over(other),
                "Equal" => one.equals(other).map(truth),
                _ => None,
            });
            made.collect::<Option<_>>().map(Elements::Ints)
        }
        (Elements::Floats(one), Elements::Floats(other)) => {
            let pairs = (0..len).map(|place| (one[at(place, one.len())], other[at(place, other.len())]));
            let made = pairs.map(|(one, other)| match operator {
                "Add" => Some(one + other),
                "Sub" => Some(one - other),
                "Mul" => Some(one * other),
                "Div" => Some(one / other),
                _ => None,
            });
            made.collect::<Option<_>>().map(Elements::Floats)
        }
        _ => None,
    }
}

fn chosen(inputs: &[Fact], len: usize) -> Option<Elements> {
    let [choice, yes, no] = inputs else { return None };
    let (choice, yes, no) = (choice.plain_ints()?, yes.ints()?, no.ints()?);
    let pick = |values: &[Amount], at: usize| values.get(if values.len() == 1 { 0 } else { at }).copied();
    let made = (0..len).map(|at| {
        let choice = *choice.get(if choice.len() == 1 { 0 } else { at })?;
        pick(if choice == 0 { no } else { yes }, at)
    });
    made.collect::<Option<_>>().map(Elements::Ints)
}
