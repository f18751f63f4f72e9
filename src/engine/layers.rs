//! Changes that were made to a picture one after another: taken back, made again, put away and brought back.

use super::{Outcome, Stage, job::Patch};
use crate::{
    geometry::Rect,
    image::{Image, ShapeError},
    imaging::{composite::composite, feather::Margin},
    mask::Mask,
};

/// One change: what it put where. Its pieces share no pixel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layer(Vec<Piece>);

/// A part of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    rect: Rect,
    pixels: Image,
}

/// The changes of a picture that is kept elsewhere and handed in: only what they touched is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layers {
    /// What was under each change that is in the picture, first to last.
    under: Vec<Layer>,
    /// What each change put there that was taken back; the last one is made again first.
    undone: Vec<Layer>,
}

/// The changes of a picture that is gone, to be made again when it is there again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParkedLayers {
    /// What each change puts into the picture; the last one is made first.
    undone: Vec<Layer>,
    /// So many of them were in the picture.
    done: usize,
}

impl ParkedLayers {
    /// How many changes were in the picture.
    pub const fn done(&self) -> usize {
        self.done
    }

    /// How many changes were taken back.
    pub const fn undone(&self) -> usize {
        self.undone.len() - self.done
    }

    /// How much memory its pixels take.
    pub fn len_bytes(&self) -> usize {
        self.undone.iter().map(Layer::len_bytes).sum()
    }
}

impl Layer {
    /// What the result of a job puts into the picture.
    pub fn of(outcome: &Outcome) -> Self {
        let piece = |patch: &Patch| Piece { rect: patch.rect, pixels: patch.pixels.clone() };
        Self(outcome.patches.iter().map(piece).collect())
    }

    /// The same, to be shown.
    pub fn patches(&self) -> Vec<Patch> {
        let patch = |piece: &Piece| Patch { stage: Stage::Textured, rect: piece.rect, pixels: piece.pixels.clone() };
        self.0.iter().map(patch).collect()
    }

    fn len_bytes(&self) -> usize {
        self.0.iter().map(|piece| piece.pixels.as_bytes().len()).sum()
    }

    /// Puts its pixels into the picture and returns those that were there.
    fn exchange(&self, picture: &mut Image) -> Self {
        let under = self.0.iter().map(|piece| Piece { rect: piece.rect, pixels: picture.cropped(piece.rect) });
        let under = Self(under.collect());
        for piece in &self.0 {
            picture.paste(&piece.pixels, piece.rect.x, piece.rect.y);
        }
        under
    }

    /// What it has of `rect`, pasted into a crop of that place.
    fn paste_into(&self, crop: &mut Image, rect: Rect) {
        for piece in &self.0 {
            let Some(common) = piece.rect.intersection(rect) else { continue };
            let within = Rect { x: common.x - piece.rect.x, y: common.y - piece.rect.y, size: common.size };
            crop.paste(&piece.pixels.cropped(within), common.x - rect.x, common.y - rect.y);
        }
    }
}

impl Layers {
    /// How many changes are in the picture.
    pub const fn len(&self) -> usize {
        self.under.len()
    }

    /// Whether the picture is as it came.
    pub const fn is_empty(&self) -> bool {
        self.under.is_empty()
    }

    /// Makes a change. What was taken back before is gone for good.
    pub fn push(&mut self, picture: &mut Image, layer: &Layer) {
        self.undone.clear();
        self.under.push(layer.exchange(picture));
    }

    /// Takes the last change back and returns what is there again; nothing if there is no change.
    pub fn undo(&mut self, picture: &mut Image) -> Option<Layer> {
        let layer = self.under.pop()?;
        self.undone.push(layer.exchange(picture));
        Some(layer)
    }

    /// Makes the change again that was taken back last and returns it; nothing if there is none.
    pub fn redo(&mut self, picture: &mut Image) -> Option<Layer> {
        let layer = self.undone.pop()?;
        self.under.push(layer.exchange(picture));
        Some(layer)
    }

    /// What the picture was in `rect` before all changes.
    pub fn original(&self, picture: &Image, rect: Rect) -> Image {
        let mut crop = picture.cropped(rect);
        for layer in self.under.iter().rev() {
            layer.paste_into(&mut crop, rect);
        }
        crop
    }

    /// The change that brings the original back where `mask` is filled, fading out over `feather_px` around it; nothing if
    /// the mask is empty, or no change reaches there.
    ///
    /// # Errors
    /// None in practice; [`ShapeError`] stands for a defect in here.
    pub fn restoring(&self, picture: &Image, mask: &Mask, feather_px: u32) -> Result<Option<Layer>, ShapeError> {
        let Some(bounds) = mask.bounds() else { return Ok(None) };
        let rect = bounds.grown(feather_px, picture.size());
        let original = self.original(picture, rect);
        let matte = Margin { grow_px: feather_px, feather_px }.matte(mask, rect)?;
        let pixels = composite(picture, &original, &matte, rect)?;
        let is_changed = pixels != picture.cropped(rect);
        Ok(is_changed.then(|| Layer(vec![Piece { rect, pixels }])))
    }

    /// Takes all changes back, to be put away.
    pub fn into_parked(mut self, picture: &mut Image) -> ParkedLayers {
        let done = self.len();
        while self.undo(picture).is_some() {}
        ParkedLayers { undone: self.undone, done }
    }

