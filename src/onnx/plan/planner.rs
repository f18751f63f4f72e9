//! Goes through a graph's nodes and says what each is done by.

use std::collections::HashMap;

use super::{Each, Layout, MOST_AXES, Map, NotPlanned, Operand, Plan, Port, Source, Step, View, Weight, source};
use crate::onnx::{
    amount::Amount,
    graph::Uses,
    known::Known,
    proto::{Graph, Node, Tensor, ValueInfo},
};

/// What is under a name.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) view: View,
    /// Whether what it is a view of is seen in no other way.
    pub(super) is_sole: bool,
}

/// Why a node has no kernel.
pub(super) type Reason = &'static str;

/// More elements no buffer has room for, and kernels could not count them.
const MOST_ELEMENTS: usize = 1 << 29;

/// Extents, if all are known, there are not too many, and their product can be counted.
fn countable(extents: impl Iterator<Item = Option<i64>>) -> Option<Vec<usize>> {
    let extents = extents.map(|extent| usize::try_from(extent?).ok()).collect::<Option<Vec<_>>>()?;
    let len = extents.iter().try_fold(1_usize, |len, &extent| {
        // Not only their product: one of them may be 0.
        len.checked_mul(extent.max(1)).filter(|&len| len <= MOST_ELEMENTS)
    });
    len.filter(|_| extents.len() <= MOST_AXES).map(|_| extents)
}

/// A plan in the making.
#[derive(Debug)]
pub(super) struct Planner<'a> {
    pub(super) known: Known,
    pub(super) uses: Uses,
    pub(super) plan: Plan,
    initializers: HashMap<&'a str, &'a Tensor>,
    entries: HashMap<String, Entry>,
    weights: HashMap<(String, Layout), usize>,
    /// Under the name of what was filled up with zeros, what it was before and how many came before each axis.
    paddings: HashMap<String, (String, Vec<usize>)>,
}

pub(super) fn plan(graph: &Graph) -> Result<Plan, NotPlanned> {
    let mut planner = Planner {
        known: Known::of(graph),
        uses: Uses::of(graph),
        plan: Plan::default(),
        initializers: graph.initializers(),
        entries: HashMap::new(),
        weights: HashMap::new(),
        paddings: HashMap::new(),
    };
    for input in &graph.input {
        if !planner.initializers.contains_key(input.name()) {
            let port = planner.given(input)?;
            planner.plan.inputs.push(port);
        }
    }
    for node in &graph.node {
        planner.node(node)?;
    }
    for output in &graph.output {
        let name = output.name();
        let entry = planner.entry(name).ok_or_else(|| NotPlanned::Shape(name.to_owned()))?;
        let shape = entry.view.shape.clone();
        let value = planner.own(entry.view);
        planner.plan.outputs.push(Port { name: name.to_owned(), shape, value });
    }
    Ok(planner.plan)
}

