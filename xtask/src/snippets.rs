//! Takes foreign hosts out of the JavaScript that `ort-web` brings.

use anyhow::{Context as _, Result, bail, ensure};

/// Answers as the original does when it was told to be quiet.
const SILENT_TELEMETRY: &str = "\
// Brushaway sends nothing: this stands in for ort-web's beacon.
export function trackSessionInit() {
\treturn false;
}
";

/// What stands before the address from which `ort-web` would load ONNX Runtime, had we not packaged it.
const DEFAULT_BASE: &str = "const DEFAULT_DIST_BASE = '";

/// Returns the text that ships in place of a snippet of `ort-web`; of others, the text as it is.
///
/// # Errors
/// If `ort-web` doesn't look as it did when this was written: then somebody has to look at the new version.
pub(crate) fn without_foreign_hosts(path: &str, text: &str) -> Result<String> {
    let mut parts = path.rsplit('/');
    let (name, folder) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if !folder.starts_with("ort-web-") {
        return Ok(text.to_owned());
    }
    let clean = match name {
        "_telemetry.js" => silent_telemetry(text),
        "_loader.js" => loader_without_default(text),
        _ => bail!("ort-web brings a new snippet; read it, then allow it in xtask"),
    };
    let clean = clean.with_context(|| format!("{path} is not the file that xtask knows"))?;
    ensure!(!clean.contains("://"), "{path} still names a host");
    Ok(clean)
}

fn silent_telemetry(text: &str) -> Result<String> {
    let exports: Vec<&str> = text.lines().filter(|line| line.starts_with("export ")).collect();
    ensure!(exports == ["export function trackSessionInit(version) {"], "its exports are {exports:?}");
    ensure!(text.contains("sendBeacon("), "it sends no beacon");
    Ok(SILENT_TELEMETRY.to_owned())
}

/// An empty base makes `new URL(file, base)` throw: a caller that forgot to name the packaged files hears it.
fn loader_without_default(text: &str) -> Result<String> {
    let (before, rest) = text.split_once(DEFAULT_BASE).context("it has no default address")?;
    let (address, after) = rest.split_once("';").context("its default address has no end")?;
    ensure!(address.starts_with("https://"), "its default address is {address:?}");
    Ok(format!("{before}{DEFAULT_BASE}';{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TELEMETRY: &str = "const EVENT_URL = 'https://beacon.example';\nfunction track(payload) {\n\
        return navigator.sendBeacon(EVENT_URL, payload.buffer);\n}\nexport function trackSessionInit(version) {\n}\n";
    const LOADER: &str = "const DEFAULT_DIST_BASE = 'https://cdn.example/web/';\nexport function initRuntime() {}\n";

    #[test]
    fn telemetry_keeps_its_export_and_loses_its_beacon() {
        let clean = without_foreign_hosts("snippets/ort-web-1a2b/_telemetry.js", TELEMETRY).unwrap();
        assert!(clean.contains("export function trackSessionInit("));
        assert!(!clean.contains("sendBeacon"));
    }

    #[test]
    fn the_loader_loses_only_its_default() {
        let clean = without_foreign_hosts("snippets/ort-web-1a2b/_loader.js", LOADER).unwrap();
        assert_eq!(clean, "const DEFAULT_DIST_BASE = '';\nexport function initRuntime() {}\n");
    }

    #[test]
    fn an_upgrade_cannot_slip_by() {
        let one_more = format!("{TELEMETRY}export function trackMore() {{}}\n");
        let one_host_more = format!("{LOADER}fetch('https://other.example');\n");
        for (name, text) in [
            ("_telemetry.js", one_more.as_str()),
            ("_telemetry.js", ""),
            ("_loader.js", "export function initRuntime() {}"),
            ("_loader.js", one_host_more.as_str()),
            ("_new.js", ""),
        ] {
            assert!(without_foreign_hosts(&format!("snippets/ort-web-1a2b/{name}"), text).is_err(), "{name}: {text}");
        }
    }

    #[test]
    fn snippets_of_others_stay_as_they_are() {
        let path = "snippets/brushaway-browser-1a2b/_telemetry.js";
        assert_eq!(without_foreign_hosts(path, TELEMETRY).unwrap(), TELEMETRY);
    }
}
