//! One entry crate, from Rust to what a browser loads.

use std::fs;
use std::panic::resume_unwind;
use std::thread;

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::optimize::Optimizer;
use crate::package::Package;
use crate::report::{say, size};
use crate::snippets::without_foreign_hosts;
use crate::toolchain::Toolchain;
use crate::workspace::{Workspace, files_below, read, relative};

/// The cargo profile that ships.
pub(crate) const PROFILE: &str = "web";

/// A wasm entry point: a crate, a folder of the extension, and a context of the browser.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The cargo package.
    pub(crate) krate: &'static str,
    /// Where its source is.
    pub(crate) source: &'static str,
    /// Where it goes in the extension.
    pub(crate) folder: &'static str,
    /// How wasm-opt treats it.
    pub(crate) level: &'static str,
    /// Scripts that only load it and start it: their names, and what `start` takes.
    pub(crate) loaders: &'static [(&'static str, &'static str)],
}

/// All entry points. Only the offscreen document computes; for the others size counts.
pub(crate) const ENTRIES: [Entry; 5] = [
    Entry {
        krate: "brushaway-background",
        source: "extension/background",
        folder: "background",
        level: "-Os",
        loaders: &[],
    },
    Entry {
        krate: "brushaway-offscreen",
        source: "extension/offscreen",
        folder: "offscreen",
        level: "-O3",
        loaders: &[],
    },
    Entry {
        krate: "brushaway-overlay",
        source: "extension/overlay",
        folder: "overlay",
        level: "-Os",
        loaders: &[("overlay.js", "false"), ("editor.js", "true")],
    },
    Entry { krate: "brushaway-store", source: "extension/store", folder: "store", level: "-O3", loaders: &[] },
    Entry {
        krate: "brushaway-popup",
        source: "popup",
        folder: "popup",
        level: "-Os",
        loaders: &[
            ("popup.js", ""),
            ("settings.js", ""),
            ("welcome.js", ""),
            ("permissions.js", ""),
            ("notices.js", ""),
        ],
    },
];

/// Compiles all entry crates and adds what a browser loads to `package`.
///
/// # Errors
/// If a step fails for one of them.
pub(crate) fn add_entries(
    package: &mut Package,
    workspace: &Workspace,
    toolchain: &Toolchain,
    optimizer: Option<&Optimizer>,
) -> Result<()> {
    // While cargo compiles one crate, the one before is bound and optimised: linking and wasm-opt use one core each.
    thread::scope(|scope| {
        let mut parts = Vec::new();
        for entry in &ENTRIES {
            entry.compile(workspace, toolchain)?;
            parts.push(scope.spawn(|| entry.finish(workspace, toolchain, optimizer)));
        }
        for part in parts {
            package.merge(part.join().unwrap_or_else(|panic| resume_unwind(panic))?)?;
        }
        Ok(())
    })
}

impl Entry {
    /// In a call of its own: one for all would unify their features, and the overlay would get the engine's.
    ///
    /// # Errors
    /// If it does not compile.
    pub(crate) fn compile(&self, workspace: &Workspace, toolchain: &Toolchain) -> Result<()> {
        toolchain.cargo("build").args(["--profile", PROFILE, "--package", self.krate]).within(workspace.root()).run()
    }

    /// Binds the binary to JavaScript, optimises it if asked to, and adds what lies ready beside the source.
    ///
    /// # Errors
    /// If a step fails.
    pub(crate) fn finish(
        &self,
        workspace: &Workspace,
        toolchain: &Toolchain,
        optimizer: Option<&Optimizer>,
    ) -> Result<Package> {
        let mut finished = Package::default();
        for (name, bytes) in self.bind(workspace, toolchain)?.files() {
            let bytes = match (name.rsplit_once('.').map(|(_, extension)| extension), optimizer) {
                (Some("wasm"), Some(optimizer)) => optimizer.optimized(self.krate, bytes, self.level)?,
                (Some("js"), _) => without_foreign_hosts(name, std::str::from_utf8(bytes)?)?.into_bytes(),
                _ => bytes.to_vec(),
            };
            finished.add(format!("{}/{name}", self.folder), bytes)?;
        }
        for (name, taken) in self.loaders {
            finished.add(format!("{}/{name}", self.folder), self.loader(taken))?;
        }
        finished.add_folder(self.folder, &workspace.path(self.source).join("static"))?;
        Ok(finished)
    }

    /// The script of a page that does nothing but run the binary.
    fn loader(&self, taken: &str) -> String {
        let module = self.krate.replace('-', "_");
        format!("import init, {{ start }} from \"./{module}.js\";\n\nawait init();\nstart({taken});\n")
    }

    /// Runs wasm-bindgen: the library, not the command, because its version is in `Cargo.lock` and so can't disagree
    /// with the crate's.
    fn bind(&self, workspace: &Workspace, toolchain: &Toolchain) -> Result<Package> {
        let folder = workspace.web_target().join("bound").join(self.folder);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        Bindgen::new()
            .input_path(toolchain.binary(self.krate, PROFILE))
            .out_name(&self.krate.replace('-', "_"))
            .web(true)?
            .typescript(false)
            // The library leaves out what the command puts in: that `init()` finds its binary by itself.
            .omit_default_module_path(false)
            .remove_producers_section(true)
            .generate(&folder)
            .with_context(|| format!("wasm-bindgen failed on {}", self.krate))?;
        let mut bound = Package::default();
        for file in files_below(&folder, &[])? {
            bound.add(relative(&file, &folder), read(&file)?)?;
        }
        Ok(bound)
    }
}

/// Says how big the binaries became.
pub(crate) fn report_sizes(package: &Package) {
    for (path, bytes) in package.files().filter(|(path, _)| path.ends_with("_bg.wasm")) {
        say(format_args!("  {path}: {}", size(bytes.len())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_gets_the_script_that_it_names() {
        let root = Workspace::find().unwrap();
        for entry in &ENTRIES {
            for (name, _) in entry.loaders {
                let page = root.path(entry.source).join("static").join(name.replace(".js", ".html"));
                let page = std::fs::read_to_string(page).unwrap();
                assert!(page.contains(&format!("src=\"{name}\"")), "{name}");
            }
        }
    }

    #[test]
    fn a_loader_waits_for_its_binary() {
        let entry = ENTRIES.iter().find(|entry| entry.folder == "overlay").unwrap();
        let expected = "import init, { start } from \"./brushaway_overlay.js\";\n\nawait init();\nstart(true);\n";
        assert_eq!(entry.loader("true"), expected);
    }
}
