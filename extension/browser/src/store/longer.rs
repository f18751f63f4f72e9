//! A file on disk that goes on with bytes of our own.

use brushaway::store::DiskError;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::disk::failed;

/// So much is gathered before it leaves wasm's memory.
const GATHERED_BYTES: usize = 4 << 20;

/// A blob in the making. What it begins with stays where it is.
#[derive(Debug, Default)]
pub struct LongerBlob {
    parts: Array,
    gathered: Vec<u8>,
}

impl LongerBlob {
    /// Begins with all of a blob.
    pub fn of(blob: &Blob) -> Self {
        Self { parts: Array::of1(blob), gathered: Vec::new() }
    }

    /// Goes on with some bytes.
    ///
    /// # Errors
    /// [`DiskError`] if the browser has no room.
    pub fn extend(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() < GATHERED_BYTES { Ok(()) } else { self.let_go() }
    }

    /// Goes on with all of the first row, then all of the second, and so on.
    ///
    /// # Errors
    /// [`DiskError`] if the browser has no room.
    pub fn append(&mut self, rows: Rows) -> Result<(), DiskError> {
        if rows.rows.is_empty() {
            return Ok(());
        }
        self.let_go()?;
        for piece in rows.rows.into_iter().flatten() {
            self.parts.push(&piece);
        }
        Ok(())
    }

    /// All of it.
    ///
    /// # Errors
    /// [`DiskError`] if the browser has no room for it.
    pub fn finish(mut self) -> Result<Blob, DiskError> {
        self.let_go()?;
        Blob::new_with_blob_sequence(&self.parts).map_err(|thrown| failed(&thrown))
    }

    fn let_go(&mut self) -> Result<(), DiskError> {
        if !self.gathered.is_empty() {
            let blob: JsValue = blob_of(&self.gathered)?.into();
            self.parts.push(&blob);
            self.gathered.clear();
        }
        Ok(())
    }
}

fn blob_of(bytes: &[u8]) -> Result<Blob, DiskError> {
    let bytes = Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence(&bytes).map_err(|thrown| failed(&thrown))
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
            row.push(blob_of(bytes)?);
        }
        Ok(())
    }
}
