//! The one place where a future is let go.

use std::{fmt::Display, future::Future};

/// Runs `future` on its own. What goes wrong is logged under `name`; nothing is lost in silence.
pub fn spawn<E: Display>(name: &'static str, future: impl Future<Output = Result<(), E>> + 'static) {
    #[expect(clippy::disallowed_methods, reason = "this is the wrapper that the ban points to")]
    wasm_bindgen_futures::spawn_local(async move {
        if let Err(error) = future.await {
            log::error!("{name}: {error}");
        }
    });
}
