//! What can be told of all values of a graph before it runs.

use std::collections::HashMap;

use super::{
    amount::{Amount, Symbol},
    evaluate,
    fact::{Elements, Fact},
    infer,
    proto::{Graph, Node, Tensor, ValueInfo},
};

/// What is known of each value.
#[derive(Debug, Default)]
pub(super) struct Known {
    facts: HashMap<String, Fact>,
    symbols: HashMap<String, Symbol>,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The caller, who gives at least one row of whatever it is.
    Input,
    /// The graph: an extent of a name of its own may be anything, also 0.
    Within,
}

impl Known {
    /// Goes through a graph once.
    pub(super) fn of(graph: &Graph) -> Self {
        let mut known = Self::default();
        for input in &graph.input {
            let fact = known.declared(input, Source::Input);
            known.facts.insert(input.name().to_owned(), fact);
        }
        for info in graph.value_info.iter().chain(&graph.output) {
            let fact = known.declared(info, Source::Within);
            known.facts.entry(info.name().to_owned()).or_insert(fact);
        }
        for tensor in &graph.initializer {
            known.facts.insert(tensor.name().to_owned(), Fact::of_tensor(tensor));
        }
        for node in &graph.node {
            known.pass(node);
        }
        known
    }

    /// What is known of a value; nothing, if it is not there.
    pub(super) fn fact(&self, name: &str) -> Fact {
        self.facts.get(name).cloned().unwrap_or_default()
    }

    /// Its extents.
    pub(super) fn shape(&self, name: &str) -> Option<&[Amount]> {
        self.facts.get(name)?.shape.as_deref()
    }

    /// The floats of a value that is known.
    pub(super) fn floats(&self, name: &str) -> Option<&[f32]> {
        match self.facts.get(name)?.elements.as_ref()? {
            Elements::Floats(values) => Some(values),
            Elements::Ints(_) => None,
        }
    }

    fn declared(&mut self, info: &ValueInfo, source: Source) -> Fact {
        let Some(tensor) = info.r#type.as_ref().and_then(|kind| kind.tensor.as_ref()) else { return Fact::default() };
        let shape = tensor.shape.as_ref().and_then(|shape| {
            let dims = shape.dim.iter().enumerate();
            let extents = dims.map(|(at, dim)| match (dim.value, source) {
                (Some(extent), _) => Some(Amount::known(extent)),
                (None, Source::Input) if dim.param().is_empty() => Some(self.symbol(&format!("{}@{at}", info.name()))),
                (None, Source::Input) => Some(self.symbol(dim.param())),
                (None, Source::Within) => self.symbols.get(dim.param()).copied().map(Amount::open),
            });
            extents.collect()
        });
        Fact::of_shape(tensor.element, shape)
    }

    fn symbol(&mut self, name: &str) -> Amount {
        let next = Symbol(u16::try_from(self.symbols.len()).unwrap_or(u16::MAX));
        Amount::open(*self.symbols.entry(name.to_owned()).or_insert(next))
    }

    fn pass(&mut self, node: &Node) {
        if let Some(tensor) = constant(node) {
            if let Some(name) = node.only_output() {
                self.facts.insert(name.to_owned(), Fact::of_tensor(&tensor));
            }
            return;
        }
        let inputs: Vec<Fact> = node.input.iter().map(|name| self.fact(name)).collect();
        let outputs = infer::outputs(node, &inputs);
        for (at, (name, mut fact)) in node.output.iter().zip(outputs).enumerate() {
            if at == 0 {
                fact.elements = evaluate::elements(node, &inputs, &fact);
            }
            // What the file declares may be more than what can be told here.
            let declared = self.facts.entry(name.clone()).or_default();
            fact.shape = fact.shape.or_else(|| declared.shape.take());
            fact.element = fact.element.or(declared.element);
            *declared = fact;
        }
    }
}

/// What a node of constants holds, as a tensor of the node's output's name.
pub(super) fn constant(node: &Node) -> Option<Tensor> {
    if !node.is("Constant") {
        return None;
    }
    let name = node.only_output()?;
    let [attribute] = node.attribute.as_slice() else { return None };
    match attribute.name() {
        "value" => attribute.t.clone().map(|tensor| Tensor { name: Some(name.to_owned()), ..tensor }),
        "value_int" => Some(Tensor::of_ints(name, &[], &[attribute.i()])),
        "value_ints" => Some(Tensor::of_ints(name, &[attribute.ints.len() as i64], &attribute.ints)),
        "value_float" => Some(Tensor::of_floats(name, &[], &[attribute.f()])),
        "value_floats" => Some(Tensor::of_floats(name, &[attribute.floats.len() as i64], &attribute.floats)),
        _ => None,
    }
}
