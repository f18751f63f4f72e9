//! Python for comparisons, in environments of their own.

use std::path::PathBuf;

use anyhow::Result;

use crate::apt;
use crate::program::Program;
use crate::workspace::{Workspace, read_text, write};

/// Returns a Python that has what `xtask/<purpose>-requirements.txt` names.
///
/// # Errors
/// If there is no Python and none can be installed, or a download fails.
pub(crate) fn python(workspace: &Workspace, purpose: &str) -> Result<PathBuf> {
    let folder = workspace.cache(&format!("{purpose}-venv"));
    let requirements = workspace.path(format!("xtask/{purpose}-requirements.txt"));
    let wanted = read_text(&requirements)?;
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp = folder.join("installed");
    if python.is_file() && stamp.is_file() && read_text(&stamp)? == wanted {
        return Ok(python);
    }
    // Debian has split this module off; without it no environment can be made.
    if Program::new("python3").args(["-c", "import ensurepip"]).read().is_err() {
        apt::ensure(&["python3", "python3-venv"], "Python with its module venv")?;
    }
    Program::new("python3").args(["-m", "venv", "--clear"]).arg(&folder).run_quietly()?;
    let pip = Program::new(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
    pip.arg(&requirements).run_quietly()?;
    write(&stamp, wanted)?;
    Ok(python)
}
