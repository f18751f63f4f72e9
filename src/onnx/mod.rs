//! Published graphs, rewritten so that a runtime has less to do: the same function of the same inputs.

#![expect(clippy::cast_possible_wrap, reason = "no value has 2^63 elements or axes")]

pub mod amount;
mod derive;
mod equation;
mod evaluate;
mod fact;
pub mod graph;
mod infer;
mod known;
mod passes;
pub mod plan;
pub mod proto;
mod rewrite;

pub use derive::Derived;
pub use rewrite::{Kernels, RewriteError, RewriteOptions, Rewritten, rewrite};

/// Which version of the passes this is, as 16 digits: another one if any of their sources is another, or how weights are split
/// off before.
pub const PASSES: &str = env!("BRUSHAWAY_PASSES");
