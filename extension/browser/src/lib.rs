//! The only crate that names JavaScript: bindings to `chrome.*` and the platform, messages, bytes by reference, and
//! ONNX Runtime Web. Everything here has a typed face; no `JsValue` leaves but where a component needs one.

#![cfg_attr(
    not(target_arch = "wasm32"),
    expect(clippy::unused_async, reason = "stubs stand in for the browser natively")
)]

pub mod blobs;
pub mod bus;
pub mod chrome;
pub mod clock;
pub mod error;
pub mod log;
#[cfg(all(feature = "models", target_arch = "wasm32"))]
pub mod models;
pub mod package;
pub mod task;
