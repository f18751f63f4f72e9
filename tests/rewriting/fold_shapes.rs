//! Arithmetic with shapes.

use std::collections::BTreeMap;

use brushaway::onnx::proto::{Attribute, Node, Tensor};

use crate::build::{Extent, graph, rewritten, rows_of, value};

const ROWS_OPEN: Option<u32> = None;

fn names(operators: &BTreeMap<String, usize>) -> Vec<&str> {
    operators.keys().map(String::as_str).collect()
}

fn int(name: &str, value: i64) -> Tensor {
    Tensor::of_ints(name, &[], &[value])
}

fn row(name: &str, values: &[i64]) -> Tensor {
    Tensor::of_ints(name, &[i64::try_from(values.len()).unwrap()], values)
}

/// What an exporter writes for `x.reshape(x.shape[0], x.shape[1] // 2, -1)`.
fn halved(divisor: i64) -> (Vec<Node>, Vec<Tensor>) {
    let nodes = vec![
        Node::new("Shape", &["x"], "shape"),
        Node::new("Gather", &["shape", "zero"], "rows"),
        Node::new("Gather", &["shape", "one"], "channels"),
        Node::new("Div", &["channels", "divisor"], "half"),
        Node::new("Cast", &["half"], "whole").with(Attribute::of_int("to", Tensor::INT64.into())),
        Node::new("Unsqueeze", &["rows", "axes"], "rows_row"),
        Node::new("Unsqueeze", &["whole", "axes"], "half_row"),
        Node::new("Concat", &["rows_row", "half_row", "rest"], "target").with(Attribute::of_int("axis", 0)),
        Node::new("Reshape", &["x", "target"], "r"),
        Node::new("Relu", &["r"], "y"),
    ];
    let constants = vec![int("zero", 0), int("one", 1), int("divisor", divisor), row("axes", &[0]), row("rest", &[-1])];
    (nodes, constants)
}

#[test]
fn a_target_made_of_extents_becomes_numbers_while_rows_stay_open() {
    let (nodes, constants) = halved(2);
    let operators = rewritten(graph(&rows_of(&[4, 3]), nodes, constants), ROWS_OPEN, &[&[1, 4, 3], &[2, 4, 3]]);
    assert_eq!(names(&operators), ["Relu", "Reshape"]);
}

#[test]
fn two_open_extents_stay_with_the_runtime() {
    let (nodes, constants) = halved(2);
    let input = [Extent::Open("N"), Extent::Open("C"), Extent::Known(3)];
    let operators = rewritten(graph(&input, nodes, constants), ROWS_OPEN, &[&[2, 4, 3], &[3, 2, 3]]);
    assert!(operators.contains_key("Shape"), "{operators:?}");
}

#[test]
fn extents_that_are_not_multiples_stay_with_the_runtime() {
    let nodes = vec![
        Node::new("Shape", &["x"], "shape"),
        Node::new("Gather", &["shape", "zero"], "rows"),
        Node::new("Add", &["rows", "one"], "more"),
        Node::new("Unsqueeze", &["more", "axes"], "target"),
        Node::new("ConstantOfShape", &["target"], "zeros"),
        Node::new("ReduceSum", &["zeros"], "nothing").with(Attribute::of_int("keepdims", 0)),
        Node::new("Add", &["x", "nothing"], "y"),
    ];
    let constants = vec![int("zero", 0), int("one", 1), row("axes", &[0])];
    let operators = rewritten(graph(&rows_of(&[3]), nodes, constants), ROWS_OPEN, &[&[2, 3]]);
    assert_eq!(operators["ConstantOfShape"], 1);
}

/// What an exporter writes for `x.expand(x.shape[0], -1)`.
fn expanded(width: i64) -> (Vec<Node>, Vec<Tensor>) {
    let one = Tensor { dims: vec![1], ..int("", 1) };
    let value = Attribute { name: Some("value".to_owned()), t: Some(one), kind: Some(4), ..Attribute::default() };
    let nodes = vec![
        Node::new("Shape", &["x"], "shape"),
        Node::new("Gather", &["shape", "zero"], "rows"),
        Node::new("Unsqueeze", &["rows", "axes"], "rows_row"),
        Node::new("Concat", &["rows_row", "width"], "wanted").with(Attribute::of_int("axis", 0)),
        Node::new("Shape", &["wanted"], "rank"),
        Node::new("ConstantOfShape", &["rank"], "ones").with(value),
        Node::new("Mul", &["ones", "minus"], "minuses"),
        Node::new("Equal", &["wanted", "minuses"], "is_kept"),
        Node::new("Where", &["is_kept", "ones", "wanted"], "target"),
        Node::new("Expand", &["x", "target"], "e"),
        Node::new("Relu", &["e"], "y"),
    ];
    (nodes, vec![int("zero", 0), row("axes", &[0]), row("width", &[width]), int("minus", -1)])
}

