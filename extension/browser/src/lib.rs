//! The only crate that names JavaScript: bindings to `chrome.*` and the platform, messages, bytes by reference, and
//! ONNX Runtime Web. Everything here has a typed face; no `JsValue` leaves but where a component needs one.

pub mod blobs;
pub mod bus;
pub mod chrome;
pub mod clock;
pub mod error;
pub mod grants;
pub mod handed;
pub mod log;
pub mod menu;
#[cfg(all(feature = "models", target_arch = "wasm32"))]
pub mod models;
pub mod package;
pub mod pictures;
pub mod platform;
pub mod settings;
#[cfg(all(feature = "store", target_arch = "wasm32"))]
pub mod store;
pub mod task;
pub mod texts;
#[cfg(target_arch = "wasm32")]
pub mod worker;
