//! `x * sigmoid(x)`.

use brushaway::onnx::proto::Node;

use crate::build::{graph, rewritten, rows_of};

fn check(nodes: Vec<Node>, merged: usize) {
    let graph = graph(&rows_of(&[3]), nodes, Vec::new());
    let operators = rewritten(graph, None, &[&[2, 3]]);
    assert_eq!(operators.get("QuickGelu").copied().unwrap_or_default(), merged, "{operators:?}");
}

#[test]
fn becomes_one_operator_whichever_factor_comes_first() {
    check(vec![Node::new("Sigmoid", &["x"], "s"), Node::new("Mul", &["x", "s"], "y")], 1);
    check(vec![Node::new("Sigmoid", &["x"], "s"), Node::new("Mul", &["s", "x"], "y")], 1);
}

#[test]
fn what_only_looks_like_it_stays() {
    let other =
        vec![Node::new("Sigmoid", &["x"], "s"), Node::new("Relu", &["x"], "r"), Node::new("Mul", &["r", "s"], "y")];
    check(other, 0);
    check(vec![Node::new("Tanh", &["x"], "s"), Node::new("Mul", &["x", "s"], "y")], 0);
    check(vec![Node::new("Sigmoid", &["x"], "s"), Node::new("Add", &["x", "s"], "y")], 0);
    check(vec![Node::new("Sigmoid", &["x"], "s"), Node::new("Mul", &["s", "s"], "y")], 0);
    let needed =
        vec![Node::new("Sigmoid", &["x"], "s"), Node::new("Mul", &["x", "s"], "m"), Node::new("Add", &["m", "s"], "y")];
    check(needed, 0);
}
