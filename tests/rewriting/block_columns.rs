//! Large kernels over one channel.

use brushaway::onnx::proto::{Attribute, Node};

use crate::build::{graph, rewritten, rows_of, weight};

/// Whether it became a convolution of four channels.
fn blocked(kernel: [i64; 4], pads: [i64; 4], width: usize, has_bias: bool) -> bool {
    let inputs: &[&str] = if has_bias { &["x", "w", "b"] } else { &["x", "w"] };
    let node = Node::new("Conv", inputs, "y").with(Attribute::of_ints("pads", &pads));
    let weights = vec![weight("w", &kernel, 2), weight("b", &kernel[..1], 3)];
    let shape = [2, usize::try_from(kernel[1]).unwrap(), 6, width];
    let graph = graph(&rows_of(&[kernel[1], 6, i64::try_from(width).unwrap()]), vec![node], weights);
    rewritten(graph, None, &[&shape]).contains_key("Transpose")
}

#[test]
fn take_four_columns_as_channels() {
    assert!(blocked([5, 1, 15, 15], [7; 4], 16, true));
    assert!(blocked([5, 1, 15, 15], [7; 4], 4, false));
    // Widths of kernels that are no multiple of four away from the middle.
    assert!(blocked([3, 1, 3, 9], [1, 4, 1, 4], 8, true));
    assert!(blocked([3, 1, 1, 11], [0, 5, 0, 5], 8, true));
    assert!(blocked([3, 1, 5, 13], [2, 6, 2, 6], 12, true));
}

#[test]
fn what_only_looks_like_it_stays() {
    assert!(!blocked([5, 1, 15, 15], [7; 4], 18, true));
    assert!(!blocked([5, 2, 15, 15], [7; 4], 16, true));
    assert!(!blocked([5, 1, 15, 15], [7, 6, 7, 6], 16, true));
    assert!(!blocked([5, 1, 7, 7], [3; 4], 16, true));
    assert!(!blocked([5, 1, 14, 14], [7; 4], 16, true));
}
