//! A doubled picture and a 3x3 convolution.

use brushaway::onnx::proto::{Attribute, Node, Tensor};

use crate::build::{graph, rewritten, rows_of, weight};

/// As an exporter writes it.
fn resize(mode: &str, transformation: &str) -> Node {
    Node::new("Resize", &["x", "", "scales"], "large")
        .with(Attribute::of_text("mode", mode))
        .with(Attribute::of_text("coordinate_transformation_mode", transformation))
        .with(Attribute::of_text("nearest_mode", "floor"))
}

fn convolution(pads: [i64; 4]) -> Node {
    Node::new("Conv", &["large", "w", "b"], "y").with(Attribute::of_ints("pads", &pads))
}

fn shrunk(resize: Node, convolution: Node, scale: f32, kernel: [i64; 4]) -> bool {
    let scales = Tensor::of_floats("scales", &[4], &[1.0, 1.0, scale, scale]);
    let weights = vec![scales, weight("w", &kernel, 2), weight("b", &kernel[..1], 3)];
    let graph = graph(&rows_of(&[3, 5, 4]), vec![resize, convolution], weights);
    let operators = rewritten(graph, None, &[&[1, 3, 5, 4], &[2, 3, 5, 4]]);
    operators.contains_key("DepthToSpace") && operators["Conv"] == 4 && !operators.contains_key("Resize")
}

#[test]
fn becomes_four_smaller_convolutions() {
    assert!(shrunk(resize("nearest", "asymmetric"), convolution([1; 4]), 2.0, [4, 3, 3, 3]));
}

#[test]
fn what_only_looks_like_it_stays() {
    let (doubled, plain) = (resize("nearest", "asymmetric"), convolution([1; 4]));
    assert!(!shrunk(resize("linear", "asymmetric"), plain.clone(), 2.0, [4, 3, 3, 3]));
    assert!(!shrunk(resize("nearest", "half_pixel"), plain.clone(), 2.0, [4, 3, 3, 3]));
    assert!(!shrunk(doubled.clone(), plain.clone(), 3.0, [4, 3, 3, 3]));
    assert!(!shrunk(doubled.clone(), convolution([0; 4]), 2.0, [4, 3, 3, 3]));
    assert!(!shrunk(doubled.clone(), convolution([2; 4]), 2.0, [4, 3, 5, 5]));
    let stridden = plain.clone().with(Attribute::of_ints("strides", &[2, 2]));
    assert!(!shrunk(doubled.clone(), stridden, 2.0, [4, 3, 3, 3]));
    let grouped = plain.with(Attribute::of_int("group", 3));
    assert!(!shrunk(doubled, grouped, 2.0, [3, 1, 3, 3]));
}
