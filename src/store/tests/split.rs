//! A split file is the same model, wherever its parts and windows end.

use std::ops::Range;

use futures_util::FutureExt as _;
use pollster::block_on;

use super::fakes::{Dice, FakeDisk, KEY};
use crate::store::{
    Digest, Disk, DiskAnswer, Split, SplitError, SplitOptions, StoredFile, split,
    stored::part_key,
    wire::{put_bytes, put_varint, varint},
};

/// Weights longer than this go out, in these tests.
const INLINE: u64 = 20;

fn field(number: u64, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_bytes(&mut out, number, body);
    out
}

fn number(number: u64, value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    put_varint(&mut out, number << 3);
    put_varint(&mut out, value);
    out
}

/// A `TensorProto` with raw data.
fn tensor(name: &str, raw: &[u8]) -> Vec<u8> {
    [number(1, raw.len() as u64), number(2, 2), field(8, name.as_bytes()), field(9, raw)].concat()
}

/// A node with one attribute.
fn node(op: &str, attribute: &[u8]) -> Vec<u8> {
    [field(2, b"out"), field(4, op.as_bytes()), field(5, &[field(1, b"value"), attribute.to_vec()].concat())].concat()
}

fn model(graph: &[u8]) -> Vec<u8> {
    [number(1, 8), field(2, b"test"), field(7, graph), field(8, &number(2, 18))].concat()
}

fn random_bytes(dice: &mut Dice, len: u64) -> Vec<u8> {
    (0..len).map(|_| dice.roll(256) as u8).collect()
}

/// A graph of everything that matters: initialisers, constants, weights in the branch of an `If`, typed data.
fn random_graph(dice: &mut Dice, depth: u64) -> Vec<u8> {
    let mut graph = field(2, b"g");
    for index in 0..dice.roll(5) {
        let len = [0, 1, INLINE, INLINE + 1, 120, 200, 20_000][dice.roll(7) as usize];
        let weights = tensor(&format!("w{index}"), &random_bytes(dice, len));
        graph.extend(match dice.roll(5) {
            0 => field(1, &node("Constant", &field(5, &weights))),
            1 if depth > 0 => field(1, &node("If", &field(6, &random_graph(dice, depth - 1)))),
            2 => field(5, &[number(14, 0), weights, number(14, 0)].concat()),
            3 => field(5, &[number(1, 40), number(2, 1), field(4, &random_bytes(dice, 160))].concat()),
            _ => field(5, &weights),
        });
    }
    graph
}

/// Puts bytes on a disk, in parts.
fn stored(bytes: &[u8], part_bytes: u64) -> (StoredFile, FakeDisk) {
    let disk = FakeDisk::default();
    for (index, part) in (0..).zip(bytes.chunks(part_bytes as usize)) {
        disk.blobs.borrow_mut().insert(part_key(KEY, index), part.to_vec());
    }
    (StoredFile { key: KEY.to_owned(), len_bytes: bytes.len() as u64, sha256: Digest::of(bytes), part_bytes }, disk)
}

const fn options() -> SplitOptions<'static> {
    SplitOptions { inline_bytes: INLINE, graph_bytes: 1 << 20, window_bytes: 64, ..SplitOptions::new("model.onnx") }
}

fn split_bytes(bytes: &[u8], part_bytes: u64, window_bytes: u64) -> Result<Split, SplitError> {
    let (file, disk) = stored(bytes, part_bytes);
    block_on(split(&file, SplitOptions { window_bytes, ..options() }, &disk))
}

/// The fields of a message: number and body (of numbers: how they are written).
fn fields(mut bytes: &[u8]) -> Vec<(u64, &[u8])> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (tag, tag_len) = varint(bytes).unwrap();
        let (value, value_len) = varint(&bytes[tag_len..]).unwrap();
        let start = tag_len + value_len;
        let (body, end) = match tag & 7 {
            0 => (&bytes[tag_len..start], start),
            2 => (&bytes[start..start + value as usize], start + value as usize),
            other => panic!("wire type {other}"),
        };
        found.push((tag >> 3, body));
        bytes = &bytes[end..];
    }
    found
}