impl Planner<'_> {
    fn given(&mut self, input: &ValueInfo) -> Result<Port, NotPlanned> {
        let name = input.name().to_owned();
        let shape = self.shape(&name).ok_or_else(|| NotPlanned::Shape(name.clone()))?;
        let value = self.value(shape.iter().product());
        self.entries.insert(name.clone(), Entry { view: View::whole(Operand::Value(value), &shape), is_sole: false });
        Ok(Port { name, shape, value })
    }

    fn node(&mut self, node: &Node) -> Result<(), NotPlanned> {
        let failed =
            |reason| NotPlanned::Operator { node: node.name().to_owned(), operator: node.op_type().to_owned(), reason };
        if node.has_body() {
            return Err(failed("a graph inside"));
        }
        if node.is("Split") {
            return self.split(node).map_err(failed);
        }
        let made = if node.op_type() == "QuickGelu" && node.domain() == "com.microsoft" {
            let factor = node.find("alpha").and_then(|alpha| alpha.f).unwrap_or(1.702);
            self.each(node, Each::QuickGelu(factor))
        } else if matches!(node.domain(), "" | "ai.onnx") {
            self.standard(node)
        } else {
            Err("not one of the standard operators")
        };
        let made = made.map_err(failed)?;
        let name = node.only_output().ok_or_else(|| failed("more than one output"))?;
        if let Some(shape) = self.shape(name)
            && shape != made.view.shape
        {
            return Err(failed("an extent that was not expected"));
        }
        self.entries.insert(name.to_owned(), made);
        Ok(())
    }

    fn standard(&mut self, node: &Node) -> Result<Entry, Reason> {
        match node.op_type() {
            "Identity" | "Dropout" | "Cast" => self.same(node),
            "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => self.reshape(node),
            "Transpose" => self.transpose(node),
            "Slice" => self.slice(node),
            "Expand" => self.expand(node),
            "Concat" => self.concat(node),
            "Pad" => self.pad(node),
            "DepthToSpace" => self.depth_to_space(node),
            "Resize" => self.enlarge(node),
            "Gather" => self.gather(node),
            "Conv" => self.convolution(node),
            "AveragePool" => self.average_pool(node),
            "ReduceSum" => self.reduce(node, false),
            "ReduceMean" => self.reduce(node, true),
            "MatMul" => self.matrix_product(node),
            "Gemm" => self.gemm(node),
            "Einsum" => self.einsum(node),
            "Softmax" => self.softmax(node),
            "InstanceNormalization" => self.instance_normalisation(node),
            "BatchNormalization" => self.batch_normalisation(node),
            "LayerNormalization" => self.layer_normalisation(node),
            "Add" => self.each(node, Each::Add),
            "Sub" => self.each(node, Each::Sub),
            "Mul" => self.each(node, Each::Mul),
            "Div" => self.each(node, Each::Div),
            "Pow" => self.each(node, Each::Pow),
            "Sigmoid" => self.each(node, Each::Sigmoid),
            "Relu" => self.each(node, Each::Relu),
            "Exp" => self.each(node, Each::Exp),
            "Sqrt" => self.each(node, Each::Sqrt),
            "Neg" => self.each(node, Each::Neg),
            "Sin" => self.each(node, Each::Sin),
            "Cos" => self.each(node, Each::Cos),
            "Tanh" => self.each(node, Each::Tanh),
            "Reciprocal" => self.each(node, Each::Reciprocal),
            _ => Err("the operator is not known"),
        }
    }

    /// The extents of a value, if they are known and kernels can count its elements.
    pub(super) fn shape(&self, name: &str) -> Option<Vec<usize>> {
        let extent = |extent: &Amount| extent.plain();
        countable(self.known.shape(name)?.iter().map(extent))
    }

    /// The extents of what a node makes.
    pub(super) fn made_shape(&self, node: &Node) -> Result<Vec<usize>, Reason> {
        node.only_output().and_then(|name| self.shape(name)).ok_or("its shape is not known")
    }

    /// A new value.
    pub(super) fn value(&mut self, len: usize) -> usize {
        self.plan.values.push(len);
        self.plan.values.len() - 1
    }

    pub(super) fn step(&mut self, step: Step) {
        self.plan.steps.push(step);
    }

    /// What a name stands for.
    pub(super) fn entry(&mut self, name: &str) -> Option<Entry> {
        if let Some(entry) = self.entries.get(name) {
            return Some(entry.clone());
        }
        let shape = countable(self.initializers.get(name)?.dims.iter().map(|&extent| Some(extent)))?;
        let operand = self.weight(name, Layout::Plain)?;
        Some(Entry { view: View::whole(operand, &shape), is_sole: false })
    }

    /// What a node reads.
    pub(super) fn read(&mut self, node: &Node, at: usize) -> Result<Entry, Reason> {
        let name = node.input(at).ok_or("an input is missing")?;
        let entry = self.entry(name).ok_or("an input is not known")?;
        if entry.view.is_empty() {
            return Err("an input without elements");
        }
        let is_sole = entry.is_sole && self.uses.only_user(name).is_some();
        Ok(Entry { is_sole, ..entry })
    }

    /// Whether it is an initialiser.
    pub(super) fn is_initializer(&self, name: &str) -> bool {
        self.initializers.contains_key(name)
    }

    /// An initialiser with its values in a certain order.
    pub(super) fn weight(&mut self, name: &str, layout: Layout) -> Option<Operand> {
        let key = (name.to_owned(), layout);
        if let Some(&known) = self.weights.get(&key) {
            return Some(Operand::Weight(known));
        }
        let tensor = self.initializers.get(name)?;
        let (source, plain) = source(tensor)?;
        let len: usize = countable(tensor.dims.iter().map(|&extent| Some(extent)))?.iter().product();
        if plain.len(source.len()) != len {
            return None;
        }
        let layout = match (layout, plain) {
            (Layout::Plain, plain) => plain,
            (layout, Layout::Plain) => layout,
            _ => return None,
        };
        self.plan.weights.push(Weight { source, layout });
        let at = self.plan.weights.len() - 1;
        self.weights.insert(key, at);
        Some(Operand::Weight(at))
    }

    /// The floats of an initialiser that is in the graph itself.
    pub(super) fn floats(&self, name: &str) -> Option<Vec<f32>> {
        self.initializers.get(name)?.floats()
    }

    /// Floats that the graph does not have.
    pub(super) fn inside(&mut self, values: Vec<f32>) -> Operand {
        self.plan.weights.push(Weight { source: Source::Graph(values), layout: Layout::Plain });
        Operand::Weight(self.plan.weights.len() - 1)
    }

    /// The operand of a view, moved if it does not lie as the whole of one.
    pub(super) fn packed(&mut self, view: View) -> Operand {
        let len = match view.operand {
            Operand::Value(value) => self.plan.values[value],
            Operand::Weight(weight) => {
                let weight = &self.plan.weights[weight];
                weight.layout.len(weight.source.len())
            }
        };
        if view.is_whole(len) { view.operand } else { self.copied(view).operand }
    }

    /// A value of its own.
    fn own(&mut self, view: View) -> usize {
        let is_given = |value: usize, plan: &Plan| plan.inputs.iter().any(|port| port.value == value);
        match self.packed(view.clone()) {
            Operand::Value(value) if !is_given(value, &self.plan) => value,
            _ => self.moved(view).0,
        }
    }

    /// The same elements one after another.
    pub(super) fn copied(&mut self, view: View) -> View {
        self.moved(view).1
    }

    /// A new value with the same elements one after another, and all of it.
    fn moved(&mut self, view: View) -> (usize, View) {
        let value = self.value(view.len());
        let output = View::whole(Operand::Value(value), &view.shape);
        let shape = view.shape.clone();
        self.step(Step::Map(Map { each: Each::Copy, shape, inputs: vec![view], output: output.clone() }));
        (value, output)
    }

    /// What a step has just been planned for.
    pub(super) fn made(value: usize, shape: &[usize]) -> Entry {
        Entry { view: View::whole(Operand::Value(value), shape), is_sole: true }
    }

    /// What a value was before zeros were put around it, and how many came before each axis.
    pub(super) fn padding(&self, name: &str) -> Option<(String, Vec<usize>)> {
        self.paddings.get(name).cloned()
    }

    pub(super) fn remember_padding(&mut self, node: &Node, begins: Vec<usize>) {
        if let (Some(before), Some(after)) = (node.input(0), node.only_output()) {
            self.paddings.insert(after.to_owned(), (before.to_owned(), begins));
        }
    }

    pub(super) fn keep(&mut self, name: &str, entry: Entry) {
        self.entries.insert(name.to_owned(), entry);
    }
}