#[test]
fn an_expansion_to_what_it_is_already_goes() {
    let (nodes, constants) = expanded(-1);
    let operators = rewritten(graph(&rows_of(&[3]), nodes, constants), ROWS_OPEN, &[&[1, 3], &[2, 3]]);
    assert_eq!(names(&operators), ["Relu"]);
}

#[test]
fn an_expansion_to_more_stays() {
    let (nodes, constants) = expanded(5);
    let operators = rewritten(graph(&rows_of(&[1]), nodes, constants), ROWS_OPEN, &[&[2, 1], &[3, 1]]);
    assert_eq!(operators["Expand"], 1);
}

#[test]
fn with_rows_fixed_nothing_is_open() {
    let (nodes, constants) = expanded(5);
    let operators = rewritten(graph(&rows_of(&[1]), nodes, constants), Some(2), &[&[2, 1]]);
    assert_eq!(names(&operators), ["Expand", "Relu"]);
}

#[test]
fn a_part_of_a_shape_and_a_split_are_known() {
    let nodes = vec![
        Node { output: vec!["a".to_owned(), "b".to_owned()], ..Node::new("Split", &["x"], "a") }
            .with(Attribute::of_int("axis", 1))
            .with(Attribute::of_int("num_outputs", 2)),
        Node::new("Shape", &["b"], "shape"),
        Node::new("Slice", &["shape", "from", "to"], "lead"),
        Node::new("Concat", &["lead", "rest"], "target").with(Attribute::of_int("axis", 0)),
        Node::new("Mul", &["a", "b"], "m"),
        Node::new("Reshape", &["m", "target"], "y"),
    ];
    let constants = vec![row("from", &[0]), row("to", &[2]), row("rest", &[-1])];
    let operators = rewritten(graph(&rows_of(&[4, 3, 2]), nodes, constants), ROWS_OPEN, &[&[2, 4, 3, 2]]);
    assert_eq!(names(&operators), ["Mul", "Reshape", "Split"]);
}

#[test]
fn of_two_reshapes_in_a_row_one_is_left_unless_the_second_copies() {
    let twice = |second: &[i64]| {
        let nodes = vec![
            Node::new("Reshape", &["x", "first"], "r"),
            Node::new("Reshape", &["r", "second"], "s"),
            Node::new("Relu", &["s"], "y"),
        ];
        let constants = vec![row("first", &[-1, 6]), row("second", second)];
        rewritten(graph(&rows_of(&[4, 3]), nodes, constants), ROWS_OPEN, &[&[2, 4, 3]])["Reshape"]
    };
    assert_eq!(twice(&[-1, 2, 3]), 1);
    // Written with numbers first, so that it no longer copies.
    assert_eq!(twice(&[0, 3, 2]), 1);
}

#[test]
fn what_a_graph_in_a_node_names_is_still_there() {
    let body = |operator: &str| {
        let made = graph(&[], vec![Node::new(operator, &["same"], "inner")], Vec::new());
        let mut made = brushaway::onnx::proto::Graph { input: Vec::new(), ..made };
        made.output[0].name = Some("inner".to_owned());
        made
    };
    let branch = |name: &str, operator: &str| Attribute {
        name: Some(name.to_owned()),
        g: Some(body(operator)),
        kind: Some(5),
        ..Attribute::default()
    };
    let nodes = vec![
        Node::new("Identity", &["x"], "same"),
        Node::new("ReduceMax", &["x"], "most").with(Attribute::of_int("keepdims", 0)),
        Node::new("Greater", &["most", "limit"], "is_more"),
        Node::new("If", &["is_more"], "y").with(branch("then_branch", "Relu")).with(branch("else_branch", "Neg")),
    ];
    let constants = vec![Tensor::of_floats("limit", &[], &[0.0])];
    let operators = rewritten(graph(&rows_of(&[3]), nodes, constants), ROWS_OPEN, &[&[2, 3]]);
    assert_eq!(operators["If"], 1);
}

#[test]
fn an_extent_that_the_graph_names_itself_may_be_nothing() {
    let mut with_nothing = graph(
        &rows_of(&[3]),
        vec![
            Node::new("NonZero", &["x"], "places"),
            Node::new("Shape", &["places"], "shape"),
            Node::new("Gather", &["shape", "one"], "count"),
            Node::new("Equal", &["count", "zero"], "is_none"),
            Node::new("Cast", &["is_none"], "more").with(Attribute::of_int("to", Tensor::FLOAT.into())),
            Node::new("Add", &["x", "more"], "y"),
        ],
        vec![int("zero", 0), int("one", 1)],
    );
    with_nothing.value_info = vec![value("places", Tensor::INT64, &[Extent::Known(2), Extent::Open("places_1")])];
    let operators = rewritten(with_nothing, ROWS_OPEN, &[&[2, 3]]);
    assert_eq!(operators["Equal"], 1);
}
