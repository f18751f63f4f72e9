//! A network, a disk and a person, all in memory.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
    ops::Range,
};

use futures_util::{FutureExt as _, future::LocalBoxFuture};

use crate::store::{
    Chunks, Control, Digest, Disk, DiskAnswer, DiskError, FetchOptions, FileSpec, Halt, Net, Phase, Progress, Response,
    SourceError, StoreError, StoredFile, WireHead, fetch,
};

pub(super) const URL: &str = "https://hub.example/o/r/resolve/main/model.onnx";
pub(super) const KEY: &str = "https://store.example/model.onnx";

/// Random numbers that are the same every time (splitmix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}

/// Bytes that begin as a model does.
pub(super) fn model_bytes(len: usize) -> Vec<u8> {
    let mut dice = Dice(len as u64);
    let mut bytes: Vec<u8> = (0..len).map(|_| dice.roll(256) as u8).collect();
    if let Some(first) = bytes.first_mut() {
        *first = 0x08;
    }
    bytes
}

/// How one request is answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Answer {
    /// As it should be.
    Well,
    /// The body ends at this byte of the file, without a word.
    EndsAt(u64),
    /// The connection breaks at this byte.
    BreaksAt(u64),
    /// Nothing comes from this byte on.
    StallsAt(u64),
    /// There is no connection.
    Unreachable,
    /// This status.
    Status(u16),
    /// The whole file, whatever was asked.
    IgnoresRange,
    /// The file from some bytes after the wanted one.
    StartsLate(u64),
    /// Nothing is said about length.
    SaysNoLength,
    /// A web page.
    Html,
    /// A web page that says that it is a file.
    HtmlAsFile,
    /// One byte more than there is.
    Longer,
    /// One byte less, and so says the head.
    Shorter,
    /// One bit is wrong.
    Flipped(usize),
}

pub(super) struct FakeNet {
    pub(super) bytes: Vec<u8>,
    /// For the next requests; all later ones are answered as the last of these.
    pub(super) answers: RefCell<VecDeque<Answer>>,
    /// Where each request wanted to begin.
    pub(super) asked: RefCell<Vec<Option<u64>>>,
    pub(super) chunk_bytes: usize,
}

struct FakeBody {
    chunks: VecDeque<Vec<u8>>,
    end: Option<SourceError>,
}

impl Chunks for FakeBody {
    fn next_chunk(&mut self) -> LocalBoxFuture<'_, Result<Option<Vec<u8>>, SourceError>> {
        let next = match (self.chunks.pop_front(), self.end.take()) {
            (Some(chunk), end) => {
                self.end = end;
                Ok(Some(chunk))
            }
            (None, Some(error)) => Err(error),
            (None, None) => Ok(None),
        };
        async { next }.boxed_local()
    }
}

fn lost() -> SourceError {
    SourceError::Lost { reason: "reset".to_owned() }
}

/// A source of these bytes that ends so.
pub(super) fn body(bytes: &[u8], chunk_bytes: usize, end: Option<SourceError>) -> Box<dyn Chunks> {
    Box::new(FakeBody { chunks: bytes.chunks(chunk_bytes.max(1)).map(<[u8]>::to_vec).collect(), end })
}

impl FakeNet {
    pub(super) fn new(bytes: Vec<u8>, answers: &[Answer]) -> Self {
        Self {
            bytes,
            answers: RefCell::new(answers.iter().copied().collect()),
            asked: RefCell::default(),
            chunk_bytes: 5,
        }
    }

