//! Arithmetic with shapes is done before the graph runs.
//!
//! Exporters compute the targets of `Reshape` and `Expand` from the shapes of other values, node by node; a runtime does
//! that on the processor between the kernels of each run, and cannot record a graph that has such nodes. What can be told
//! from the extents of the inputs becomes a constant. An extent that the caller chooses stays open: a target may have one
//! such extent, which is written as -1.

use std::collections::{HashMap, HashSet};

use crate::onnx::{
    amount::Amount,
    graph::Uses,
    known::{Known, constant},
    proto::{Graph, Node, Tensor},
};

/// Changes a graph, and tells how many nodes went.
pub(crate) fn run(graph: &mut Graph) -> usize {
    let before = graph.node.len();
    let known = Known::of(graph);
    let outputs: HashSet<String> = graph.output.iter().map(|output| output.name().to_owned()).collect();
    let mut renamed = HashMap::new();
    let mut targets = HashMap::new();
    let mut nodes = Vec::with_capacity(before);
    for mut node in std::mem::take(&mut graph.node) {
        let is_output = node.output.iter().any(|name| outputs.contains(name));
        if let Some(tensor) = folded(&node, &known).filter(|_| !is_output) {
            graph.initializer.push(tensor);
            continue;
        }
        if let Some(same) = idle(&node, &known).filter(|_| !is_output) {
            renamed.insert(node.output[0].clone(), same);
            continue;
        }
        if let Some(target) = target(&node, &known) {
            let next = format!("{}_target", node.output[0]);
            let name = targets.entry(target.clone()).or_insert_with(|| {
                graph.initializer.push(Tensor::of_ints(&next, &[target.len() as i64], &target));
                next
            });
            node.input[1].clone_from(name);
            node.attribute.retain(|attribute| attribute.name() != "allowzero");
        }
        nodes.push(node);
    }
    graph.node = nodes;
    let held = Uses::of(graph);
    // A graph inside a node goes on naming what it named.
    for (from, to) in renamed.iter().filter(|(from, _)| held.is_held(from)) {
        graph.node.insert(0, Node::new("Identity", &[to.as_str()], from));
    }
    renamed.retain(|from, _| !held.is_held(from));
    graph.replace_uses(&renamed);
    flatten_transposes(graph);
    join_reshapes(graph);
    graph.sweep();
    before - graph.node.len()
}

/// The value of a node that is known, unless it is open or too big.
fn folded(node: &Node, known: &Known) -> Option<Tensor> {
    if let Some(tensor) = constant(node) {
        return Some(tensor);
    }
    let [name] = node.output.as_slice() else { return None };
    known.fact(name).tensor(name)
}

/// The value that a node passes on as it is.
fn idle(node: &Node, known: &Known) -> Option<String> {
    let (from, to) = (node.input(0)?, node.only_output()?);
    let stays = || known.shape(from).is_some() && known.shape(from) == known.shape(to);
    let is_idle = match node.op_type() {
        _ if !matches!(node.domain(), "" | "ai.onnx") => false,
        "Identity" => true,
        "Reshape" | "Expand" => stays(),
        "Cast" => known.fact(from).element.is_some() && known.fact(from).element == known.fact(to).element,
        "Div" | "Mul" => {
            stays() && known.floats(node.input(1)?).is_some_and(|by| !by.is_empty() && by.iter().all(|&by| is_one(by)))
        }
        _ => false,
    };
    is_idle.then(|| from.to_owned())
}

fn is_one(value: f32) -> bool {
    value.to_bits() == 1.0_f32.to_bits()
}

/// The target of a `Reshape`, written with numbers alone, if it is not that already.
fn target(node: &Node, known: &Known) -> Option<Vec<i64>> {
    if !node.is("Reshape") {
        return None;
    }
    let target = written(known.shape(node.only_output()?)?)?;
    (known.fact(node.input(1)?).plain_ints() != Some(target.clone())).then_some(target)
}

/// Extents as a target, in which at most one is open.
fn written(shape: &[Amount]) -> Option<Vec<i64>> {
    let is_empty = shape.iter().any(|extent| extent.factor == 0);
    let open = shape.iter().filter(|extent| extent.symbol.is_some()).count();
    (!is_empty && open <= 1).then(|| shape.iter().map(|extent| extent.plain().unwrap_or(-1)).collect())
}

/// A transpose that moves only extents of 1 moves no element: it is a reshape.
fn flatten_transposes(graph: &mut Graph) {
    let known = Known::of(graph);
    let mut targets = Vec::new();
    for node in &mut graph.node {
        let Some(target) = still(node, &known) else { continue };
        let name = format!("{}_shape", node.output[0]);
        targets.push(Tensor::of_ints(&name, &[target.len() as i64], &target));
        node.input.push(name);
        node.attribute.clear();
        node.op_type = Some("Reshape".to_owned());
    }
    graph.initializer.append(&mut targets);
}

/// The target of a reshape that does the same as a transpose.
fn still(node: &Node, known: &Known) -> Option<Vec<i64>> {
    let order = node.ints("perm").filter(|_| node.is("Transpose"))?;
    let before = known.shape(node.input(0)?)?;
    let moved = order.iter().filter(|&&from| {
        usize::try_from(from).ok().and_then(|from| before.get(from)).is_none_or(|extent| *extent != Amount::known(1))
    });
    moved.is_sorted().then(|| written(known.shape(node.only_output()?)?)).flatten()
}

/// Of two reshapes in a row the first is needless. A target that copies extents of its input counts on it, though.
fn join_reshapes(graph: &mut Graph) {
    let known = Known::of(graph);
    let uses = Uses::of(graph);
    for at in 0..graph.node.len() {
        let node = &graph.node[at];
        let shape = node.only_output().filter(|_| node.is("Reshape")).and_then(|name| known.shape(name));
        if shape.and_then(written).is_none() {
            continue;
        }
        let Some(first) = node.input(0).and_then(|name| uses.maker(name)).map(|first| &graph.node[first]) else {
            continue;
        };
        let copies =
            node.input(1).and_then(|name| known.fact(name).plain_ints()).is_none_or(|target| target.contains(&0));
        if let Some(from) = first.input(0).filter(|_| first.is("Reshape") && !copies).map(str::to_owned) {
            graph.node[at].input[0] = from;
        }
    }
}
