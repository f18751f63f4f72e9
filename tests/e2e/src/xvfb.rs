//! A screen that nobody looks at, and pictures of it.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, ensure};
use image::{Rgb, RgbImage};
use tempfile::TempDir;

/// Width and height of the screen.
pub const SCREEN: (u32, u32) = (1600, 1000);

/// An X server without a monitor. It ends when this value is dropped.
#[derive(Debug)]
pub struct Xvfb {
    server: Child,
    display: String,
    memory: TempDir,
}

impl Xvfb {
    /// Starts a server on a display number that is free.
    ///
    /// # Errors
    /// If `Xvfb` is not installed or does not start.
    pub fn start() -> anyhow::Result<Self> {
        let memory = TempDir::new()?;
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", &format!("{}x{}x24", SCREEN.0, SCREEN.1)])
            .args(["-nolisten", "tcp", "-fbdir"])
            .arg(memory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("Xvfb does not start; is it installed?")?;
        let mut number = String::new();
        BufReader::new(server.stdout.take().context("no output")?).read_line(&mut number)?;
        ensure!(!number.trim().is_empty(), "Xvfb found no free display");
        Ok(Self { server, display: format!(":{}", number.trim()), memory })
    }

    /// Such as `:99`.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// What is on the screen now, menus included.
    ///
    /// # Errors
    /// If the server's memory cannot be read as a picture.
    pub fn picture(&self) -> anyhow::Result<RgbImage> {
        let file: PathBuf = self.memory.path().join("Xvfb_screen0");
        decode_xwd(&fs::read(file)?)
    }
}

impl Drop for Xvfb {
    fn drop(&mut self) {
        self.server.kill().unwrap_or_default();
        self.server.wait().map(drop).unwrap_or_default();
    }
}

/// Reads the X window dump that the server keeps: a header of big-endian words, colours, then rows of BGRX.
fn decode_xwd(bytes: &[u8]) -> anyhow::Result<RgbImage> {
    let word = |index: usize| -> anyhow::Result<usize> {
        let at = bytes.get(index * 4..index * 4 + 4).context("short header")?;
        Ok(u32::from_be_bytes(at.try_into()?) as usize)
    };
    let (header, width, height, row_bytes, colors) = (word(0)?, word(4)?, word(5)?, word(12)?, word(19)?);
    let pixels = bytes.get(header + colors * 12..).context("no pixels")?;
    ensure!(row_bytes >= width * 4 && pixels.len() >= row_bytes * height, "not 32 bits a pixel");
    Ok(RgbImage::from_fn(width as u32, height as u32, |x, y| {
        let at = y as usize * row_bytes + x as usize * 4;
        Rgb([pixels[at + 2], pixels[at + 1], pixels[at]])
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_dump_of_one_pixel() {
        let mut dump = vec![0_u8; 100];
        for (index, value) in [(0_usize, 100_u32), (4, 1), (5, 1), (12, 4), (19, 0)] {
            dump[index * 4..index * 4 + 4].copy_from_slice(&value.to_be_bytes());
        }
        dump.extend([3, 2, 1, 0]);
        assert_eq!(decode_xwd(&dump).unwrap().get_pixel(0, 0), &Rgb([1, 2, 3]));
    }
}
