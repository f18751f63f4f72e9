//! Floats get 16 bits where 16 are enough: half the weights, half the values between nodes.
//!
//! Operators that runtimes sum with 32 bits inside, or that don't sum, take halves. All others keep 32 bits, with casts around
//! them, and so does what only moves or combines their results. What is computed from whole numbers alone keeps them in any
//! case: 16 bits would leave no phase of a timestep times a frequency. Inputs and outputs of the graph stay as they are.

use std::collections::{HashMap, HashSet};

use crate::onnx::{
    derive::{Derivations, halved},
    known::Known,
    passes::merge_sigmoid,
    proto::{Attribute, Graph, Node, Tensor},
};

/// They multiply and sum, or normalise.
const SUMMING: &[&str] = &[
    "BatchNormalization",
    "Conv",
    "Einsum",
    "Gemm",
    "InstanceNormalization",
    "LayerNormalization",
    "MatMul",
    "Softmax",
];

/// They take elements one by one, or only move them.
const PLAIN: &[&str] = &[
    "Add",
    "Concat",
    "DepthToSpace",
    "Div",
    "Expand",
    "Gather",
    "Identity",
    "LeakyRelu",
    "Mul",
    "Pad",
    "QuickGelu",
    "Relu",
    "Reshape",
    "Resize",
    "Sigmoid",
    "Slice",
    "Split",
    "Squeeze",
    "Sub",
    "Tanh",
    "Transpose",
    "Unsqueeze",
];

/// How many bits a node computes with, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    /// 16.
    Half,
    /// 32, because its operator needs them, or one before it that it only goes on with.
    Wide,
    /// 32, because it goes on with whole numbers.
    Exact,
}

/// The names under which a value is to be had.
#[derive(Debug, Clone, Default)]
struct Forms {
    half: Option<String>,
    single: Option<String>,
}

/// Changes a graph, all of it or nothing. None if there is a value of which the type is not known.
pub(crate) fn run(graph: &mut Graph, derivations: &mut Derivations<'_>) -> Option<()> {
    let known = Known::of(graph);
    let widths = widths(graph, &known)?;
    let mut halving = Halving::of(graph, &known);
    for (node, width) in std::mem::take(&mut graph.node).into_iter().zip(widths) {
        halving.bring(node, width);
    }
    for output in &graph.output {
        halving.form(output.name(), false);
    }
    let Halving { halved_weights, nodes, .. } = halving;
    graph.node = nodes;
    // Types of values in between are told by the runtime anew.
    graph.value_info.clear();
    let named = |tensor: &'_ Tensor| halved_weights.get(tensor.name()).cloned();
    let halves = graph.initializer.iter().filter_map(|tensor| Some((tensor, named(tensor)?)));
    let halves: Vec<Tensor> = halves.map(|(tensor, name)| half_of(tensor, &name)).collect::<Option<_>>()?;
    graph.initializer.extend(halves);
    graph.sweep();
    derivations.rebuild(&mut graph.initializer)
}

/// How each node computes.
fn widths(graph: &Graph, known: &Known) -> Option<Vec<Width>> {
    let constants: HashSet<&str> = graph.initializer.iter().map(Tensor::name).collect();
    let mut made: HashMap<&str, Width> = HashMap::new();
    let mut widths = Vec::with_capacity(graph.node.len());
    for node in &graph.node {
        if node.has_body() || node.output.iter().any(|name| !name.is_empty() && known.fact(name).element.is_none()) {
            return None;
        }
        let is_cast_of_whole =
            node.is("Cast") && node.input(0).and_then(|name| known.fact(name).element).is_some_and(is_whole);
        let given: Vec<Option<Width>> = node
            .input
            .iter()
            .filter(|name| is_single(known, name) && !constants.contains(name.as_str()))
            .map(|name| made.get(name.as_str()).copied())
            .collect();
        let all =
            |width: Width| !given.is_empty() && given.iter().all(|given| given.is_some_and(|given| given == width));
        let stays_wide =
            !given.is_empty() && given.iter().all(|given| matches!(given, Some(Width::Wide | Width::Exact)));
        let width = if is_cast_of_whole || all(Width::Exact) {
            Width::Exact
        } else if takes_halves(node, SUMMING) || (takes_halves(node, PLAIN) && !stays_wide) {
            Width::Half
        } else {
            Width::Wide
        };
        made.extend(node.output.iter().map(|name| (name.as_str(), width)));
        widths.push(width);
    }
    Some(widths)
}

