//! Looking into a graph and changing it.

use std::collections::{HashMap, HashSet};

use super::proto::{Attribute, Entry, Graph, Node, Tensor};

impl Node {
    /// A node of the standard operators.
    pub fn new(operator: &str, inputs: &[&str], output: &str) -> Self {
        Self {
            input: inputs.iter().map(|&name| name.to_owned()).collect(),
            output: vec![output.to_owned()],
            name: Some(output.to_owned()),
            op_type: Some(operator.to_owned()),
            ..Self::default()
        }
    }

    /// The same with one more attribute.
    #[must_use]
    pub fn with(mut self, attribute: Attribute) -> Self {
        self.attribute.push(attribute);
        self
    }

    /// Whether it calls this one of the standard operators.
    pub fn is(&self, operator: &str) -> bool {
        self.op_type() == operator && matches!(self.domain(), "" | "ai.onnx")
    }

    /// The only output, if no other is used.
    pub fn only_output(&self) -> Option<&str> {
        match self.output.as_slice() {
            [output] if !output.is_empty() => Some(output),
            _ => None,
        }
    }

    /// The name of an input that is there.
    pub fn input(&self, at: usize) -> Option<&str> {
        self.input.get(at).map(String::as_str).filter(|name| !name.is_empty())
    }

    /// An attribute that is there.
    pub fn find(&self, name: &str) -> Option<&Attribute> {
        self.attribute.iter().find(|attribute| attribute.name() == name)
    }

    /// A whole number.
    pub fn int(&self, name: &str, default: i64) -> i64 {
        self.find(name).and_then(|attribute| attribute.i).unwrap_or(default)
    }

    /// Whole numbers, if they are given.
    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        self.find(name).map(|attribute| attribute.ints.as_slice())
    }

    /// A text; empty if not given.
    pub fn text(&self, name: &str) -> &str {
        self.find(name).and_then(|attribute| std::str::from_utf8(attribute.s()).ok()).unwrap_or_default()
    }

    /// Whether it has graphs inside, which may use values around it without naming them as inputs.
    pub fn has_body(&self) -> bool {
        self.attribute.iter().any(|attribute| attribute.g.is_some() || !attribute.graphs.is_empty())
    }
}

impl Attribute {
    /// A whole number.
    pub fn of_int(name: &str, value: i64) -> Self {
        Self { name: Some(name.to_owned()), i: Some(value), kind: Some(Self::INT), ..Self::default() }
    }

    /// A number.
    pub fn of_float(name: &str, value: f32) -> Self {
        Self { name: Some(name.to_owned()), f: Some(value), kind: Some(Self::FLOAT), ..Self::default() }
    }

    /// Whole numbers.
    pub fn of_ints(name: &str, values: &[i64]) -> Self {
        Self { name: Some(name.to_owned()), ints: values.to_vec(), kind: Some(Self::INTS), ..Self::default() }
    }

    /// A text.
    pub fn of_text(name: &str, value: &str) -> Self {
        let text = value.as_bytes().to_vec();
        Self { name: Some(name.to_owned()), s: Some(text), kind: Some(Self::STRING), ..Self::default() }
    }
}

impl Tensor {
    /// 64-bit integers.
    pub fn of_ints(name: &str, dims: &[i64], values: &[i64]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self::of_bytes(name, dims, Self::INT64, bytes)
    }

    /// 32-bit floats.
    pub fn of_floats(name: &str, dims: &[i64], values: &[f32]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self::of_bytes(name, dims, Self::FLOAT, bytes)
    }

    /// Elements as the format lays them out.
    pub fn of_bytes(name: &str, dims: &[i64], element: i32, bytes: Vec<u8>) -> Self {
        Self {
            dims: dims.to_vec(),
            data_type: Some(element),
            name: Some(name.to_owned()),
            raw_data: Some(bytes),
            ..Self::default()
        }
    }

    /// Elements that are `length` bytes of another file.
    pub fn of_file(name: &str, dims: &[i64], element: i32, location: &str, offset: u64, length: u64) -> Self {
        let entry = |key: &str, value: String| Entry { key: Some(key.to_owned()), value: Some(value) };
        Self {
            dims: dims.to_vec(),
            data_type: Some(element),
            name: Some(name.to_owned()),
            external_data: vec![
                entry("location", location.to_owned()),
                entry("offset", offset.to_string()),
                entry("length", length.to_string()),
            ],
            data_location: Some(Self::EXTERNAL),
            ..Self::default()
        }
    }

    /// Where in its file the data is, if it is in one.
    pub fn span(&self) -> Option<std::ops::Range<u64>> {
        if self.data_location != Some(Self::EXTERNAL) {
            return None;
        }
        let number = |key| {
            let entry = self.external_data.iter().find(|entry| entry.key() == key)?;
            entry.value().parse::<u64>().ok()
        };
        let offset = number("offset").unwrap_or(0);
        Some(offset..offset.checked_add(number("length")?)?)
    }

    /// The floats, if that is what they are and they are here.
    pub fn floats(&self) -> Option<Vec<f32>> {
        if self.data_type() != Self::FLOAT || self.data_location == Some(Self::EXTERNAL) {
            return None;
        }
        match &self.raw_data {
            Some(raw) => Some(raw.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()),
            None => Some(self.float_data.clone()),
        }
    }

