//! The network, for files that the person asked for.

use brushaway::store::{Chunks, Net, Response, SourceError, WireHead};
use futures_util::{
    FutureExt as _,
    future::{Either, LocalBoxFuture, select},
};
use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, RequestCache, RequestCredentials, RequestInit,
    Response as JsResponse,
};

use crate::{clock, error::text};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = globalThis, js_name = fetch)]
    fn fetch(url: &str, init: &RequestInit) -> Promise;
}

/// `fetch`, with a limit on how long nothing may come. Sends no cookies and no referrer, and keeps nothing in the
/// browser's own cache.
#[derive(Debug, Clone, Copy)]
pub struct FetchNet {
    /// After so long without a byte a connection counts as broken.
    pub stall_millis: u32,
}

/// A request that ends when nobody reads its body any more.
struct Body {
    controller: AbortController,
    reader: Option<ReadableStreamDefaultReader>,
    stall_millis: u32,
}

impl FetchNet {
    async fn ask(&self, url: &str, from_byte: Option<u64>) -> Result<Response, SourceError> {
        let lost = |thrown: JsValue| SourceError::Lost { reason: text(&thrown) };
        let controller = AbortController::new().map_err(lost)?;
        let init = RequestInit::new();
        init.set_cache(RequestCache::NoStore);
        init.set_credentials(RequestCredentials::Omit);
        init.set_referrer_policy(web_sys::ReferrerPolicy::NoReferrer);
        init.set_signal(Some(&controller.signal()));
        if let Some(first) = from_byte {
            let headers = Headers::new().map_err(lost)?;
            headers.set("Range", &format!("bytes={first}-")).map_err(lost)?;
            init.set_headers(&headers);
        }
        let mut body = Body { controller, reader: None, stall_millis: self.stall_millis };
        let response: JsResponse = body.within(fetch(url, &init)).await?.unchecked_into();
        let field = |name: &str| response.headers().get(name).ok().flatten();
        let (length, range, content_type) = (field("content-length"), field("content-range"), field("content-type"));
        let is_compressed = field("content-encoding").is_some();
        let head = WireHead {
            status: response.status(),
            content_length: length.as_deref().filter(|_| !is_compressed),
            content_range: range.as_deref(),
            content_type: content_type.as_deref(),
        };
        let head = head.parse(from_byte.unwrap_or_default());
        body.reader = response.body().map(|stream| stream.get_reader().unchecked_into());
        Ok(Response { head, body: Box::new(body) })
    }
}

impl Net for FetchNet {
    fn get<'a>(&'a self, url: &'a str, from_byte: Option<u64>) -> LocalBoxFuture<'a, Result<Response, SourceError>> {
        Box::pin(self.ask(url, from_byte))
    }
}

impl Body {
    /// Waits for `promise`, but not for ever.
    async fn within(&self, promise: Promise) -> Result<JsValue, SourceError> {
        let late = clock::sleep_millis(self.stall_millis).boxed_local();
        match select(JsFuture::from(promise), late).await {
            Either::Left((Ok(value), _)) => Ok(value),
            Either::Left((Err(thrown), _)) => Err(SourceError::Lost { reason: text(&thrown) }),
            Either::Right(_) => Err(SourceError::Stalled),
        }
    }

    async fn read(&self) -> Result<Option<Vec<u8>>, SourceError> {
        let Some(reader) = &self.reader else { return Ok(None) };
        let read = self.within(reader.read()).await?;
        let field = |key: &str| Reflect::get(&read, &key.into()).unwrap_or_default();
        if field("done").is_truthy() {
            return Ok(None);
        }
        Ok(Some(field("value").unchecked_into::<Uint8Array>().to_vec()))
    }
}

impl Chunks for Body {
    fn next_chunk(&mut self) -> LocalBoxFuture<'_, Result<Option<Vec<u8>>, SourceError>> {
        Box::pin(self.read())
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.controller.abort();
    }
}
