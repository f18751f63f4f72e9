//! Where the bytes of a file go, whatever they come from: hashed, gathered into parts, stored.

use super::{
    Control, Digest, Disk, DiskError, Phase, Progress, StoreError, StoredFile,
    digest::Hash,
    fetch::FileSpec,
    stored::{part_key, unmark},
    wire,
};

/// How much of a stored part is read at once to hash it again.
pub(super) const READ_BYTES: u64 = 4 << 20;

/// A file that is coming. At most one part of it is in memory.
pub(super) struct Intake<'a> {
    disk: &'a dyn Disk,
    control: &'a dyn Control,
    key: &'a str,
    /// Length of the file, once anybody has said.
    total_bytes: Option<u64>,
    part_bytes: u64,
    /// Parts on disk.
    stored_parts: u64,
    /// What comes after them.
    buffer: Vec<u8>,
    hash: Hash,
}

impl<'a> Intake<'a> {
    /// Finds out which leading parts are there, and hashes them: a digest of only the fresh bytes would prove nothing.
    ///
    /// A file begun with another part size goes on with that one, if it needs no much larger memory: nobody fetches
    /// 900 MB again because a default changed.
    pub(super) async fn resume(
        file: &'a FileSpec,
        part_bytes: u64,
        disk: &'a dyn Disk,
        control: &'a dyn Control,
    ) -> Result<Self, StoreError> {
        let mut intake = Self {
            disk,
            control,
            key: &file.key,
            total_bytes: file.len_bytes,
            part_bytes: part_bytes.max(1),
            stored_parts: 0,
            buffer: Vec::new(),
            hash: Hash::default(),
        };
        unmark(disk, &file.key).await?;
        let first = disk.len(&part_key(&file.key, 0)).await?;
        let near = intake.part_bytes.div_ceil(4)..=intake.part_bytes.saturating_mul(4);
        if let Some(len) = first.filter(|len| near.contains(len)) {
            intake.part_bytes = len;
        }
        intake.check_stored().await?;
        Ok(intake)
    }

    async fn check_stored(&mut self) -> Result<(), StoreError> {
        self.step(Phase::Checking)?;
        while let Some(expected) = self.next_part_len() {
            let key = part_key(self.key, self.stored_parts);
            if self.disk.len(&key).await? != Some(expected) {
                break;
            }
            // Only a part that was read to its end counts.
            let mut hash = self.hash.clone();
            let mut at = 0;
            while at < expected {
                let to = expected.min(at + READ_BYTES);
                let bytes = self.disk.read(&key, at..to).await?;
                if bytes.len() as u64 != to - at {
                    return Ok(());
                }
                hash.add(&bytes);
                at = to;
                self.report(Phase::Checking, self.done_bytes() + at)?;
            }
            self.hash = hash;
            self.stored_parts += 1;
        }
        Ok(())
    }

    /// Bytes of the file that are here, stored or not.
    pub(super) fn done_bytes(&self) -> u64 {
        let stored = self.stored_parts.saturating_mul(self.part_bytes);
        // The last part is shorter.
        self.total_bytes.map_or(stored, |total| stored.min(total)) + self.buffer.len() as u64
    }

    /// Parts on disk.
    pub(super) const fn stored_parts(&self) -> u64 {
        self.stored_parts
    }

    /// Length of the file, once known.
    pub(super) const fn total_bytes(&self) -> Option<u64> {
        self.total_bytes
    }

    /// Whether nothing is missing, as far as anybody can tell.
    pub(super) fn is_whole(&self) -> bool {
        self.total_bytes == Some(self.done_bytes())
    }

    /// Learns the length of the file.
    pub(super) fn learn_total(&mut self, actual_bytes: u64) -> Result<(), StoreError> {
        match self.total_bytes {
            Some(expected_bytes) if expected_bytes != actual_bytes => {
                Err(StoreError::WrongLength { expected_bytes, actual_bytes })
            }
            None if actual_bytes < self.done_bytes() => {
                Err(StoreError::WrongLength { expected_bytes: actual_bytes, actual_bytes: self.done_bytes() })
            }
            _ => {
                self.total_bytes = Some(actual_bytes);
                Ok(())
            }
        }
    }

