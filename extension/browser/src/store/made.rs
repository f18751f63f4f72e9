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
    /// Of all that was ever made of the file.
    prefix: String,
    /// Of what was made in this way.
    own: String,
    len_bytes: u64,
    gathered: Vec<u8>,
    parts: u64,
}

impl<'a> MadeBytes<'a> {
    /// Bytes of this length; `way` is another number if they are made in another way.
    pub fn of(file: &StoredFile, way: u64, len_bytes: u64, disk: &'a CacheDisk) -> Self {
        // Named as a part, so that they go when the file goes.
        let prefix = format!("{}/part-made-", file.key);
        let own = format!("{prefix}{way:016x}-");
        Self { disk, prefix, own, len_bytes, gathered: Vec::new(), parts: 0 }
    }

    /// Bytes of this length that go with something else which is kept; `own` is what its keys begin with.
    pub fn beside(own: &str, len_bytes: u64, disk: &'a CacheDisk) -> Self {
        Self { disk, prefix: own.to_owned(), own: own.to_owned(), len_bytes, gathered: Vec::new(), parts: 0 }
    }

    fn keys(&self) -> impl Iterator<Item = String> {
        let own = self.own.clone();
        (0..self.len_bytes.div_ceil(PART_BYTES as u64)).map(move |index| format!("{own}{index:04}"))
    }

    /// All of them, if they were made before.
    ///
    /// # Errors
    /// [`DiskError`] if the browser refuses.
    pub async fn blob(&self) -> Result<Option<Blob>, DiskError> {
        self.blob_after(None).await
    }

    /// All of a file and then all of them, if they were made before.
    ///
    /// # Errors
    /// [`DiskError`] if the browser refuses.
    pub async fn blob_after(&self, file: Option<&StoredFile>) -> Result<Option<Blob>, DiskError> {
        let mut left = self.len_bytes;
        for key in self.keys() {
            let part = left.min(PART_BYTES as u64);
            if self.disk.len(&key).await? != Some(part) {
                return Ok(None);
            }
            left -= part;
        }
        let before = file.into_iter().flat_map(StoredFile::part_keys);
        self.disk.joined(before.chain(self.keys())).await.map(Some)
    }

    /// Throws away what was made of the file before, in whatever way.
    ///
    /// # Errors
    /// [`DiskError`] if the browser refuses.
    pub async fn forget(&self) -> Result<(), DiskError> {
        for key in self.disk.keys(&self.prefix).await? {
            self.disk.delete(&key).await?;
        }
        Ok(())
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
