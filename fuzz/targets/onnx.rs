//! A model's file, split into graph and weights; the first byte says how long its parts on disk are.
#![no_main]

use std::ops::Range;

use brushaway::store::{Digest, Disk, DiskAnswer, DiskError, SplitError, SplitOptions, StoredFile, split};
use libfuzzer_sys::fuzz_target;

/// One file in parts, in memory.
struct Parts<'a> {
    keys: Vec<String>,
    parts: Vec<&'a [u8]>,
}

impl Disk for Parts<'_> {
    fn put<'a>(&'a self, _: &'a str, _: Vec<u8>) -> DiskAnswer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn len<'a>(&'a self, key: &'a str) -> DiskAnswer<'a, Option<u64>> {
        let at = self.keys.iter().position(|other| other == key);
        Box::pin(async move { Ok(at.map(|at| self.parts[at].len() as u64)) })
    }

    fn read<'a>(&'a self, key: &'a str, range: Range<u64>) -> DiskAnswer<'a, Vec<u8>> {
        let at = self.keys.iter().position(|other| other == key);
        let read = at.and_then(|at| self.parts[at].get(range.start as usize..range.end as usize));
        let read = read.map(<[u8]>::to_vec).ok_or(DiskError::Failed { reason: "beyond the end".to_owned() });
        Box::pin(async move { read })
    }

    fn delete<'a>(&'a self, _: &'a str) -> DiskAnswer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn keys<'a>(&'a self, _: &'a str) -> DiskAnswer<'a, Vec<String>> {
        Box::pin(async { Ok(self.keys.clone()) })
    }

    fn free_bytes(&self) -> DiskAnswer<'_, Option<u64>> {
        Box::pin(async { Ok(None) })
    }
}

fuzz_target!(|bytes: &[u8]| {
    let [part, model @ ..] = bytes else { return };
    let part_bytes = u64::from(*part) * 7 + 1;
    let stored = |bytes: &[u8]| StoredFile {
        key: "model".to_owned(),
        len_bytes: bytes.len() as u64,
        sha256: Digest::of(bytes),
        part_bytes,
    };
    let parts = |file: &StoredFile, bytes| {
        let parts = <[u8]>::chunks(bytes, part_bytes as usize).collect();
        Parts { keys: file.part_keys().collect(), parts }
    };
    let options = SplitOptions { inline_bytes: 8, graph_bytes: 1 << 20, window_bytes: 32, location: "weights" };
    let file = stored(model);
    let Ok(made) = pollster::block_on(split(&file, options, &parts(&file, model))) else { return };
    assert!(made.external_bytes <= file.len_bytes);
    // What was made of a model is one, and says of its weights that they are elsewhere.
    let file = stored(&made.graph);
    let again = pollster::block_on(split(&file, options, &parts(&file, &made.graph)));
    assert!(match again {
        Ok(again) => made.tensors == 0 && again.graph == made.graph,
        Err(SplitError::AlreadyExternal { .. }) => made.tensors > 0,
        Err(_) => false,
    });
});
