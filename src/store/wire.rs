//! The protobuf wire format, read from a file on disk without loading it.
//!
//! <https://protobuf.dev/programming-guides/encoding/>. The fields of ONNX are in `onnx/onnx.proto`.

use std::ops::Range;

use super::{Disk, SplitError, StoredFile};

/// A tag and a length or value take at most 10 bytes each.
const HEADER_BYTES: usize = 20;

/// Whether a file that begins so may be an ONNX model: the first byte is the tag of one of a model's fields. Web pages,
/// JSON, pointers of Git LFS and archives begin otherwise.
pub(super) fn begins_like_a_model(bytes: &[u8]) -> bool {
    // ir_version, producer_name, producer_version, domain, model_version, doc_string, graph, opset_import,
    // metadata_props; then training_info, functions, configuration, whose tags are longer.
    const TAGS: [u8; 12] = [0x08, 0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72, 0xa2, 0xca, 0xd2];
    bytes.first().is_some_and(|first| TAGS.contains(first))
}

/// Appends a number in as few bytes as it takes.
pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a field that has a length.
pub(super) fn put_bytes(out: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    put_varint(out, number << 3 | 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Reads a number from the front of `bytes`, and tells how many bytes it took. None if it is cut or longer than 64 bits.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (at, byte) in bytes.iter().take(10).enumerate() {
        if at == 9 && *byte > 1 {
            return None;
        }
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A number.
    Number(u64),
    /// 4 or 8 bytes, of no interest here.
    Fixed,
    /// Bytes, text or a message. Its length is written from `len_at` on; `body` is where it is in the file.
    Bytes {
        /// Where its length is written.
        len_at: u64,
        /// Where it is.
        body: Range<u64>,
    },
}

/// A field of a message, as its header tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// Its number in the message's type.
    pub(super) number: u64,
    /// Where it begins and ends in the file.
    pub(super) span: Range<u64>,
    /// What it holds.
    pub(super) value: Value,
}

/// A window on a file on disk, moved to wherever something is read.
#[derive(Debug)]
pub(super) struct Window<'a> {
    file: &'a StoredFile,
    /// How much is read at once.
    reach_bytes: u64,
    start: u64,
    bytes: Vec<u8>,
}

impl<'a> Window<'a> {
    pub(super) const fn new(file: &'a StoredFile, reach_bytes: u64) -> Self {
        Self { file, reach_bytes, start: 0, bytes: Vec::new() }
    }

    /// The bytes from `at` on: `wanted`, or fewer at the end of the file. At most a window.
    pub(super) async fn peek(&mut self, disk: &dyn Disk, at: u64, wanted: usize) -> Result<&[u8], SplitError> {
        let end = self.file.len_bytes.min(at.saturating_add(wanted as u64));
        let held = self.start..self.start + self.bytes.len() as u64;
        if at < held.start || end > held.end {
            let window_end = self.file.len_bytes.min(at.saturating_add(self.reach_bytes.max(wanted as u64)));
            self.bytes = self.file.read(disk, at.min(window_end)..window_end).await?;
            self.start = at;
        }
        let from = usize::try_from(at - self.start).unwrap_or(usize::MAX);
        let to = from.saturating_add(usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX));
        Ok(self.bytes.get(from..to).unwrap_or_default())
    }

    /// The field that begins at `at`, in a message that ends at `end`.
    ///
    /// # Errors
    /// [`SplitError::Malformed`] if it is none, or reaches beyond the message.
    pub(super) async fn field(&mut self, disk: &dyn Disk, at: u64, end: u64) -> Result<Field, SplitError> {
        let head = self.peek(disk, at, HEADER_BYTES).await?;
        parse_field(head, at, end).ok_or(SplitError::Malformed { at_byte: at })
    }
}

fn parse_field(head: &[u8], at: u64, end: u64) -> Option<Field> {
    let (tag, tag_len) = varint(head)?;
    let number = tag >> 3;
    let value_at = at + tag_len as u64;
    let rest = &head[tag_len..];
    let (value, field_end) = match tag & 7 {
        0 => {
            let (number, len) = varint(rest)?;
            (Value::Number(number), value_at + len as u64)
        }
        1 => (Value::Fixed, value_at.checked_add(8)?),
        5 => (Value::Fixed, value_at.checked_add(4)?),
        2 => {
            let (len, len_len) = varint(rest)?;
            let start = value_at + len_len as u64;
            let body = start..start.checked_add(len)?;
            let field_end = body.end;
            (Value::Bytes { len_at: value_at, body }, field_end)
        }
        // Groups are older than ONNX, 6 and 7 mean nothing.
        _ => return None,
    };
    (number > 0 && field_end <= end).then_some(Field { number, span: at..field_end, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_the_way_there_and_back() {
        for value in [0, 1, 127, 128, 300, u64::from(u32::MAX), 1 << 31, u64::MAX] {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, value);
            assert_eq!(varint(&bytes), Some((value, bytes.len())), "{value}");
            assert_eq!(varint(&bytes[..bytes.len() - 1]), None, "{value}, cut");
        }
        assert_eq!(varint(&[0xff; 10]), None, "more than 64 bits");
        assert_eq!(varint(&[0x80; 11]), None);
    }

    #[test]
    fn a_field_ends_within_its_message() {
        let bytes = [0x3a, 0x05, 1, 2, 3, 4, 5];
        let field = parse_field(&bytes, 10, 17).unwrap();
        assert_eq!((field.number, field.span), (7, 10..17));
        assert_eq!(field.value, Value::Bytes { len_at: 11, body: 12..17 });
        assert_eq!(parse_field(&bytes, 10, 16), None);
        assert_eq!(parse_field(&[0x3b, 0], 0, 9), None, "a group");
        assert_eq!(parse_field(&[0x02, 0], 0, 9), None, "number 0");
        assert_eq!(parse_field(&[0x09, 0], 0, 8), None, "8 bytes, cut");
        assert_eq!(parse_field(&[], 0, 8), None);
        let endless = [0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        assert_eq!(parse_field(&endless, 10, u64::MAX), None, "longer than any file");
    }

    #[test]
    fn what_is_no_model_begins_otherwise() {
        assert!(begins_like_a_model(&[0x08, 0x09]));
        for other in ["", "<!doctype html>", "\n<html>", "{\"error\":1}", "version https://git-lfs", "PK\u{3}\u{4}"] {
            assert!(!begins_like_a_model(other.as_bytes()), "{other}");
        }
    }
}
