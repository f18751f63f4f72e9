//! A file that the person chose, read piece by piece.

use brushaway::store::{Chunks, SourceError};
use futures_util::future::LocalBoxFuture;
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::error::text;

/// How much is read at once.
const CHUNK_BYTES: f64 = 4_194_304.0;

/// A file on the person's disk.
#[derive(Debug)]
pub struct ChosenFile {
    file: Blob,
    at: f64,
}

impl ChosenFile {
    /// Reads `file` from its start.
    pub const fn new(file: Blob) -> Self {
        Self { file, at: 0.0 }
    }

    async fn read(&mut self) -> Result<Option<Vec<u8>>, JsValue> {
        let end = (self.at + CHUNK_BYTES).min(self.file.size());
        if end <= self.at {
            return Ok(None);
        }
        let piece = self.file.slice_with_f64_and_f64(self.at, end)?;
        self.at = end;
        let buffer: JsValue = JsFuture::from(piece.array_buffer()).await?;
        Ok(Some(Uint8Array::new(&buffer).to_vec()))
    }
}

impl Chunks for ChosenFile {
    fn next_chunk(&mut self) -> LocalBoxFuture<'_, Result<Option<Vec<u8>>, SourceError>> {
        Box::pin(async { self.read().await.map_err(|thrown| SourceError::Lost { reason: text(&thrown) }) })
    }
}
