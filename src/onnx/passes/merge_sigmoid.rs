//! `x * sigmoid(x)` becomes one operator: one pass over the values instead of two.
//!
//! `QuickGelu` of ONNX Runtime is `x * sigmoid(alpha * x)`.

use crate::onnx::{
    graph::Uses,
    proto::{Attribute, Graph},
};

/// Whose operator it is.
pub(crate) const DOMAIN: &str = "com.microsoft";

/// Changes a graph, and tells how often.
pub(crate) fn run(graph: &mut Graph) -> usize {
    let uses = Uses::of(graph);
    let mut merged = 0;
    for at in 0..graph.node.len() {
        let Some(input) = product_with_sigmoid(graph, &uses, at) else { continue };
        let node = &mut graph.node[at];
        node.op_type = Some("QuickGelu".to_owned());
        node.domain = Some(DOMAIN.to_owned());
        node.input = vec![input];
        node.attribute = vec![Attribute::of_float("alpha", 1.0)];
        merged += 1;
    }
    graph.sweep();
    merged
}

/// The `x` of a node that makes `x * sigmoid(x)`, if nobody else needs the sigmoid.
fn product_with_sigmoid(graph: &Graph, uses: &Uses, at: usize) -> Option<String> {
    let node = &graph.node[at];
    if !node.is("Mul") {
        return None;
    }
    let [one, other] = node.input.as_slice() else { return None };
    [(one, other), (other, one)].into_iter().find_map(|(input, factor)| {
        let sigmoid = &graph.node[uses.maker(factor)?];
        let is_it = sigmoid.is("Sigmoid") && sigmoid.input.as_slice() == std::slice::from_ref(input);
        (is_it && uses.only_user(factor) == Some(at)).then(|| input.clone())
    })
}
