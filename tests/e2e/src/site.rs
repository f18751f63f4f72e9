//! A small web site on loopback, under two names that browsers take for two sites.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use anyhow::{Context as _, anyhow};
use tiny_http::{Header, Request, Response, Server};

use crate::{
    chrome::workspace,
    gallery::{figures, photos},
    scene,
};

/// How long a path under `/slow/` takes.
const SLOW: Duration = Duration::from_millis(1500);

/// The running site. Its threads end with the process.
#[derive(Debug)]
pub struct Site {
    ports: [u16; 2],
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    root: PathBuf,
    /// The other site's address, for each of the two.
    others: [String; 2],
    headers: BTreeMap<String, BTreeMap<String, String>>,
    /// Paths that are not to be found any more.
    gone: Mutex<Vec<String>>,
    seen: Mutex<Vec<String>>,
}

impl Site {
    /// Serves `tests/site`, the photographs in `tests/photos` and pictures made on the spot.
    ///
    /// # Errors
    /// If there is no free port.
    pub fn serve() -> anyhow::Result<Self> {
        let servers = [listen()?, listen()?];
        let ports = [port(&servers[0])?, port(&servers[1])?];
        let root = workspace().join("tests");
        let headers = fs::read_to_string(root.join("site/headers.toml"))?;
        let shared = Arc::new(Shared {
            root,
            others: [format!("http://localhost:{}", ports[1]), format!("http://127.0.0.1:{}", ports[0])],
            headers: toml::from_str(&headers).context("headers.toml")?,
            gone: Mutex::default(),
            seen: Mutex::default(),
        });
        for (index, server) in servers.into_iter().enumerate() {
            let server = Arc::new(server);
            // Several, so that what is slow does not hold up the rest.
            for _ in 0..4 {
                let (server, shared) = (Arc::clone(&server), Arc::clone(&shared));
                thread::spawn(move || {
                    for request in server.incoming_requests() {
                        shared.answer(index, request);
                    }
                });
            }
        }
        Ok(Self { ports, shared })
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.ports[0])
    }

    /// The address of a path on the other site.
    pub fn other_url(&self, path: &str) -> String {
        format!("http://localhost:{}/{path}", self.ports[1])
    }

    /// From now on a path is not found.
    pub fn remove(&self, path: &str) {
        self.shared.gone.lock().unwrap_or_else(PoisonError::into_inner).push(format!("/{path}"));
    }

    /// Paths that were asked for, in order.
    pub fn seen(&self) -> Vec<String> {
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn listen() -> anyhow::Result<Server> {
    // Both families: "localhost" may mean either.
    Server::http("127.0.0.1:0").map_err(|error| anyhow!("no port on loopback: {error}"))
}

fn port(server: &Server) -> anyhow::Result<u16> {
    Ok(server.server_addr().to_ip().context("not an IP address")?.port())
}

impl Shared {
    fn answer(&self, index: usize, request: Request) {
        let path = request.url().split(['?', '#']).next().unwrap_or_default().to_owned();
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(path.clone());
        let referred = request.headers().iter().any(|header| header.field.equiv("Referer"));
        if path.starts_with("/slow/") {
            thread::sleep(SLOW);
        }
        let gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner).contains(&path);
        let body = if gone { None } else { self.body(index, &path) };
        let (status, body) = match body {
            _ if path.starts_with("/guarded/") && !referred => (403, b"not from here".to_vec()),
            Some(body) => (200, body),
            None => (404, b"not found".to_vec()),
        };
        let mut response = Response::from_data(body).with_status_code(status);
        for header in self.headers(&path) {
            response.add_header(header);
        }
        request.respond(response).unwrap_or_default(); // a browser may have lost interest
    }

    fn headers(&self, path: &str) -> Vec<Header> {
        let folder = path.split('/').nth(1).unwrap_or_default();
        let named = [self.headers.get(path), self.headers.get(&format!("/{folder}/"))];
        let own = named.into_iter().flatten().flatten().map(|(name, value)| (name.as_str(), value.as_str()));
        let keep = if folder == "fleeting" { "no-store" } else { "max-age=600" };
        let all = own.chain([("Content-Type", mime(path)), ("Cache-Control", keep)]);
        all.filter_map(|(name, value)| Header::from_bytes(name, value).ok()).collect()
    }

    fn body(&self, index: usize, path: &str) -> Option<Vec<u8>> {
        let (folder, name) = path.trim_start_matches('/').split_once('/').unwrap_or(("", path));
        match folder {
            // One picture, under different rules: see headers.toml.
            "made" | "open" | "closed" | "fleeting" | "guarded" | "slow" => match name {
                "broken.png" => Some(b"\x89PNG\r\n\x1a\nno more than a promise".to_vec()),
                _ => scene::file(name).or_else(|| self.file(&format!("site/fixtures/{name}"))),
            },
            "photos" => self.file(&path[1..]),
            _ => {
                let bytes = self.file(&format!("site{path}"))?;
                if !has_ending(path, "html") {
                    return Some(bytes);
                }
                let text = String::from_utf8(bytes).ok()?;
                let figures = if folder == "gallery" { figures(&photos().unwrap_or_default()) } else { String::new() };
                Some(text.replace("{{other}}", &self.others[index]).replace("{{photos}}", &figures).into_bytes())
            }
        }
    }

    fn file(&self, path: &str) -> Option<Vec<u8>> {
        let inside = Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)));
        if inside { fs::read(self.root.join(path)).ok() } else { None }
    }
}

fn has_ending(path: &str, ending: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

fn mime(path: &str) -> &'static str {
    let ending = Path::new(path).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    match ending {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css",
        "js" => "text/javascript",
        "json" => "application/json",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "avif" => "image/avif",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
