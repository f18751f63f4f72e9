//! Tells the code which version of itself prepares graphs: what was prepared by another one is made anew.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What a prepared graph, and what was found of the kernels that run it, depends on: the passes, the kernels, and how a file is
/// split.
const SOURCES: [&str; 5] =
    ["src/onnx", "src/runtime/card/network", "src/store/split.rs", "src/store/walk.rs", "src/store/wire.rs"];

/// Of the hash FNV-1a with 64 bits.
const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_FACTOR: u64 = 0x0100_0000_01b3;

fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
        gather(Path::new(source), &mut files)?;
    }
    files.sort();
    let mut hash = FNV_START;
    for file in files {
        let name = file.to_string_lossy().replace('\\', "/").into_bytes();
        // However lines end where it was checked out.
        let text = fs::read(&file)?.into_iter().filter(|&byte| byte != b'\r');
        for byte in name.into_iter().chain(text) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(FNV_FACTOR);
        }
    }
    println!("cargo::rustc-env=BRUSHAWAY_PASSES={hash:016x}");
    Ok(())
}

fn gather(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    fs::read_dir(path)?.try_for_each(|entry| gather(&entry?.path(), files))
}
