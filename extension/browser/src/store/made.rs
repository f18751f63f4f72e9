//! Bytes that were made of a file on disk, kept beside its parts and gone with them.

use brushaway::store::{Disk as _, DiskError, StoredFile};
use web_sys::Blob;

use super::CacheDisk;

/// So much is written at once.
const PART_BYTES: usize = 16 << 20;

/// Bytes that are made of a file. Hundreds of megabytes in blobs of our own would fill the browser's memory.
#[derive(Debug)]
pub struct MadeBytes<'a> {
    disk: &'a CacheDisk,
    /// What keys begin with.
    own: String,
    len_bytes: u64,
    gathered: Vec<u8>,
    parts: u64,
}

impl<'a> MadeBytes<'a> {
    /// Bytes of this length that go with something else which is kept; `own` is what its keys begin with.
    pub fn beside(own: &str, len_bytes: u64, disk: &'a CacheDisk) -> Self {
        Self { disk, own: own.to_owned(), len_bytes, gathered: Vec::new(), parts: 0 }
    }

    fn keys(&self) -> impl Iterator<Item = String> {
        let own = self.own.clone();
        (0..self.len_bytes.div_ceil(PART_BYTES as u64)).map(move |index| format!("{own}{index:04}"))
    }

    /// All of a file and then all of them, if they were made before.
    ///
    /// # Errors
    /// [`DiskError`] if the browser refuses.
    pub async fn blob_after(&self, file: &StoredFile) -> Result<Option<Blob>, DiskError> {
        let mut left = self.len_bytes;
        for key in self.keys() {
            let part = left.min(PART_BYTES as u64);
            if self.disk.len(&key).await? != Some(part) {
                return Ok(None);
            }
            left -= part;
        }
        self.disk.joined(file.part_keys().chain(self.keys())).await.map(Some)
    }

    /// Goes on with some bytes.
    ///
    /// # Errors
    /// [`DiskError`] if there is no room.
    pub async fn extend(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        self.gathered.extend_from_slice(bytes);
        while self.gathered.len() >= PART_BYTES {
            let rest = self.gathered.split_off(PART_BYTES);
            self.write(rest).await?;
        }
        Ok(())
    }

    /// There are no more.
    ///
    /// # Errors
    /// [`DiskError`] if there is no room.
    pub async fn finish(&mut self) -> Result<(), DiskError> {
        if self.gathered.is_empty() { Ok(()) } else { self.write(Vec::new()).await }
    }

    async fn write(&mut self, rest: Vec<u8>) -> Result<(), DiskError> {
        let part = std::mem::replace(&mut self.gathered, rest);
        self.disk.put(&format!("{}{:04}", self.own, self.parts), part).await?;
        self.parts += 1;
        Ok(())
    }
}
