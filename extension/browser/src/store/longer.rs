//! A file on disk that goes on with bytes of our own.

use brushaway::store::DiskError;
use js_sys::{Array, Uint8Array};
use web_sys::Blob;

use super::disk::failed;

/// A blob in the making. What it begins with stays where it is.
#[derive(Debug)]
pub struct LongerBlob {
    parts: Array,
}

impl LongerBlob {
    /// Begins with all of a blob.
    pub fn of(blob: &Blob) -> Self {
        Self { parts: Array::of1(blob) }
    }

    /// Goes on with all of the first row, then all of the second, and so on.
    pub fn append(&mut self, rows: Rows) {
        for piece in rows.rows.into_iter().flatten() {
            self.parts.push(&piece);
        }
    }

    /// All of it.
    ///
    /// # Errors
    /// [`DiskError`] if the browser has no room for it.
    pub fn finish(self) -> Result<Blob, DiskError> {
        Blob::new_with_blob_sequence(&self.parts).map_err(|thrown| failed(&thrown))
    }
}

/// Pieces that come in turns, and stand one row after another in the end. What is pushed leaves wasm's memory at once.
#[derive(Debug, Default)]
pub struct Rows {
    rows: Vec<Vec<Blob>>,
}

impl Rows {
    /// Lengthens each row.
    ///
    /// # Errors
    /// [`DiskError`] if the browser has no room.
    pub fn push(&mut self, pieces: &[Vec<u8>]) -> Result<(), DiskError> {
        self.rows.resize_with(self.rows.len().max(pieces.len()), Vec::new);
        for (row, bytes) in self.rows.iter_mut().zip(pieces) {
            let bytes = Array::of1(&Uint8Array::from(bytes.as_slice()));
            row.push(Blob::new_with_u8_array_sequence(&bytes).map_err(|thrown| failed(&thrown))?);
        }
        Ok(())
    }
}
