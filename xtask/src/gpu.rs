//! The benchmark on a graphics card: run here, or packed for a machine that has a card and no network.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::apt;
use crate::npm::Npm;
use crate::optimize::Optimizer;
use crate::program::Program;
use crate::programs::chrome;
use crate::report::{heading, say};
use crate::toolchain::Toolchain;
use crate::wasm::Entry;
use crate::workspace::{Workspace, read, write};

/// The page.
pub(crate) const PAGE: Entry = Entry {
    krate: "brushaway-gpu",
    source: "tests/gpu",
    folder: "page",
    level: "-O3",
    loaders: &[("port.js", ""), ("here.js", "")],
};

/// Who opens it: a package, and its program.
const RUNNER: &str = "brushaway-gpu-runner";

/// ONNX Runtime twice: as the extension has it, and as a browser port has it.
const ORT_FILES: [&str; 6] = [
    "ort.jspi.min.js",
    "ort-wasm-simd-threaded.jspi.mjs",
    "ort-wasm-simd-threaded.jspi.wasm",
    "ort.webgpu.min.js",
    "ort-wasm-simd-threaded.asyncify.mjs",
    "ort-wasm-simd-threaded.asyncify.wasm",
];

/// The model that ships inside the extension, under the path that the catalogue gives it.
const BUILT_IN: &str = "models/lite.onnx";

/// Debian's browser without windows, and where it is. A full one needs many more libraries.
const BROWSER_PACKAGE: &str = "chromium-headless-shell";
const BROWSER_FOLDER: &str = "/usr/lib/chromium";
/// Beside the program: what it reads at its start.
const BROWSER_FILES: [&str; 12] = [
    "chromium-headless-shell",
    "headless_command_resources.pak",
    "headless_lib_data.pak",
    "headless_lib_strings.pak",
    "icudtl.dat",
    "libEGL.so",
    "libGLESv2.so",
    "libvk_swiftshader.so",
    "libvulkan.so.1",
    "snapshot_blob.bin",
    "v8_context_snapshot.bin",
    "vk_swiftshader_icd.json",
];

/// Who finds the driver of a graphics card.
const LOADER_PACKAGES: [&str; 7] =
    ["libegl1", "libgl1", "libgles2", "libglvnd0", "libglx0", "libopengl0", "libvulkan1"];
const LOADERS: [&str; 7] = [
    "libEGL.so.1",
    "libGL.so.1",
    "libGLESv2.so.2",
    "libGLX.so.0",
    "libGLdispatch.so.0",
    "libOpenGL.so.0",
    "libvulkan.so.1",
];
/// The browser's library for keys opens these by name.
const NAMED_LIBRARIES: [&str; 4] = ["libfreebl3.so", "libfreeblpriv3.so", "libnssckbi.so", "libsoftokn3.so"];
const LIBRARIES: &str = "/usr/lib/x86_64-linux-gnu";

/// Of C and of the kernel: every machine has its own.
const EVERYWHERE: [&str; 6] = ["libc.so", "libm.so", "libdl.so", "librt.so", "libpthread.so", "ld-linux"];

