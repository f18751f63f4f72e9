//! The engine of Brushaway: from the bytes of an image and a mask to the bytes of the image without the object.
//!
//! Pure Rust, the same natively and in wasm: no browser, no clock, no ambient randomness, no I/O. What it needs from
//! outside comes through ports ([`models::Session`], [`models::Run`], and those of `store`).

#![forbid(unsafe_code)]

pub mod engine;
pub mod geometry;
pub mod image;
pub mod imaging;
pub mod mask;
pub mod models;
#[cfg(feature = "onnx")]
pub mod onnx;
pub mod protocol;
pub mod report;
pub mod runtime;
pub mod settings;
#[cfg(feature = "store")]
pub mod store;
pub mod tensor;