/// The model with all weights in it, whether they were or not, in a form of our own. `kind` is the message.
fn resolved(kind: &str, bytes: &[u8], file: &[u8], external: &mut usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut place = Vec::new();
    let mut raw: &[u8] = &[];
    let mut is_external = false;
    for (number, body) in fields(bytes) {
        let inner = match (kind, number) {
            ("model", 7) | ("attribute", 6) => "graph",
            ("graph", 1) => "node",
            ("graph" | "attribute", 5) => "tensor",
            ("node", 5) => "attribute",
            ("tensor", 9) => {
                raw = body;
                continue;
            }
            ("tensor", 13) => {
                let entry = fields(body);
                place.push((str::from_utf8(entry[0].1).unwrap(), str::from_utf8(entry[1].1).unwrap()));
                continue;
            }
            ("tensor", 14) => {
                is_external = body == [1];
                continue;
            }
            _ => {
                out.extend(field(number, body));
                continue;
            }
        };
        out.extend(field(number, &resolved(inner, body, file, external)));
    }
    if is_external {
        let [("location", "model.onnx"), ("offset", offset), ("length", length)] = place[..] else {
            panic!("{place:?}");
        };
        let offset: usize = offset.parse().unwrap();
        raw = &file[offset..offset + length.parse::<usize>().unwrap()];
        assert!(raw.len() as u64 > INLINE);
        *external += 1;
    }
    out.extend(field(9, raw));
    out
}

#[test]
fn the_split_model_is_the_same_model() {
    for seed in 0..300 {
        let mut dice = Dice(seed);
        let bytes = model(&random_graph(&mut dice, 3));
        let made = split_bytes(&bytes, 1 + dice.roll(5000), dice.roll(5000)).unwrap();
        let mut external = 0;
        let after = resolved("model", &made.graph, &bytes, &mut external);
        assert!(after == resolved("model", &bytes, &bytes, &mut 0), "seed {seed}");
        assert_eq!(external, made.tensors, "seed {seed}");
    }
}

#[test]
fn nothing_large_leaves_every_byte_as_it_was() {
    let bytes = model(&[field(5, &tensor("a", &[1; 20])), field(1, &node("Relu", &number(3, 1)))].concat());
    let made = split_bytes(&bytes, 7, 64).unwrap();
    assert_eq!(made, Split { graph: bytes, tensors: 0, external_bytes: 0 });
}

#[test]
fn the_weights_are_jumped_over() {
    let bytes = model(&[field(5, &tensor("a", &vec![1; 300_000])), field(5, &tensor("b", &[2; 4000]))].concat());
    let (file, disk) = stored(&bytes, 100_000);
    let made = block_on(split(&file, SplitOptions { window_bytes: 1000, ..options() }, &disk)).unwrap();
    assert_eq!((made.tensors, made.external_bytes), (2, 304_000));
    assert!(made.graph.len() < 300, "{} bytes", made.graph.len());
    assert!(disk.read_bytes.get() < 12_000, "{} bytes were read", disk.read_bytes.get());
}

#[test]
fn cut_anywhere_it_is_an_error_and_never_a_panic() {
    let bytes = model(&random_graph(&mut Dice(4), 2));
    assert!(bytes.len() > 1000);
    let whole = bytes.len() - field(8, &number(2, 18)).len();
    for len in (0..bytes.len()).step_by(7).chain(bytes.len() - 40..bytes.len()) {
        let result = split_bytes(&bytes[..len], 4000, 64);
        assert_eq!(result.is_ok(), len == whole, "cut after {len} of {}", bytes.len());
    }
}

#[test]
fn damage_is_an_error_or_another_model_and_never_a_panic() {
    let mut dice = Dice(99);
    for seed in 0..2000 {
        let mut bytes = model(&random_graph(&mut Dice(seed % 20), 2));
        for _ in 0..=dice.roll(3) {
            let at = dice.roll(bytes.len() as u64) as usize;
            bytes[at] = dice.roll(256) as u8;
        }
        if let Ok(made) = split_bytes(&bytes, 4000, 64) {
            assert!(made.graph.len() <= bytes.len() + 100 * made.tensors);
        }
    }
}

fn check(bytes: &[u8], expected: fn(&SplitError) -> bool) {
    let error = split_bytes(bytes, 4000, 64).unwrap_err();
    assert!(expected(&error), "{error:?}");
}

