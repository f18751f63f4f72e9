//! A file on disk that goes on with bytes of our own.

use brushaway::store::DiskError;
use js_sys::{Array, Uint8Array};
use web_sys::Blob;

use super::disk::failed;

/// A blob in the making. What is pushed leaves wasm's memory at once; what was there stays where it is.
#[derive(Debug)]
pub struct LongerBlob {
    parts: Array,
}

impl LongerBlob {
    /// Begins with all of a blob.
    pub fn of(blob: &Blob) -> Self {
        Self { parts: Array::of1(blob) }
    }

    /// Goes on with bytes.
    ///
    /// # Errors
    /// [`DiskError`] if the browser has no room for them.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        let piece = Array::of1(&Uint8Array::from(bytes));
        let piece = Blob::new_with_u8_array_sequence(&piece).map_err(|thrown| failed(&thrown))?;
        self.parts.push(&piece);
        Ok(())
    }

    /// All of it.
    ///
    /// # Errors
    /// [`DiskError`] if the browser has no room for it.
    pub fn finish(self) -> Result<Blob, DiskError> {
        Blob::new_with_blob_sequence(&self.parts).map_err(|thrown| failed(&thrown))
    }
}
