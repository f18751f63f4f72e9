//! `cargo xtask dist`: the extension, as a folder and as an archive.

use std::fs::{self, File};

use anyhow::{Context as _, Result};

use crate::archive::archive;
use crate::budgets;
use crate::icons::add_icons;
use crate::manifest::check_version;
use crate::notices::notices;
use crate::npm::Npm;
use crate::optimize::Optimizer;
use crate::package::Package;
use crate::report::{Stopwatch, say, size, spoken};
use crate::styles;
use crate::toolchain::Toolchain;
use crate::wasm::{add_entries, report_sizes};
use crate::workspace::{Workspace, read, read_text, write};

/// How much care to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Care {
    /// What ships: optimised, archived, held to its budgets.
    #[default]
    Full,
    /// For the next try in the browser: without wasm-opt, archive and budgets.
    Fast,
}

/// ONNX Runtime: the loader, and the build that suspends wasm instead of rewriting it (16.8 MB where the other has 26.8).
const ORT_FILES: [&str; 3] = ["ort.jspi.min.js", "ort-wasm-simd-threaded.jspi.mjs", "ort-wasm-simd-threaded.jspi.wasm"];

/// Builds the extension into `dist/`.
///
/// # Errors
/// If a part is missing, a program fails, or a budget is exceeded.
pub(crate) fn dist(workspace: &Workspace, care: Care) -> Result<()> {
    let watch = Stopwatch::start();
    let _lock = lock(workspace)?;
    let package = assemble(workspace, care)?;
    let folder = workspace.extension();
    fs::create_dir_all(&folder)?;
    let changed = package.write_to(&folder)?;
    report_sizes(&package);
    // An archive of other files than the folder's would be worse than none.
    let archive_is_old = changed > 0 || !workspace.archive().is_file();
    if archive_is_old {
        remove_archives(workspace)?;
    }
    if care == Care::Full {
        if archive_is_old {
            write(&workspace.archive(), archive(&package)?)?;
        }
        let packed = fs::metadata(workspace.archive())?.len();
        say(format_args!("  {}: {}", workspace.archive().display(), size(packed as usize)));
        budgets::check(workspace)?;
    }
    say(format_args!("dist: {changed} files changed, {}", spoken(watch.elapsed())));
    Ok(())
}

fn assemble(workspace: &Workspace, care: Care) -> Result<Package> {
    let manifest = read_text(&workspace.path("manifest.json"))?;
    check_version(&manifest)?;
    let mut package = Package::default();
    package.add("manifest.json", manifest)?;
    package.add("LICENSE", read(&workspace.path("LICENSE"))?)?;
    package.add_folder("_locales", &workspace.path("extension/_locales"))?;
    package.add_folder("content", &workspace.path("extension/content/static"))?;
    package.add_folder("ui", &workspace.path("extension/ui/static"))?;
    add_icons(&mut package, workspace)?;
    add_models(&mut package, workspace)?;
    add_first_page(&mut package, workspace)?;
    package.add("popup/notices.json", notices(workspace)?)?;

    let npm = Npm::ready(workspace)?;
    for name in ORT_FILES {
        package.add(format!("ort/{name}"), read(&npm.ort_web(name))?)?;
    }
    let toolchain = Toolchain::ready(workspace)?;
    let optimizer = match care {
        Care::Full => Some(Optimizer::new(workspace, &npm)?),
        Care::Fast => None,
    };
    add_entries(&mut package, workspace, &toolchain, optimizer.as_ref())?;
    styles::put_in(&mut package)?;
    Ok(package)
}

/// The catalogue, and the weights that ship: the cards beside them are for readers of the repository.
fn add_models(package: &mut Package, workspace: &Workspace) -> Result<()> {
    package.add("models/catalog.toml", read(&workspace.path("src/models/catalog.toml"))?)?;
    for entry in fs::read_dir(workspace.path("extension/models")).context("extension/models can't be listed")? {
        let path = entry?.path();
        if let (Some(name), Some("onnx")) = (path.file_name(), path.extension().and_then(|e| e.to_str())) {
            package.add(format!("models/{}", name.to_string_lossy()), read(&path)?)?;
        }
    }
    Ok(())
}

/// The picture that a person can try things on, and what the built-in model makes of it, which a test holds it to.
fn add_first_page(package: &mut Package, workspace: &Workspace) -> Result<()> {
    package.add("popup/sample.jpg", read(&workspace.path("tests/photos/dandelions.jpg"))?)?;
    package.add("popup/sample-fill.png", read(&workspace.path("tests/golden/dandelions/expected.png"))?)
}

fn remove_archives(workspace: &Workspace) -> Result<()> {
    for entry in fs::read_dir(workspace.path("dist"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "zip") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Waits until no other `dist` works on the same folders; the returned file holds the place.
fn lock(workspace: &Workspace) -> Result<File> {
    let path = workspace.cache("dist.lock");
    write(&path, "")?;
    let file = File::open(&path)?;
    file.lock().context("another `cargo xtask dist` can't be waited for")?;
    Ok(file)
}
