//! 16 bits where they are enough.

use std::collections::BTreeMap;

use brushaway::{
    models::{Session as _, Tensor as Values, TensorData},
    onnx::{
        Floats, RewriteError, RewriteOptions,
        proto::{Attribute, Graph, Model, Node, Tensor},
        rewrite,
    },
};
use prost::Message as _;

use crate::{
    build::{Extent, alone, graph, model, noise, rows_of, run, value, weight},
    native_runtime,
};

const HALVED: RewriteOptions<'static> = RewriteOptions { floats: Floats::Halved, ..alone(None) };

/// Rounding to 11 bits, some times over.
const ROUNDED: f32 = 4e-3;

/// The largest difference relative to the largest value.
fn difference(one: &[f32], other: &[f32]) -> f32 {
    assert_eq!(one.len(), other.len());
    let largest = one.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    assert!(largest > 0.0 && other.iter().all(|value| value.is_finite()), "{largest}");
    one.iter().zip(other).fold(0.0_f32, |most, (one, other)| most.max((one - other).abs())) / largest
}

/// How far a graph is from what it was, and what it consists of.
fn halved(graph: Graph, shape: &[usize]) -> (f32, Graph) {
    let before = model(graph);
    let after = rewrite(&before, HALVED).unwrap().graph;
    let difference = difference(&run(&before, shape), &run(&after, shape));
    (difference, Model::decode(after.as_slice()).unwrap().graph.unwrap())
}

/// How many weights there are of each element type.
fn elements(graph: &Graph) -> BTreeMap<i32, usize> {
    let floats =
        graph.initializer.iter().filter(|tensor| matches!(tensor.data_type(), Tensor::FLOAT | Tensor::FLOAT16));
    floats.fold(BTreeMap::new(), |mut counts, tensor| {
        *counts.entry(tensor.data_type()).or_default() += 1;
        counts
    })
}

fn casts(graph: &Graph) -> usize {
    graph.node.iter().filter(|node| node.is("Cast")).count()
}

#[test]
fn a_network_computes_with_halves_from_input_to_output() {
    let nodes = vec![
        Node::new("Conv", &["x", "w", "b"], "c").with(Attribute::of_ints("pads", &[1, 1, 1, 1])),
        Node::new("Sigmoid", &["c"], "s"),
        Node::new("Mul", &["c", "s"], "m"),
        Node::new("Reshape", &["m", "flat"], "r"),
        Node::new("MatMul", &["r", "w2"], "p"),
        Node::new("Add", &["p", "b2"], "y"),
    ];
    let flat = Tensor::of_ints("flat", &[2], &[-1, 48]);
    let weights = vec![
        flat,
        weight("w", &[3, 2, 3, 3], 2),
        weight("b", &[3], 3),
        weight("w2", &[48, 5], 4),
        weight("b2", &[5], 5),
    ];
    let (difference, after) = halved(graph(&rows_of(&[2, 4, 4]), nodes, weights), &[2, 2, 4, 4]);
    assert!(difference > 1e-5 && difference < ROUNDED, "{difference}");
    assert_eq!(elements(&after), BTreeMap::from([(Tensor::FLOAT16, 4)]));
    assert_eq!(casts(&after), 2);
    assert_eq!(after.input[0], value("x", Tensor::FLOAT, &rows_of(&[2, 4, 4])));
    assert_eq!(after.output[0].name(), "y");
}

/// `sin(t * frequencies) * w` for whole `t`, added to the product of `x` with another weight.
fn timed() -> Graph {
    let nodes = vec![
        Node::new("Cast", &["t"], "time").with(Attribute::of_int("to", Tensor::FLOAT.into())),
        Node::new("Mul", &["time", "frequencies"], "angles"),
        Node::new("Sin", &["angles"], "waves"),
        Node::new("MatMul", &["waves", "w"], "embedding"),
        Node::new("MatMul", &["x", "w2"], "p"),
        Node::new("Add", &["embedding", "p"], "y"),
    ];
    let weights = vec![weight("frequencies", &[8], 2), weight("w", &[8, 3], 3), weight("w2", &[4, 3], 4)];
    let mut graph = graph(&rows_of(&[4]), nodes, weights);
    graph.input.push(value("t", Tensor::INT64, &[Extent::Known(1)]));
    graph
}

#[test]
fn what_comes_from_whole_numbers_keeps_its_phase() {
    let before = model(timed());
    let after = rewrite(&before, HALVED).unwrap().graph;
    let outputs = |model: &[u8], x: f32| {
        // 16 bits hold no timesteps beyond 2048 one by one.
        let inputs = vec![Values::f32("x", [1, 4], vec![x; 4]), Values::i64("t", [1], vec![98_765])];
        let outputs = pollster::block_on(native_runtime::session(model, 1).run(inputs)).unwrap();
        let TensorData::F32(values) = outputs.into_iter().next().unwrap().data else { unreachable!("floats") };
        values
    };
    let error = difference(&outputs(&before, 0.0), &outputs(&after, 0.0));
    assert!(error < ROUNDED, "{error}");
    let after = Model::decode(after.as_slice()).unwrap().graph.unwrap();
    // The frequencies and the product with them stay; the other product does not.
    assert_eq!(elements(&after), BTreeMap::from([(Tensor::FLOAT, 2), (Tensor::FLOAT16, 1)]));
    assert!(after.initializer.iter().any(|tensor| tensor.name() == "w2_half"));
}

