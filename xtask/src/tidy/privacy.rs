//! What only one machine knows has no place in a repository: its folders, and where it gets packages from.

use memchr::memmem;

use super::Source;

/// Folders in which people and machines keep their work. In two parts each, so that this file is not found.
const FOLDERS: [&str; 5] = [
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("/Us", "ers/"),
    concat!(r"C:\Us", "ers"),
];

/// Package servers: tools know theirs, and a mirror's name in a lock file breaks everybody else's build.
const REGISTRIES: [&str; 5] = [
    concat!("registry.npm", "js.org"),
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("pypi", ".org"),
    concat!("python", "hosted.org"),
];

/// The only source that `Cargo.lock` may name; cargo writes it for every mirror.
const CARGO_SOURCE: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Returns where a machine shows through.
pub(super) fn check(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources {
        let folders = FOLDERS.iter().filter(|folder| names_folder(&source.bytes, folder));
        let registries = REGISTRIES.iter().filter(|host| memmem::find(&source.bytes, host.as_bytes()).is_some());
        findings.extend(folders.chain(registries).map(|found| format!("{} contains {found}", source.path)));
        findings.extend(foreign_lock(source));
    }
    findings
}

/// Whether a path begins there: `docs/home/` is no one's home.
fn names_folder(bytes: &[u8], folder: &str) -> bool {
    memmem::find_iter(bytes, folder).any(|at| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        before.is_none_or(|byte| !byte.is_ascii_alphanumeric() && !b"._-/~*}".contains(byte))
    })
}

fn foreign_lock(source: &Source) -> Option<String> {
    let text = source.text()?;
    let foreign = match source.path.rsplit('/').next()? {
        "Cargo.lock" => text.lines().find(|line| line.starts_with("source = ") && !line.contains(CARGO_SOURCE)),
        "package-lock.json" => text.lines().find(|line| line.contains("\"resolved\"")),
        _ => None,
    };
    foreign.map(|line| format!("{} names a server: {}", source.path, line.trim()))
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::*;

    fn check_text(path: &str, text: &str, findings: usize) {
        assert_eq!(check(&[source(path, text)]).len(), findings, "{path}: {text}");
    }

    #[test]
    fn folders_of_a_machine_are_found_but_not_folders_of_the_project() {
        let folder = FOLDERS[0];
        check_text("README.md", &format!("see {folder}ada/brushaway"), 1);
        check_text("README.md", &format!("`{folder}ada`"), 1);
        check_text("README.md", &format!("docs{folder}index.md"), 0);
    }

    #[test]
    fn package_servers_are_found() {
        check_text("README.md", REGISTRIES[0], 1);
        check_text("xtask/npm/package-lock.json", r#"  "resolved": "https://mirror.example/a.tgz""#, 1);
        check_text("Cargo.lock", "source = \"registry+https://mirror.example/index\"", 1);
        check_text("Cargo.lock", &format!("source = \"{CARGO_SOURCE}\""), 0);
    }
}