#[test]
fn what_cannot_be_split_is_said() {
    let graph = |tensor: &[u8]| model(&field(5, tensor));
    check(&number(1, 8), |e| matches!(e, SplitError::NoGraph));
    check(&[], |e| matches!(e, SplitError::NoGraph));
    check(&graph(&number(14, 1)), |e| matches!(e, SplitError::AlreadyExternal { at_byte: 12 }));
    let location = field(13, &[field(1, b"location"), field(2, b"weights.bin")].concat());
    check(&graph(&location), |e| matches!(e, SplitError::AlreadyExternal { .. }));
    let twice = [tensor("a", &[1; 30]), field(9, &[1; 30])].concat();
    check(&graph(&twice), |e| matches!(e, SplitError::Malformed { .. }));
    // A length of almost 2^64 within a small file: refused before anything is made room for.
    let huge = [0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    check(&huge, |e| matches!(e, SplitError::Malformed { at_byte: 0 }));
    let typed = graph(&[number(2, 1), field(4, &vec![0; 2 << 20])].concat());
    check(&typed, |e| matches!(e, SplitError::GraphTooLarge { .. }));
    let deep = (0..40).fold(field(2, b"g"), |inner, _| field(1, &node("If", &field(6, &inner))));
    check(&model(&deep), |e| matches!(e, SplitError::Malformed { .. }));
}

#[test]
fn a_disk_that_lost_a_part_is_an_error() {
    let bytes = model(&field(5, &tensor("a", &[1; 300])));
    let (file, disk) = stored(&bytes, 100);
    disk.blobs.borrow_mut().remove(&part_key(KEY, 0));
    assert!(matches!(block_on(split(&file, options(), &disk)), Err(SplitError::Disk(_))));
}

/// A file of any size: some bytes at some places, zeros elsewhere.
struct Sparse(Vec<(u64, Vec<u8>)>, u64);

impl Disk for Sparse {
    fn read<'a>(&'a self, key: &'a str, range: Range<u64>) -> DiskAnswer<'a, Vec<u8>> {
        let index: u64 = key.rsplit('-').next().unwrap().parse().unwrap();
        let byte = |at: u64| {
            let piece = self.0.iter().find(|(start, piece)| (*start..start + piece.len() as u64).contains(&at));
            piece.map_or(0, |(start, piece)| piece[(at - start) as usize])
        };
        let bytes = range.map(|at| byte(index * self.1 + at)).collect();
        async { Ok(bytes) }.boxed_local()
    }

    fn put<'a>(&'a self, _: &'a str, _: Vec<u8>) -> DiskAnswer<'a, ()> {
        panic!("splitting writes nothing")
    }

    fn len<'a>(&'a self, _: &'a str) -> DiskAnswer<'a, Option<u64>> {
        async { Ok(None) }.boxed_local()
    }

    fn delete<'a>(&'a self, _: &'a str) -> DiskAnswer<'a, ()> {
        panic!("splitting deletes nothing")
    }

    fn keys<'a>(&'a self, _: &'a str) -> DiskAnswer<'a, Vec<String>> {
        async { Ok(Vec::new()) }.boxed_local()
    }

    fn free_bytes(&self) -> DiskAnswer<'_, Option<u64>> {
        async { Ok(None) }.boxed_local()
    }
}

/// A field's tag and length, without its body.
fn opening(number: u64, len: u64) -> Vec<u8> {
    let mut out = Vec::new();
    put_varint(&mut out, number << 3 | 2);
    put_varint(&mut out, len);
    out
}

#[test]
fn a_file_beyond_four_gibibytes_is_split_too() {
    let weights = 5_u64 << 30;
    let small = field(5, &tensor("b", &[7; 30]));
    let mut head = field(8, b"a");
    head.extend(opening(9, weights));
    let tensor_opening = opening(5, head.len() as u64 + weights);
    let body = tensor_opening.len() as u64 + head.len() as u64 + weights + small.len() as u64;
    let front = [opening(7, body), tensor_opening, head].concat();
    let (offset, back) = (front.len() as u64, front.len() as u64 + weights);
    let len_bytes = back + small.len() as u64;
    let part_bytes = 32 << 20;
    let disk = Sparse(vec![(0, front), (back, small)], part_bytes);
    let file = StoredFile { key: KEY.to_owned(), len_bytes, sha256: Digest::of(b""), part_bytes };
    let made = block_on(split(&file, options(), &disk)).unwrap();
    assert_eq!((made.tensors, made.external_bytes), (2, weights + 30));
    let text = String::from_utf8_lossy(&made.graph).into_owned();
    for expected in [offset.to_string(), weights.to_string(), (len_bytes - 30).to_string()] {
        assert!(text.contains(&expected), "{expected} in {text}");
    }
}
