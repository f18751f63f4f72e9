//! What is answered.

use std::{
    io::{self, Write as _},
    net::TcpStream,
    sync::Arc,
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    Content, Fault,
    fault::Kind,
    hub::{Host, Shared, State},
    request::Request,
};

/// How much is sent at once.
const CHUNK_BYTES: u64 = 64 << 10;

/// What pages of other origins may do and see; Hugging Face and its second host allow the same.
const CORS: &str = "Access-Control-Allow-Origin: *\r\n\
    Access-Control-Expose-Headers: Accept-Ranges, Content-Range, Content-Length, X-Linked-Size\r\n";

/// An answer that is written at once.
struct Short {
    status: u16,
    /// Lines that end in CR LF.
    fields: String,
    body: Vec<u8>,
}

impl Short {
    fn text(status: u16, text: &str) -> Self {
        Self { status, fields: "Content-Type: text/plain\r\n".to_owned(), body: text.as_bytes().to_vec() }
    }

    fn page() -> Self {
        let body = b"<!doctype html><title>Welcome to our network</title>".to_vec();
        Self { status: 200, fields: "Content-Type: text/html; charset=utf-8\r\n".to_owned(), body }
    }
}

/// An answer that is a file, or a piece of it.
struct Long {
    content: Arc<Content>,
    total: u64,
    /// What was asked for of it.
    range: Option<(u64, Option<u64>)>,
    fault: Option<Kind>,
}

pub(crate) fn respond(host: Host, request: &Request, stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    if request.method == "OPTIONS" {
        let fields =
            "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\nAccess-Control-Allow-Headers: *\r\n".to_owned();
        return send(&Short { status: 204, fields, body: Vec::new() }, request, stream);
    }
    let mut state = shared.state();
    let answer = match host {
        Host::Hub => Err(hub(request, &mut state, shared.ports[1])),
        Host::Bytes => bytes(request, &mut state),
    };
    // Nothing is locked while bytes are sent.
    drop(state);
    match answer {
        Ok(long) => send_file(&long, request, stream),
        Err(short) => send(&short, request, stream),
    }
}

fn hub(request: &Request, state: &mut State, bytes_port: u16) -> Short {
    let path = request.path.trim_start_matches('/');
    if let Some((repo, place)) = path.strip_prefix("api/models/").and_then(|rest| rest.split_once("/tree/")) {
        return match state.fault(&format!("api/{repo}"), Host::Hub) {
            Some(Fault { kind: Kind::Status(status), .. }) => Short::text(status, "as told"),
            _ => listing(state, repo, place.split_once('/').map_or("", |(_, folder)| folder)),
        };
    }
    let file = path.split_once("/resolve/").and_then(|(repo, rest)| Some((repo, rest.split_once('/')?.1)));
    let Some(key) = file.map(|(repo, path)| format!("{repo}/{path}")).filter(|key| state.files.contains_key(key))
    else {
        return Short::text(404, "Entry not found");
    };
    if let Some(Fault { kind: Kind::Status(status), .. }) = state.fault(&key, Host::Hub) {
        return Short::text(status, "as told");
    }
    let signature = state.sign();
    let size = state.files.get(&key).map_or(0, |file| file.content.len_bytes());
    let fields = format!(
        "Location: http://127.0.0.1:{bytes_port}/{key}?Expires=soon&Signature={signature}\r\n\
         X-Linked-Size: {size}\r\nContent-Type: text/plain\r\n"
    );
    Short { status: 302, fields, body: b"Found. Redirecting".to_vec() }
}

/// The files in a folder of a repository; deeper ones are not named, as on the real hub.
fn listing(state: &State, repo: &str, folder: &str) -> Short {
    let folder = if folder.is_empty() { String::new() } else { format!("{}/", folder.trim_end_matches('/')) };
    let files = state.files.values().filter(|file| file.repo == repo);
    let files: Vec<Value> = files
        .filter(|file| file.path.strip_prefix(&folder).is_some_and(|name| !name.contains('/')))
        .map(|file| {
            let size = file.content.len_bytes();
            let oid = "0".repeat(40);
            let lfs = json!({ "oid": file.sha256(), "size": size, "pointerSize": 134 });
            json!({ "type": "file", "oid": oid, "size": size, "path": file.path, "lfs": lfs })
        })
        .collect();
    if files.is_empty() {
        return Short::text(404, "Repository not found");
    }
    let body = Value::from(files).to_string().into_bytes();
    Short { status: 200, fields: "Content-Type: application/json; charset=utf-8\r\n".to_owned(), body }
}

