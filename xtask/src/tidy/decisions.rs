//! The records of decisions: each has a number of its own, and the architecture leads to it.

use std::collections::BTreeMap;

use super::Source;

const FOLDER: &str = "docs/adr/";
const ARCHITECTURE: &str = "docs/ARCHITECTURE.md";

/// Returns records that can't be found or told apart.
pub(super) fn check(sources: &[Source]) -> Vec<String> {
    let architecture = sources.iter().find(|source| source.path == ARCHITECTURE).and_then(Source::text);
    let mut by_number: BTreeMap<&str, &str> = BTreeMap::new();
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.path.starts_with(FOLDER) && source.has_extension("md")) {
        let name = &source.path[FOLDER.len()..];
        let number = name.split('-').next().unwrap_or_default();
        if number.len() != 4 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            findings.push(format!("{} doesn't begin with four digits and a dash", source.path));
        } else if let Some(other) = by_number.insert(number, name) {
            findings.push(format!("{name} and {other} have the same number"));
        }
        if !architecture.is_some_and(|text| text.contains(&format!("adr/{name}"))) {
            findings.push(format!("{ARCHITECTURE} doesn't link adr/{name}"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::*;

    fn check_records(names: &[&str], architecture: &str, findings: usize) {
        let mut sources: Vec<Source> = names.iter().map(|name| source(&format!("docs/adr/{name}"), "")).collect();
        sources.push(source(ARCHITECTURE, architecture));
        assert_eq!(check(&sources).len(), findings, "{names:?} in {architecture:?}");
    }

    #[test]
    fn each_record_is_numbered_once_and_linked() {
        check_records(&["0001-a.md"], "[a](adr/0001-a.md)", 0);
        check_records(&["0001-a.md"], "", 1);
        check_records(&["0001-a.md", "0001-b.md"], "adr/0001-a.md adr/0001-b.md", 1);
        check_records(&["a.md"], "adr/a.md", 1);
    }
}
