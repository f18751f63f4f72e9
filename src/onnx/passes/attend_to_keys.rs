//! A lambda layer over few keys becomes attention to them.
//!
//! As written, each position has a matrix of its own, made of all keys and values before any query is seen: tens of
//! megabytes for the ten ids of a prompt. The same sums in another order, `score[m, n] = sum_k query[k, n] *
//! (key[k, m] + place[n, m, k])` and then `sum_m value[v, m] * score[m, n]`, need a few numbers for each position.

use std::collections::HashMap;

use super::summarise_keys::{Summary, is_one, summary};
use crate::onnx::{
    equation,
    graph::Uses,
    known::Known,
    proto::{Attribute, Graph, Node, Tensor},
};

/// `n m k u, b u v m -> b n k v`, of the places' weights and values.
const LAMBDAS: &str = "abcd,edfb->eacf";
/// `b h k n, b n k v -> b h v n`, of queries and those.
const ANSWER: &str = "abcd,adce->abed";

/// More keys than this are not few.
const MOST_KEYS: i64 = 64;

/// A layer: what it gets from a summary, and the weights of places.
struct Layer<'a> {
    content: Summary<'a>,
    /// `[n, m, k, 1]`
    places: &'a str,
    places_shape: [i64; 3],
}

/// Changes a graph, and tells how often.
pub(crate) fn run(graph: &mut Graph) -> usize {
    let (known, uses) = (Known::of(graph), Uses::of(graph));
    let mut replaced = HashMap::new();
    let mut shapes = Vec::new();
    for (at, node) in graph.node.iter().enumerate() {
        let Some(layer) = layer(graph, &known, &uses, node) else { continue };
        let Some(output) = node.only_output() else { continue };
        replaced.insert(at, attention(&layer, output, &mut shapes));
    }
    let count = replaced.len();
    graph.splice(replaced);
    graph.initializer.append(&mut shapes);
    graph.sweep();
    count
}

/// The layer whose two halves a node adds.
fn layer<'a>(graph: &'a Graph, known: &Known, uses: &Uses, node: &'a Node) -> Option<Layer<'a>> {
    let [one, other] = node.input.as_slice() else { return None };
    if !node.is("Add") {
        return None;
    }
    [(one, other), (other, one)].into_iter().find_map(|(content, position)| {
        let made_only_for_this =
            |name: &str| uses.made_by(graph, name, "Einsum").filter(|_| uses.only_user(name).is_some());
        let content = summary(graph, known, uses, made_only_for_this(content)?)?;
        let answer = made_only_for_this(position).filter(|node| equation::of(node).as_deref() == Some(ANSWER))?;
        let lambdas =
            made_only_for_this(answer.input(1)?).filter(|node| equation::of(node).as_deref() == Some(LAMBDAS))?;
        let (places, values) = (lambdas.input(0)?, lambdas.input(1)?);
        let [positions, keys, depth, one] = known.shape(places)? else { return None };
        let keys = keys.plain().filter(|&keys| keys <= MOST_KEYS)?;
        let is_one_layer = answer.input(0) == Some(content.queries) && values == content.values && is_one(Some(one));
        let places_shape = [positions.plain()?, keys, depth.plain()?];
        is_one_layer.then_some(Layer { content, places, places_shape })
    })
}

fn attention(layer: &Layer<'_>, output: &str, shapes: &mut Vec<Tensor>) -> Vec<Node> {
    let Summary { keys, values, queries } = layer.content;
    let name = |part: &str| format!("{output}_{part}");
    shapes.push(Tensor::of_ints(&name("places_shape"), &[3], &layer.places_shape));
    let turn = Attribute::of_ints("perm", &[0, 1, 3, 2]);
    vec![
        Node::new("Transpose", &[keys], &name("keys")).with(turn),
        Node::new("MatMul", &[&name("keys"), queries], &name("by_content")),
        Node::new("Reshape", &[layer.places, &name("places_shape")], &name("places")),
        Node::new("Einsum", &[queries, &name("places")], &name("by_place"))
            .with(Attribute::of_text("equation", "bhkn,nmk->bhmn")),
        Node::new("Add", &[&name("by_content"), &name("by_place")], &name("scores")),
        Node::new("MatMul", &[values, &name("scores")], output),
    ]
}
