//! Lambda layers: over content alone, and over few keys with places.

use std::collections::BTreeMap;

use brushaway::onnx::proto::{Attribute, Node, Tensor};

use crate::build::{graph, rewritten, rows_of, weight};

const HEADS: i64 = 2;
const DEPTH: i64 = 3;
const KEYS: i64 = 4;
const VALUES: i64 = 5;
const POSITIONS: i64 = 6;

/// Names an axis as the equations do.
struct Sizes {
    sets: i64,
    keys: i64,
}

fn einsum(equation: &str, inputs: &[&str], output: &str) -> Node {
    Node::new("Einsum", inputs, output).with(Attribute::of_text("equation", equation))
}

/// Queries, keys and values, cut out of one input.
fn parts(sizes: &Sizes) -> (Vec<Node>, Vec<Tensor>, usize) {
    let shapes: [&[i64]; 3] =
        [&[HEADS, DEPTH, POSITIONS], &[sizes.sets, DEPTH, sizes.keys], &[sizes.sets, VALUES, sizes.keys]];
    let lengths: Vec<i64> = shapes.iter().map(|shape| shape.iter().product()).collect();
    let names = ["q", "k", "v"];
    let flat: Vec<String> = names.iter().map(|name| format!("{name}_flat")).collect();
    let mut nodes = vec![
        Node { output: flat.clone(), ..Node::new("Split", &["x", "lengths"], "") }.with(Attribute::of_int("axis", 1)),
    ];
    let mut tensors = vec![Tensor::of_ints("lengths", &[3], &lengths)];
    for ((name, flat), shape) in names.iter().zip(&flat).zip(shapes) {
        let target = format!("{name}_shape");
        nodes.push(Node::new("Reshape", &[flat, &target], name));
        tensors.push(Tensor::of_ints(&target, &[4], &[&[-1], shape].concat()));
    }
    (nodes, tensors, usize::try_from(lengths.iter().sum::<i64>()).unwrap())
}

fn content(output: &str) -> Vec<Node> {
    vec![
        einsum("b u k m, b u v m -> b k v", &["k", "v"], "summary"),
        einsum("b h k n, b k v -> b h v n", &["q", "summary"], output),
    ]
}

fn check(sizes: &Sizes, layer: Vec<Node>) -> BTreeMap<String, usize> {
    let (mut nodes, mut tensors, len) = parts(sizes);
    nodes.extend(layer);
    tensors.push(weight("places", &[POSITIONS, sizes.keys, DEPTH, sizes.sets], 2));
    let graph = graph(&rows_of(&[i64::try_from(len).unwrap()]), nodes, tensors);
    rewritten(graph, None, &[&[1, len], &[2, len]])
}

const FEW: Sizes = Sizes { sets: 1, keys: KEYS };

#[test]
fn a_summary_becomes_two_products() {
    let operators = check(&FEW, content("y"));
    assert_eq!((operators.get("Einsum"), operators["MatMul"]), (None, 2));
}

#[test]
fn a_summary_of_several_sets_or_used_elsewhere_stays() {
    assert_eq!(check(&Sizes { sets: 2, ..FEW }, content("y"))["Einsum"], 2);
    let mut used = content("answer");
    used.push(Node::new("ReduceMax", &["summary"], "most").with(Attribute::of_int("keepdims", 0)));
    used.push(Node::new("Add", &["answer", "most"], "y"));
    assert_eq!(check(&FEW, used)["Einsum"], 2);
}

/// A whole layer, its halves in either order, with whose queries the places are asked.
fn layer(queries: &str, halves: [&str; 2]) -> Vec<Node> {
    let mut nodes = content("by_content");
    nodes.extend([
        Node::new("Relu", &["q"], "other"),
        einsum("n m k u, b u v m -> b n k v", &["places", "v"], "lambdas"),
        einsum("b h k n, b n k v -> b h v n", &[queries, "lambdas"], "by_place"),
        Node::new("Add", &halves, "y"),
    ]);
    nodes
}

#[test]
fn a_layer_over_few_keys_becomes_attention() {
    for halves in [["by_content", "by_place"], ["by_place", "by_content"]] {
        let operators = check(&FEW, layer("q", halves));
        assert_eq!((operators["Einsum"], operators["MatMul"]), (1, 2), "{operators:?}");
    }
}

#[test]
fn a_layer_over_many_keys_or_of_two_queries_stays_what_it_is() {
    let places = |operators: BTreeMap<String, usize>| operators["Einsum"];
    assert_eq!(places(check(&Sizes { keys: 65, ..FEW }, layer("q", ["by_content", "by_place"]))), 2);
    assert_eq!(places(check(&FEW, layer("other", ["by_content", "by_place"]))), 2);
    assert_eq!(places(check(&Sizes { sets: 2, ..FEW }, layer("q", ["by_content", "by_place"]))), 4);
}
