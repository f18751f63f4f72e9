//! What was done to pictures that are closed, for whoever closed one by mistake.

use std::{
    collections::VecDeque,
    hash::{DefaultHasher, Hasher as _},
    rc::Rc,
};

use brushaway::{
    engine::{Outcome, ParkedLayers, Patch},
    mask::Mask,
    protocol::{JobId, JobReport},
};

use crate::past::Past;

/// So many pictures are remembered.
const MOST: usize = 8;

/// So many bytes of pixels are remembered of all of them.
const MOST_BYTES: usize = 128 << 20;

/// So long they are remembered.
const MOST_MILLIS: f64 = 30.0 * 60.0 * 1000.0;

/// Which file a picture was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin {
    len_bytes: usize,
    hash: u64,
}

/// What a job made.
#[cfg_attr(not(target_arch = "wasm32"), expect(dead_code, reason = "native tests only park it"))]
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) job: JobId,
    pub(crate) outcome: Outcome,
    /// What was told of it.
    pub(crate) report: JobReport,
}

/// What was done to one picture.
#[derive(Debug, Default)]
pub(crate) struct Parked {
    /// What was put into the picture.
    pub(crate) layers: ParkedLayers,
    /// Step by step.
    pub(crate) past: Past,
    /// The result that was on the screen, and the mask that it is of.
    pub(crate) result: Option<(Rc<Mask>, Made)>,
}

/// All of them, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Parking(VecDeque<(f64, Origin, Parked)>);

impl Origin {
    pub(crate) fn of(file: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        hasher.write(file);
        Self { len_bytes: file.len(), hash: hasher.finish() }
    }
}

impl Parked {
    fn len_bytes(&self) -> usize {
        let of_patch = |patch: &Patch| patch.pixels.as_bytes().len();
        let of_result = |(mask, made): &(Rc<Mask>, Made)| {
            mask.as_bytes().len() + made.outcome.patches.iter().map(of_patch).sum::<usize>()
        };
        self.layers.len_bytes() + self.result.as_ref().map_or(0, of_result)
    }
}

impl Parking {
    /// Remembers what was done to a picture, in place of what was remembered of it before.
    pub(crate) fn put(&mut self, origin: Origin, parked: Parked, now_millis: f64) {
        self.forget(origin, now_millis);
        if parked.past.steps().is_empty() {
            return;
        }
        self.0.push_back((now_millis, origin, parked));
        while self.0.len() > MOST || self.0.iter().map(|(.., parked)| parked.len_bytes()).sum::<usize>() > MOST_BYTES {
            self.0.pop_front();
        }
    }

    /// What was done to a picture; from now on it is its document's.
    pub(crate) fn take(&mut self, origin: Origin, now_millis: f64) -> Option<Parked> {
        self.age(now_millis);
        let at = self.0.iter().position(|(_, of, _)| *of == origin)?;
        self.0.remove(at).map(|(.., parked)| parked)
    }

    /// Nobody wants what was done to a picture any more, and what is old is nobody's.
    pub(crate) fn forget(&mut self, origin: Origin, now_millis: f64) {
        self.age(now_millis);
        self.0.retain(|(_, of, _)| *of != origin);
    }

    fn age(&mut self, now_millis: f64) {
        self.0.retain(|(since, ..)| now_millis - since < MOST_MILLIS);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use brushaway::{
        engine::{Layer, Layers, Stage},
        geometry::{Rect, Size},
        image::Image,
        models::Backend,
        protocol::{Change, PastStep},
    };

    use super::*;

    /// Something was done so many times.
    fn parked(steps: usize) -> Parked {
        let mut past = Past::default();
        past.learn(0, vec![PastStep::Nothing; steps], steps, HashMap::new());
        Parked { past, ..Parked::default() }
    }

    /// With a result whose pixels take so many bytes, and its mask a quarter of that.
    fn with_result(side_px: u32) -> Parked {
        let size = Size::square(side_px).unwrap();
        let rect = Rect { x: 0, y: 0, size };
        let patch = Patch { stage: Stage::Textured, rect, pixels: Image::filled(size, [0; 4]) };
        let report = JobReport {
            model: String::new(),
            seed: None,
            backend: Backend::Native,
            parts: 1,
            stages: Vec::new(),
            total_millis: 0.0,
        };
        let made = Made { job: JobId(0), outcome: Outcome { patches: vec![patch], backend: Backend::Native }, report };
        Parked { result: Some((Rc::new(Mask::empty(size)), made)), ..parked(1) }
    }

    #[test]
    fn comes_back_once() {
        let mut parking = Parking::default();
        parking.put(Origin::of(b"a"), parked(3), 0.0);
        assert!(parking.take(Origin::of(b"b"), 1.0).is_none());
        assert_eq!(parking.take(Origin::of(b"a"), 1.0).unwrap().past.done(), 3);
        assert!(parking.take(Origin::of(b"a"), 1.0).is_none());
    }

    #[test]
    fn the_last_time_counts() {
        let mut parking = Parking::default();
        parking.put(Origin::of(b"a"), parked(3), 0.0);
        parking.put(Origin::of(b"a"), parked(5), 1.0);
        assert_eq!(parking.take(Origin::of(b"a"), 2.0).unwrap().past.done(), 5);
        parking.put(Origin::of(b"a"), parked(3), 3.0);
        parking.put(Origin::of(b"a"), parked(0), 4.0);
        assert!(parking.take(Origin::of(b"a"), 5.0).is_none(), "nothing was done the last time");
    }

    #[test]
    fn is_bounded_in_number_in_bytes_and_in_time() {
        let mut parking = Parking::default();
        for file in 0..20_u8 {
            parking.put(Origin::of(&[file]), parked(1), f64::from(file));
        }
        assert_eq!(parking.0.len(), MOST);
        assert!(parking.take(Origin::of(&[3]), 20.0).is_none() && parking.take(Origin::of(&[19]), 20.0).is_some());
        let (large, larger) = (with_result(5000), with_result(5200));
        assert_eq!(large.len_bytes(), 5000 * 5000 * 5);
        parking.put(Origin::of(b"large"), large, 21.0);
        assert_eq!(parking.0.len(), MOST, "there is room for it");
        parking.put(Origin::of(b"larger"), larger, 22.0);
        assert!(parking.0.is_empty(), "alone it is more than is remembered");
        parking.put(Origin::of(b"old"), parked(1), 23.0);
        assert!(parking.take(Origin::of(b"old"), 23.0 + MOST_MILLIS).is_none());
    }

    #[test]
    fn what_was_put_into_the_picture_counts() {
        let mut picture = Image::filled(Size::square(8).unwrap(), [0; 4]);
        let mut layers = Layers::default();
        let Some((_, made)) = with_result(4).result else { panic!("there is one") };
        layers.push(&mut picture, &Layer::of(&made.outcome));
        let mut parked = parked(1);
        parked.past.learn(0, vec![PastStep::Changed(Change::Kept)], 1, HashMap::new());
        parked.layers = layers.into_parked(&mut picture);
        assert_eq!(parked.len_bytes(), 64);
    }
}
