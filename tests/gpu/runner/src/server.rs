//! Serves the page and the graphs on loopback, and hears what the page tells.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Component, Path, PathBuf},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Duration,
};

use anyhow::Result;

/// Where the page looks for graphs: as on a hub of models.
const GRAPHS: &str = "local/graphs/resolve/main/";

/// What a page says in the end.
#[derive(Debug)]
pub(crate) enum Told {
    /// What it found.
    Report(String),
    /// Why it found nothing.
    Failure(String),
}

/// The running server. Its threads end with the process.
#[derive(Debug)]
pub(crate) struct Server {
    port: u16,
    told: Receiver<Told>,
}

impl Server {
    pub(crate) fn start(site: PathBuf, graphs: PathBuf) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let (sender, told) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (site, graphs, sender) = (site.clone(), graphs.clone(), sender.clone());
                thread::spawn(move || {
                    if let Err(error) = answer(&stream, &site, &graphs, &sender) {
                        // A browser that is closed breaks its connections.
                        drop(error);
                    }
                });
            }
        });
        Ok(Self { port, told })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// The next thing that a page tells; none if nothing comes.
    pub(crate) fn told(&self, patience: Duration) -> Option<Told> {
        self.told.recv_timeout(patience).ok()
    }
}

fn answer(stream: &TcpStream, site: &Path, graphs: &Path, sender: &Sender<Told>) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let target = line.split(' ').nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default().trim_start_matches('/').to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        if header.trim().is_empty() {
            break;
        }
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut writer = stream;
    if let Some(what) = path.strip_prefix("tell/") {
        let mut text = String::new();
        reader.take(length).read_to_string(&mut text)?;
        writer.write_all(head("204 No Content", 0, "").as_bytes())?;
        let told = if what == "report" { Told::Report(text) } else { Told::Failure(text) };
        // Whoever would hear it has given up.
        return sender.send(told).map_err(io::Error::other);
    }
    let file = match path.strip_prefix(GRAPHS) {
        Some(graph) => found(graphs, graph),
        None => found(site, &path),
    };
    let Some(mut file) = file else { return writer.write_all(head("404 Not Found", 0, "").as_bytes()) };
    writer.write_all(head("200 OK", file.metadata()?.len(), mime(&path)).as_bytes())?;
    io::copy(&mut file, &mut writer).map(drop)
}

fn found(folder: &Path, path: &str) -> Option<File> {
    let is_inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if is_inside { File::open(folder.join(path)).ok() } else { None }
}

fn head(status: &str, length: u64, mime: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nContent-Type: {mime}\r\nConnection: close\r\nCache-Control: no-store\r\n\
         Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Embedder-Policy: require-corp\r\n\r\n"
    )
}

fn mime(path: &str) -> &'static str {
    match Path::new(path).extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}
