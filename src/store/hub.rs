//! A hub of models, as Hugging Face is one: addresses, and what its list says about a file.

use serde::Deserialize;

use super::{Digest, Net, Response, StoreError, fetch::check_status};

/// The longest list that is read, in bytes. A folder of a thousand files takes a third of it.
const LIST_BYTES: usize = 1 << 20;

/// A file on a hub. All but the host is taken into addresses as it is: names that need no escaping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HubFile<'a> {
    /// The hub, without a slash at its end: `https://huggingface.co`, or a mirror of it.
    pub hub: &'a str,
    /// Owner and name: `simonw/Moebius-ONNX`.
    pub repo: &'a str,
    /// A commit, or a branch where nothing is pinned.
    pub revision: &'a str,
    /// In the repository.
    pub path: &'a str,
}

/// What a hub says about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Length.
    pub len_bytes: u64,
    /// Known for every large file; small ones that git keeps itself have none.
    pub sha256: Option<Digest>,
}

#[derive(Deserialize)]
struct Entry {
    path: String,
    #[serde(default)]
    size: u64,
    lfs: Option<Lfs>,
}

#[derive(Deserialize)]
struct Lfs {
    oid: String,
    size: Option<u64>,
}

impl HubFile<'_> {
    /// The address that stays; it redirects to one that doesn't.
    pub fn url(&self) -> String {
        let Self { hub, repo, revision, path } = self;
        format!("{hub}/{repo}/resolve/{revision}/{path}")
    }

    /// Where the folder of the file is listed.
    pub fn listing_url(&self) -> String {
        let Self { hub, repo, revision, path } = self;
        let folder = path.rfind('/').map_or("", |end| &path[..end]);
        let slash = if folder.is_empty() { "" } else { "/" };
        format!("{hub}/api/models/{repo}/tree/{revision}{slash}{folder}")
    }
}

/// Asks the hub for the length and the digest of a file whose catalogue entry has none.
///
/// The digest then proves that the file came as the hub has it, not that it is the one that anybody tried.
///
/// # Errors
/// [`StoreError::NotFound`] if it is not in the list, [`StoreError::Listing`] if that cannot be read, and those of
/// the network. Nothing is asked twice.
pub async fn learn(net: &dyn Net, file: &HubFile<'_>) -> Result<Facts, StoreError> {
    let Response { head, mut body } = net.get(&file.listing_url(), None).await?;
    check_status(head.status)?;
    if head.content_type.as_deref() == Some("text/html") {
        return Err(StoreError::NotAModel { found: "text/html".to_owned() });
    }
    let mut list = Vec::new();
    while let Some(chunk) = body.next_chunk().await? {
        if list.len() + chunk.len() > LIST_BYTES {
            return Err(StoreError::Listing { reason: format!("longer than {LIST_BYTES} bytes") });
        }
        list.extend_from_slice(&chunk);
    }
    if head.total_bytes.is_some_and(|total| total > list.len() as u64) {
        return Err(StoreError::CutShort { done_bytes: list.len() as u64 });
    }
    let reason = |error: &dyn std::error::Error| StoreError::Listing { reason: error.to_string() };
    let entries: Vec<Entry> = serde_json::from_slice(&list).map_err(|error| reason(&error))?;
    let entry = entries.into_iter().find(|entry| entry.path == file.path).ok_or(StoreError::NotFound)?;
    let sha256 = entry.lfs.as_ref().map(|lfs| lfs.oid.parse()).transpose().map_err(|error| reason(&error))?;
    Ok(Facts { len_bytes: entry.lfs.and_then(|lfs| lfs.size).unwrap_or(entry.size), sha256 })
}