    /// Fails early if the disk says that the rest won't fit.
    pub(super) async fn check_room(&self) -> Result<(), StoreError> {
        let missing_bytes = self.missing_bytes();
        match self.disk.free_bytes().await? {
            Some(free) if free < missing_bytes => Err(StoreError::QuotaFull { missing_bytes }),
            _ => Ok(()),
        }
    }

    fn missing_bytes(&self) -> u64 {
        let unstored = self.buffer.len() as u64;
        self.total_bytes.map_or(unstored, |total| total.saturating_sub(self.done_bytes()) + unstored)
    }

    /// Length of the part that comes next; none if the file is whole.
    fn next_part_len(&self) -> Option<u64> {
        let Some(total) = self.total_bytes else { return Some(self.part_bytes) };
        let left = total.saturating_sub(self.stored_parts.saturating_mul(self.part_bytes));
        (left > 0).then(|| left.min(self.part_bytes))
    }

    /// Reports, and learns whether to go on.
    pub(super) fn step(&self, phase: Phase) -> Result<(), StoreError> {
        self.report(phase, self.done_bytes())
    }

    fn report(&self, phase: Phase, done_bytes: u64) -> Result<(), StoreError> {
        Ok(self.control.step(Progress { phase, done_bytes, total_bytes: self.total_bytes })?)
    }

    /// Takes the next bytes of the file.
    pub(super) async fn push(&mut self, mut chunk: &[u8]) -> Result<(), StoreError> {
        if self.done_bytes() == 0 && !chunk.is_empty() && !wire::begins_like_a_model(chunk) {
            return Err(StoreError::NotAModel { found: excerpt(chunk) });
        }
        let done_bytes = self.done_bytes() + chunk.len() as u64;
        if let Some(expected_bytes) = self.total_bytes.filter(|total| done_bytes > *total) {
            return Err(StoreError::WrongLength { expected_bytes, actual_bytes: done_bytes });
        }
        while !chunk.is_empty() {
            let room = self.part_bytes - self.buffer.len() as u64;
            let taken = usize::try_from(room).unwrap_or(usize::MAX).min(chunk.len());
            let (now, later) = chunk.split_at(taken);
            if self.buffer.is_empty() {
                // A part at once: growing by doubling would take twice the memory.
                self.buffer.reserve_exact(self.next_part_len().unwrap_or_default() as usize);
            }
            self.buffer.extend_from_slice(now);
            self.hash.add(now);
            chunk = later;
            if self.buffer.len() as u64 == self.part_bytes {
                self.store().await?;
            }
        }
        Ok(())
    }

    async fn store(&mut self) -> Result<(), StoreError> {
        let missing_bytes = self.missing_bytes();
        let part = std::mem::take(&mut self.buffer);
        let result = self.disk.put(&part_key(self.key, self.stored_parts), part).await;
        result.map_err(|error| match error {
            DiskError::Full => StoreError::QuotaFull { missing_bytes },
            other @ DiskError::Failed { .. } => other.into(),
        })?;
        self.stored_parts += 1;
        Ok(())
    }

    /// Deletes all parts from this one on.
    pub(super) async fn drop_parts_from(&self, index: u64) -> Result<(), DiskError> {
        for index in index..self.stored_parts {
            self.disk.delete(&part_key(self.key, index)).await?;
        }
        Ok(())
    }

    /// Stores the last part and checks the whole. A wrong digest is the caller's to clean up after.
    pub(super) async fn finish(mut self, expected: Option<Digest>) -> Result<StoredFile, StoreError> {
        let len_bytes = self.done_bytes();
        if len_bytes == 0 {
            return Err(StoreError::NotAModel { found: "an empty file".to_owned() });
        }
        let actual = std::mem::take(&mut self.hash).finish();
        if let Some(expected) = expected.filter(|expected| *expected != actual) {
            return Err(StoreError::WrongDigest { expected, actual });
        }
        if !self.buffer.is_empty() {
            self.store().await?;
        }
        let file = StoredFile { key: self.key.to_owned(), len_bytes, sha256: actual, part_bytes: self.part_bytes };
        file.mark(self.disk).await?;
        Ok(file)
    }
}

/// The first bytes of something, for the log.
fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(24)]);
    format!("{text:?}")
}
