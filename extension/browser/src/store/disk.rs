//! Blobs in the extension's CacheStorage.
//!
//! Measured with 940 MB: what `match` finds stays on disk until it is read, also as part of a larger `Blob`.

use std::ops::Range;

use brushaway::store::{Disk, DiskAnswer, DiskError, StoredFile};
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Cache, CacheStorage, DomException, Request, Response, StorageEstimate, StorageManager};

use crate::error::text;

#[wasm_bindgen]
extern "C" {
    // On the global object: the same in a page and in a worker.
    #[wasm_bindgen(js_namespace = globalThis, js_name = caches, thread_local_v2)]
    static CACHES: CacheStorage;
    #[wasm_bindgen(js_namespace = ["globalThis", "navigator"], js_name = storage, thread_local_v2)]
    static STORAGE: StorageManager;
}

/// The extension's cache for models.
#[derive(Debug, Clone)]
pub struct CacheDisk {
    cache: Cache,
}

impl CacheDisk {
    /// Opens the cache.
    ///
    /// # Errors
    /// [`DiskError`] if the browser refuses.
    pub async fn open() -> Result<Self, DiskError> {
        let opened = CACHES.with(|caches| caches.open("models"));
        let cache: Cache = JsFuture::from(opened).await.map_err(|thrown| failed(&thrown))?.unchecked_into();
        Ok(Self { cache })
    }

    async fn find(&self, key: &str) -> Result<Option<Blob>, JsValue> {
        let found: JsValue = JsFuture::from(self.cache.match_with_str(key)).await?;
        let Ok(response) = found.dyn_into::<Response>() else { return Ok(None) };
        Ok(Some(JsFuture::from(response.blob()?).await?.unchecked_into()))
    }

    /// A file as one blob that stays on disk until it is read.
    ///
    /// # Errors
    /// [`DiskError`] if a part is missing.
    pub async fn blob(&self, file: &StoredFile) -> Result<Blob, DiskError> {
        self.joined(file.part_keys()).await
    }

    /// What is under these keys, one after another, as one blob that stays on disk until it is read.
    pub(super) async fn joined(&self, keys: impl Iterator<Item = String>) -> Result<Blob, DiskError> {
        let parts = Array::new();
        for key in keys {
            let part = self.find(&key).await.map_err(|thrown| failed(&thrown))?;
            let part: JsValue = part.ok_or_else(|| missing(&key))?.into();
            parts.push(&part);
        }
        Blob::new_with_blob_sequence(&parts).map_err(|thrown| failed(&thrown))
    }

    async fn read_blob(&self, key: &str, range: Range<u64>) -> Result<Option<Vec<u8>>, JsValue> {
        let Some(blob) = self.find(key).await? else { return Ok(None) };
        if range.end as f64 > blob.size() {
            return Ok(None);
        }
        let piece = blob.slice_with_f64_and_f64(range.start as f64, range.end as f64)?;
        let buffer: JsValue = JsFuture::from(piece.array_buffer()).await?;
        Ok(Some(Uint8Array::new(&buffer).to_vec()))
    }

    async fn store(&self, key: &str, bytes: &[u8]) -> Result<(), JsValue> {
        // A copy outside wasm's memory; the browser writes it while this memory may grow.
        let body = Uint8Array::from(bytes);
        let response = Response::new_with_opt_buffer_source(Some(&body))?;
        JsFuture::from(self.cache.put_with_str(key, &response)).await.map(drop)
    }

    async fn remove(&self, key: &str) -> Result<(), JsValue> {
        JsFuture::from(self.cache.delete_with_str(key)).await.map(drop)
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, JsValue> {
        let requests: JsValue = JsFuture::from(self.cache.keys()).await?;
        let requests = Array::from(&requests);
        let urls = requests.iter().map(|request| request.unchecked_into::<Request>().url());
        Ok(urls.filter(|url| url.starts_with(prefix)).collect())
    }
}

async fn free_bytes() -> Result<Option<u64>, JsValue> {
    let estimate = STORAGE.with(StorageManager::estimate)?;
    let estimate: StorageEstimate = JsFuture::from(estimate).await?.unchecked_into();
    let field = |key: &str| Reflect::get(&estimate, &key.into()).ok().and_then(|value| value.as_f64());
    Ok(field("quota").zip(field("usage")).map(|(quota, usage)| (quota - usage).max(0.0) as u64))
}

impl Disk for CacheDisk {
    fn put<'a>(&'a self, key: &'a str, bytes: Vec<u8>) -> DiskAnswer<'a, ()> {
        Box::pin(async move { self.store(key, &bytes).await.map_err(|thrown| failed(&thrown)) })
    }

    fn len<'a>(&'a self, key: &'a str) -> DiskAnswer<'a, Option<u64>> {
        Box::pin(async move {
            let blob = self.find(key).await.map_err(|thrown| failed(&thrown))?;
            Ok(blob.map(|blob| blob.size() as u64))
        })
    }

    fn read<'a>(&'a self, key: &'a str, range: Range<u64>) -> DiskAnswer<'a, Vec<u8>> {
        Box::pin(async move {
            let bytes = self.read_blob(key, range).await.map_err(|thrown| failed(&thrown))?;
            bytes.ok_or_else(|| missing(key))
        })
    }

    fn delete<'a>(&'a self, key: &'a str) -> DiskAnswer<'a, ()> {
        Box::pin(async move { self.remove(key).await.map_err(|thrown| failed(&thrown)) })
    }

    fn keys<'a>(&'a self, prefix: &'a str) -> DiskAnswer<'a, Vec<String>> {
        Box::pin(async move { self.list(prefix).await.map_err(|thrown| failed(&thrown)) })
    }

    fn free_bytes(&self) -> DiskAnswer<'_, Option<u64>> {
        Box::pin(async { free_bytes().await.map_err(|thrown| failed(&thrown)) })
    }
}

fn missing(key: &str) -> DiskError {
    DiskError::Failed { reason: format!("{key} is not there, or too short") }
}

pub(super) fn failed(thrown: &JsValue) -> DiskError {
    match thrown.dyn_ref::<DomException>() {
        Some(error) if error.name() == "QuotaExceededError" => DiskError::Full,
        _ => DiskError::Failed { reason: text(thrown) },
    }
}
