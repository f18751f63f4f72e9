//! The programs that drive the extension in tests: a browser, and hands for a screen without a person.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::apt;
use crate::program::on_path;
use crate::report::say;

/// Debian's `/usr/bin/chromium` is a script that adds flags of its own; the program itself comes first.
const CHROME_FILES: [&str; 3] = [
    "/usr/lib/chromium/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

const CHROME_NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Finds a Chrome, and installs Chromium if there is none. `BRUSHAWAY_CHROME` names another.
///
/// # Errors
/// If there is none and it can't be installed.
pub(crate) fn chrome() -> Result<PathBuf> {
    if let Some(chosen) = env::var_os("BRUSHAWAY_CHROME").map(PathBuf::from) {
        if !chosen.is_file() {
            bail!("BRUSHAWAY_CHROME names {}, which is no file", chosen.display());
        }
        return Ok(chosen);
    }
    if let Some(chrome) = installed_chrome() {
        return Ok(chrome);
    }
    apt::ensure(&["chromium"], "Chrome or Chromium (or BRUSHAWAY_CHROME with its path)")?;
    match installed_chrome() {
        Some(chrome) => Ok(chrome),
        None => bail!("the package chromium brought no browser to where it is looked for"),
    }
}

/// The driver of Vulkan that a browser has beside it, which computes on the processor; none if this one has none.
///
/// # Errors
/// As [`chrome`].
pub(crate) fn software_card() -> Result<Option<PathBuf>> {
    // Without a loader no driver is found, and kernels are not compared with anything; that is said, too.
    if on_path("apt-get").is_some()
        && let Err(error) = apt::ensure(&["libvulkan1"], "A loader for drivers of Vulkan")
    {
        say(format_args!("going on without a loader for Vulkan: {error}"));
    }
    Ok(Some(chrome()?.with_file_name("vk_swiftshader_icd.json")).filter(|driver| driver.is_file()))
}

/// Installs what a true right click needs: a screen without a monitor, if there is no other, and a hand.
///
/// # Errors
/// If they are missing and can't be installed.
pub(crate) fn screen_and_hand() -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    if env::var_os("DISPLAY").is_none() && on_path("Xvfb").is_none() {
        apt::ensure(&["xvfb"], "Xvfb, a screen for tests")?;
    }
    if on_path("xdotool").is_none() {
        apt::ensure(&["xdotool"], "xdotool, which clicks in tests")?;
    }
    // Without fonts a page still works; its texts are boxes on screenshots.
    if on_path("apt-get").is_some()
        && let Err(error) = apt::ensure(&["fonts-liberation"], "A font for screenshots")
    {
        say(format_args!("going on without fonts: {error}"));
    }
    Ok(())
}

fn installed_chrome() -> Option<PathBuf> {
    let files = CHROME_FILES.iter().map(PathBuf::from).find(|path| Path::is_file(path));
    files.or_else(|| CHROME_NAMES.iter().find_map(|name| on_path(name)))
}
