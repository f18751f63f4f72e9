//! The store against the hub: every fault a host can have, and that a second try ends well.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::TcpStream,
    ops::Range,
    sync::mpsc,
    thread,
    time::Duration,
};

use brushaway::store::{
    Control, Disk, DiskAnswer, DiskError, FetchOptions, FileSpec, Halt, HubFile, Net as _, Progress, SplitOptions,
    StoreError, StoredFile, fetch, find, learn, split,
};
use brushaway_hub::{Client, Content, Fault, Hub};
use futures_util::future::{self, FutureExt as _, LocalBoxFuture};
use pollster::block_on;

const REPO: &str = "ada/models";
const PATH: &str = "onnx/model.onnx";
const KEY: &str = "https://store.example/model.onnx";
const LEN: u64 = 100_000;
const PART: u64 = 16_384;

#[derive(Default)]
struct Memory(RefCell<BTreeMap<String, Vec<u8>>>);

fn ready<'a, T: 'a>(value: T) -> DiskAnswer<'a, T> {
    future::ready(Ok(value)).boxed_local()
}

impl Disk for Memory {
    fn put<'a>(&'a self, key: &'a str, bytes: Vec<u8>) -> DiskAnswer<'a, ()> {
        self.0.borrow_mut().insert(key.to_owned(), bytes);
        ready(())
    }

    fn len<'a>(&'a self, key: &'a str) -> DiskAnswer<'a, Option<u64>> {
        ready(self.0.borrow().get(key).map(|blob| blob.len() as u64))
    }

    fn read<'a>(&'a self, key: &'a str, range: Range<u64>) -> DiskAnswer<'a, Vec<u8>> {
        let blobs = self.0.borrow();
        let bytes = blobs.get(key).and_then(|blob| blob.get(range.start as usize..range.end as usize));
        future::ready(bytes.map(<[u8]>::to_vec).ok_or(DiskError::Full)).boxed_local()
    }

    fn delete<'a>(&'a self, key: &'a str) -> DiskAnswer<'a, ()> {
        self.0.borrow_mut().remove(key);
        ready(())
    }

    fn keys<'a>(&'a self, prefix: &'a str) -> DiskAnswer<'a, Vec<String>> {
        ready(self.0.borrow().keys().filter(|key| key.starts_with(prefix)).cloned().collect())
    }

    fn free_bytes(&self) -> DiskAnswer<'_, Option<u64>> {
        ready(None)
    }
}

/// Never waits; stops once so much is there.
#[derive(Default)]
struct Hasty(Cell<Option<u64>>);

impl Control for Hasty {
    fn step(&self, progress: Progress) -> Result<(), Halt> {
        let is_enough = self.0.get().is_some_and(|enough| progress.done_bytes >= enough);
        if is_enough { Err(Halt::Pause) } else { Ok(()) }
    }

    fn wait<'a>(&'a self, _: u32, _: &'a StoreError) -> LocalBoxFuture<'a, Result<(), Halt>> {
        future::ready(Ok(())).boxed_local()
    }
}

struct Scene {
    hub: Hub,
    content: Content,
    disk: Memory,
    control: Hasty,
    client: Client,
}

impl Scene {
    fn new() -> Self {
        let hub = Hub::start().unwrap();
        let content = Content::Made { seed: 1, len_bytes: LEN };
        hub.put(REPO, PATH, content.clone());
        Self { hub, content, disk: Memory::default(), control: Hasty::default(), client: Client::default() }
    }

    fn key() -> String {
        format!("{REPO}/{PATH}")
    }

    fn url(&self) -> String {
        HubFile { hub: &self.hub.url(), repo: REPO, revision: "main", path: PATH }.url()
    }

    fn fetch(&self) -> Result<StoredFile, StoreError> {
        let file = FileSpec {
            url: self.url(),
            key: KEY.to_owned(),
            len_bytes: Some(LEN),
            sha256: Some(self.content.sha256().parse().unwrap()),
        };
        let options = FetchOptions { part_bytes: PART, retries: 2 };
        block_on(fetch(&file, options, &self.client, &self.disk, &self.control))
    }

    fn arrives(&self, why: &str) {
        let stored = self.fetch().unwrap();
        let bytes = block_on(stored.read(&self.disk, 0..LEN)).unwrap();
        assert!(bytes == self.content.read(0..LEN), "{why}: the bytes are others");
        assert_eq!(block_on(find(&self.disk, KEY)).unwrap(), Some(stored), "{why}");
    }

    /// Stops in the middle; returns how much is stored. That hangs on how the bytes arrive.
    fn stops_halfway(&self) -> u64 {
        self.control.0.set(Some(LEN / 2));
        assert!(matches!(self.fetch(), Err(StoreError::Paused)));
        self.control.0.set(None);
        let kept: usize = self.disk.0.borrow().values().map(Vec::len).sum();
        assert!(kept >= 2 * PART as usize && kept < LEN as usize, "{kept} bytes");
        kept as u64
    }

