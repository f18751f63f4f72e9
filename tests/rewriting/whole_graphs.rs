//! The graphs that tests and the extension have.

use std::{fs, path::Path};

use brushaway::onnx::{RewriteError, proto::Model, rewrite};
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
