//! Graphs that say what cannot be: they stay as they are, and nothing is counted or reserved for them.

use brushaway::onnx::{
    RewriteOptions,
    proto::{Attribute, Graph, Node, Tensor},
    rewrite,
};

use crate::build::{Extent, alone, graph, model, operators, rows_of, weight};

/// How many convolutions are there after rewriting, which must derive no weights.
fn untouched(graph: Graph, file_bytes: u64) -> Option<usize> {
    let after = rewrite(&model(graph), RewriteOptions { file_bytes, ..alone(None) }).unwrap();
    assert!(after.derived.is_empty());
    operators(&after.graph).get("Conv").copied()
}

fn convolution(weights: Tensor) -> Graph {
    let node = Node::new("Conv", &["x", "w"], "y").with(Attribute::of_ints("pads", &[4, 4, 4, 4]));
    graph(&rows_of(&[1, 8, 8]), vec![node], vec![weights])
}

#[test]
fn a_weight_that_is_shorter_than_it_says() {
    let honest = weight("w", &[4, 1, 9, 9], 1);
    assert_eq!(rewrite(&model(convolution(honest.clone())), alone(None)).unwrap().nodes_after, 6);
    let mut short = honest.clone();
    short.raw_data.as_mut().unwrap().truncate(100);
    assert_eq!(untouched(convolution(short), 0), Some(1));
    for dims in [[i64::MAX, 1, 9, 9], [-4, 1, 9, 9], [4, 1, 9, i64::MAX]] {
        assert_eq!(untouched(convolution(Tensor { dims: dims.to_vec(), ..honest.clone() }), 0), Some(1), "{dims:?}");
    }
}

#[test]
fn a_weight_that_ends_beyond_its_file() {
    let bytes = 4 * 4 * 81;
    let at = |offset, bytes| convolution(Tensor::of_file("w", &[4, 1, 9, 9], Tensor::FLOAT, "weights", offset, bytes));
    assert_eq!(untouched(at(10, bytes), bytes + 9), Some(1));
    assert_eq!(untouched(at(0, bytes - 4), 1 << 20), Some(1));
    assert_eq!(untouched(at(u64::MAX - 8, bytes), 1 << 20), Some(1));
}

#[test]
fn nodes_without_outputs_and_extents_beyond_counting() {
    let input = [Extent::Known(i64::MAX), Extent::Known(i64::MAX)];
    let far = [i64::MIN, i64::MAX];
    let nodes = vec![
        Node { output: Vec::new(), ..Node::new("Reshape", &["x", "far"], "") },
        Node { output: Vec::new(), ..Node::new("Split", &["x"], "") },
        Node::new("Slice", &["x", "ends", "starts", "axes", "steps"], "part"),
        Node::new("ConstantOfShape", &["far"], "filled"),
        Node::new("Pad", &["x", "pads"], "padded"),
        Node::new("Reshape", &["padded", "far"], "again"),
        Node::new("Add", &["again", "part"], "y"),
    ];
    let ints = |name: &str, values: &[i64]| Tensor::of_ints(name, &[values.len().try_into().unwrap()], values);
    let given = vec![
        ints("far", &far),
        ints("starts", &far),
        ints("ends", &[i64::MAX, i64::MIN]),
        ints("axes", &[0, 1]),
        ints("steps", &[i64::MIN, -1]),
        ints("pads", &[i64::MAX, i64::MAX, i64::MAX, 1]),
    ];
    let after = rewrite(&model(graph(&input, nodes, given)), alone(None)).unwrap();
    assert!(operators(&after.graph).contains_key("Add"));
}