#[test]
fn what_an_operator_needs_in_full_it_gets_and_so_does_what_goes_on_with_it() {
    // A normalisation written out: without its last digits the sum of squares would be infinite, and the small number none.
    let nodes = vec![
        Node::new("Mul", &["x", "large"], "l"),
        Node::new("Pow", &["l", "two"], "squares"),
        Node::new("ReduceMean", &["squares", "last"], "mean"),
        Node::new("Add", &["mean", "small"], "safe"),
        Node::new("Sqrt", &["safe"], "root"),
        Node::new("Div", &["l", "root"], "y"),
    ];
    let numbers = vec![
        Tensor::of_floats("large", &[], &[3000.0]),
        Tensor::of_floats("two", &[], &[2.0]),
        Tensor::of_floats("small", &[], &[1e-9]),
        Tensor::of_ints("last", &[1], &[-1]),
    ];
    let (difference, after) = halved(graph(&rows_of(&[16]), nodes, numbers), &[2, 16]);
    assert!(difference < ROUNDED, "{difference}");
    assert_eq!(elements(&after), BTreeMap::from([(Tensor::FLOAT, 2), (Tensor::FLOAT16, 1)]));
}

#[test]
fn a_value_and_a_weight_may_be_needed_with_both_widths() {
    let nodes = vec![
        Node::new("Mul", &["x", "w"], "m"),
        Node::new("Exp", &["m"], "e"),
        Node::new("Cos", &["w"], "c"),
        Node::new("Mul", &["m", "c"], "n"),
        Node::new("Add", &["n", "e"], "y"),
        Node::new("Exp", &["y"], "z"),
    ];
    let mut graph = graph(&rows_of(&[3]), nodes, vec![weight("w", &[3], 2)]);
    let z = brushaway::onnx::proto::ValueInfo { name: Some("z".to_owned()), ..graph.output[0].clone() };
    graph.output.push(z);
    let (difference, after) = halved(graph, &[2, 3]);
    assert!(difference > 0.0 && difference < ROUNDED, "{difference}");
    assert_eq!(elements(&after), BTreeMap::from([(Tensor::FLOAT, 1), (Tensor::FLOAT16, 1)]));
    let names: Vec<&str> = after.output.iter().map(brushaway::onnx::proto::ValueInfo::name).collect();
    assert_eq!(names, ["y", "z"]);
}

#[test]
fn numbers_about_a_resize_stay_what_they_are() {
    let resize = Node::new("Resize", &["x", "", "scales"], "y").with(Attribute::of_text("mode", "nearest"));
    let scales = Tensor::of_floats("scales", &[4], &[1.0, 1.0, 2.0, 2.0]);
    let (_, after) = halved(graph(&rows_of(&[1, 2, 2]), vec![resize], vec![scales]), &[1, 1, 2, 2]);
    assert_eq!(elements(&after), BTreeMap::from([(Tensor::FLOAT, 1)]));
    assert_eq!(casts(&after), 2);
}

#[test]
fn whole_numbers_and_casts_to_them_are_left_alone() {
    let nodes = vec![
        Node::new("Relu", &["x"], "r"),
        Node::new("Cast", &["r"], "whole").with(Attribute::of_int("to", Tensor::INT64.into())),
        Node::new("Gather", &["table", "whole"], "y"),
    ];
    let table = Tensor::of_floats("table", &[4], &[0.5, 1.5, 2.5, 3.5]);
    let before = model(graph(&rows_of(&[3]), nodes, vec![table]));
    let after = rewrite(&before, HALVED).unwrap().graph;
    let outputs = |model: &[u8]| {
        let input = Values::f32("x", [1, 3], vec![3.0, -1.0, 2.0]);
        pollster::block_on(native_runtime::session(model, 1).run(vec![input])).unwrap()
    };
    assert_eq!(outputs(&before), outputs(&after));
}

#[test]
fn a_graph_of_which_not_all_is_known_is_refused() {
    let refused =
        |nodes| matches!(rewrite(&model(graph(&rows_of(&[3]), nodes, vec![])), HALVED), Err(RewriteError::NotHalved));
    let foreign = Node { domain: Some("elsewhere".to_owned()), ..Node::new("Riddle", &["x"], "r") };
    assert!(refused(vec![foreign, Node::new("Relu", &["r"], "y")]));
    let inner = graph(&[], vec![Node::new("Relu", &["x"], "inner")], vec![]);
    let body = Attribute { name: Some("then_branch".to_owned()), g: Some(inner), ..Attribute::default() };
    assert!(refused(vec![Node::new("If", &["x"], "y").with(body)]));
    assert!(!refused(vec![Node::new("Relu", &["x"], "y")]));
}

#[test]
fn what_is_too_large_for_halves_shows() {
    let graph =
        graph(&rows_of(&[3]), vec![Node::new("Mul", &["x", "w"], "y")], vec![Tensor::of_floats("w", &[1], &[1e6])]);
    let after = rewrite(&model(graph), HALVED).unwrap().graph;
    assert!(run(&after, &[1, 3]).iter().any(|value| !value.is_finite()), "{:?}", noise(&[1, 3], 1));
}