    /// The whole numbers, if that is what they are and they are here.
    pub fn ints(&self) -> Option<Vec<i64>> {
        if self.data_location == Some(Self::EXTERNAL) {
            return None;
        }
        match (self.data_type(), &self.raw_data) {
            (Self::INT64, Some(raw)) => {
                Some(raw.as_chunks::<8>().0.iter().map(|&bytes| i64::from_le_bytes(bytes)).collect())
            }
            (Self::INT64, None) => Some(self.int64_data.clone()),
            (Self::INT32, Some(raw)) => {
                Some(raw.as_chunks::<4>().0.iter().map(|&bytes| i32::from_le_bytes(bytes).into()).collect())
            }
            (Self::INT32, None) => Some(self.int32_data.iter().map(|&value| value.into()).collect()),
            (Self::BOOL, Some(raw)) => Some(raw.iter().map(|&byte| i64::from(byte != 0)).collect()),
            (Self::BOOL, None) => Some(self.int32_data.iter().map(|&value| i64::from(value != 0)).collect()),
            _ => None,
        }
    }
}

/// Who makes and who uses each value of a graph, as it was when this was made.
#[derive(Debug, Default)]
pub struct Uses {
    makers: HashMap<String, usize>,
    users: HashMap<String, Vec<usize>>,
    /// Used from outside, or from the body of a node: not to be taken away.
    held: HashSet<String>,
}

impl Uses {
    /// Looks through a graph.
    pub fn of(graph: &Graph) -> Self {
        let mut uses = Self::default();
        uses.held.extend(graph.output.iter().map(|output| output.name().to_owned()));
        for (at, node) in graph.node.iter().enumerate() {
            for name in &node.output {
                uses.makers.insert(name.clone(), at);
            }
            for name in &node.input {
                uses.users.entry(name.clone()).or_default().push(at);
            }
            bodies(node, &mut |name| {
                uses.held.insert(name.to_owned());
            });
        }
        uses
    }

    /// The place of the node that makes a value.
    pub fn maker(&self, name: &str) -> Option<usize> {
        self.makers.get(name).copied()
    }

    /// The node of this standard operator that makes a value.
    pub fn made_by<'a>(&self, graph: &'a Graph, name: &str, operator: &str) -> Option<&'a Node> {
        graph.node.get(self.maker(name)?).filter(|node| node.is(operator))
    }

    /// The places of the nodes that use a value, one for each time.
    pub fn users(&self, name: &str) -> &[usize] {
        self.users.get(name).map_or(&[], Vec::as_slice)
    }

    /// The place of the only node that uses a value, if nobody else does.
    pub fn only_user(&self, name: &str) -> Option<usize> {
        match self.users(name) {
            [user] if !self.held.contains(name) => Some(*user),
            _ => None,
        }
    }

    /// Whether it is used from outside of the graph's own nodes.
    pub fn is_held(&self, name: &str) -> bool {
        self.held.contains(name)
    }
}

/// Tells of each value that graphs inside a node use.
fn bodies(node: &Node, tell: &mut impl FnMut(&str)) {
    for attribute in &node.attribute {
        for graph in attribute.g.iter().chain(&attribute.graphs) {
            for inner in &graph.node {
                inner.input.iter().for_each(|name| tell(name));
                bodies(inner, tell);
            }
            graph.output.iter().for_each(|output| tell(output.name()));
        }
    }
}

impl Graph {
    /// Initialisers by name.
    pub fn initializers(&self) -> HashMap<&str, &Tensor> {
        self.initializer.iter().map(|tensor| (tensor.name(), tensor)).collect()
    }

    /// Lets all users of `from` use `to`.
    pub fn replace_uses(&mut self, renamed: &HashMap<String, String>) {
        if renamed.is_empty() {
            return;
        }
        for node in &mut self.node {
            for name in &mut node.input {
                while let Some(other) = renamed.get(name.as_str()) {
                    name.clone_from(other);
                }
            }
        }
    }

    /// Puts nodes in the place of others.
    pub fn splice(&mut self, mut replaced: HashMap<usize, Vec<Node>>) {
        let nodes = std::mem::take(&mut self.node).into_iter().enumerate();
        self.node = nodes.flat_map(|(at, node)| replaced.remove(&at).unwrap_or_else(|| vec![node])).collect();
    }

    /// Takes away nodes and initialisers whose values nobody uses.
    pub fn sweep(&mut self) {
        let mut used: HashSet<String> = self.output.iter().map(|output| output.name().to_owned()).collect();
        let mut keep = vec![false; self.node.len()];
        for (at, node) in self.node.iter().enumerate().rev() {
            keep[at] = node.output.iter().any(|name| used.contains(name));
            if keep[at] {
                used.extend(node.input.iter().cloned());
                bodies(node, &mut |name| {
                    used.insert(name.to_owned());
                });
            }
        }
        let mut kept = keep.iter();
        self.node.retain(|_| kept.next().copied().unwrap_or(true));
        self.initializer.retain(|tensor| used.contains(tensor.name()));
        self.value_info.retain(|info| used.contains(info.name()));
    }
}
