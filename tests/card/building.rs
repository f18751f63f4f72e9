//! Graphs that tests make, run by kernels of our own and by ONNX Runtime.

use std::ops::Range;

use brushaway::{
    models::{Backend, Session as _, Tensor as Values, TensorData, standard_normal},
    onnx::{
        graph::Uses,
        plan::{Plan, Step},
        proto::{Attribute, Dimension, Graph, Model, Node, OperatorSet, Shape, Tensor, TensorType, Type, ValueInfo},
    },
    runtime::card::network::{Adapter, Network, NetworkSession, WeightFile, Weights},
};
use futures_util::future::LocalBoxFuture;
use prost::Message as _;

use crate::{device::device, native_runtime};

/// Relative to the largest value that comes out.
pub(crate) const EXACT: f32 = 2e-5;
/// The same where weights are rounded to 11 bits: sums of up to 256 random products, of which each is wrong by up to 2^-12.
const ROUNDED: f32 = 1e-3;

/// All weights are in the graphs.
struct NoFile;

impl WeightFile for NoFile {
    fn put<'a>(&'a self, _: Range<u64>, _: &'a wgpu::Buffer) -> LocalBoxFuture<'a, Result<(), String>> {
        Box::pin(async { Err("there is no file".to_owned()) })
    }
}

fn declared(name: &str, element: i32, extents: &[i64]) -> ValueInfo {
    let dim = extents.iter().map(|&extent| Dimension { value: Some(extent), ..Dimension::default() }).collect();
    let tensor = TensorType { element: Some(element), shape: Some(Shape { dim }) };
    ValueInfo {
        name: Some(name.to_owned()),
        r#type: Some(Type { tensor: Some(tensor), ..Type::default() }),
        ..ValueInfo::default()
    }
}

/// A graph in the making: values `x` (and others) go in, `y` comes out.
#[derive(Default)]
pub(crate) struct Building {
    graph: Graph,
    seed: u64,
}

impl Building {
    pub(crate) fn new(inputs: &[(&str, &[i64])]) -> Self {
        let input = inputs.iter().map(|(name, extents)| declared(name, Tensor::FLOAT, extents)).collect();
        let kind = Type { tensor: Some(TensorType { element: Some(Tensor::FLOAT), shape: None }), ..Type::default() };
        let output = ValueInfo { r#type: Some(kind), ..declared("y", Tensor::FLOAT, &[]) };
        Self { graph: Graph { name: Some("g".to_owned()), input, output: vec![output], ..Graph::default() }, seed: 9 }
    }

    pub(crate) fn weight(mut self, name: &str, dims: &[i64]) -> Self {
        self.seed += 1;
        let len: i64 = dims.iter().product();
        let values: Vec<f32> = standard_normal(self.seed, len as usize);
        self.graph.initializer.push(Tensor::of_floats(name, dims, &values));
        self
    }

    pub(crate) fn floats(mut self, name: &str, dims: &[i64], values: &[f32]) -> Self {
        self.graph.initializer.push(Tensor::of_floats(name, dims, values));
        self
    }

    pub(crate) fn ints(mut self, name: &str, values: &[i64]) -> Self {
        self.graph.initializer.push(Tensor::of_ints(name, &[i64::try_from(values.len()).unwrap()], values));
        self
    }

    pub(crate) fn node(mut self, operator: &str, inputs: &[&str], output: &str, attributes: Vec<Attribute>) -> Self {
        let node = attributes.into_iter().fold(Node::new(operator, inputs, output), Node::with);
        let domain = (operator == "QuickGelu").then(|| "com.microsoft".to_owned());
        self.graph.node.push(Node { domain, ..node });
        self
    }

    pub(crate) fn model(self) -> Vec<u8> {
        assert!(Uses::of(&self.graph).maker("y").is_some());
        let set = |domain: &str, version| OperatorSet { domain: Some(domain.to_owned()), version: Some(version) };
        let opset_import = vec![set("", 18), set("com.microsoft", 1)];
        let model = Model { ir_version: Some(9), graph: Some(self.graph), opset_import, ..Model::default() };
        model.encode_to_vec()
    }

    /// Runs it both ways, and tells the steps.
    pub(crate) fn check(self) -> Vec<Step> {
        self.check_with(Weights::Singles).0
    }

    /// The same with weights of so many bits; and how far it is from the runtime at most, and how many bytes it takes on the
    /// card. Both are 0 where there is none.
    pub(crate) fn check_with(self, weights: Weights) -> (Vec<Step>, f32, u64) {
        let inputs: Vec<Values> = (20..)
            .zip(&self.graph.input)
            .map(|(seed, input)| {
                let shape = input.r#type.as_ref().unwrap().tensor.as_ref().unwrap().shape.as_ref().unwrap();
                let shape: Vec<usize> = shape.dim.iter().map(|dim| dim.value.unwrap() as usize).collect();
                Values::f32(input.name(), shape.clone(), standard_normal(seed, shape.iter().product()))
            })
            .collect();
        let model = self.model();
        let expected = pollster::block_on(native_runtime::session(&model, 1).run(inputs.clone())).unwrap();
        let plan = Plan::of(&model).unwrap();
        let Some((device, queue)) = device(|limits| limits) else { return (plan.steps, 0.0, 0) };
        let way = (Adapter::Software, weights);
        let network = pollster::block_on(Network::load(&device, &queue, way, &plan, &NoFile)).unwrap();
        let bytes = network.len_bytes();
        let mut session = NetworkSession::new(network, Backend::Native);
        let allowed = if weights == Weights::Halves { ROUNDED } else { EXACT };
        let mut apart = 0.0_f32;
        // Twice: nothing of the first run may be left in the second.
        for _ in 0..2 {
            let found = pollster::block_on(session.run(inputs.clone())).unwrap();
            apart = apart.max(largest_apart(&found, &expected, &plan.steps));
            assert!(apart <= allowed, "{apart}: {:#?}", plan.steps);
        }
        (plan.steps, apart, bytes)
    }
}

/// The largest difference, relative to the largest value.
fn largest_apart(found: &[Values], expected: &[Values], steps: &[Step]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let pairs = found.iter().zip(expected).map(|(found, expected)| {
        let (TensorData::F32(one), TensorData::F32(other)) = (&found.data, &expected.data) else { unreachable!() };
        assert_eq!(found.shape, expected.shape, "{steps:#?}");
        let largest = other.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        assert!(largest > 0.0);
        one.iter().zip(other).fold(0.0_f32, |most, (one, other)| most.max((one - other).abs())) / largest
    });
    pairs.fold(0.0, f32::max)
}
