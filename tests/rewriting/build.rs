//! Small graphs, and what becomes of them.

use std::{collections::BTreeMap, env, fs, path::Path};

use brushaway::{
    models::{Session as _, Tensor as Values, TensorData, standard_normal},
    onnx::{
        Kernels, RewriteOptions,
        proto::{Dimension, Graph, Model, Node, OperatorSet, Shape, Tensor, TensorType, Type, ValueInfo},
        rewrite,
    },
    store::Digest,
};
use prost::Message as _;

use crate::native_runtime;

/// Bytes of a graph from which a fuzzer still begins.
const LARGEST_SEED: usize = 2 << 10;

/// Relative to the largest value of an output.
const EXACT: f32 = 1e-5;

/// An extent that is a number, or one that the caller chooses, by name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Extent {
    Known(i64),
    Open(&'static str),
}

/// `[N, ...]`
pub(crate) fn rows_of(extents: &[i64]) -> Vec<Extent> {
    [Extent::Open("N")].into_iter().chain(extents.iter().map(|&extent| Extent::Known(extent))).collect()
}

pub(crate) fn value(name: &str, element: i32, extents: &[Extent]) -> ValueInfo {
    let dim = extents.iter().map(|extent| match extent {
        Extent::Known(extent) => Dimension { value: Some(*extent), ..Dimension::default() },
        Extent::Open(name) => Dimension { param: Some((*name).to_owned()), ..Dimension::default() },
    });
    let shape = Shape { dim: dim.collect() };
    let tensor = TensorType { element: Some(element), shape: Some(shape) };
    ValueInfo {
        name: Some(name.to_owned()),
        r#type: Some(Type { tensor: Some(tensor), ..Type::default() }),
        ..ValueInfo::default()
    }
}

/// A graph of one input of floats `x` and one output of floats `y`.
pub(crate) fn graph(input: &[Extent], nodes: Vec<Node>, initializer: Vec<Tensor>) -> Graph {
    let output = ValueInfo { r#type: None, ..value("y", Tensor::FLOAT, &[]) };
    let kind = Type { tensor: Some(TensorType { element: Some(Tensor::FLOAT), shape: None }), ..Type::default() };
    Graph {
        node: nodes,
        name: Some("small".to_owned()),
        initializer,
        input: vec![value("x", Tensor::FLOAT, input)],
        output: vec![ValueInfo { r#type: Some(kind), ..output }],
        ..Graph::default()
    }
}

pub(crate) fn model(graph: Graph) -> Vec<u8> {
    let opset = OperatorSet { domain: Some(String::new()), version: Some(18) };
    let model = Model { ir_version: Some(9), graph: Some(graph), opset_import: vec![opset], ..Model::default() };
    let bytes = model.encode_to_vec();
    if env::var_os("UPDATE_SEEDS").is_some() && bytes.len() <= LARGEST_SEED {
        let seed = Path::new("fuzz/seeds/rewrite").join(Digest::of(&bytes).to_string());
        fs::write(seed, [&[0], &bytes[..]].concat()).unwrap();
    }
    bytes
}

/// Normal numbers.
pub(crate) fn noise(shape: &[usize], seed: u64) -> Vec<f32> {
    standard_normal(seed, shape.iter().product())
}

/// A weight of normal numbers.
pub(crate) fn weight(name: &str, dims: &[i64], seed: u64) -> Tensor {
    let shape: Vec<usize> = dims.iter().map(|&extent| extent.try_into().unwrap()).collect();
    Tensor::of_floats(name, dims, &noise(&shape, seed))
}

/// How often each operator is called in a graph.
pub(crate) fn operators(model: &[u8]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for node in Model::decode(model).unwrap().graph.unwrap().node {
        *counts.entry(node.op_type().to_owned()).or_default() += 1;
    }
    counts
}

/// Runs a graph once.
pub(crate) fn run(model: &[u8], shape: &[usize]) -> Vec<f32> {
    let input = Values::f32("x", shape, noise(shape, 1));
    let outputs = pollster::block_on(native_runtime::session(model, 1).run(vec![input])).unwrap();
    match outputs.into_iter().next().unwrap().data {
        TensorData::F32(values) => values,
        other => unreachable!("floats, not {other:?}"),
    }
}

/// What is known of a graph whose weights are all inside.
pub(crate) const fn alone(rows: Option<u32>) -> RewriteOptions<'static> {
    RewriteOptions { location: "weights", file_bytes: 0, rows, side: None, kernels: Kernels::Runtime }
}

/// Rewrites a graph, makes sure that it does the same on inputs of these shapes, and tells what it consists of then.
pub(crate) fn rewritten(graph: Graph, rows: Option<u32>, shapes: &[&[usize]]) -> BTreeMap<String, usize> {
    let before = model(graph);
    let after = rewrite(&before, alone(rows)).unwrap().graph;
    for shape in shapes {
        assert_equal(&run(&before, shape), &run(&after, shape));
    }
    operators(&after)
}

pub(crate) fn assert_equal(before: &[f32], after: &[f32]) {
    assert_eq!(before.len(), after.len());
    let largest = before.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    assert!(largest > 0.0, "all is zero");
    let error = before.iter().zip(after).fold(0.0_f32, |error, (one, other)| error.max((one - other).abs()));
    assert!(error <= EXACT * largest, "{error} of {largest}");
}