    /// Where in the file each request for bytes wanted to begin.
    fn asked(&self) -> Vec<Option<u64>> {
        self.hub.seen().iter().filter(|seen| seen.is_signed).map(|seen| seen.from_byte).collect()
    }
}

/// With a fault for ever: this error, after so many requests for bytes. Once only: so many as `once`, and none of the
/// store's business if it takes itself up again. Afterwards all is well.
fn check(fault: Fault, expected: fn(&StoreError) -> bool, always: usize, once: Option<usize>) {
    let mut scene = Scene::new();
    // What stalls is noticed by a clock; all else needs none.
    scene.client.patience = Duration::from_millis(if fault == Fault::stall_after(40_000) { 1000 } else { 30_000 });
    scene.hub.breaks(&Scene::key(), fault);
    let error = scene.fetch().unwrap_err();
    assert!(expected(&error), "{fault:?} gave {error:?}");
    assert_eq!(scene.asked().len(), always, "{fault:?}");
    scene.hub.mends(&Scene::key());
    scene.client.patience = Duration::from_secs(30);
    scene.arrives("after the fault");

    let mut scene = Scene::new();
    scene.client.patience = Duration::from_millis(if fault == Fault::stall_after(40_000) { 1000 } else { 30_000 });
    scene.hub.breaks(&Scene::key(), fault.times(1));
    match once {
        None => {
            let error = scene.fetch().unwrap_err();
            assert!(expected(&error), "{fault:?} once gave {error:?}");
            scene.arrives("a second try");
        }
        Some(requests) => {
            scene.arrives("it takes itself up again");
            assert_eq!(scene.asked().len(), requests, "{fault:?} once");
        }
    }
}

#[test]
fn every_fault_has_its_outcome_and_a_second_try_ends_well() {
    use StoreError as E;
    // A first try and two retries, where the fault may pass by itself.
    check(Fault::cut_at(0), |e| matches!(e, E::CutShort { done_bytes: 0 }), 3, Some(2));
    check(Fault::cut_at(40_000), |e| matches!(e, E::CutShort { done_bytes: 40_000 }), 3, Some(2));
    check(Fault::stall_after(40_000), |e| matches!(e, E::Stalled), 3, Some(2));
    check(Fault::status(500), |e| matches!(e, E::Server { status: 500 }), 3, Some(2));
    check(Fault::status(503), |e| matches!(e, E::Server { status: 503 }), 3, Some(2));
    check(Fault::status(429), |e| matches!(e, E::TooMany), 0, Some(1));
    check(Fault::status(404), |e| matches!(e, E::NotFound), 0, None);
    check(Fault::status(403), |e| matches!(e, E::Forbidden { status: 403 }), 1, None);
    check(Fault::status(416), |e| matches!(e, E::RangeRefused), 1, None);
    check(Fault::expired(), |e| matches!(e, E::Forbidden { status: 403 }), 1, None);
    check(Fault::html(), |e| matches!(e, E::NotAModel { .. }), 1, None);
    check(Fault::wrong_length(), |e| matches!(e, E::WrongLength { actual_bytes: 99_999, .. }), 1, None);
    check(Fault::flipped_byte(77_777), |e| matches!(e, E::WrongDigest { .. }), 1, None);
}

#[test]
fn what_is_only_odd_is_no_fault() {
    for fault in [Fault::ignore_range(), Fault::slow(2_000_000)] {
        let scene = Scene::new();
        let kept = scene.stops_halfway();
        scene.hub.breaks(&Scene::key(), fault);
        scene.arrives("with an odd host");
        assert_eq!(scene.asked(), [None, Some(kept)], "{fault:?}");
    }
}

#[test]
fn a_second_try_asks_for_what_is_missing_at_the_address_that_stays() {
    let scene = Scene::new();
    let kept = scene.stops_halfway();
    // Days later.
    scene.hub.expire_all();
    scene.hub.forget_seen();
    scene.arrives("with another signature");
    let seen = scene.hub.seen();
    assert_eq!(seen[0].target, format!("/{REPO}/resolve/main/{PATH}"));
    assert_eq!(scene.asked(), [Some(kept)]);
    assert!(seen[1].target.contains("Signature=2"), "{seen:?}");
    // And once it is there, nothing at all.
    scene.hub.forget_seen();
    scene.fetch().unwrap();
    assert!(scene.hub.seen().is_empty());
}

#[test]
fn addresses_expire_by_themselves_too() {
    let scene = Scene::new();
    scene.hub.set_signature_life(Duration::ZERO);
    assert!(matches!(scene.fetch(), Err(StoreError::Forbidden { status: 403 })));
    scene.hub.set_signature_life(Duration::from_hours(1));
    scene.arrives("with a longer life");
}

