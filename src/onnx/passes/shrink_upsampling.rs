//! A 3x3 convolution of a picture that was doubled by nearest neighbours becomes four 2x2 convolutions of the picture
//! itself.
//!
//! Of each 3x3 window two rows and two columns show the same pixels, so their weights can be added beforehand: 4 x 4
//! multiplications for four pixels instead of 4 x 9.

use std::collections::HashMap;

use crate::onnx::{
    amount::Amount,
    derive::{Derivations, Half, Recipe, Wanted},
    graph::Uses,
    known::Known,
    proto::{Attribute, Graph, Node, Tensor},
};

/// Changes a graph, and tells how often.
pub(crate) fn run(graph: &mut Graph, derivations: &mut Derivations<'_>) -> usize {
    let (known, uses) = (Known::of(graph), Uses::of(graph));
    let mut replaced = HashMap::new();
    let mut weights = Vec::new();
    for (at, node) in graph.node.iter().enumerate() {
        let Some(input) = doubled(graph, &known, &uses, node) else { continue };
        if let Some(nodes) = four(graph, &known, node, input, derivations, &mut weights) {
            replaced.insert(at, nodes);
        }
    }
    let count = replaced.len();
    graph.splice(replaced);
    graph.initializer.append(&mut weights);
    graph.sweep();
    count
}

/// What a 3x3 convolution's input was before it was doubled.
fn doubled<'a>(graph: &'a Graph, known: &Known, uses: &Uses, node: &Node) -> Option<&'a str> {
    let is_plain = node.is("Conv")
        && node.int("group", 1) == 1
        && node.ints("pads") == Some(&[1, 1, 1, 1])
        && node.ints("strides").is_none_or(|strides| strides == [1, 1])
        && node.ints("dilations").is_none_or(|dilations| dilations == [1, 1])
        && matches!(node.text("auto_pad"), "" | "NOTSET");
    let large = node.input(0).filter(|_| is_plain)?;
    let resize = uses.made_by(graph, large, "Resize")?;
    let is_nearest = resize.text("mode") == "nearest"
        && resize.text("coordinate_transformation_mode") == "asymmetric"
        && resize.text("nearest_mode") == "floor"
        && resize.find("axes").is_none();
    let small = resize.input(0).filter(|_| is_nearest)?;
    let ([rows, channels, height, width], [rows2, channels2, height2, width2]) =
        (known.shape(small)?, known.shape(large)?)
    else {
        return None;
    };
    let twice = |extent: &Amount| extent.times(Amount::known(2));
    let is_double = (rows, channels) == (rows2, channels2)
        && twice(height).as_ref() == Some(height2)
        && twice(width).as_ref() == Some(width2);
    is_double.then_some(small)
}

/// The four convolutions, and what puts their pixels side by side.
fn four(
    graph: &Graph,
    known: &Known,
    node: &Node,
    input: &str,
    derivations: &mut Derivations<'_>,
    weights: &mut Vec<Tensor>,
) -> Option<Vec<Node>> {
    let output = node.only_output()?;
    let weight = graph.initializer.iter().find(|tensor| Some(tensor.name()) == node.input(1))?;
    let &[kernels, channels, 3, 3] = weight.dims.as_slice() else { return None };
    known.shape(output)?;
    let halves = [(false, false), (false, true), (true, false), (true, true)];
    let halves = halves.map(|(is_below, is_right)| Half { is_below, is_right });
    let parts: Vec<String> = (0..halves.len()).map(|part| format!("{output}_part_{part}")).collect();
    let names: Vec<String> = parts.iter().map(|part| format!("{part}_weight")).collect();
    let dims = [kernels, channels, 2, 2];
    let wanted =
        names.iter().zip(halves).map(|(name, half)| Wanted { name, dims: &dims, recipe: Recipe::Quarter(half) });
    weights.append(&mut derivations.derive(weight, &wanted.collect::<Vec<_>>())?);
    let mut nodes = Vec::new();
    for ((part, name), half) in parts.iter().zip(&names).zip(halves) {
        let inputs: Vec<&str> = [input, name.as_str()].into_iter().chain(node.input(2)).collect();
        let [below, right] = [half.is_below, half.is_right].map(i64::from);
        let convolution = Node::new("Conv", &inputs, part)
            .with(Attribute::of_ints("kernel_shape", &[2, 2]))
            .with(Attribute::of_ints("pads", &[1 - below, 1 - right, below, right]));
        nodes.push(convolution);
    }
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let joined = format!("{output}_parts");
    nodes.push(Node::new("Concat", &parts, &joined).with(Attribute::of_int("axis", 1)));
    let side_by_side = Node::new("DepthToSpace", &[&joined], output)
        .with(Attribute::of_int("blocksize", 2))
        .with(Attribute::of_text("mode", "DCR"));
    nodes.push(side_by_side);
    Some(nodes)
}
