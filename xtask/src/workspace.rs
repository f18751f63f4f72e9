//! Where things lie.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The version that the workspace, the manifest and the archive share.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The repository on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Finds the repository that xtask was started for.
    ///
    /// # Errors
    /// If xtask was not started by cargo.
    pub(crate) fn find() -> Result<Self> {
        // At run time, not `env!`: a repository that was moved keeps its binaries.
        let krate = env::var_os("CARGO_MANIFEST_DIR").context("start this as `cargo xtask`")?;
        let root = Path::new(&krate).parent().context("xtask lies inside the repository")?;
        Ok(Self { root: root.to_path_buf() })
    }

    /// The top folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path below the top folder.
    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// The unpacked extension.
    pub(crate) fn extension(&self) -> PathBuf {
        self.path("dist/extension")
    }

    /// The archive for the stores.
    pub(crate) fn archive(&self) -> PathBuf {
        self.path(format!("dist/brushaway-{VERSION}.zip"))
    }

    /// A folder for what can be made again at any time.
    pub(crate) fn cache(&self, name: &str) -> PathBuf {
        self.path(".cache").join(name)
    }

    /// Where cargo builds the wasm. Not the native folder: another toolchain may build it, and the two would take turns
    /// throwing away each other's work.
    pub(crate) fn web_target(&self) -> PathBuf {
        self.native_target().join("web")
    }

    /// Where cargo builds what runs on this machine.
    pub(crate) fn native_target(&self) -> PathBuf {
        self.path(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
    }
}

/// Reads a file.
///
/// # Errors
/// If it can't be read; the error names it.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("can't read {}", path.display()))
}

/// Reads a text file.
///
/// # Errors
/// If it can't be read; the error names it.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
}

/// Writes a file, and the folders that lead to it.
///
/// # Errors
/// If it can't be written; the error names it.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("can't create {}", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("can't write {}", path.display()))
}

/// Lists all files below `folder`, sorted; none if there is no such folder.
///
/// # Errors
/// If a folder can't be read.
pub(crate) fn files_below(folder: &Path, skip: &[&str]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop().filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(&folder).with_context(|| format!("can't list {}", folder.display()))? {
            let path = entry?.path();
            if skip.iter().any(|name| path.file_name() == Some(OsStr::new(name))) {
                continue;
            }
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

/// Formats `path` relative to `base`, with `/` between the parts on every system.
pub(crate) fn relative(path: &Path, base: &Path) -> String {
    let inside = path.strip_prefix(base).unwrap_or(path);
    inside.iter().map(OsStr::to_string_lossy).collect::<Vec<_>>().join("/")
}