    fn answer(&self, from_byte: Option<u64>) -> Result<Response, SourceError> {
        self.asked.borrow_mut().push(from_byte);
        let mut answers = self.answers.borrow_mut();
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().copied() };
        let answer = answer.unwrap_or(Answer::Well);
        let mut bytes = self.bytes.clone();
        match answer {
            Answer::Unreachable => return Err(lost()),
            Answer::Longer => bytes.push(0),
            Answer::Shorter => bytes.truncate(bytes.len() - 1),
            Answer::Flipped(at) => bytes[at] ^= 1,
            Answer::Html | Answer::HtmlAsFile => bytes = b"<!doctype html><title>Sign in</title>".to_vec(),
            _ => {}
        }
        let total = bytes.len() as u64;
        let asked = from_byte.filter(|_| !matches!(answer, Answer::IgnoresRange | Answer::Html | Answer::HtmlAsFile));
        let start = asked.unwrap_or(0) + if let Answer::StartsLate(by) = answer { by } else { 0 };
        let status = match (answer, asked) {
            (Answer::Status(status), _) => status,
            (_, Some(_)) if start >= total => 416,
            (_, Some(_)) | (Answer::StartsLate(_), None) => 206,
            (_, None) => 200,
        };
        let (end, error) = match answer {
            Answer::EndsAt(end) => (end, None),
            Answer::BreaksAt(end) => (end, Some(lost())),
            Answer::StallsAt(end) => (end, Some(SourceError::Stalled)),
            _ => (total, None),
        };
        let end = end.clamp(start.min(total), total);
        let says_length = answer != Answer::SaysNoLength;
        let length = (total - start.min(total)).to_string();
        let range = match status {
            206 if says_length => Some(format!("bytes {start}-{}/{total}", total - 1)),
            206 => Some(format!("bytes {start}-{}/*", total - 1)),
            416 => Some(format!("bytes */{total}")),
            _ => None,
        };
        let kind = if answer == Answer::Html { "text/html; charset=utf-8" } else { "application/octet-stream" };
        let head = WireHead {
            status,
            content_length: says_length.then_some(&*length),
            content_range: range.as_deref(),
            content_type: Some(kind),
        };
        let sent = if status < 300 { &bytes[start as usize..end as usize] } else { b"an error page" };
        Ok(Response { head: head.parse(from_byte.unwrap_or(0)), body: body(sent, self.chunk_bytes, error) })
    }
}

impl Net for FakeNet {
    fn get<'a>(&'a self, url: &'a str, from_byte: Option<u64>) -> LocalBoxFuture<'a, Result<Response, SourceError>> {
        assert_eq!(url, URL, "only the address that stays is asked");
        let answer = self.answer(from_byte);
        async { answer }.boxed_local()
    }
}

#[derive(Default)]
pub(super) struct FakeDisk {
    pub(super) blobs: RefCell<BTreeMap<String, Vec<u8>>>,
    /// How much fits; none is without end.
    pub(super) room: Cell<Option<u64>>,
    /// Whether it tells how much fits.
    pub(super) tells_room: Cell<bool>,
    /// Whether storing fails for no reason of ours.
    pub(super) fails: Cell<bool>,
    pub(super) puts: RefCell<Vec<String>>,
    pub(super) read_bytes: Cell<u64>,
}

impl FakeDisk {
    fn used(&self) -> u64 {
        self.blobs.borrow().values().map(|blob| blob.len() as u64).sum()
    }

    /// Keys, without what all have in common.
    pub(super) fn names(&self) -> Vec<String> {
        self.blobs.borrow().keys().map(|key| key.trim_start_matches(KEY).to_owned()).collect()
    }

    /// All parts, end to end.
    pub(super) fn content(&self) -> Vec<u8> {
        let parts = format!("{KEY}/part-");
        let blobs = self.blobs.borrow();
        blobs.iter().filter(|(key, _)| key.starts_with(&parts)).flat_map(|(_, part)| part.clone()).collect()
    }
}

impl Disk for FakeDisk {
    fn put<'a>(&'a self, key: &'a str, bytes: Vec<u8>) -> DiskAnswer<'a, ()> {
        let result = if self.fails.get() {
            Err(DiskError::Failed { reason: "a bad day".to_owned() })
        } else if self.room.get().is_some_and(|room| self.used() + bytes.len() as u64 > room) {
            Err(DiskError::Full)
        } else {
            self.puts.borrow_mut().push(key.to_owned());
            self.blobs.borrow_mut().insert(key.to_owned(), bytes);
            Ok(())
        };
        async { result }.boxed_local()
    }

    fn len<'a>(&'a self, key: &'a str) -> DiskAnswer<'a, Option<u64>> {
        let len = self.blobs.borrow().get(key).map(|blob| blob.len() as u64);
        async move { Ok(len) }.boxed_local()
    }