fn takes_halves(node: &Node, operators: &[&str]) -> bool {
    let is_known = matches!(node.domain(), "" | "ai.onnx" | merge_sigmoid::DOMAIN);
    is_known && operators.contains(&node.op_type())
}

const fn is_whole(element: i32) -> bool {
    matches!(element, Tensor::INT32 | Tensor::INT64)
}

fn is_single(known: &Known, name: &str) -> bool {
    known.fact(name).element == Some(Tensor::FLOAT)
}

/// A graph on its way.
struct Halving<'a> {
    known: &'a Known,
    constants: HashSet<String>,
    outputs: HashSet<String>,
    /// Of floats that come from nodes and inputs.
    forms: HashMap<String, Forms>,
    /// Names of weights, and of their halves.
    halved_weights: HashMap<String, String>,
    nodes: Vec<Node>,
}

impl<'a> Halving<'a> {
    fn of(graph: &Graph, known: &'a Known) -> Self {
        let single = |name: &str| (name.to_owned(), Forms { single: Some(name.to_owned()), half: None });
        Self {
            known,
            constants: graph.initializer.iter().map(|tensor| tensor.name().to_owned()).collect(),
            outputs: graph.output.iter().map(|output| output.name().to_owned()).collect(),
            forms: graph.input.iter().map(|input| single(input.name())).collect(),
            halved_weights: HashMap::new(),
            nodes: Vec::with_capacity(graph.node.len()),
        }
    }

    /// Takes a node over, with what it needs before it.
    fn bring(&mut self, mut node: Node, width: Width) {
        let is_half = width == Width::Half;
        // Of a resize the other inputs are numbers about it, of 32 bits.
        let data_inputs = if node.is("Resize") { 1 } else { node.input.len() };
        for name in node.input.iter_mut().take(data_inputs) {
            *name = self.form(name, is_half);
        }
        for name in &mut node.output {
            if !is_single(self.known, name) {
                continue;
            }
            if !is_half {
                self.forms.insert(name.clone(), Forms { single: Some(name.clone()), half: None });
                continue;
            }
            let half = if self.outputs.contains(name) { format!("{name}_half") } else { name.clone() };
            let forms = Forms { single: None, half: Some(half.clone()) };
            self.forms.insert(std::mem::replace(name, half), forms);
        }
        self.nodes.push(node);
    }

    /// The name of a value with as many bits, which is cast if need be.
    fn form(&mut self, name: &str, is_half: bool) -> String {
        if !is_single(self.known, name) {
            return name.to_owned();
        }
        if self.constants.contains(name) {
            if !is_half {
                return name.to_owned();
            }
            return self.halved_weights.entry(name.to_owned()).or_insert_with(|| format!("{name}_half")).clone();
        }
        let forms = self.forms.entry(name.to_owned()).or_default();
        let (wanted, other, suffix, element) = if is_half {
            (&mut forms.half, &forms.single, "half", Tensor::FLOAT16)
        } else {
            (&mut forms.single, &forms.half, "single", Tensor::FLOAT)
        };
        if let Some(known) = wanted {
            return known.clone();
        }
        // What is asked for from outside has its own name.
        let is_output = !is_half && self.outputs.contains(name);
        let made = if is_output { name.to_owned() } else { format!("{name}_{suffix}") };
        self.nodes.push(cast(other.as_deref().unwrap_or(name), &made, element));
        wanted.insert(made).clone()
    }
}

fn cast(from: &str, to: &str, element: i32) -> Node {
    let node = Node::new("Cast", &[from], to).with(Attribute::of_int("to", element.into()));
    // The node that made an output has its name.
    Node { name: Some(format!("{to}_cast")), ..node }
}

/// A weight of 16 bits: its values, or the place of those that will be made of it.
fn half_of(tensor: &Tensor, name: &str) -> Option<Tensor> {
    if tensor.data_location == Some(Tensor::EXTERNAL) {
        return Some(Tensor { data_type: Some(Tensor::FLOAT16), name: Some(name.to_owned()), ..tensor.clone() });
    }
    let bytes = halved(tensor.floats()?.into_iter());
    Some(Tensor::of_bytes(name, &tensor.dims, Tensor::FLOAT16, bytes))
}
