//! What the `image` crate does not check of a WebP.

/// Whether each chunk lies wholly inside the file (RIFF; RFC 9649, section 2.3).
///
/// For metadata the decoder takes memory for as many bytes as a chunk claims, up to 4 GiB, before it looks whether they
/// are there.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(12..).unwrap_or_default();
    while let [_, _, _, _, a, b, c, d, body @ ..] = rest {
        let len = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        if len > body.len() {
            return false;
        }
        // Chunks begin at even places; the last one's filling is often missing.
        rest = body.get(len.next_multiple_of(2)..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(claimed: u32) -> Vec<u8> {
        [b"RIFF\0\0\0\0WEBPEXIF", &claimed.to_le_bytes()[..], b"abc"].concat()
    }

    #[test]
    fn a_chunk_ends_within_its_file() {
        assert!(is_whole(&file(3)));
        assert!(!is_whole(&file(4)));
        assert!(!is_whole(&file(u32::MAX)));
    }
}
