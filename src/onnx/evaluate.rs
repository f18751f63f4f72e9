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
        "Slice" if inputs.first()?.rank() == Some(1) => slice(inputs)?,
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

fn slice(inputs: &[Fact]) -> Option<Elements> {
    let given = inputs.first()?.elements.as_ref()?;
    let one = |at: usize| -> Option<i64> {
        match inputs.get(at)?.plain_ints()?.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    };
    let step = if inputs.get(4).is_some_and(|steps| steps.rank().is_some()) { one(4)? } else { 1 };
    given.pick(infer::places(one(1)?, one(2)?, step, given.len() as i64)?.into_iter())
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
