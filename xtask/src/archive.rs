//! The archive that goes to the stores.

use std::io::{Cursor, Write as _};

use anyhow::Result;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::package::Package;

/// Packs the files: same files, same bytes. No clock, no owner, no order of a file system is in it.
///
/// # Errors
/// If a file is too big for the format.
pub(crate) fn archive(package: &Package) -> Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in package.files() {
        writer.start_file(path, options)?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_give_the_same_bytes() {
        let pack = |order: &[&str]| {
            let mut package = Package::default();
            for path in order {
                package.add(*path, path.repeat(100)).unwrap();
            }
            archive(&package).unwrap()
        };
        assert_eq!(pack(&["b", "a/c"]), pack(&["a/c", "b"]));
    }
}
