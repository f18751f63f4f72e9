//! The extension's files, before they are on disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::workspace::{files_below, read, relative, write};

/// What the extension consists of: path inside it, and content. Sorted, so that all that is made from it comes out the
/// same each time.
#[derive(Debug, Default)]
pub(crate) struct Package {
    files: BTreeMap<String, Vec<u8>>,
}

impl Package {
    /// Adds a file.
    ///
    /// # Errors
    /// If two files want the same path.
    pub(crate) fn add(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Result<()> {
        let path = path.into();
        ensure!(!self.files.contains_key(&path), "two files want to be {path} in the extension");
        self.files.insert(path, bytes.into());
        Ok(())
    }

    /// Adds all files below `source` to `folder`; a missing source adds none.
    ///
    /// # Errors
    /// If a file can't be read, or its path is taken.
    pub(crate) fn add_folder(&mut self, folder: &str, source: &Path) -> Result<()> {
        for file in files_below(source, &[])? {
            self.add(format!("{folder}/{}", relative(&file, source)), read(&file)?)?;
        }
        Ok(())
    }

    /// Adds all files of `other`.
    ///
    /// # Errors
    /// If a path is taken.
    pub(crate) fn merge(&mut self, other: Self) -> Result<()> {
        other.files.into_iter().try_for_each(|(path, bytes)| self.add(path, bytes))
    }

    /// A file as text.
    ///
    /// # Errors
    /// If there is none, or it is no text.
    pub(crate) fn text(&self, path: &str) -> Result<&str> {
        let bytes = self.files.get(path).with_context(|| format!("no {path} in the extension"))?;
        str::from_utf8(bytes).with_context(|| format!("{path} is not text"))
    }

    /// Gives a file another content.
    pub(crate) fn replace(&mut self, path: &str, text: String) {
        self.files.insert(path.to_owned(), text.into_bytes());
    }

    /// All files, sorted by path.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// Makes `folder` hold these files and no others, touches only what differs, and returns how many that were.
    ///
    /// # Errors
    /// If a file can't be read, written or removed.
    pub(crate) fn write_to(&self, folder: &Path) -> Result<usize> {
        let mut changed = 0;
        for file in files_below(folder, &[])? {
            if !self.files.contains_key(&relative(&file, folder)) {
                fs::remove_file(&file)?;
                changed += 1;
            }
        }
        for (path, bytes) in &self.files {
            let file = folder.join(path);
            let same = file.is_file() && read(&file)? == *bytes;
            if !same {
                write(&file, bytes)?;
                changed += 1;
            }
        }
        remove_empty_folders(folder)?;
        Ok(changed)
    }
}

fn remove_empty_folders(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_empty_folders(&path)?;
            if fs::read_dir(&path)?.next().is_none() {
                fs::remove_dir(&path)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// An empty folder for one test; it goes when the test ends.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("xtask-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    fn package(files: &[(&str, &str)]) -> Package {
        let mut package = Package::default();
        for (path, text) in files {
            package.add(*path, *text).unwrap();
        }
        package
    }

    #[test]
    fn a_second_write_touches_nothing() {
        let folder = Folder::new("second-write");
        let package = package(&[("a/b.js", "1"), ("c", "2")]);
        assert_eq!(package.write_to(&folder.0).unwrap(), 2);
        assert_eq!(package.write_to(&folder.0).unwrap(), 0);
    }

    #[test]
    fn stale_files_and_their_folders_go() {
        let folder = Folder::new("stale");
        package(&[("old/deep/x", "1"), ("kept", "2")]).write_to(&folder.0).unwrap();
        assert_eq!(package(&[("kept", "2")]).write_to(&folder.0).unwrap(), 1);
        assert!(!folder.0.join("old").exists());
    }

    #[test]
    fn one_path_takes_one_file() {
        assert!(package(&[("a", "1")]).add("a", "2").is_err());
    }
}
