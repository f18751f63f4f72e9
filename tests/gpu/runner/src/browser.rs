//! A browser that nobody sees, on whatever graphics card there is.

use std::{
    env,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result};

use crate::memory::{Peaks, Watch};

const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-first-run",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu-watchdog",
    "--disable-sync",
    "--enable-logging=stderr",
    "--enable-unsafe-webgpu",
    "--ignore-gpu-blocklist",
];

/// For a card behind a driver that serves computing, without a screen: all drawing and computing through Vulkan.
/// `BRUSHAWAY_CHROME_FLAGS` takes their place: empty, the browser takes what it finds, in the end software.
const CARD_FLAGS: &str = "--use-angle=vulkan --disable-vulkan-surface --enable-features=Vulkan \
                          --enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia";

/// A running browser. It ends when this value is dropped.
#[derive(Debug)]
pub(crate) struct Browser {
    process: Child,
    watch: Watch,
}

impl Browser {
    pub(crate) fn open(url: &str, profile: &Path) -> Result<Self> {
        let program = env::var_os("BRUSHAWAY_CHROME").context("BRUSHAWAY_CHROME names no browser")?;
        let more = env::var("BRUSHAWAY_CHROME_FLAGS").unwrap_or_else(|_unset| CARD_FLAGS.to_owned());
        let process = Command::new(program)
            .args(FLAGS)
            .args(more.split_whitespace())
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        let watch = Watch::over(process.id());
        Ok(Self { process, watch })
    }

    /// The most memory that its processes held so far.
    pub(crate) fn peaks(&self) -> Peaks {
        self.watch.peaks()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Gone already: that is what was wanted.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