    fn read<'a>(&'a self, key: &'a str, range: Range<u64>) -> DiskAnswer<'a, Vec<u8>> {
        self.read_bytes.update(|sum| sum + range.end - range.start);
        let blobs = self.blobs.borrow();
        let bytes = blobs.get(key).and_then(|blob| blob.get(range.start as usize..range.end as usize));
        let bytes = bytes.map(<[u8]>::to_vec).ok_or(DiskError::Failed { reason: "no such bytes".to_owned() });
        async { bytes }.boxed_local()
    }

    fn delete<'a>(&'a self, key: &'a str) -> DiskAnswer<'a, ()> {
        self.blobs.borrow_mut().remove(key);
        async { Ok(()) }.boxed_local()
    }

    fn keys<'a>(&'a self, prefix: &'a str) -> DiskAnswer<'a, Vec<String>> {
        let keys = self.blobs.borrow().keys().filter(|key| key.starts_with(prefix)).cloned().collect();
        async { Ok(keys) }.boxed_local()
    }

    fn free_bytes(&self) -> DiskAnswer<'_, Option<u64>> {
        let free = self.room.get().filter(|_| self.tells_room.get()).map(|room| room.saturating_sub(self.used()));
        async move { Ok(free) }.boxed_local()
    }
}

#[derive(Default)]
pub(super) struct Person {
    /// Stops once so much has been fetched.
    pub(super) halts_at: Cell<Option<(u64, Halt)>>,
    pub(super) seen: RefCell<Vec<Progress>>,
    pub(super) waits: RefCell<Vec<u32>>,
}

impl Control for Person {
    fn step(&self, progress: Progress) -> Result<(), Halt> {
        self.seen.borrow_mut().push(progress);
        match self.halts_at.get() {
            Some((at, halt)) if progress.phase == Phase::Fetching && progress.done_bytes >= at => Err(halt),
            _ => Ok(()),
        }
    }

    fn wait<'a>(&'a self, retry: u32, _: &'a StoreError) -> LocalBoxFuture<'a, Result<(), Halt>> {
        self.waits.borrow_mut().push(retry);
        async { Ok(()) }.boxed_local()
    }
}

/// A download that can be tried again and again.
pub(super) struct Scene {
    pub(super) file: FileSpec,
    pub(super) options: FetchOptions,
    pub(super) net: FakeNet,
    pub(super) disk: FakeDisk,
    pub(super) person: Person,
}

impl Scene {
    /// A file of so many bytes, in parts of 16.
    pub(super) fn new(len: usize, answers: &[Answer]) -> Self {
        let bytes = model_bytes(len);
        Self {
            file: FileSpec {
                url: URL.to_owned(),
                key: KEY.to_owned(),
                len_bytes: Some(len as u64),
                sha256: Some(Digest::of(&bytes)),
            },
            options: FetchOptions { part_bytes: 16, retries: 3 },
            net: FakeNet::new(bytes, answers),
            disk: FakeDisk::default(),
            person: Person::default(),
        }
    }

    pub(super) fn fetch(&self) -> Result<StoredFile, StoreError> {
        pollster::block_on(fetch(&self.file, self.options, &self.net, &self.disk, &self.person))
    }

    /// From now on the network answers so.
    pub(super) fn answers(&self, answers: &[Answer]) {
        *self.net.answers.borrow_mut() = answers.iter().copied().collect();
        self.net.asked.borrow_mut().clear();
    }

    /// Fetches, and checks every byte of it.
    pub(super) fn arrives(&self) -> StoredFile {
        let stored = self.fetch().unwrap();
        assert_eq!(stored.len_bytes, self.net.bytes.len() as u64);
        assert_eq!(stored.sha256, Digest::of(&self.net.bytes));
        let whole = pollster::block_on(stored.read(&self.disk, 0..stored.len_bytes)).unwrap();
        assert!(whole == self.net.bytes, "the bytes are others");
        assert!(self.disk.content() == self.net.bytes, "there are parts too many");
        stored
    }
}
