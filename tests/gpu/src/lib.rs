//! The page of the benchmark on a graphics card: the same pictures as a browser port of the model makes them and as the
//! extension does, with the extension's own code.

mod report;

#[cfg(target_arch = "wasm32")]
mod built_in;
#[cfg(target_arch = "wasm32")]
mod finish;
#[cfg(target_arch = "wasm32")]
mod page;
#[cfg(target_arch = "wasm32")]
mod port;
#[cfg(target_arch = "wasm32")]
mod timed;
#[cfg(target_arch = "wasm32")]
mod ways;

#[cfg(target_arch = "wasm32")]
pub use page::start;
pub use report::{BuiltIn, Difference, Picture, Report, Step, Way};