    /// Makes changes again that were put away, but for those that were taken back even then.
    pub fn resumed(parked: ParkedLayers, picture: &mut Image) -> Self {
        let mut layers = Self { under: Vec::new(), undone: parked.undone };
        for _ in 0..parked.done {
            layers.redo(picture);
        }
        layers
    }

    /// What all changes together put into the picture: to be shown over one that has none of them.
    pub fn shown(&self, picture: &Image) -> Vec<Patch> {
        let rects = self.under.iter().flat_map(|layer| layer.0.iter().map(|piece| piece.rect));
        rects.map(|rect| Patch { stage: Stage::Textured, rect, pixels: picture.cropped(rect) }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;

    fn rect(x: u32, y: u32, side: u32) -> Rect {
        Rect { x, y, size: Size::square(side).unwrap() }
    }

    fn picture() -> Image {
        let size = Size::new(24, 16).unwrap();
        let data = (0..size.area()).flat_map(|at| [at as u8, (at >> 3) as u8, 7, 255]).collect();
        Image::from_rgba(size, data).unwrap()
    }

    fn layer(rects: &[Rect], value: u8) -> Layer {
        let piece = |&rect: &Rect| Piece { rect, pixels: Image::filled(rect.size, [value, value, value, 255]) };
        Layer(rects.iter().map(piece).collect())
    }

    /// A picture with two changes that overlap.
    fn changed() -> (Image, Layers) {
        let (mut picture, mut layers) = (picture(), Layers::default());
        layers.push(&mut picture, &layer(&[rect(2, 2, 8), rect(14, 3, 4)], 10));
        layers.push(&mut picture, &layer(&[rect(6, 4, 9)], 200));
        (picture, layers)
    }

    #[test]
    fn all_the_way_back_and_forth() {
        let (last, mut layers) = changed();
        let mut image = last.clone();
        assert!(layers.undo(&mut image).is_some() && layers.undo(&mut image).is_some());
        assert_eq!((&image, layers.undo(&mut image.clone()), layers.is_empty()), (&picture(), None, true));
        assert!(layers.redo(&mut image).is_some() && layers.redo(&mut image).is_some());
        assert_eq!((&image, layers.redo(&mut image.clone()), layers.len()), (&last, None, 2));
    }

    #[test]
    fn a_new_change_ends_what_could_be_made_again() {
        let (mut image, mut layers) = changed();
        layers.undo(&mut image);
        layers.push(&mut image, &layer(&[rect(0, 0, 2)], 5));
        assert_eq!(layers.redo(&mut image), None);
    }

    #[test]
    fn what_is_said_to_be_there_is_there() {
        let (mut image, mut layers) = changed();
        let mut screen = image.clone();
        let mut show = |layer: Layer| layer.patches().iter().for_each(|p| screen.paste(&p.pixels, p.rect.x, p.rect.y));
        show(layers.undo(&mut image).unwrap());
        show(layers.undo(&mut image).unwrap());
        show(layers.redo(&mut image).unwrap());
        assert_eq!(screen, image);
    }

    #[test]
    fn the_original_is_known_under_all_changes() {
        let (image, layers) = changed();
        for rect in [rect(0, 0, 16), rect(5, 5, 4), rect(20, 10, 3)] {
            assert_eq!(layers.original(&image, rect), picture().cropped(rect));
        }
    }

    #[test]
    fn painting_the_original_back_touches_nothing_else() {
        let (mut image, mut layers) = changed();
        let before = image.clone();
        let mask = Mask::from_fn(image.size(), |x, y| (8..12).contains(&x) && (6..10).contains(&y));
        let restoring = layers.restoring(&image, &mask, 0).unwrap().unwrap();
        layers.push(&mut image, &restoring);
        let (original, size) = (picture(), image.size());
        let pixel = |image: &Image, at: usize| image.as_bytes()[at * 4..at * 4 + 4].to_vec();
        for at in 0..size.area() {
            let (x, y) = (at as u32 % size.width(), at as u32 / size.width());
            let expected = if mask.is_fill(x, y) { &original } else { &before };
            assert_eq!(pixel(&image, at), pixel(expected, at), "{x}, {y}");
        }
        layers.undo(&mut image);
        assert_eq!(image, before);
    }

    #[test]
    fn there_is_nothing_to_paint_back_where_nothing_changed() {
        let (image, layers) = changed();
        let far = Mask::from_fn(image.size(), |x, _| x > 20);
        assert_eq!(layers.restoring(&image, &far, 0).unwrap(), None);
        assert_eq!(layers.restoring(&image, &Mask::empty(image.size()), 2).unwrap(), None);
    }

    #[test]
    fn what_was_put_away_comes_back() {
        let (last, mut layers) = changed();
        let mut image = last.clone();
        layers.push(&mut image, &layer(&[rect(1, 1, 3)], 90));
        layers.undo(&mut image);
        let parked = layers.into_parked(&mut image);
        assert_eq!((&image, parked.done(), parked.undone()), (&picture(), 2, 1));
        assert_eq!(parked.len_bytes(), (64 + 16 + 81 + 9) * 4);
        let mut resumed = Layers::resumed(parked, &mut image);
        assert_eq!((&image, resumed.len()), (&last, 2));
        let mut screen = picture();
        resumed.shown(&image).iter().for_each(|patch| screen.paste(&patch.pixels, patch.rect.x, patch.rect.y));
        assert_eq!(screen, last);
        assert!(resumed.redo(&mut image).is_some() && image.as_bytes()[(24 + 1) * 4] == 90, "the third is known still");
    }
}
