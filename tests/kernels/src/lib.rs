//! Kernels of our own for the three operators that carry most of a big denoiser's work, to learn how much of a graphics card
//! they can use. A trial, not a part of the extension: `docs/kernels.md` says what came of it.
//!
//! [`problem`] says what is computed and at which sizes, [`twin`] what the right answer is, [`tiles`] how work can be cut up,
//! [`kernel`] gives the text of a kernel (filled in by [`template`]), [`values`] what kernels are tried on, [`card`] runs them,
//! and [`search`] keeps what was found.

pub mod card;
pub mod kernel;
pub mod problem;
pub mod search;
#[path = "../../../src/runtime/card/network/template.rs"]
pub mod template;
pub mod tiles;
pub mod twin;
pub mod values;
