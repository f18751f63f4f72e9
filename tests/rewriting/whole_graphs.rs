//! The graphs that tests and the extension have.

use std::{fs, path::Path};

use brushaway::{
    models::{Session as _, Tensor, difference},
    onnx::{RewriteError, RewriteOptions, proto::Model, rewrite},
};
use prost::Message as _;

use crate::{build, native_runtime};

#[test]
fn reading_and_writing_loses_nothing_that_a_runtime_sees() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let stand_ins = fs::read_dir(root.join("tests/models")).unwrap().map(|entry| entry.unwrap().path());
    let graphs = stand_ins.filter(|path| path.extension().is_some_and(|end| end == "onnx"));
    let shipped = root.join("extension/models/lite.onnx");
    let mut seen = 0;
    for path in graphs.chain([shipped]) {
        let bytes = fs::read(&path).unwrap();
        let read = Model::decode(bytes.as_slice()).unwrap();
        let written = read.encode_to_vec();
        assert_eq!(Model::decode(written.as_slice()).unwrap(), read, "{}", path.display());
        // The same length: every field came back, though some numbers may be packed now.
        assert!(written.len().abs_diff(bytes.len()) < 64, "{}: {} of {}", path.display(), written.len(), bytes.len());
        native_runtime::session(&written, 1);
        native_runtime::session(&rewrite(&bytes, build::alone(None)).unwrap().graph, 1);
        seen += 1;
    }
    assert!(seen > 4);
}

#[test]
fn what_is_no_graph_is_refused() {
    let refused = |bytes: &[u8]| rewrite(bytes, build::alone(None)).unwrap_err();
    assert!(matches!(refused(b"<!doctype html>"), RewriteError::Malformed(_)));
    assert!(matches!(refused(b""), RewriteError::NoGraph));
    let with_functions = Model { functions: vec![vec![]], ..Model::default() };
    assert!(matches!(refused(&with_functions.encode_to_vec()), RewriteError::OwnOperators));
}

#[test]
fn a_graph_in_which_nothing_is_recognised_stays_what_it_is() {
    use brushaway::onnx::proto::Node;
    let graph = build::graph(&build::rows_of(&[3]), vec![Node::new("Tanh", &["x"], "y")], Vec::new());
    let before = build::model(graph);
    assert_eq!(rewrite(&before, build::alone(None)).unwrap().graph, before);
}

#[test]
fn the_built_in_model_computes_no_shapes_once_its_side_is_known() {
    const SIDE: usize = 256;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("extension/models/lite.onnx");
    let before = fs::read(path).unwrap();
    let options = RewriteOptions { side: Some(SIDE as u32), ..build::alone(Some(1)) };
    let after = rewrite(&before, options).unwrap().graph;
    let operators = build::operators(&after);
    for operator in ["Shape", "Gather", "Slice", "Unsqueeze"] {
        assert!(build::operators(&before).contains_key(operator) && !operators.contains_key(operator), "{operators:?}");
    }
    let shape = |channels| [1, channels, SIDE, SIDE];
    let image = build::noise(&shape(3), 1).iter().map(|value| (0.5 + 0.2 * value).clamp(0.0, 1.0)).collect();
    let mask = (0..SIDE * SIDE).map(|at| f32::from(u8::from(at / SIDE / 80 == 1 && at % SIDE / 90 == 1))).collect();
    let inputs = vec![Tensor::f32("image", shape(3), image), Tensor::f32("mask", shape(1), mask)];
    let run = |graph: &[u8]| pollster::block_on(native_runtime::session(graph, 2).run(inputs.clone())).unwrap();
    let apart = difference(&run(&after), &run(&before)).unwrap();
    assert!(apart < 1e-5, "{apart}");
}
