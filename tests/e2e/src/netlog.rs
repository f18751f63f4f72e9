//! What a browser really asked of the network, from its own log.

use std::{fs, path::Path};

use anyhow::Context as _;
use serde_json::Value;

/// The addresses of all requests, whoever made them: pages, extensions or the browser itself.
#[derive(Debug, Clone, Default)]
pub struct NetLog {
    urls: Vec<String>,
}

impl NetLog {
    /// Reads a file written by `--log-net-log`.
    ///
    /// # Errors
    /// If it is not such a file.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(file)?;
        // A browser that ended in a hurry leaves the last bracket out.
        let log: Value = serde_json::from_str(&text).or_else(|_| {
            let text = text.trim_end().trim_end_matches(',');
            serde_json::from_str(&format!("{text}]}}"))
        })?;
        Self::from_log(&log)
    }

    fn from_log(log: &Value) -> anyhow::Result<Self> {
        let started = &log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"];
        let resolved = &log["constants"]["logEventTypes"]["HOST_RESOLVER_MANAGER_REQUEST"];
        let mut urls = Vec::new();
        for event in log["events"].as_array().context("no events")? {
            let params = &event["params"];
            if event["type"] == *started {
                urls.extend(params["url"].as_str().map(str::to_owned));
            } else if event["type"] == *resolved {
                // A look-up of a name tells as much as a request.
                urls.extend(params["host"].as_str().map(|host| format!("lookup:{host}")));
            }
        }
        urls.dedup();
        Ok(Self { urls })
    }

    /// Every address.
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// Addresses that are not on this machine.
    pub fn leaks(&self) -> Vec<&str> {
        self.urls.iter().map(String::as_str).filter(|url| !stays_here(url)).collect()
    }
}

fn stays_here(url: &str) -> bool {
    let local_schemes = ["chrome-extension:", "chrome:", "chrome-untrusted:", "devtools:", "data:", "blob:", "about:"];
    let host = url
        .strip_prefix("lookup:")
        .map(|host| host.split_once("://").map_or(host, |(_, host)| host))
        .or_else(|| Some(url.split_once("://")?.1.split('/').next().unwrap_or_default()))
        .unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    local_schemes.iter().any(|scheme| url.starts_with(scheme)) || ["127.0.0.1", "localhost", "[::1]"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_what_left_the_machine_and_nothing_else() {
        let log = json!({
            "constants": { "logEventTypes": { "URL_REQUEST_START_JOB": 7, "HOST_RESOLVER_MANAGER_REQUEST": 8 } },
            "events": [
                { "type": 7, "params": { "url": "http://127.0.0.1:4711/a.png" } },
                { "type": 7, "params": { "url": "chrome-extension://abc/x.wasm" } },
                { "type": 7, "params": { "url": "https://cdn.example/ort.js" } },
                { "type": 8, "params": { "host": "http://localhost:80" } },
                { "type": 8, "params": { "host": "https://telemetry.example:443" } },
                { "type": 9, "params": { "url": "https://not.a.request/" } },
                { "type": 7, "params": { "method": "GET" } },
            ],
        });
        let log = NetLog::from_log(&log).unwrap();
        assert_eq!(log.leaks(), ["https://cdn.example/ort.js", "lookup:https://telemetry.example:443"]);
    }
}
