//! A small web site on loopback, under two names that browsers take for two sites.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use anyhow::Context as _;

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
        let listeners = [TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?];
        let ports = [listeners[0].local_addr()?.port(), listeners[1].local_addr()?.port()];
        let root = workspace().join("tests");
        let headers = fs::read_to_string(root.join("site/headers.toml"))?;
        let shared = Arc::new(Shared {
            root,
            others: [format!("http://localhost:{}", ports[1]), format!("http://127.0.0.1:{}", ports[0])],
            headers: toml::from_str(&headers).context("headers.toml")?,
            gone: Mutex::default(),
            seen: Mutex::default(),
        });
        for (index, listener) in listeners.into_iter().enumerate() {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                // A thread for each request, so that what is slow does not hold up the rest.
                for stream in listener.incoming().flatten() {
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || shared.answer(index, &stream));
                }
            });
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

/// The first line's path, without a query, and whether the request says which page it comes from.
fn read_request(stream: &TcpStream) -> io::Result<(String, bool)> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let path = first.split([' ', '?', '#']).nth(1).unwrap_or_default().to_owned();
    let mut is_referred = false;
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        is_referred |= line.to_ascii_lowercase().starts_with("referer:");
    }
    Ok((path, is_referred))
}

impl Shared {
    /// Reads one request and answers it. A browser that lost interest is no fault of the site's.
    fn answer(&self, index: usize, stream: &TcpStream) {
        if let Ok((path, is_referred)) = read_request(stream)
            && !path.is_empty()
        {
            let response = self.response(index, &path, is_referred);
            let mut stream = stream;
            stream.write_all(&response).unwrap_or_default();
        }
    }

    fn response(&self, index: usize, path: &str, is_referred: bool) -> Vec<u8> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(path.to_owned());
        if path.starts_with("/slow/") {
            thread::sleep(SLOW);
        }
        let is_gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|gone| gone == path);
        let body = if is_gone { None } else { self.body(index, path) };
        let (status, body) = match body {
            _ if path.starts_with("/guarded/") && !is_referred => ("403 Forbidden", b"not from here".to_vec()),
            Some(body) => ("200 OK", body),
            None => ("404 Not Found", b"not found".to_vec()),
        };
        let length = body.len().to_string();
        let mut head = format!("HTTP/1.1 {status}\r\n");
        for (name, value) in
            self.headers(path).into_iter().chain([("Content-Length", &*length), ("Connection", "close")])
        {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("\r\n");
        [head.into_bytes(), body].concat()
    }

    fn headers(&self, path: &str) -> Vec<(&str, &str)> {
        let folder = path.split('/').nth(1).unwrap_or_default();
        let named = [self.headers.get(path), self.headers.get(&format!("/{folder}/"))];
        let own = named.into_iter().flatten().flatten().map(|(name, value)| (name.as_str(), value.as_str()));
        let keep = if folder == "fleeting" { "no-store" } else { "max-age=600" };
        own.chain([("Content-Type", mime(path)), ("Cache-Control", keep)]).collect()
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
