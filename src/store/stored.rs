//! Files on disk, in parts.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Digest, Disk, DiskError};

/// A file that is wholly on disk and was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredFile {
    /// Where its parts are.
    pub key: String,
    /// Length of the file.
    pub len_bytes: u64,
    /// Of the bytes as they are stored; whether anybody knew it beforehand is for the caller to tell.
    pub sha256: Digest,
    /// Length of each part but the last.
    pub part_bytes: u64,
}

/// The key of a part.
pub(super) fn part_key(key: &str, index: u64) -> String {
    format!("{key}/part-{index:04}")
}

/// The key of the record that says: whole and checked. Written last, deleted first.
fn record_key(key: &str) -> String {
    format!("{key}/checked.json")
}

fn failed(reason: impl Into<String>) -> DiskError {
    DiskError::Failed { reason: reason.into() }
}

/// The file under `key`, if it is wholly there and was checked.
///
/// # Errors
/// [`DiskError`]; a record that cannot be read counts as none.
pub async fn find(disk: &dyn Disk, key: &str) -> Result<Option<StoredFile>, DiskError> {
    let record_key = record_key(key);
    let Some(len) = disk.len(&record_key).await? else { return Ok(None) };
    let record = disk.read(&record_key, 0..len).await?;
    let Ok(file) = serde_json::from_slice::<StoredFile>(&record) else { return Ok(None) };
    if file.key != key || file.part_bytes == 0 {
        return Ok(None);
    }
    for index in 0..file.parts() {
        if disk.len(&part_key(key, index)).await? != Some(file.part_len(index)) {
            return Ok(None); // The browser may throw away what it likes.
        }
    }
    Ok(Some(file))
}

/// Deletes everything of the file under `key`, half or whole.
///
/// # Errors
/// [`DiskError`].
pub async fn forget(disk: &dyn Disk, key: &str) -> Result<(), DiskError> {
    disk.delete(&record_key(key)).await?;
    for part in disk.keys(&format!("{key}/part-")).await? {
        disk.delete(&part).await?;
    }
    Ok(())
}

/// Says that the file is no longer known to be whole.
pub(super) async fn unmark(disk: &dyn Disk, key: &str) -> Result<(), DiskError> {
    disk.delete(&record_key(key)).await
}

impl StoredFile {
    /// How many parts there are.
    pub const fn parts(&self) -> u64 {
        self.len_bytes.div_ceil(self.part_bytes)
    }

    /// The keys of the parts, in order: end to end they are the file.
    pub fn part_keys(&self) -> impl Iterator<Item = String> {
        (0..self.parts()).map(|index| part_key(&self.key, index))
    }

    const fn part_len(&self, index: u64) -> u64 {
        let left = self.len_bytes.saturating_sub(index.saturating_mul(self.part_bytes));
        if left < self.part_bytes { left } else { self.part_bytes }
    }

    /// Reads a piece of the file, across parts. Memory: the piece.
    ///
    /// # Errors
    /// [`DiskError`], also if the range reaches beyond the end.
    pub async fn read(&self, disk: &dyn Disk, range: Range<u64>) -> Result<Vec<u8>, DiskError> {
        if range.start > range.end || range.end > self.len_bytes {
            return Err(failed(format!("{range:?} is not in a file of {} bytes", self.len_bytes)));
        }
        let mut bytes = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let (index, from) = (at / self.part_bytes, at % self.part_bytes);
            let to = self.part_bytes.min(from + (range.end - at));
            let piece = disk.read(&part_key(&self.key, index), from..to).await?;
            if piece.len() as u64 != to - from {
                return Err(failed(format!("part {index} of {} is too short", self.key)));
            }
            at += to - from;
            if bytes.is_empty() {
                bytes = piece; // Most pieces lie in one part.
            } else {
                bytes.extend_from_slice(&piece);
            }
        }
        Ok(bytes)
    }

    /// Deletes what is not of the file: parts beyond its end, left by another part size, and what was made of it.
    pub(super) async fn forget_others(&self, disk: &dyn Disk) -> Result<(), DiskError> {
        let known: Vec<String> = self.part_keys().collect();
        for part in disk.keys(&format!("{}/part-", self.key)).await? {
            if !known.contains(&part) {
                disk.delete(&part).await?;
            }
        }
        Ok(())
    }

    /// Says that the file is whole, once nothing else is there.
    pub(super) async fn mark(&self, disk: &dyn Disk) -> Result<(), DiskError> {
        self.forget_others(disk).await?;
        let record = serde_json::to_vec(self).map_err(|error| failed(error.to_string()))?;
        disk.put(&record_key(&self.key), record).await
    }
}
