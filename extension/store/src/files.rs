//! What of a model is on disk.

use brushaway::{
    models::ModelSpec,
    protocol::Fault,
    store::{self, Disk, DiskError},
};
use brushaway_browser::store::wanted;

/// Bytes of a file that are on disk, whole or not.
pub(crate) async fn held_bytes(disk: &dyn Disk, key: &str) -> Result<u64, DiskError> {
    let mut held = 0;
    for part in disk.keys(&format!("{key}/part-")).await? {
        held += disk.len(&part).await?.unwrap_or_default();
    }
    Ok(held)
}

/// What of a model is on disk.
pub(crate) struct Held {
    /// Every file is whole and was checked.
    pub(crate) is_whole: bool,
    /// Bytes that are there.
    pub(crate) bytes: u64,
}

/// Looks what of a model is on disk.
pub(crate) async fn held(disk: &dyn Disk, model: &ModelSpec) -> Result<Held, Fault> {
    let mut held = Held { is_whole: true, bytes: 0 };
    for file in model.files() {
        let file = wanted(file, None)?;
        let found = store::find(disk, &file.key).await.map_err(Fault::bug)?;
        let checked = found.filter(|found| file.sha256.is_none_or(|sha256| sha256 == found.sha256));
        if let Some(checked) = checked {
            held.bytes += checked.len_bytes;
        } else {
            held.is_whole = false;
            held.bytes += held_bytes(disk, &file.key).await.map_err(Fault::bug)?;
        }
    }
    Ok(held)
}
