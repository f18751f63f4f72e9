//! Each fault has a name, a way out, and leaves nothing that would break a second try.

use std::cell::RefCell;

use futures_util::{FutureExt as _, future::LocalBoxFuture};
use pollster::block_on;

use super::fakes::{Answer, KEY, Scene, body};
use crate::store::{
    Digest, Facts, Halt, HubFile, Net, Remedy, Response, SourceError, StoreError, WireHead, fetch, forget, learn,
    take_in,
};

/// Fetches 40 bytes in parts of 16: the first request breaks at byte 20, all others are answered so.
fn check(answer: Answer, expected: fn(&StoreError) -> bool, remedy: Remedy, requests: usize, keeps: usize) {
    let scene = Scene::new(40, &[Answer::BreaksAt(20), answer]);
    let error = scene.fetch().unwrap_err();
    assert!(expected(&error), "{answer:?} gave {error:?}");
    assert_eq!(error.remedy(), remedy, "{error}");
    assert_eq!(scene.net.asked.borrow().len(), requests, "{answer:?}");
    assert_eq!(scene.disk.names().len(), keeps, "{answer:?}");
    scene.answers(&[]);
    scene.arrives();
}

#[test]
fn each_fault_has_its_name_and_its_way_out() {
    use Remedy::{ChooseMirror, Retry};
    use StoreError as E;
    // The break at byte 20 is the first of three retries.
    check(Answer::Unreachable, |e| matches!(e, E::Offline { .. }), Retry, 4, 1);
    check(Answer::BreaksAt(20), |e| matches!(e, E::Offline { .. }), Retry, 4, 1);
    check(Answer::EndsAt(20), |e| matches!(e, E::CutShort { done_bytes: 20 }), Retry, 4, 1);
    check(Answer::StallsAt(20), |e| matches!(e, E::Stalled), Retry, 4, 1);
    check(Answer::Status(429), |e| matches!(e, E::TooMany), Retry, 4, 1);
    check(Answer::Status(500), |e| matches!(e, E::Server { status: 500 }), Retry, 4, 1);
    check(Answer::Status(404), |e| matches!(e, E::NotFound), ChooseMirror, 2, 1);
    check(Answer::Status(403), |e| matches!(e, E::Forbidden { status: 403 }), ChooseMirror, 2, 1);
    check(Answer::Status(416), |e| matches!(e, E::RangeRefused), ChooseMirror, 3, 1);
    check(Answer::Html, |e| matches!(e, E::NotAModel { .. }), ChooseMirror, 2, 1);
    check(Answer::Shorter, |e| matches!(e, E::WrongLength { actual_bytes: 39, .. }), ChooseMirror, 2, 1);
    check(Answer::Longer, |e| matches!(e, E::WrongLength { actual_bytes: 41, .. }), ChooseMirror, 2, 1);
    check(Answer::Flipped(25), |e| matches!(e, E::WrongDigest { .. }), Retry, 2, 0);
}

#[test]
fn a_page_is_no_model_even_if_it_says_so() {
    let mut scene = Scene::new(40, &[Answer::HtmlAsFile]);
    scene.file.len_bytes = None;
    let error = scene.fetch().unwrap_err();
    assert!(matches!(&error, StoreError::NotAModel { found } if found.contains("<!do")), "{error:?}");
    assert_eq!(error.remedy_for_file(), Remedy::OpenFile);
    assert!(scene.disk.names().is_empty());
}

#[test]
fn nothing_at_all_is_no_model() {
    let mut scene = Scene::new(0, &[]);
    (scene.file.len_bytes, scene.file.sha256) = (None, None);
    assert!(matches!(scene.fetch(), Err(StoreError::NotAModel { .. })));
}

#[test]
fn a_full_disk_is_told_before_the_download_if_it_can_be() {
    let scene = Scene::new(40, &[]);
    scene.disk.room.set(Some(39));
    scene.disk.tells_room.set(true);
    let error = scene.fetch().unwrap_err();
    assert!(matches!(error, StoreError::QuotaFull { missing_bytes: 40 }), "{error:?}");
    assert_eq!(error.remedy(), Remedy::FreeSpace);
    assert!(scene.net.asked.borrow().is_empty());
}

#[test]
fn a_disk_that_fills_up_keeps_what_is_there() {
    let scene = Scene::new(40, &[]);
    scene.disk.room.set(Some(20));
    let error = scene.fetch().unwrap_err();
    assert!(matches!(error, StoreError::QuotaFull { missing_bytes: 24 }), "{error:?}");
    assert_eq!(scene.disk.names(), ["/part-0000"]);
    scene.disk.room.set(None);
    scene.answers(&[]);
    scene.arrives();
    assert_eq!(*scene.net.asked.borrow(), [Some(16)]);
}

#[test]
fn a_disk_that_fails_says_why() {
    let scene = Scene::new(40, &[]);
    scene.disk.fails.set(true);
    assert!(matches!(scene.fetch(), Err(StoreError::Disk { reason }) if reason == "a bad day"));
    scene.disk.fails.set(false);
    scene.arrives();
}

