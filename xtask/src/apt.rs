//! Debian packages.

use anyhow::{Result, bail};

use crate::program::{Program, on_path};

/// Installs those of `packages` that are missing, if we may.
///
/// # Errors
/// If they are missing and this is not Debian, or we are not root; the error says what to install. `purpose` completes
/// "… is needed".
pub(crate) fn ensure(packages: &[&str], purpose: &str) -> Result<()> {
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if on_path("apt-get").is_none() {
        bail!("{purpose} is needed; on Debian these packages bring it: {names}");
    }
    if !is_root() {
        bail!("{purpose} is needed; install it as root with: apt-get install --no-install-recommends {names}");
    }
    apt_get().args(["update", "-q"]).run_quietly()?;
    apt_get().args(["install", "-q", "-y", "--no-install-recommends"]).args(missing).run_quietly()
}

fn apt_get() -> Program {
    Program::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive")
}

fn is_installed(package: &str) -> bool {
    let status = Program::new("dpkg-query").args(["--show", "--showformat=${Status}", package]).read();
    status.is_ok_and(|status| status == "install ok installed")
}

fn is_root() -> bool {
    Program::new("id").arg("-u").read().is_ok_and(|id| id.trim() == "0")
}
