//! What was done to pictures that are closed, for whoever closed one by mistake.

use std::{
    collections::VecDeque,
    hash::{DefaultHasher, Hasher as _},
};

use brushaway::{engine::Layer, mask::Mark};

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

/// What a person marked last.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Marked {
    /// A whole mask, as a file.
    pub(crate) base: Option<Vec<u8>>,
    /// What was marked on it.
    pub(crate) marks: Vec<Mark>,
}

/// What was done to one picture.
#[derive(Debug)]
pub(crate) struct Parked {
    /// What is in the picture, first to last.
    pub(crate) layers: Vec<Layer>,
    pub(crate) marked: Option<Marked>,
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
        let base = self.marked.as_ref().and_then(|marked| marked.base.as_ref()).map_or(0, Vec::len);
        self.layers.iter().map(Layer::len_bytes).sum::<usize>() + base
    }
}

impl Parking {
    /// Remembers what was done to a picture, in place of what was remembered of it before.
    pub(crate) fn put(&mut self, origin: Origin, parked: Parked, now_millis: f64) {
        self.forget(origin, now_millis);
        if parked.layers.is_empty() && parked.marked.is_none() {
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
    use brushaway::{
        geometry::Point,
        mask::{Stroke, Tool},
    };

    use super::*;

    fn parked(base: usize) -> Parked {
        let stroke = Stroke::new(Tool::Brush, 4.0, vec![Point::new(base as f32, 0.0)]);
        let marked = Marked { base: Some(vec![0; base]), marks: vec![Mark::Stroke(stroke)] };
        Parked { layers: Vec::new(), marked: Some(marked) }
    }

    #[test]
    fn comes_back_once() {
        let mut parking = Parking::default();
        parking.put(Origin::of(b"a"), parked(3), 0.0);
        assert!(parking.take(Origin::of(b"b"), 1.0).is_none());
        assert_eq!(parking.take(Origin::of(b"a"), 1.0).unwrap().marked, parked(3).marked);
        assert!(parking.take(Origin::of(b"a"), 1.0).is_none());
    }

    #[test]
    fn the_last_time_counts() {
        let mut parking = Parking::default();
        parking.put(Origin::of(b"a"), parked(3), 0.0);
        parking.put(Origin::of(b"a"), parked(5), 1.0);
        assert_eq!(parking.take(Origin::of(b"a"), 2.0).unwrap().marked, parked(5).marked);
        parking.put(Origin::of(b"a"), parked(3), 3.0);
        parking.put(Origin::of(b"a"), Parked { layers: Vec::new(), marked: None }, 4.0);
        assert!(parking.take(Origin::of(b"a"), 5.0).is_none(), "all was taken back before it was closed");
    }

    #[test]
    fn is_bounded_in_number_in_bytes_and_in_time() {
        let mut parking = Parking::default();
        for file in 0..20_u8 {
            parking.put(Origin::of(&[file]), parked(1), f64::from(file));
        }
        assert_eq!(parking.0.len(), MOST);
        assert!(parking.take(Origin::of(&[3]), 20.0).is_none() && parking.take(Origin::of(&[19]), 20.0).is_some());
        parking.put(Origin::of(b"large"), parked(MOST_BYTES), 21.0);
        assert_eq!(parking.0.len(), 1, "the others had to go");
        parking.put(Origin::of(b"larger"), parked(MOST_BYTES + 1), 22.0);
        assert!(parking.0.is_empty());
        parking.put(Origin::of(b"old"), parked(1), 23.0);
        assert!(parking.take(Origin::of(b"old"), 23.0 + MOST_MILLIS).is_none());
    }
}
