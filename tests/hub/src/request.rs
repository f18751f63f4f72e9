//! What a client asks.

use std::{
    io::{self, BufRead as _, BufReader, Read as _},
    net::TcpStream,
};

/// The head of a request may be this long.
const HEAD_BYTES: u64 = 64 << 10;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Without the query.
    pub(crate) path: String,
    pub(crate) query: String,
    /// `Range: bytes=N-` or `bytes=N-M`: the first byte, and the one after the last.
    pub(crate) range: Option<(u64, Option<u64>)>,
}

impl Request {
    /// Reads a request. None if the client hung up before it asked anything.
    pub(crate) fn read(stream: &TcpStream) -> io::Result<Option<Self>> {
        let mut lines = BufReader::new(stream.take(HEAD_BYTES)).lines();
        let first = lines.next().transpose()?.unwrap_or_default();
        let mut words = first.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut request =
            Self { method: method.to_owned(), path: path.to_owned(), query: query.to_owned(), range: None };
        for line in lines {
            let line = line?;
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("range")
            {
                request.range = range(value);
            }
        }
        Ok(Some(request))
    }
}

/// Understands `bytes=N-` and `bytes=N-M`; all else is ignored, as servers may.
fn range(value: &str) -> Option<(u64, Option<u64>)> {
    let (first, last) = value.trim().strip_prefix("bytes=")?.split_once('-')?;
    let first = first.parse().ok()?;
    match last {
        "" => Some((first, None)),
        last => Some((first, Some(last.parse::<u64>().ok()?.checked_add(1)?))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_understood() {
        assert_eq!(range(" bytes=7-"), Some((7, None)));
        assert_eq!(range("bytes=7-9"), Some((7, Some(10))));
        for other in ["bytes=-5", "bytes=a-b", "items=1-2", "bytes=1-2,4-5", ""] {
            assert_eq!(range(other), None, "{other}");
        }
    }
}
