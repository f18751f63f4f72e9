//! ONNX Runtime for tests that run graphs.

use std::{
    env,
    path::{Path, PathBuf},
};

use brushaway::runtime::ort::OrtSession;

/// A session of this graph on the library of the same version as the extension's, which `cargo xtask test` fetches.
pub(crate) fn session(graph: &[u8], threads: usize) -> OrtSession {
    let packaged = ".cache/npm/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1";
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let library = env::var_os("BRUSHAWAY_ORT_LIB").map_or_else(|| root.join(packaged), PathBuf::from);
    assert!(library.is_file(), "no ONNX Runtime at {}: run `cargo xtask test`", library.display());
    OrtSession::load(&library, graph, threads).unwrap()
}
