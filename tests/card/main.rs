//! A graphics card, or what pretends to be one, does the steps after the network.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(all(feature = "gpu", feature = "ort"))]
mod building;
#[cfg(feature = "gpu")]
mod device;
#[cfg(all(feature = "gpu", feature = "ort"))]
#[path = "../native_runtime/mod.rs"]
mod native_runtime;
#[cfg(all(feature = "gpu", feature = "ort"))]
mod network;
mod scene;
#[cfg(feature = "gpu")]
mod step;

use brushaway::{
    image::Image,
    imaging::card::{Card, CardError, Laying, Search, Sheet, Work},
};
use futures_util::future::LocalBoxFuture;

/// Does nothing, and says so or gives what nobody asked for.
struct Useless {
    fails: bool,
}

impl Useless {
    fn answer<'a, T: 'a>(&self, wrong: T) -> LocalBoxFuture<'a, Result<T, CardError>> {
        let answer = if self.fails { Err(CardError::Lost("a driver was reset".to_owned())) } else { Ok(wrong) };
        Box::pin(async move { answer })
    }
}

impl Card for Useless {
    fn takes(&self, _: Work) -> bool {
        true
    }

    fn stretch<'a>(&'a self, _: Sheet<'a>) -> LocalBoxFuture<'a, Result<Vec<[f32; 3]>, CardError>> {
        self.answer(vec![[1.0; 3]; 3])
    }

    fn nearest<'a>(&'a self, search: Search<'a>) -> LocalBoxFuture<'a, Result<Vec<u32>, CardError>> {
        self.answer(vec![u32::MAX; search.queries.len()])
    }

    fn lay<'a>(&'a self, laying: Laying<'a>) -> LocalBoxFuture<'a, Result<Image, CardError>> {
        self.answer(laying.smooth.cropped(brushaway::geometry::Rect::between(0, 0, 1, 1).unwrap()))
    }
}

#[test]
fn a_card_that_fails_costs_no_picture() {
    for scale in [1, 2] {
        let expected = scene::erased(scale, None);
        for fails in [true, false] {
            let found = scene::erased(scale, Some(&Useless { fails }));
            assert!(found == expected, "{scale} times as large, fails: {fails}");
        }
    }
}

/// Takes nothing, and gives an answer that would be used.
struct Idle;

impl Card for Idle {
    fn takes(&self, _: Work) -> bool {
        false
    }

    fn stretch<'a>(&'a self, sheet: Sheet<'a>) -> LocalBoxFuture<'a, Result<Vec<[f32; 3]>, CardError>> {
        Box::pin(async move { Ok(vec![[1.0; 3]; sheet.weights.len()]) })
    }

    fn nearest<'a>(&'a self, search: Search<'a>) -> LocalBoxFuture<'a, Result<Vec<u32>, CardError>> {
        Box::pin(async move { Ok(vec![0; search.queries.len()]) })
    }

    fn lay<'a>(&'a self, laying: Laying<'a>) -> LocalBoxFuture<'a, Result<Image, CardError>> {
        Box::pin(async move { Ok(laying.smooth.clone()) })
    }
}

#[test]
fn a_card_is_asked_only_for_what_it_takes() {
    for scale in [1, 2] {
        assert!(scene::erased(scale, Some(&Idle)) == scene::erased(scale, None), "{scale} times as large");
    }
}
