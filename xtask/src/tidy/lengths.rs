//! Files that one can read in one go, and no more JavaScript than there must be.

use super::Source;

const RUST_FOLDERS: [&str; 6] = ["src/", "extension/", "popup/", "xtask/", "tests/", "benches/"];
const RUST_LINES: usize = 400;

/// Rust does the work; JavaScript registers listeners, loads it, and reaches into pages, where wasm may not run.
const SCRIPT_LINES_IN_ALL: usize = 250;
const CONTENT_SCRIPT: &str = "extension/content/static/content.js";
const CONTENT_SCRIPT_LINES: usize = 150;

/// Returns what is too long.
pub(super) fn check(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    let mut script_lines = 0;
    for source in sources {
        let lines = source.text().unwrap_or_default().lines().count();
        let limit = if source.has_extension("rs") && RUST_FOLDERS.iter().any(|folder| source.path.starts_with(folder)) {
            RUST_LINES
        } else if source.path == CONTENT_SCRIPT {
            CONTENT_SCRIPT_LINES
        } else {
            usize::MAX
        };
        if lines > limit {
            findings.push(format!("{} has {lines} lines; {limit} are allowed", source.path));
        }
        if is_hand_written_script(source) {
            script_lines += lines;
        }
    }
    if script_lines > SCRIPT_LINES_IN_ALL {
        findings.push(format!("there are {script_lines} lines of JavaScript; {SCRIPT_LINES_IN_ALL} are allowed"));
    }
    findings
}

fn is_hand_written_script(source: &Source) -> bool {
    let ships = source.path.starts_with("extension/") || source.path.starts_with("popup/");
    ships && (source.has_extension("js") || source.has_extension("mjs"))
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::*;

    fn check_lines(path: &str, lines: usize, findings: usize) {
        assert_eq!(check(&[source(path, &"x\n".repeat(lines))]).len(), findings, "{path} with {lines} lines");
    }

    #[test]
    fn long_files_are_found() {
        check_lines("src/geometry.rs", 400, 0);
        check_lines("src/geometry.rs", 401, 1);
        check_lines("train/lite.py", 401, 0);
        check_lines(CONTENT_SCRIPT, 151, 1);
        check_lines("popup/static/popup.js", 251, 1);
    }

    #[test]
    fn scripts_are_counted_together() {
        let half = "x\n".repeat(126);
        assert_eq!(check(&[source("popup/static/a.js", &half), source("extension/x/static/b.js", &half)]).len(), 1);
    }
}
