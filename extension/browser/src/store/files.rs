//! The files of a model, as the store names them.

use brushaway::{
    models::FileSpec as CatalogFile,
    protocol::Fault,
    store::{FileSpec, HubFile},
};

/// A file of a model at the hub that the catalogue names, or at a mirror of it. None if it is in the package.
pub fn at_hub<'a>(file: &'a CatalogFile, mirror: Option<&'a str>) -> Option<HubFile<'a>> {
    let hub = file.hub.as_ref()?;
    Some(HubFile { hub: mirror.unwrap_or(&hub.host), repo: &hub.repository, revision: &hub.revision, path: &file.path })
}

/// What is to be fetched. The key is the catalogue's own address, wherever the bytes come from: they are the same.
///
/// # Errors
/// A fault if the file is in the package, or its digest is none.
pub fn wanted(file: &CatalogFile, mirror: Option<&str>) -> Result<FileSpec, Fault> {
    let (from, own) = (at_hub(file, mirror), at_hub(file, None));
    let (from, own) = from.zip(own).ok_or_else(|| Fault::bug(format!("{} is in the package", file.path)))?;
    let sha256 = file.sha256.as_deref().map(str::parse).transpose().map_err(Fault::bug)?;
    Ok(FileSpec { url: from.url(), key: own.url(), len_bytes: file.len_bytes, sha256 })
}
