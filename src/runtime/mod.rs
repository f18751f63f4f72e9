//! Adapters: the engine's ports over a real runtime. Nothing else names them.

#[cfg(feature = "gpu")]
pub mod card;
#[cfg(all(feature = "ort", not(target_arch = "wasm32")))]
pub mod ort;
