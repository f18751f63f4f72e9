//! What an AVIF file says of its colours. The browser decodes the picture itself.
//!
//! Boxes and items: ISO/IEC 14496-12 (ISO base media file format) and 23008-12 (HEIF); the colour box: 14496-12, section
//! 12.1.5.

use super::{Colour, png::PngColour};

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

/// What an AVIF says of its colours; sRGB if it says nothing, or something that cannot be read.
pub(super) fn colour(bytes: &[u8]) -> Colour {
    colour_of_primary_item(bytes).unwrap_or_default()
}

fn colour_of_primary_item(bytes: &[u8]) -> Option<Colour> {
    let (_version, meta) = Boxes(bytes).find(*b"meta").and_then(versioned)?;
    let (version, primary) = Boxes(meta).find(*b"pitm").and_then(versioned)?;
    let primary = Numbers(primary).one_of(version == 0)?;
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

/// The version of a full box, and what follows its flags.
fn versioned(body: &[u8]) -> Option<(u8, &[u8])> {
    Some((*body.first()?, body.get(4..)?))
}

/// Boxes one after another: their kinds and bodies. Ends where one is cut off.
struct Boxes<'a>(&'a [u8]);

impl<'a> Boxes<'a> {
    /// The body of the first one of a kind.
    fn find(mut self, wanted: [u8; 4]) -> Option<&'a [u8]> {
        Iterator::find(&mut self, |(kind, _)| *kind == wanted).map(|(_, body)| body)
    }
}

impl<'a> Iterator for Boxes<'a> {
    type Item = ([u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let mut numbers = Numbers(self.0);
        let len = numbers.long()?;
        let kind = *numbers.0.first_chunk()?;
        let (head, len) = match len {
            // To the end of what it is in.
            0 => (8, self.0.len()),
            1 => {
                let mut long = Numbers(self.0.get(8..)?);
                let (high, low) = (long.long()?, long.long()?);
                (16, usize::try_from(u64::from(high) << 32 | u64::from(low)).ok()?)
            }
            len => (8, len as usize),
        };
        let body = self.0.get(head..len)?;
        self.0 = &self.0[len..];
        Some((kind, body))
    }
}

/// Numbers one after another, the highest byte first.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn short(&mut self) -> Option<u16> {
        self.take().map(u16::from_be_bytes)
    }

    fn long(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    /// A number of 16 bits if it is short, else of 32.
    fn one_of(&mut self, is_short: bool) -> Option<u32> {
        if is_short { self.short().map(u32::from) } else { self.long() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes(), &kind, body].concat()
    }

    /// A box with version 0 and no flags.
    fn full(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
        boxed(kind, &[&[0; 4], body].concat())
    }

    /// A file whose primary item is number 2 and has these properties, counted from 1; item 1 has the first one.
    fn file(kept: &[Vec<u8>], of_primary: &[u8]) -> Vec<u8> {
        let of_primary = [&[0, 2, of_primary.len() as u8], of_primary].concat();
        let associations = full(*b"ipma", &[&[0, 0, 0, 2], &[0, 1, 1, 1][..], &of_primary].concat());
        let properties = boxed(*b"iprp", &[boxed(*b"ipco", &kept.concat()), associations].concat());
        let meta = full(*b"meta", &[full(*b"pitm", &[0, 2]), properties].concat());
        [boxed(*b"ftyp", b"avif\0\0\0\0avifmif1"), meta, boxed(*b"mdat", &[7; 40])].concat()
    }

    fn profile_box(profile: &[u8]) -> Vec<u8> {
        boxed(*b"colr", &[b"prof", profile].concat())
    }

    fn points_box(primaries: u8, transfer: u8) -> Vec<u8> {
        boxed(*b"colr", &[&b"nclx"[..], &[0, primaries, 0, transfer, 0, 6, 0x80]].concat())
    }

    #[test]
    fn the_profile_is_that_of_the_picture_itself() {
        let kept = [profile_box(b"of a thumbnail"), boxed(*b"ispe", &[0; 12]), profile_box(b"of the picture")];
        // The highest bit says that the property is essential.
        let bytes = file(&kept, &[2, 0x83]);
        assert!(is_avif(&bytes));
        assert_eq!(colour(&bytes).icc_profile.as_deref(), Some(&b"of the picture"[..]));
        assert_eq!(colour(&file(&kept, &[2])), Colour::SRGB);
    }

    #[test]
    fn code_points_count_where_they_tell_more_than_srgb() {
        let points = |primaries, transfer| colour(&file(&[points_box(primaries, transfer)], &[1])).png;
        assert_eq!(points(12, 13), PngColour::of_code_points(12, 13));
        assert_eq!(points(9, 16), PngColour::of_code_points(9, 16));
        assert_eq!(points(1, 16), PngColour::of_code_points(1, 16));
        for (primaries, transfer) in [(1, 13), (1, 1), (2, 2)] {
            assert_eq!(points(primaries, transfer), PngColour::NONE);
        }
        let both = colour(&file(&[points_box(12, 13), profile_box(b"p")], &[1, 2]));
        assert_eq!((both.icc_profile, both.png), (Some(b"p".to_vec()), PngColour::of_code_points(12, 13)));
    }

    #[test]
    fn long_boxes_and_long_numbers_are_read() {
        let associations = {
            let long = [&[1, 0, 0, 1][..], &[0, 0, 0, 1], &[0, 0, 0, 2, 1], &[0x80, 1]].concat();
            boxed(*b"ipma", &long)
        };
        let kept = boxed(*b"ipco", &profile_box(b"p"));
        let kept = [&[0, 0, 0, 1][..], b"ipco", &(kept.len() as u64 + 8).to_be_bytes(), &kept[8..]].concat();
        let primary = boxed(*b"pitm", &[1, 0, 0, 0, 0, 0, 0, 2]);
        let mut meta = full(*b"meta", &[primary, boxed(*b"iprp", &[kept, associations].concat())].concat());
        // To the end of the file.
        meta[..4].fill(0);
        let bytes = [boxed(*b"ftyp", b"mif1\0\0\0\0avif"), meta].concat();
        assert_eq!(colour(&bytes).icc_profile.as_deref(), Some(&b"p"[..]));
    }

    #[test]
    fn damage_costs_the_colours_at_most() {
        let bytes = file(&[points_box(12, 13), profile_box(b"profile")], &[1, 2]);
        for len in 0..bytes.len() {
            let cut = colour(&bytes[..len]);
            assert!(cut == Colour::SRGB || cut == colour(&bytes), "{len}");
        }
        for at in 0..bytes.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut damaged = bytes.clone();
                damaged[at] = value;
                let found = colour(&damaged).icc_profile;
                assert!(found.is_none_or(|profile| profile.len() < bytes.len()));
            }
        }
    }

    #[test]
    fn other_files_are_none() {
        for bytes in [&b""[..], b"\0\0\0\x14ftypheic\0\0\0\0mif1", b"\x89PNG\r\n\x1a\n", &[0xff, 0xd8, 0xff, 0xe0]] {
            assert!(!is_avif(bytes));
        }
    }
}
