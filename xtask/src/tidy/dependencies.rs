//! Who must not be linked where. Rust's compiler would link what it is given; these are promises of the architecture.

use anyhow::Result;

use crate::program::Program;
use crate::toolchain::TARGET;
use crate::workspace::Workspace;

/// A promise about everything that a crate links.
struct Promise {
    krate: &'static str,
    /// For which target; none is this machine.
    target: Option<&'static str>,
    never: &'static [&'static str],
    because: &'static str,
}

const NO_BROWSER: &[&str] = &["wasm-bindgen", "js-sys", "web-sys"];
const NO_ENGINE: &[&str] = &["ort", "ort-sys", "ort-web", "image", "wgpu"];

const PROMISES: [Promise; 5] = [
    promise("brushaway", None, NO_BROWSER, "the engine knows no browser"),
    promise("brushaway", Some(TARGET), NO_BROWSER, "the engine knows no browser"),
    promise("brushaway-background", Some(TARGET), NO_ENGINE, "a service worker must wake up fast"),
    promise("brushaway-overlay", Some(TARGET), NO_ENGINE, "the painter must open at once"),
    promise("brushaway-popup", Some(TARGET), NO_ENGINE, "the popup must open at once"),
];

const fn promise(
    krate: &'static str,
    target: Option<&'static str>,
    never: &'static [&'static str],
    because: &'static str,
) -> Promise {
    Promise { krate, target, never, because }
}

/// Returns broken promises.
pub(super) fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for promise in &PROMISES {
        let mut tree = Program::new("cargo")
            .args(["tree", "--package", promise.krate, "--edges", "normal", "--prefix", "none", "--format", "{p}"])
            .within(workspace.root());
        if let Some(target) = promise.target {
            tree = tree.args(["--target", target]);
        }
        findings.extend(broken(promise, &tree.read()?));
    }
    Ok(findings)
}

/// Each line of `tree` begins with the name of a linked crate.
fn broken(promise: &Promise, tree: &str) -> Vec<String> {
    let linked = |never: &&&str| tree.lines().any(|line| line.split(' ').next() == Some(never));
    let Promise { krate, because, target, .. } = promise;
    let place = target.unwrap_or("this machine");
    promise.never.iter().filter(linked).map(|never| format!("{krate} links {never} on {place}: {because}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linked_crate_is_found_by_its_whole_name() {
        let popup = promise("brushaway-popup", None, NO_ENGINE, "reason");
        assert_eq!(broken(&popup, "brushaway-popup v0.1.0\nort-web v0.5.0\nlog v0.4.0").len(), 1);
        assert!(broken(&popup, "image-webp v0.2.0\nfast_image_resize v6.0.0").is_empty());
    }
}
