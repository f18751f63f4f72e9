//! Looks for addresses in what ships. The content security policy decides where a request may go; this makes sure that
//! there is nothing in the package that would like to go elsewhere.

use memchr::memmem;

/// A host that may stand in a file of the extension.
struct Allowed {
    host: &'static str,
    /// The files in which it may stand; one `*` stands for anything.
    files: &'static str,
    /// Why it is there; for the reader.
    #[expect(dead_code, reason = "an entry without a reason would not compile")]
    reason: &'static str,
}

const ALLOWED: [Allowed; 12] = [
    allow("www.w3.org", "*", "names of XML namespaces, never requested"),
    allow("ns.adobe.com", "offscreen/*.wasm", "names of XML namespaces in a picture's metadata, never requested"),
    allow("huggingface.co", "models/catalog.toml", "the catalogue: models that a person asks for"),
    allow("*", "manifest.json", "match patterns of optional permissions"),
    allow("www.apache.org", "LICENSE", "the licence names its origin"),
    allow("developer.mozilla.org", "*.js", "wasm-bindgen copies doc comments of js-sys"),
    allow("web.dev", "ort/ort.jspi.min.js", "a warning says where to read about isolation"),
    allow("arxiv.org", "ort/*.wasm", "documentation of operators"),
    allow("docs.nvidia.com", "ort/*.wasm", "documentation of operators"),
    allow("github.com", "ort/*.wasm", "documentation of operators"),
    allow("ieeexplore.ieee.org", "ort/*.wasm", "documentation of operators"),
    allow("tinyurl.com", "ort/*.wasm", "documentation of operators"),
];

const fn allow(host: &'static str, files: &'static str, reason: &'static str) -> Allowed {
    Allowed { host, files, reason }
}

/// Schemes that a browser sends requests with, the longer ones first: `https` also ends in `s`.
const SCHEMES: [&str; 4] = ["https", "http", "wss", "ws"];

/// Returns a sentence for each address in `bytes` whose host has no business in `file`.
pub(crate) fn foreign_urls(file: &str, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for at in memmem::find_iter(bytes, "://") {
        let (before, after) = (&bytes[..at], &bytes[at + 3..]);
        let Some(scheme) = SCHEMES.iter().find(|scheme| ends_with(before, scheme)) else { continue };
        let host = host(after);
        if is_reachable(&host) && !is_allowed(&host, file) {
            found.push(format!("{file} names {scheme}://{host}, which scan.rs does not allow there"));
        }
    }
    found.sort();
    found.dedup();
    found
}

fn ends_with(bytes: &[u8], scheme: &str) -> bool {
    bytes.len().checked_sub(scheme.len()).is_some_and(|start| bytes[start..].eq_ignore_ascii_case(scheme.as_bytes()))
}

/// Cuts the host out of what follows `://`: without the user's name, which may be there to deceive, and the port.
fn host(after: &[u8]) -> String {
    let in_authority = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-._~%@:[]*$!&+=".contains(byte);
    let authority: Vec<u8> = after.iter().take(300).take_while(in_authority).copied().collect();
    let authority = String::from_utf8_lossy(&authority).to_ascii_lowercase();
    let host = authority.rsplit_once('@').map_or(authority.as_str(), |(_, host)| host);
    let end = if host.starts_with('[') { host.find(']').map(|at| at + 1) } else { host.find(':') };
    end.and_then(|end| host.get(..end)).unwrap_or(host).to_owned()
}

/// Whether a request could go there. In a binary texts lie side by side, so after a lone `https://` comes whatever
/// stands next; that has no dot, or this would ask to look at it.
fn is_reachable(host: &str) -> bool {
    let is_number = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_digit());
    // Names under `invalid` lead nowhere by rule (RFC 2606): caches have keys there.
    let is_nowhere = host.ends_with(".invalid");
    !is_nowhere && (host.contains(['.', '[', '*', '%']) || host.starts_with("localhost") || is_number)
}

fn is_allowed(host: &str, file: &str) -> bool {
    ALLOWED.iter().any(|allowed| host == allowed.host && matches(file, allowed.files))
}

fn matches(file: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, end)) => file.len() >= start.len() + end.len() && file.starts_with(start) && file.ends_with(end),
        None => file == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, text: &str, findings: usize) {
        assert_eq!(foreign_urls(file, text.as_bytes()).len(), findings, "{file}: {text}");
    }

    #[test]
    fn a_planted_host_is_found_wherever_it_hides() {
        for text in [
            "fetch('https://tracker.example/x')",
            "\0\u{1}junkHTTPS://Tracker.Example\0junk",
            "ws://tracker.example:8080",
            "wss://tracker.example",
            "https://key.invalid.tracker.example",
            "http://127.0.0.1:9000/",
            "http://localhost:9000/",
            "http://[::1]/",
            "http://2130706433/",
            "https://huggingface.co@tracker.example/",
            "https://www.w3.org.tracker.example/",
        ] {
            check("overlay/brushaway_overlay_bg.wasm", text, 1);
        }
    }

    #[test]
    fn known_hosts_are_known_only_where_they_belong() {
        check("popup/a_bg.wasm", "http://www.w3.org/1998/Math/MathMLhttp://www.w3.org/2000/svg", 0);
        check("ort/ort-wasm-simd-threaded.jspi.wasm", "https://arxiv.org/abs/1502.03167", 0);
        check("overlay/overlay.js", "https://arxiv.org/abs/1502.03167", 1);
        check("manifest.json", r#""optional_host_permissions": ["https://*/*"]"#, 0);
        check("content/content.js", "https://*/*", 1);
    }

    #[test]
    fn what_no_request_can_reach_is_left_alone() {
        check("a.wasm", "https://http://chrome-extension://abc", 0);
        check("a.js", "blob://x file://tracker.example", 0);
    }
}
