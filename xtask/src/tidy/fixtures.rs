//! Test data that doesn't make the repository heavy.

use super::Source;

const FOLDER: &str = "tests/";
const BYTES_EACH: usize = 256 * 1024;
const BYTES_IN_ALL: usize = 4 * 1024 * 1024;

/// Returns what is too big.
pub(super) fn check(sources: &[Source]) -> Vec<String> {
    let fixtures: Vec<&Source> = sources.iter().filter(|source| source.path.starts_with(FOLDER)).collect();
    let too_big = fixtures.iter().filter(|fixture| fixture.bytes.len() > BYTES_EACH);
    let mut findings: Vec<String> =
        too_big.map(|it| format!("{} has {} bytes; {BYTES_EACH} are allowed", it.path, it.bytes.len())).collect();
    let in_all: usize = fixtures.iter().map(|fixture| fixture.bytes.len()).sum();
    if in_all > BYTES_IN_ALL {
        findings.push(format!("{FOLDER} has {in_all} bytes; {BYTES_IN_ALL} are allowed"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::*;

    #[test]
    fn a_big_fixture_is_found_but_not_a_big_model() {
        let big = "x".repeat(BYTES_EACH + 1);
        assert_eq!(check(&[source("tests/site/photo.png", &big), source("extension/models/lite.onnx", &big)]).len(), 1);
    }

    #[test]
    fn many_small_ones_are_found_too() {
        let fixtures: Vec<Source> = (0..17).map(|i| source(&format!("tests/{i}"), &"x".repeat(BYTES_EACH))).collect();
        assert_eq!(check(&fixtures).len(), 1);
        assert!(check(&fixtures[1..]).is_empty());
    }
}
