//! Rewriting graphs: before and after, on ONNX Runtime, outputs are equal; what only looks like a pattern stays.
#![cfg(feature = "ort")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod block_columns;
mod build;
mod derived;
mod dishonest;
mod fold_shapes;
mod lambda;
mod merge_sigmoid;
#[path = "../native_runtime/mod.rs"]
mod native_runtime;
mod shrink_upsampling;
mod whole_graphs;
