//! What queries make of a summary of keys and values becomes two matrix products.
//!
//! "Lambda" layers (Bello, "Modeling Long-Range Interactions without Attention", 2021) are written as sums over letters, which runtimes compute without the
//! care that they take of matrix products: with one set of keys, `summary[v, k]` is values times keys, and the summary
//! times the queries of all heads is what is wanted.

use std::collections::HashMap;

use crate::onnx::{
    amount::Amount,
    equation,
    graph::Uses,
    known::Known,
    proto::{Attribute, Graph, Node},
};

/// `b u k m, b u v m -> b k v`, of keys and values.
pub(super) const SUMMARY: &str = "abcd,abed->ace";
/// `b h k n, b k v -> b h v n`, of queries and the summary.
pub(super) const ANSWER: &str = "abcd,ace->abed";

/// What is summarised, and what is asked.
#[derive(Debug)]
pub(super) struct Summary<'a> {
    /// `[b, 1, k, m]`
    pub(super) keys: &'a str,
    /// `[b, 1, v, m]`
    pub(super) values: &'a str,
    /// `[b, h, k, n]`
    pub(super) queries: &'a str,
}

/// The parts of a node that answers queries from a summary.
pub(super) fn summary<'a>(graph: &'a Graph, known: &Known, uses: &Uses, answer: &'a Node) -> Option<Summary<'a>> {
    if equation::of(answer)? != ANSWER {
        return None;
    }
    let (queries, summed) = (answer.input(0)?, answer.input(1)?);
    let sum = uses.made_by(graph, summed, "Einsum").filter(|sum| equation::of(sum).as_deref() == Some(SUMMARY))?;
    uses.only_user(summed)?;
    let (keys, values) = (sum.input(0)?, sum.input(1)?);
    let is_single = [keys, values].iter().all(|name| known.shape(name).is_some_and(|shape| is_one(shape.get(1))));
    is_single.then_some(Summary { keys, values, queries })
}

pub(super) fn is_one(extent: Option<&Amount>) -> bool {
    extent == Some(&Amount::known(1))
}

/// Changes a graph, and tells how often.
pub(crate) fn run(graph: &mut Graph) -> usize {
    let (known, uses) = (Known::of(graph), Uses::of(graph));
    let mut replaced = HashMap::new();
    for (at, node) in graph.node.iter().enumerate() {
        let Some(Summary { keys, values, queries }) = summary(graph, &known, &uses, node) else { continue };
        let Some(output) = node.only_output() else { continue };
        let name = |part: &str| format!("{output}_{part}");
        let turn = Attribute::of_ints("perm", &[0, 1, 3, 2]);
        let nodes = vec![
            Node::new("Transpose", &[keys], &name("keys")).with(turn),
            Node::new("MatMul", &[values, &name("keys")], &name("summary")),
            Node::new("MatMul", &[&name("summary"), queries], output),
        ];
        replaced.insert(at, nodes);
    }
    let count = replaced.len();
    graph.splice(replaced);
    graph.sweep();
    count
}
