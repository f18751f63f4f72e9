//! What an AVIF file says of its colours, and what it tells beside its picture. The browser decodes the picture itself.
//!
//! Boxes and items: ISO/IEC 14496-12 (ISO base media file format) and 23008-12 (HEIF); the colour box: 14496-12, section
//! 12.1.5.

mod boxes;
mod items;
#[cfg(test)]
mod tests;

use self::boxes::{Boxes, Numbers, versioned};
use super::{Colour, Metadata, png::PngColour};

/// Code points of ITU-T H.273 that say no more than what a picture without them is taken for: sRGB's own primaries or none
/// given, with a curve for screens.
const USUAL_PRIMARIES: [u16; 2] = [1, 2];
/// Perceptual quantisation and hybrid log-gamma: light that goes beyond a screen's white.
const HIGH_RANGE: [u16; 2] = [16, 18];

/// Whether a file says that it is an AVIF, still or animated.
pub(super) fn is_avif(bytes: &[u8]) -> bool {
    let Some((kind, brands)) = Boxes(bytes).next() else { return false };
    let mut brands = brands.as_chunks::<4>().0.iter();
    kind == *b"ftyp" && brands.any(|brand| [*b"avif", *b"avis"].contains(brand))
}

/// What an AVIF says of its colours (sRGB if nothing, or something that cannot be read), and what else it tells.
pub(super) fn told(bytes: &[u8]) -> (Colour, Metadata) {
    let Some((meta, primary)) = primary_item(bytes) else { return Default::default() };
    (colour_of(meta, primary).unwrap_or_default(), items::metadata(bytes, meta, primary))
}

/// What describes the items of a file, and the number of the one that is the picture.
fn primary_item(bytes: &[u8]) -> Option<(&[u8], u32)> {
    let (_version, meta) = Boxes(bytes).find(*b"meta").and_then(versioned)?;
    let (version, primary) = Boxes(meta).find(*b"pitm").and_then(versioned)?;
    Some((meta, Numbers(primary).one_of(version == 0)?))
}

fn colour_of(meta: &[u8], primary: u32) -> Option<Colour> {
    let properties = Boxes(meta).find(*b"iprp")?;
    let kept = Boxes(properties).find(*b"ipco")?;
    let mut colour = Colour::SRGB;
    for index in Boxes(properties).filter(|(kind, _)| kind == b"ipma").flat_map(|(_, of)| associated(of, primary)) {
        // Counted from 1; 0 is none.
        let Some((kind, body)) = index.checked_sub(1).and_then(|index| Boxes(kept).nth(index)) else { continue };
        match (&kind, body) {
            (b"colr", [b'p', b'r', b'o', b'f', profile @ ..] | [b'r', b'I', b'C', b'C', profile @ ..]) => {
                colour.icc_profile = Some(profile.to_vec());
            }
            (b"colr", [b'n', b'c', b'l', b'x', points @ ..]) => colour.png = of_code_points(points)?,
            _ => {}
        }
    }
    if colour.icc_profile.is_some() {
        // The profile says what the colours are; code points beside it only how the coded values become RGB. In a PNG they
        // would count for more than the profile.
        colour.png = PngColour::NONE;
    }
    Some(colour)
}

/// What a PNG says in place of code points. The values there are always RGB and use the full range.
fn of_code_points(points: &[u8]) -> Option<PngColour> {
    let mut points = Numbers(points);
    let (primaries, transfer) = (points.short()?, points.short()?);
    let is_usual = USUAL_PRIMARIES.contains(&primaries) && !HIGH_RANGE.contains(&transfer);
    let small = |value: u16| u8::try_from(value).ok();
    Some(if is_usual { PngColour::NONE } else { PngColour::of_code_points(small(primaries)?, small(transfer)?) })
}

/// The properties of one item, by number (23008-12, section 9.3).
fn associated(body: &[u8], item: u32) -> Vec<usize> {
    let read = || -> Option<Vec<usize>> {
        let (version, rest) = versioned(body)?;
        let has_long_indices = body.get(3)? & 1 == 1;
        let mut numbers = Numbers(rest);
        for _ in 0..numbers.long()? {
            let id = numbers.one_of(version == 0)?;
            let count = numbers.byte()?;
            let mut indices = Vec::new();
            for _ in 0..count {
                // The highest bit says whether a reader must understand the property.
                indices.push(if has_long_indices {
                    usize::from(numbers.short()? & 0x7fff)
                } else {
                    usize::from(numbers.byte()? & 0x7f)
                });
            }
            if id == item {
                return Some(indices);
            }
        }
        None
    };
    read().unwrap_or_default()
}
