//! What was prepared of a file for a runtime, kept beside the file's parts and gone with them.

use super::{Digest, Disk, DiskError, StoredFile};

/// A graph that a runtime can take, made of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The graph.
    pub graph: Vec<u8>,
    /// Where its large weights are.
    pub weights: PreparedWeights,
}

/// Where a prepared graph's large weights are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreparedWeights {
    /// In the graph.
    Inside,
    /// In the file.
    InFile,
    /// In the file, and so many bytes after it that were derived.
    Following(u64),
}

/// Where it is kept what was prepared of a file in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preparation {
    /// Of all that was ever prepared of the file.
    all: String,
    /// Of what this version prepared of the file as it is.
    current: String,
    /// Of what was prepared in this way.
    own: String,
}

/// Before the graph: the digest of all that follows, where weights are, how many bytes were derived.
const HEAD_BYTES: usize = DIGEST_BYTES + 1 + 8;
const DIGEST_BYTES: usize = 64;

fn damaged(what: &str) -> DiskError {
    DiskError::Failed { reason: format!("what was prepared is damaged: {what}") }
}

impl Preparation {
    /// `way` is what it is prepared for, and `version` that of the code which does it; both go into the key.
    pub fn of(file: &StoredFile, way: &str, version: &str) -> Self {
        // Named as a part, so that it goes when the file goes.
        let all = format!("{}/part-prepared-", file.key);
        let current = format!("{all}{version}-{:.16}-", file.sha256.to_string());
        let own = format!("{current}{way}-");
        Self { all, current, own }
    }

    /// What the keys of derived bytes begin with.
    pub fn own(&self) -> &str {
        &self.own
    }

    fn graph_key(&self) -> String {
        format!("{}graph", self.own)
    }

    /// What was prepared in this way; none if nothing was. Whether derived bytes are there is for the caller to look.
    ///
    /// # Errors
    /// [`DiskError`], also if it is not what was kept.
    pub async fn find(&self, disk: &dyn Disk) -> Result<Option<Prepared>, DiskError> {
        let key = self.graph_key();
        let Some(len) = disk.len(&key).await? else { return Ok(None) };
        let mut bytes = disk.read(&key, 0..len).await?;
        let (digest, rest) = bytes.split_at_checked(DIGEST_BYTES).ok_or_else(|| damaged("too short"))?;
        if Digest::of(rest).to_string().as_bytes() != digest {
            return Err(damaged("other bytes"));
        }
        let (kind, rest) = rest.split_first().ok_or_else(|| damaged("too short"))?;
        let (derived, _) = rest.split_first_chunk::<8>().ok_or_else(|| damaged("too short"))?;
        let derived = u64::from_le_bytes(*derived);
        let weights = match kind {
            0 => PreparedWeights::Inside,
            1 => PreparedWeights::InFile,
            2 => PreparedWeights::Following(derived),
            _ => return Err(damaged("of another kind")),
        };
        bytes.drain(..HEAD_BYTES);
        Ok(Some(Prepared { graph: bytes, weights }))
    }

    /// Keeps what was prepared, once derived bytes are there; unless the file is gone meanwhile, when those go too.
    ///
    /// # Errors
    /// [`DiskError`] if there is no room.
    pub async fn keep(&self, prepared: &Prepared, file: &StoredFile, disk: &dyn Disk) -> Result<(), DiskError> {
        let (kind, derived) = match prepared.weights {
            PreparedWeights::Inside => (0, 0),
            PreparedWeights::InFile => (1, 0),
            PreparedWeights::Following(derived) => (2, derived),
        };
        let rest = [&[kind], derived.to_le_bytes().as_slice(), &prepared.graph].concat();
        let bytes = [Digest::of(&rest).to_string().as_bytes(), &rest].concat();
        disk.put(&self.graph_key(), bytes).await?;
        if super::find(disk, &file.key).await?.is_none() {
            self.forget(disk).await?;
        }
        Ok(())
    }

    /// Throws away what was prepared in this way, and what other versions or of another file under this key.
    ///
    /// # Errors
    /// [`DiskError`].
    pub async fn forget(&self, disk: &dyn Disk) -> Result<(), DiskError> {
        for key in disk.keys(&self.all).await? {
            if key.starts_with(&self.own) || !key.starts_with(&self.current) {
                disk.delete(&key).await?;
            }
        }
        Ok(())
    }
}