#[test]
fn pausing_keeps_and_cancelling_throws_away() {
    for (halt, kept) in [(Halt::Pause, 2), (Halt::Cancel, 0)] {
        let scene = Scene::new(60, &[]);
        scene.person.halts_at.set(Some((40, halt)));
        let error = scene.fetch().unwrap_err();
        assert_eq!(error.remedy(), Remedy::None);
        assert_eq!(scene.disk.names().len(), kept, "{error}");
        scene.person.halts_at.set(None);
        scene.arrives();
    }
}

#[test]
fn a_chosen_file_that_is_wrong_asks_for_another() {
    let scene = Scene::new(40, &[]);
    let mut wrong = scene.net.bytes.clone();
    wrong[30] ^= 1;
    let cases: [(&[u8], Option<SourceError>); 4] = [
        (&wrong, None),
        (&wrong[..10], None),
        (b"PK\x03\x04 an archive", None),
        (&wrong[..20], Some(SourceError::Lost { reason: "unplugged".to_owned() })),
    ];
    for (bytes, end) in cases {
        let mut source = body(bytes, 7, end);
        let taken = take_in(&scene.file, scene.options, &mut *source, &scene.disk, &scene.person);
        let error = block_on(taken).unwrap_err();
        assert_eq!(error.remedy_for_file(), Remedy::OpenFile, "{error}");
        assert!(scene.disk.names().is_empty(), "{error}");
    }
}

#[test]
fn reading_beyond_the_end_is_an_error() {
    let scene = Scene::new(40, &[]);
    let stored = scene.arrives();
    for range in [30..41, 41..42, 0..u64::MAX] {
        assert!(block_on(stored.read(&scene.disk, range)).is_err());
    }
    assert!(block_on(stored.read(&scene.disk, 40..40)).unwrap().is_empty());
    assert_eq!(block_on(stored.read(&scene.disk, 15..33)).unwrap(), scene.net.bytes[15..33]);
}

#[test]
fn a_record_that_makes_no_sense_is_none() {
    let scene = Scene::new(40, &[]);
    scene.arrives();
    let record = format!("{KEY}/checked.json");
    scene.disk.blobs.borrow_mut().insert(record, b"{\"key\":\"other\"}".to_vec());
    scene.answers(&[Answer::Unreachable]);
    // All parts are there: they are only hashed again.
    scene.arrives();
    assert!(scene.net.asked.borrow().is_empty());
    block_on(forget(&scene.disk, KEY)).unwrap();
    assert!(scene.disk.names().is_empty());
}

/// A hub whose list is this.
struct List(u16, &'static str, RefCell<Vec<String>>);

impl Net for List {
    fn get<'a>(&'a self, url: &'a str, _: Option<u64>) -> LocalBoxFuture<'a, Result<Response, SourceError>> {
        self.2.borrow_mut().push(url.to_owned());
        let head = WireHead { status: self.0, ..WireHead::default() }.parse(0);
        let answer = Response { head, body: body(self.1.as_bytes(), 9, None) };
        async { Ok(answer) }.boxed_local()
    }
}

fn ask(status: u16, list: &'static str, path: &str) -> (Result<Facts, StoreError>, Vec<String>) {
    let net = List(status, list, RefCell::default());
    let file = HubFile { hub: "https://hub.example", repo: "o/r", revision: "main", path };
    assert_eq!(file.url(), format!("https://hub.example/o/r/resolve/main/{path}"));
    (block_on(learn(&net, &file)), net.2.take())
}

#[test]
fn a_hub_tells_length_and_digest() {
    let list = r#"[
        {"type": "directory", "oid": "0a", "size": 0, "path": "onnx"},
        {"type": "file", "oid": "0b", "size": 7, "path": "onnx/small.onnx"},
        {"type": "file", "oid": "0c", "size": 42, "path": "big.onnx",
         "lfs": {"oid": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "size": 42, "pointerSize": 134}},
        {"type": "file", "oid": "0d", "size": 42, "path": "odd.onnx", "lfs": {"oid": "?", "size": 42}}]"#;
    let (facts, asked) = ask(200, list, "big.onnx");
    assert_eq!(facts.unwrap(), Facts { len_bytes: 42, sha256: Some(Digest::of(b"abc")) });
    assert_eq!(asked, ["https://hub.example/api/models/o/r/tree/main"]);
    let (facts, asked) = ask(200, list, "onnx/small.onnx");
    assert_eq!(facts.unwrap(), Facts { len_bytes: 7, sha256: None });
    assert_eq!(asked, ["https://hub.example/api/models/o/r/tree/main/onnx"]);
    assert!(matches!(ask(200, list, "odd.onnx").0, Err(StoreError::Listing { .. })));
    assert!(matches!(ask(200, list, "gone.onnx").0, Err(StoreError::NotFound)));
    assert!(matches!(ask(200, "{}", "big.onnx").0, Err(StoreError::Listing { .. })));
    assert!(matches!(ask(404, list, "big.onnx").0, Err(StoreError::NotFound)));
    assert!(matches!(ask(503, list, "big.onnx").0, Err(StoreError::Server { status: 503 })));
}

#[test]
fn futures_of_the_store_need_no_particular_executor() {
    let scene = Scene::new(40, &[]);
    let fetching = fetch(&scene.file, scene.options, &scene.net, &scene.disk, &scene.person);
    assert!(fetching.now_or_never().unwrap().is_ok(), "nothing waits but for its ports");
}
