use super::*;
use crate::{
    geometry::Size,
    imaging::codec::{
        MetadataPolicy,
        tests::samples::{exif, look_up, xmp},
    },
};

fn colour(file: &[u8]) -> Colour {
    told(file).0
}

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
    // Beside a profile they only say how coded values become RGB.
    let both = [points_box(12, 13), profile_box(b"p")];
    for order in [[1, 2], [2, 1]] {
        let both = colour(&file(&both, &order));
        assert_eq!((both.icc_profile, both.png), (Some(b"p".to_vec()), PngColour::NONE));
    }
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

/// An entry for an item: its number, whether it is encrypted, its type, and what its type tells more.
fn entry(item: u8, protection: u8, kind: [u8; 4], more: &[u8]) -> Vec<u8> {
    boxed(*b"infe", &[&[2, 0, 0, 0, 0, item, 0, protection][..], &kind, b"name\0", more].concat())
}

/// An item's number, where it is (0 = in the file, 1 = in the box `idat`), and its extents as start and length.
type Place<'a> = (u8, u8, &'a [(u32, u32)]);

/// A file whose picture is item 1, with these entries, references and places of items. The bytes given lie in both places;
/// in the file from 40 on.
fn holding(entries: &[Vec<u8>], references: &[u8], places: &[Place<'_>], held: &[u8]) -> Vec<u8> {
    let count = [0, entries.len() as u8];
    let list = full(*b"iinf", &[&count, &entries.concat()[..]].concat());
    let mut table = vec![1, 0, 0, 0, 0x44, 0, 0, places.len() as u8];
    for (item, method, extents) in places {
        table.extend([0, *item, 0, *method, 0, 0, 0, extents.len() as u8]);
        table.extend(extents.iter().flat_map(|(start, len)| [start.to_be_bytes(), len.to_be_bytes()].concat()));
    }
    let parts =
        [full(*b"pitm", &[0, 1]), list, full(*b"iref", references), boxed(*b"iloc", &table), boxed(*b"idat", held)];
    // Before everything, so that it does not move.
    let start = [boxed(*b"ftyp", b"avif\0\0\0\0mif1avifmif1mif1"), boxed(*b"mdat", held)].concat();
    assert_eq!(start[40..][..held.len().min(4)], held[..held.len().min(4)]);
    [start, full(*b"meta", &parts.concat())].concat()
}

const XMP_TYPE: &[u8] = b"application/rdf+xml\0\0";

/// EXIF as an item has it: after where it begins, of which there is a part that nobody needs.
fn exif_item(tiff: &[u8]) -> Vec<u8> {
    [&[0, 0, 0, 6], &b"Exif\0\0"[..], tiff].concat()
}

#[test]
fn exif_and_xmp_are_where_the_table_of_places_says() {
    let (tiff, packet) = (exif(6), xmp().into_bytes());
    let held = [exif_item(&tiff), packet.clone()].concat();
    let (first, second) = (held.len() as u32 - packet.len() as u32, packet.len() as u32);
    let entries = [entry(1, 0, *b"av01", b""), entry(2, 0, *b"Exif", b""), entry(3, 0, *b"mime", XMP_TYPE)];
    let in_parts = [(40, 10), (50, first - 10)];
    let bytes = holding(&entries, &[], &[(1, 0, &[(40, 4)]), (2, 0, &in_parts), (3, 1, &[(first, second)])], &held);
    let size = Size::new(30, 20).unwrap();
    let kept = told(&bytes).1.kept(MetadataPolicy::KeepAll, size);
    let exif = kept.exif.unwrap();
    assert_eq!(look_up(&exif, &[], 0x0110), look_up(&tiff, &[], 0x0110));
    assert_eq!(look_up(&exif, &[0x8825], 2), look_up(&tiff, &[0x8825], 2));
    assert!(kept.xmp.is_some());
    let kept = told(&bytes).1.kept(MetadataPolicy::KeepWithoutPlace, size);
    assert_eq!(look_up(&kept.exif.unwrap(), &[0x8825], 2), None);
}

#[test]
fn only_what_is_about_the_picture_is_read() {
    let held = exif_item(&exif(1));
    let place: &[_] = &[(2, 0, &[(40, held.len() as u32)][..])];
    let told_with =
        |entry: Vec<u8>, references: &[u8]| !told(&holding(&[entry], references, place, &held)).1.is_empty();
    let about = |item: u8| boxed(*b"cdsc", &[0, 2, 0, 1, 0, item]);
    let readable = || entry(2, 0, *b"Exif", b"");
    assert!(told_with(readable(), &[]));
    assert!(told_with(readable(), &about(1)));
    assert!(!told_with(readable(), &about(7)), "of a thumbnail");
    assert!(!told_with(entry(2, 1, *b"Exif", b""), &[]), "encrypted");
    assert!(!told_with(entry(2, 0, *b"mime", b"text/plain\0\0"), &[]));
    assert!(!told_with(entry(2, 0, *b"mime", b"application/rdf+xml\0deflate\0"), &[]), "packed");
}

#[test]
fn places_that_are_not_there_give_nothing() {
    let held = exif_item(&exif(1));
    let len = held.len() as u32;
    let entries = [entry(2, 0, *b"Exif", b"")];
    let told_at = |method: u8, extents: &[(u32, u32)]| {
        !told(&holding(&entries, &[], &[(2, method, extents)], &held)).1.is_empty()
    };
    assert!(told_at(0, &[(40, len)]) && told_at(1, &[(0, len)]));
    assert!(!told_at(2, &[(40, len)]), "made of other items");
    for gone in [(40, 1 << 20), (u32::MAX, len), (u32::MAX, u32::MAX), (1 << 20, 0)] {
        assert!(!told_at(0, &[gone]));
    }
    // Ever the same bytes.
    assert!(!told_at(0, &[(40, len); 200]));
    let whole = holding(&entries, &[], &[(2, 0, &[(40, len)])], &held);
    for len in 0..whole.len() {
        let _ = told(&whole[..len]);
    }
    for at in 0..whole.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut damaged = whole.clone();
            damaged[at] = value;
            let kept = told(&damaged).1.kept(MetadataPolicy::KeepAll, Size::new(9, 9).unwrap());
            assert!(kept.exif.is_none_or(|exif| exif.len() <= whole.len()));
        }
    }
}