const RUN: &str = "\
#!/bin/sh
# Runs the benchmark on this machine's graphics card: run.sh FOLDER-OF-GRAPHS [--runs N]
# If no adapter is found, VK_DRIVER_FILES must name the driver's description, such as .../vulkan/icd.d/nvidia_icd.json.
here=$(cd \"$(dirname \"$0\")\" && pwd)
# The second and third are where machines that rent out cards put the driver.
LD_LIBRARY_PATH=\"$here/browser/lib:/usr/local/nvidia/lib64:/usr/local/nvidia/lib:$LD_LIBRARY_PATH\"
BRUSHAWAY_CHROME=\"$here/browser/chromium-headless-shell\"
export LD_LIBRARY_PATH BRUSHAWAY_CHROME
exec \"$here/brushaway-gpu-runner\" \"$here/site\" \"$@\"
";

/// Runs the benchmark here, with a folder of graphs.
///
/// # Errors
/// If something can't be built, or no way to run the graphs works.
pub(crate) fn bench(workspace: &Workspace, graphs: &Path) -> Result<()> {
    ensure!(graphs.join("unet.onnx").is_file(), "{} has no unet.onnx", graphs.display());
    let folder = workspace.cache("gpu");
    let runner = build(workspace, &folder.join("site"))?;
    heading("bench: on the graphics card");
    Program::new(runner).arg(folder.join("site")).arg(graphs).env("BRUSHAWAY_CHROME", chrome()?).run()
}

/// Packs it: page, runner, and Debian's browser with all that it needs.
///
/// # Errors
/// If something can't be built, or this is not Debian.
pub(crate) fn pack(workspace: &Workspace, folder: &Path) -> Result<()> {
    let runner = build(workspace, &folder.join("site"))?;
    fs::copy(runner, folder.join(RUNNER)).context("the runner can't be copied")?;
    apt::ensure(&[&[BROWSER_PACKAGE][..], &LOADER_PACKAGES].concat(), "A browser to be packed")?;
    let (browser, libraries) = (folder.join("browser"), folder.join("browser/lib"));
    fs::create_dir_all(&libraries)?;
    let program = Path::new(BROWSER_FOLDER).join(BROWSER_FILES[0]);
    let beside = BROWSER_FILES.iter().map(|name| Path::new(BROWSER_FOLDER).join(name));
    beside.filter(|file| file.is_file()).try_for_each(|file| copy_into(&file, &browser))?;
    let linked = Program::new("ldd").arg(&program).read()?;
    let named = LOADERS.iter().chain(&NAMED_LIBRARIES).map(|name| Path::new(LIBRARIES).join(name));
    linked_libraries(&linked).chain(named).try_for_each(|file| copy_into(&file, &libraries))?;
    write(&folder.join("run.sh"), RUN)?;
    Program::new("chmod").arg("+x").arg(folder.join("run.sh")).read()?;
    say(format_args!("on a machine with a graphics card: {}/run.sh FOLDER-OF-GRAPHS", folder.display()));
    Ok(())
}

/// Builds the page and its files into `site`, and the runner, and tells where that is.
fn build(workspace: &Workspace, site: &Path) -> Result<PathBuf> {
    heading("bench: page and runner for the graphics card");
    let npm = Npm::ready(workspace)?;
    let toolchain = Toolchain::ready(workspace)?;
    PAGE.compile(workspace, &toolchain)?;
    let mut package = PAGE.finish(workspace, &toolchain, Some(&Optimizer::new(workspace, &npm)?))?;
    for name in ORT_FILES {
        package.add(format!("ort/{name}"), read(&npm.ort_web(name))?)?;
    }
    package.add(BUILT_IN, read(&workspace.root().join("extension").join(BUILT_IN))?)?;
    fs::create_dir_all(site)?;
    package.write_to(site)?;
    let build = ["build", "--release", "--package", RUNNER];
    Program::new("cargo").args(build).within(workspace.root()).run()?;
    Ok(workspace.native_target().join("release").join(RUNNER))
}

/// What `ldd` found, but for what every machine has.
fn linked_libraries(told: &str) -> impl Iterator<Item = PathBuf> {
    let paths = told.lines().filter_map(|line| line.split("=> ").nth(1)?.split(' ').next());
    let paths = paths.filter(|path| path.starts_with('/')).map(PathBuf::from);
    paths.filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        !EVERYWHERE.iter().any(|everywhere| name.starts_with(everywhere))
    })
}

/// Follows links: what is copied must be the library, not where it was.
fn copy_into(file: &Path, folder: &Path) -> Result<()> {
    let name = file.file_name().with_context(|| format!("{} is no file", file.display()))?;
    fs::copy(file, folder.join(name)).with_context(|| format!("{} can't be copied", file.display())).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_of_every_machine_stay_behind() {
        let told = "\tlinux-vdso.so.1 (0x1)\n\tlibnss3.so => /lib/x86/libnss3.so (0x2)\n\tlibc.so.6 => /lib/x86/libc.so.6 (0x3)\n\t\
                    /lib64/ld-linux-x86-64.so.2 (0x4)\n\tlibgone.so => not found\n";
        assert_eq!(linked_libraries(told).collect::<Vec<_>>(), [PathBuf::from("/lib/x86/libnss3.so")]);
    }
}
