//! What the store needs from outside: a network, a disk, and somebody who says whether to go on.

use std::{fmt, ops::Range};

use futures_util::future::LocalBoxFuture;

use super::StoreError;

/// What a GET is answered with, redirects already followed.
pub struct Response {
    /// What comes before the body.
    pub head: Head,
    /// The body.
    pub body: Box<dyn Chunks>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("head", &self.head).finish_non_exhaustive()
    }
}

/// What is known before the body comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// HTTP status.
    pub status: u16,
    /// Where in the file the body begins. A server that ignores ranges begins at 0, whatever was asked.
    pub first_byte: u64,
    /// Length of the whole file, if the server says.
    pub total_bytes: Option<u64>,
    /// Media type, in lower case, without parameters.
    pub content_type: Option<String>,
}

/// Header fields of an answer, as they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WireHead<'a> {
    /// HTTP status.
    pub status: u16,
    /// `Content-Length`. Leave it out if the body was compressed on its way: then it counts other bytes.
    pub content_length: Option<&'a str>,
    /// `Content-Range`. A page sees it only where the server exposes it.
    pub content_range: Option<&'a str>,
    /// `Content-Type`.
    pub content_type: Option<&'a str>,
}

impl WireHead<'_> {
    /// Understands the fields of an answer to a GET that asked for the bytes from `asked_from` on.
    pub fn parse(&self, asked_from: u64) -> Head {
        let len: Option<u64> = self.content_length.and_then(|text| text.trim().parse().ok());
        // "bytes 100-199/1000", "bytes 100-199/*", "bytes */1000"
        let range = self.content_range.and_then(|text| text.trim().strip_prefix("bytes")).map(str::trim_start);
        let (span, total) = range.and_then(|range| range.split_once('/')).unwrap_or_default();
        let first: Option<u64> = span.split('-').next().and_then(|first| first.trim().parse().ok());
        let total: Option<u64> = total.trim().parse().ok();
        let (first_byte, total_bytes) = match self.status {
            206 => {
                let first = first.unwrap_or(asked_from);
                (first, total.or_else(|| len.and_then(|len| first.checked_add(len))))
            }
            416 => (0, total),
            _ => (0, len),
        };
        let content_type = self.content_type.map(|text| {
            let end = text.find(';').unwrap_or(text.len());
            text[..end].trim().to_ascii_lowercase()
        });
        Head { status: self.status, first_byte, total_bytes, content_type }
    }
}

/// Why a network or a chosen file gave no more bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// No connection, or it broke.
    #[error("connection lost: {reason}")]
    Lost {
        /// The platform's own words.
        reason: String,
    },
    /// The connection stands, but for too long nothing came. How long that is, the implementation decides: it has a clock.
    #[error("nothing came for too long")]
    Stalled,
}

/// Bytes that come one after the other.
pub trait Chunks {
    /// The next bytes; none at the end. An end may come early: who knows the length has to check.
    ///
    /// # Errors
    /// [`SourceError`]; nothing more comes then.
    fn next_chunk(&mut self) -> LocalBoxFuture<'_, Result<Option<Vec<u8>>, SourceError>>;
}

/// A network.
pub trait Net {
    /// Asks for `url`; with `from_byte`, for what is in the file from there on. Follows redirects, each time anew:
    /// hubs redirect to signed addresses that expire. Any status is an answer, not an error.
    ///
    /// # Errors
    /// [`SourceError`] if there was no answer.
    fn get<'a>(&'a self, url: &'a str, from_byte: Option<u64>) -> LocalBoxFuture<'a, Result<Response, SourceError>>;
}

/// Why a disk did not do as it was told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiskError {
    /// No room, or more than this program may have.
    #[error("no room left")]
    Full,
    /// Anything else.
    #[error("storage failed: {reason}")]
    Failed {
        /// The platform's own words.
        reason: String,
    },
}

/// What a disk answers, later.
pub type DiskAnswer<'a, T> = LocalBoxFuture<'a, Result<T, DiskError>>;

/// Blobs under keys. A key is a path: parts of one file share all but its end.
pub trait Disk {
    /// Stores a blob, wholly or not at all, in place of what was there.
    fn put<'a>(&'a self, key: &'a str, bytes: Vec<u8>) -> DiskAnswer<'a, ()>;

    /// Length of a blob, in bytes; none if there is none.
    fn len<'a>(&'a self, key: &'a str) -> DiskAnswer<'a, Option<u64>>;

    /// The bytes of a blob in `range`. A range beyond its end is an error.
    fn read<'a>(&'a self, key: &'a str, range: Range<u64>) -> DiskAnswer<'a, Vec<u8>>;

    /// Forgets a blob; no error if there is none.
    fn delete<'a>(&'a self, key: &'a str) -> DiskAnswer<'a, ()>;

    /// All keys that begin so.
    fn keys<'a>(&'a self, prefix: &'a str) -> DiskAnswer<'a, Vec<String>>;

    /// How much more would fit, in bytes; none if nobody knows.
    fn free_bytes(&self) -> DiskAnswer<'_, Option<u64>>;
}

/// What is being done to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// What is on disk already is read and hashed again.
    Checking,
    /// New bytes come in.
    Fetching,
}

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// Bytes of the file that are there.
    pub done_bytes: u64,
    /// Length of the file, once known.
    pub total_bytes: Option<u64>,
}

/// The person wants no more of this, for now or at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// To be gone on with: what is stored stays.
    Pause,
    /// Given up: what is stored goes.
    Cancel,
}

/// What a running download hears from and tells to the outside.
pub trait Control {
    /// Reports how far it is, and learns whether to go on. Called at least once for each chunk.
    ///
    /// # Errors
    /// [`Halt`] if it is to stop here.
    fn step(&self, progress: Progress) -> Result<(), Halt>;

    /// Waits before a broken download is taken up again: longer the higher `retry` (from 1 on), and after
    /// [`StoreError::TooMany`].
    ///
    /// # Errors
    /// [`Halt`] if it is to stop here.
    fn wait<'a>(&'a self, retry: u32, after: &'a StoreError) -> LocalBoxFuture<'a, Result<(), Halt>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, length: Option<&str>, range: Option<&str>, first_byte: u64, total_bytes: Option<u64>) {
        let head = WireHead { status, content_length: length, content_range: range, content_type: None }.parse(7);
        assert_eq!((head.first_byte, head.total_bytes), (first_byte, total_bytes), "{status} {length:?} {range:?}");
    }

    #[test]
    fn lengths_and_ranges_are_understood() {
        check(200, Some("100"), None, 0, Some(100));
        check(200, None, None, 0, None);
        check(200, Some("many"), None, 0, None);
        check(206, Some("93"), Some("bytes 7-99/100"), 7, Some(100));
        check(206, Some("93"), Some("bytes 7-99/*"), 7, Some(100));
        check(206, Some("93"), None, 7, Some(100));
        check(206, None, None, 7, None);
        check(206, None, Some("bytes 3-99/100"), 3, Some(100));
        check(206, Some("18446744073709551615"), None, 7, None);
        check(416, Some("20"), Some("bytes */100"), 0, Some(100));
        check(416, Some("20"), None, 0, None);
    }

    #[test]
    fn a_media_type_has_no_parameters() {
        let head = WireHead { status: 200, content_type: Some("Text/HTML; charset=utf-8"), ..WireHead::default() };
        assert_eq!(head.parse(0).content_type.as_deref(), Some("text/html"));
    }
}
