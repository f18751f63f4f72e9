//! A graph, rewritten in each way; the first byte says how many rows it has, and pixels a row. What comes out can be read again,
//! and planned for kernels of our own or refused.
#![no_main]

use brushaway::onnx::{
    Derived, Kernels, RewriteOptions,
    plan::{Plan, Rooms},
    rewrite,
};
use libfuzzer_sys::fuzz_target;

/// Of the file that the weights are in.
const FILE_BYTES: u64 = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    let [rows, model @ ..] = bytes else { return };
    let rows = Some(u32::from(rows % 4)).filter(|rows| *rows > 0);
    for kernels in [Kernels::Runtime, Kernels::Own] {
        let options = RewriteOptions { location: "weights", file_bytes: FILE_BYTES, rows, side: rows, kernels };
        let Ok(made) = rewrite(model, options) else { continue };
        for derived in &made.derived {
            assert!(derived.pieces().all(|piece| piece.start <= piece.end && piece.end <= FILE_BYTES));
        }
        if let Ok(plan) = Plan::of(&made.graph) {
            let rooms = Rooms::of(&plan);
            assert!(plan.steps.iter().all(|step| rooms.of[step.writes()].is_some()));
        }
        let derived: u64 = made.derived.iter().map(Derived::len_bytes).sum();
        let again = RewriteOptions { file_bytes: FILE_BYTES + derived, ..options };
        rewrite(&made.graph, again).expect("what was made is a graph");
    }
});
