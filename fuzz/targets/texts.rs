//! Texts that come from elsewhere: a catalogue, messages of other contexts, a hub's list of files, fields of an HTTP
//! answer; the first byte chooses.
#![no_main]

use brushaway::{
    geometry::Size,
    mask::Mask,
    models::Catalog,
    protocol::{Envelope, Request, ToClient, ToEngine},
    store::{Chunks, Digest, Head, HubFile, Net, Response, SourceError, WireHead, learn},
};
use futures_util::future::LocalBoxFuture;
use libfuzzer_sys::fuzz_target;

/// A hub that answers everything with one text, in two chunks.
struct Hub<'a>(&'a [u8]);

struct Body(Vec<Vec<u8>>);

impl Chunks for Body {
    fn next_chunk(&mut self) -> LocalBoxFuture<'_, Result<Option<Vec<u8>>, SourceError>> {
        Box::pin(async { Ok(self.0.pop()) })
    }
}

impl Net for Hub<'_> {
    fn get<'a>(&'a self, _: &'a str, _: Option<u64>) -> LocalBoxFuture<'a, Result<Response, SourceError>> {
        let (front, back) = self.0.split_at(self.0.len() / 2);
        let body = Box::new(Body(vec![back.to_vec(), front.to_vec()]));
        let head = Head { status: 200, first_byte: 0, total_bytes: None, content_type: None };
        Box::pin(async { Ok(Response { head, body }) })
    }
}

fn listing(text: &[u8]) {
    let file = HubFile { hub: "https://hub", repo: "a/b", revision: "c", path: "d" };
    drop(pollster::block_on(learn(&Hub(text), &file)));
}

fn head(text: &str) {
    let mut lines = text.lines();
    let mut line = || lines.next();
    let status = line().and_then(|line| line.parse().ok()).unwrap_or(206);
    let wire = WireHead { status, content_length: line(), content_range: line(), content_type: line() };
    for asked in [0, 7, u64::MAX] {
        let head = wire.parse(asked);
        assert_eq!(head.status, status);
    }
    drop(text.parse::<Digest>());
}

fn catalog(text: &str) {
    let Ok(catalog) = Catalog::parse(text) else { return };
    for model in &catalog.models {
        assert!(catalog.find(&model.id.0).is_some());
        let _ = (model.host(), model.files().len());
    }
}

fn message(text: &str) {
    drop(serde_json::from_str::<ToEngine>(text));
    drop(serde_json::from_str::<ToClient>(text));
    let Ok(Envelope { request, .. }) = serde_json::from_str(text) else { return };
    if let Request::StartJob(job) = &request {
        let size = Size::new(64, 48).expect("a size");
        let mut mask = Mask::empty(size);
        mask.apply_marks(&job.mask.marks);
        assert!(mask.as_bytes().iter().all(|value| [Mask::KEEP, Mask::FILL].contains(value)));
    }
}

fuzz_target!(|bytes: &[u8]| {
    let [kind, rest @ ..] = bytes else { return };
    let text = std::str::from_utf8(rest);
    match (kind % 4, text) {
        (0, Ok(text)) => catalog(text),
        (1, Ok(text)) => message(text),
        (2, Ok(text)) => head(text),
        (3, _) => listing(rest),
        _ => {}
    }
});
