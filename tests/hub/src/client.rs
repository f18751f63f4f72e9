//! The store's network, natively and as small as can be: plain HTTP, one connection for each request.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use brushaway::store::{Chunks, Net, Response, SourceError, WireHead};
use futures_util::future::{self, FutureExt as _, LocalBoxFuture};

const CHUNK_BYTES: usize = 16 << 10;
const REDIRECTS: usize = 5;

/// Fetches from loopback, blocking: its futures are ready when they return.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    /// After which silence a connection counts as stalled.
    pub patience: Duration,
}

impl Default for Client {
    fn default() -> Self {
        Self { patience: Duration::from_secs(30) }
    }
}

/// A body of known length, if the server said it.
struct Body {
    stream: BufReader<TcpStream>,
    left: Option<u64>,
}

fn source_error(error: &io::Error) -> SourceError {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => SourceError::Stalled,
        _ => SourceError::Lost { reason: error.to_string() },
    }
}

impl Body {
    fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        let wanted = self.left.map_or(CHUNK_BYTES, |left| CHUNK_BYTES.min(left as usize));
        let mut chunk = vec![0; wanted];
        let len = self.stream.read(&mut chunk)?;
        if len == 0 {
            // A connection that closes too early is the store's to notice.
            return Ok(None);
        }
        chunk.truncate(len);
        self.left = self.left.map(|left| left - len as u64);
        Ok(Some(chunk))
    }
}

impl Chunks for Body {
    fn next_chunk(&mut self) -> LocalBoxFuture<'_, Result<Option<Vec<u8>>, SourceError>> {
        future::ready(self.read().map_err(|error| source_error(&error))).boxed_local()
    }
}

/// The fields of a head that matter here.
#[derive(Default)]
struct Fields {
    status: u16,
    length: Option<String>,
    range: Option<String>,
    kind: Option<String>,
    location: Option<String>,
}

fn read_head(stream: &mut BufReader<TcpStream>) -> io::Result<Fields> {
    let mut fields = Fields::default();
    for (index, line) in stream.by_ref().lines().enumerate() {
        let line = line?;
        if line.is_empty() {
            return Ok(fields);
        }
        if index == 0 {
            fields.status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        } else if let Some((name, value)) = line.split_once(':') {
            let value = Some(value.trim().to_owned());
            match &*name.to_ascii_lowercase() {
                "content-length" => fields.length = value,
                "content-range" => fields.range = value,
                "content-type" => fields.kind = value,
                "location" => fields.location = value,
                _ => {}
            }
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

impl Client {
    fn ask(self, url: &str, from_byte: Option<u64>) -> io::Result<(Fields, BufReader<TcpStream>)> {
        let rest = url.strip_prefix("http://").ok_or(io::ErrorKind::Unsupported)?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let mut stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(self.patience))?;
        let range = from_byte.map(|from| format!("Range: bytes={from}-\r\n")).unwrap_or_default();
        let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n{range}Connection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut stream = BufReader::new(stream);
        Ok((read_head(&mut stream)?, stream))
    }

    fn follow(self, url: &str, from_byte: Option<u64>) -> io::Result<Response> {
        let mut url = url.to_owned();
        for _ in 0..REDIRECTS {
            let (fields, stream) = self.ask(&url, from_byte)?;
            if let (301..=308, Some(location)) = (fields.status, fields.location) {
                url = location;
                continue;
            }
            let head = WireHead {
                status: fields.status,
                content_length: fields.length.as_deref(),
                content_range: fields.range.as_deref(),
                content_type: fields.kind.as_deref(),
            };
            let left = fields.length.as_deref().and_then(|length| length.parse().ok());
            return Ok(Response { head: head.parse(from_byte.unwrap_or(0)), body: Box::new(Body { stream, left }) });
        }
        Err(io::Error::other("too many redirects"))
    }
}

impl Net for Client {
    fn get<'a>(&'a self, url: &'a str, from_byte: Option<u64>) -> LocalBoxFuture<'a, Result<Response, SourceError>> {
        future::ready(self.follow(url, from_byte).map_err(|error| source_error(&error))).boxed_local()
    }
}
