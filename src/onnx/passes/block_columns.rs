//! A convolution of one channel with large kernels takes neighbouring columns as channels.
//!
//! Kernels of a runtime multiply channels with channels and leave most of a processor idle if there is one. With four
//! columns as four channels, which is only another way to read the same memory, a 15x15 kernel becomes one of 15x5 over
//! four channels: a third more multiplications, some of them with zero, done several times as fast.

use std::collections::HashMap;

use crate::onnx::{
    derive::{Derivations, Recipe, Wanted, reach},
    known::Known,
    proto::{Attribute, Graph, Node, Tensor},
};

/// Columns that are taken together.
const BLOCK: usize = 4;

/// Smaller kernels would mostly multiply with zero.
const FEWEST_COLUMNS: i64 = 9;

/// No weight that there is has a longer extent, and what is computed with these stays countable.
const LONGEST: i64 = 1 << 24;

/// Changes a graph, and tells how often.
pub(crate) fn run(graph: &mut Graph, derivations: &mut Derivations<'_>) -> usize {
    let known = Known::of(graph);
    let mut replaced = HashMap::new();
    let mut made = Vec::new();
    for (at, node) in graph.node.iter().enumerate() {
        if let Some(nodes) = blocked(graph, &known, node, derivations, &mut made) {
            replaced.insert(at, nodes);
        }
    }
    let count = replaced.len();
    graph.splice(replaced);
    graph.initializer.append(&mut made);
    graph.sweep();
    count
}

fn blocked(
    graph: &Graph,
    known: &Known,
    node: &Node,
    derivations: &mut Derivations<'_>,
    made: &mut Vec<Tensor>,
) -> Option<Vec<Node>> {
    if !node.is("Conv") || node.int("group", 1) != 1 || !matches!(node.text("auto_pad"), "" | "NOTSET") {
        return None;
    }
    let (input, output) = (node.input(0)?, node.only_output()?);
    let initializer = |at| graph.initializer.iter().find(|tensor| Some(tensor.name()) == node.input(at));
    let weight = initializer(1)?;
    let &[kernels, 1, rows, columns] = weight.dims.as_slice() else { return None };
    let is_plain = columns >= FEWEST_COLUMNS
        && [kernels, rows, columns].iter().all(|extent| (1..=LONGEST).contains(extent))
        && rows % 2 == 1
        && columns % 2 == 1
        && node.ints("pads") == Some(&[rows / 2, columns / 2, rows / 2, columns / 2])
        && node.ints("strides").is_none_or(|strides| strides == [1, 1])
        && node.ints("dilations").is_none_or(|dilations| dilations == [1, 1]);
    let &[_, _, height, width] = known.shape(input).filter(|_| is_plain)? else { return None };
    let (height, width) = (height.plain()?, width.plain()?);
    let block = BLOCK as i64;
    if width % block != 0 {
        return None;
    }
    let [kernels_len, rows_len, columns_len] = [kernels, rows, columns].map(|len| usize::try_from(len).unwrap_or(0));
    let reach = reach(columns_len, BLOCK) as i64;
    let name = |part: &str| format!("{output}_{part}");
    let recipe = Recipe::Columns { kernels: kernels_len, rows: rows_len, columns: columns_len, block: BLOCK };
    let dims = [block * kernels, block, rows, 2 * reach + 1];
    let wanted = Wanted { name: &name("weight"), dims: &dims, recipe };
    let mut tensors = derivations.derive(weight, &[wanted])?;
    let mut inputs = vec![name("columns"), name("weight")];
    if node.input(2).is_some() {
        let recipe = Recipe::Repeat { times: BLOCK };
        let wanted = Wanted { name: &name("bias"), dims: &[block * kernels], recipe };
        tensors.append(&mut derivations.derive(initializer(2)?, &[wanted])?);
        inputs.push(name("bias"));
    }
    tensors.push(Tensor::of_ints(&name("blocks_shape"), &[4], &[-1, height, width / block, block]));
    tensors.push(Tensor::of_ints(&name("pixels_shape"), &[4], &[-1, height, width, kernels]));
    made.append(&mut tensors);
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let to_front = Attribute::of_ints("perm", &[0, 3, 1, 2]);
    Some(vec![
        Node::new("Reshape", &[input, &name("blocks_shape")], &name("blocks")),
        Node::new("Transpose", &[&name("blocks")], &name("columns")).with(to_front.clone()),
        Node::new("Conv", &inputs, &name("blocked"))
            .with(Attribute::of_ints("kernel_shape", &dims[2..]))
            .with(Attribute::of_ints("pads", &[rows / 2, reach, rows / 2, reach])),
        Node::new("Transpose", &[&name("blocked")], &name("last")).with(Attribute::of_ints("perm", &[0, 2, 3, 1])),
        Node::new("Reshape", &[&name("last"), &name("pixels_shape")], &name("pixels")),
        Node::new("Transpose", &[&name("pixels")], output).with(to_front),
    ])
}