fn bytes(request: &Request, state: &mut State) -> Result<Long, Short> {
    let key = request.path.trim_start_matches('/');
    let signature = request.query.rsplit("Signature=").next().and_then(|text| text.parse().ok());
    if !signature.is_some_and(|signature| state.admits(signature)) {
        return Err(Short::text(403, "Request has expired"));
    }
    let fault = state.fault(key, Host::Bytes).map(|fault| fault.kind);
    let Some(file) = state.files.get(key) else { return Err(Short::text(404, "Entry not found")) };
    match fault {
        Some(Kind::Status(status)) => return Err(Short::text(status, "as told")),
        Some(Kind::Expired) => return Err(Short::text(403, "Request has expired")),
        Some(Kind::Html) => return Err(Short::page()),
        _ => {}
    }
    let total = file.content.len_bytes() - u64::from(fault == Some(Kind::WrongLength));
    let range = request.range.filter(|_| fault != Some(Kind::IgnoreRange));
    if range.is_some_and(|(first, _)| first >= total) {
        let fields = format!("Content-Range: bytes */{total}\r\nContent-Type: text/plain\r\n");
        return Err(Short { status: 416, fields, body: b"Range not satisfiable".to_vec() });
    }
    Ok(Long { content: Arc::clone(&file.content), total, range, fault })
}

fn head(status: u16, fields: &str, len: u64) -> String {
    let reason = match status {
        200 => "OK",
        204 => "No Content",
        206 => "Partial Content",
        302 => "Found",
        _ => "As Told",
    };
    format!(
        "HTTP/1.1 {status} {reason}\r\n{CORS}{fields}Content-Length: {len}\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
}

fn send(short: &Short, request: &Request, mut stream: &TcpStream) -> io::Result<()> {
    stream.write_all(head(short.status, &short.fields, short.body.len() as u64).as_bytes())?;
    if request.method == "HEAD" {
        return Ok(());
    }
    stream.write_all(&short.body)
}

fn send_file(long: &Long, request: &Request, mut stream: &TcpStream) -> io::Result<()> {
    let Long { total, range, fault, .. } = long;
    let (first, end) = range.map_or((0, *total), |(first, end)| (first, end.unwrap_or(*total).min(*total)));
    let (status, place) = match range {
        Some(_) => (206, format!("Content-Range: bytes {first}-{}/{total}\r\n", end.saturating_sub(1))),
        None => (200, String::new()),
    };
    let fields = format!("Content-Type: application/octet-stream\r\nAccept-Ranges: bytes\r\n{place}");
    stream.write_all(head(status, &fields, end.saturating_sub(first)).as_bytes())?;
    if request.method == "HEAD" {
        return Ok(());
    }
    let stop = match fault {
        Some(Kind::CutAt(byte) | Kind::StallAfter(byte)) => end.min(*byte),
        _ => end,
    };
    let chunk_bytes = if let Some(Kind::Slow(speed)) = fault { (speed / 20).max(1) } else { CHUNK_BYTES };
    let mut at = first;
    while at < stop {
        let to = stop.min(at + chunk_bytes);
        let mut chunk = long.content.read(at..to);
        if let Some(Kind::FlippedByte(byte)) = fault
            && let Some(flipped) = byte.checked_sub(at).and_then(|index| chunk.get_mut(index as usize))
        {
            *flipped ^= 1;
        }
        stream.write_all(&chunk)?;
        at = to;
        if matches!(fault, Some(Kind::Slow(_))) {
            thread::sleep(Duration::from_millis(50));
        }
    }
    if matches!(fault, Some(Kind::StallAfter(_))) {
        // Nothing more comes until the client hangs up, or the hub does.
        io::copy(&mut stream, &mut io::sink())?;
    }
    Ok(())
}
