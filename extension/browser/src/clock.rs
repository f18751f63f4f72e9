//! Time.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// Milliseconds since the context started; never goes back.
pub fn now_millis() -> f64 {
    performance_now()
}

/// Waits.
pub async fn sleep_millis(millis: u32) {
    gloo::timers::future::TimeoutFuture::new(millis).await;
}