#[test]
fn the_list_tells_length_and_digest() {
    let scene = Scene::new();
    scene.hub.put(REPO, "readme.onnx", Content::Bytes(b"\x08\x08".to_vec()));
    let hub = scene.hub.url();
    let ask = |path| block_on(learn(&scene.client, &HubFile { hub: &hub, repo: REPO, revision: "main", path }));
    let facts = ask(PATH).unwrap();
    assert_eq!((facts.len_bytes, facts.sha256.unwrap().to_string()), (LEN, scene.content.sha256()));
    assert_eq!(ask("readme.onnx").unwrap().len_bytes, 2);
    assert!(matches!(ask("other.onnx"), Err(StoreError::NotFound)));
    assert!(matches!(ask("other/model.onnx"), Err(StoreError::NotFound)));
    scene.hub.breaks(&format!("api/{REPO}"), Fault::status(429));
    assert!(matches!(ask(PATH), Err(StoreError::TooMany)));
}

/// A field of a protobuf message: its number, a length of two bytes, its body.
fn field(number: u8, body: &[u8]) -> Vec<u8> {
    let len = [(body.len() & 0x7f) as u8 | 0x80, (body.len() >> 7) as u8];
    [&[number << 3 | 2], &len[..], body].concat()
}

#[test]
fn a_fetched_model_is_split_where_it_lies() {
    let scene = Scene::new();
    let weights: Vec<u8> = (0..5000_u32).map(|at| (at % 251) as u8).collect();
    let tensor = [field(8, b"w"), field(9, &weights)].concat();
    scene.hub.put(REPO, PATH, Content::Bytes([vec![0x08, 0x08], field(7, &field(5, &tensor))].concat()));
    let file = FileSpec { url: scene.url(), key: KEY.to_owned(), len_bytes: None, sha256: None };
    let options = FetchOptions { part_bytes: 1000, retries: 0 };
    let stored = block_on(fetch(&file, options, &scene.client, &scene.disk, &scene.control)).unwrap();
    assert_eq!(stored.parts(), 6);
    let made = block_on(split(&stored, SplitOptions::new("w"), &scene.disk)).unwrap();
    assert_eq!((made.tensors, made.external_bytes), (1, 5000));
    let offset = stored.len_bytes - 5000;
    assert!(String::from_utf8_lossy(&made.graph).contains(&offset.to_string()), "{made:?}");
    assert_eq!(block_on(stored.read(&scene.disk, offset..offset + 5000)).unwrap(), weights);
}

fn exchange(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn pages_of_other_origins_may_read_it() {
    let scene = Scene::new();
    let address = scene.hub.url().trim_start_matches("http://").to_owned();
    let target = format!("/{REPO}/resolve/main/{PATH}");
    let answer = exchange(&address, &format!("OPTIONS {target} HTTP/1.1\r\nOrigin: null\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    assert!(answer.contains("Access-Control-Allow-Headers: *"), "{answer}");

    let answer = exchange(&address, &format!("HEAD {target} HTTP/1.1\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 302") && answer.contains("Access-Control-Allow-Origin: *"), "{answer}");
    let location = answer.lines().find_map(|line| line.strip_prefix("Location: http://")).unwrap();
    let (second, path) = location.split_once('/').unwrap();
    assert_ne!(second, address);

    let ask = |range: &str| exchange(second, &format!("HEAD /{path} HTTP/1.1\r\nRange: bytes={range}\r\n\r\n"));
    let answer = ask("10-19");
    assert!(answer.starts_with("HTTP/1.1 206"), "{answer}");
    assert!(answer.contains("Content-Range: bytes 10-19/100000\r\n"), "{answer}");
    assert!(answer.contains("Content-Length: 10\r\n"), "{answer}");
    assert!(answer.contains("Access-Control-Expose-Headers: Accept-Ranges, Content-Range"), "{answer}");
    let answer = ask("100000-");
    assert!(answer.starts_with("HTTP/1.1 416") && answer.contains("Content-Range: bytes */100000"), "{answer}");
}

#[test]
fn a_hub_that_is_dropped_hangs_up() {
    let scene = Scene::new();
    scene.hub.breaks(&Scene::key(), Fault::stall_after(10));
    let (client, url) = (scene.client, scene.url());
    let (tell, told) = mpsc::channel();
    let stalled = thread::spawn(move || {
        let mut response = block_on(client.get(&url, None)).unwrap();
        tell.send(block_on(response.body.next_chunk())).unwrap();
        while let Ok(Some(_)) = block_on(response.body.next_chunk()) {}
    });
    assert!(told.recv().unwrap().unwrap().is_some());
    drop(scene);
    stalled.join().unwrap();
}
