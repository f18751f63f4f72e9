//! The bytes of a file, held or made up.

use std::{fmt::Write as _, ops::Range};

use sha2::{Digest as _, Sha256};

/// What a file holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// As many bytes as wanted, made when asked for: 907 MB need no memory. Begins as an ONNX file does.
    Made {
        /// The same seed makes the same bytes.
        seed: u64,
        /// Length.
        len_bytes: u64,
    },
}

impl Content {
    /// Length in bytes.
    pub const fn len_bytes(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Made { len_bytes, .. } => *len_bytes,
        }
    }

    /// The bytes in `range`, which must lie in the file.
    pub fn read(&self, range: Range<u64>) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes[range.start as usize..range.end as usize].to_vec(),
            Self::Made { seed, .. } => {
                let blocks = range.start / 8..range.end.div_ceil(8);
                let start = (range.start - blocks.start * 8) as usize;
                let mut bytes: Vec<u8> = blocks.flat_map(|block| made(*seed, block)).skip(start).collect();
                bytes.truncate((range.end - range.start) as usize);
                bytes
            }
        }
    }

    /// SHA-256 in hexadecimal. Takes seconds for hundreds of megabytes.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        let mut at = 0;
        while at < self.len_bytes() {
            let end = self.len_bytes().min(at + (1 << 20));
            hash.update(self.read(at..end));
            at = end;
        }
        let mut text = String::new();
        for byte in hash.finalize() {
            // Writing into a `String` can't fail.
            write!(text, "{byte:02x}").unwrap_or_default();
        }
        text
    }
}

/// Eight bytes of a made file: splitmix64 of the place, so that any can be had without those before.
fn made(seed: u64, block: u64) -> [u8; 8] {
    let mixed = seed.wrapping_add((block + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let mut bytes = (mixed ^ (mixed >> 31)).to_le_bytes();
    if block == 0 {
        bytes[..2].copy_from_slice(&[0x08, 0x08]); // ir_version = 8
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_bytes_are_the_same_wherever_one_begins_to_read() {
        let content = Content::Made { seed: 7, len_bytes: 100 };
        let whole = content.read(0..100);
        assert_eq!(whole.len(), 100);
        for start in 0..100 {
            for end in start..=100 {
                assert_eq!(content.read(start..end), whole[start as usize..end as usize]);
            }
        }
        assert_eq!(content.sha256(), Content::Bytes(whole).sha256());
    }
}
