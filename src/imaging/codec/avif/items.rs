//! What an AVIF holds beside its picture: items of a type of their own, whose bytes lie anywhere in the file.

use super::boxes::{Boxes, Numbers, versioned};
use crate::imaging::codec::Metadata;

/// The media type of an XMP packet.
const XMP: &[u8] = b"application/rdf+xml";

/// So many items that tell something are looked at. Each is looked up in tables of the file, so more would cost its square.
const MOST_ITEMS: usize = 32;

/// What a file tells beside its picture, as far as it can be read; `meta` is what its box `meta` holds, `primary` the item
/// that is the picture. An orientation in it counts for nothing in an AVIF: the file's own properties turn the picture.
pub(super) fn metadata(file: &[u8], meta: &[u8], primary: u32) -> Metadata {
    let Some((version, entries)) = Boxes(meta).find(*b"iinf").and_then(versioned) else { return Metadata::NONE };
    let Some(entries) = entries.get(if version == 0 { 2 } else { 4 }..) else { return Metadata::NONE };
    let (mut exif, mut xmp) = (None, None);
    let telling = Boxes(entries).filter(|(kind, _)| kind == b"infe").filter_map(|(_, body)| entry(body));
    for (item, held) in telling.take(MOST_ITEMS) {
        let part = match held {
            Held::Exif => &mut exif,
            Held::Xmp => &mut xmp,
        };
        if part.is_none() && describes(meta, item, primary) {
            *part = bytes_of(file, meta, item);
        }
    }
    // First comes how far into what follows the TIFF begins (23008-12, annex A.2.1).
    let tiff = exif.and_then(|exif| {
        let start = Numbers(&exif).long()? as usize;
        exif.get(4..)?.get(start..).map(<[u8]>::to_vec)
    });
    Metadata::new(tiff, xmp, None)
}

/// A kind of item that tells something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Exif,
    Xmp,
}

/// Which item an entry is about, if that tells something (14496-12, section 8.11.6).
fn entry(body: &[u8]) -> Option<(u32, Held)> {
    let (version, rest) = versioned(body)?;
    if version < 2 {
        return None;
    }
    let mut numbers = Numbers(rest);
    let item = numbers.one_of(version == 2)?;
    // One that is encrypted can't be read.
    let is_open = numbers.short()? == 0;
    let kind = numbers.long()?.to_be_bytes();
    let _name = numbers.text()?;
    let held = match &kind {
        b"Exif" => Held::Exif,
        // What says how it is packed comes after the media type, and is empty or missing.
        b"mime" if numbers.text()? == XMP && numbers.text().is_none_or(<[u8]>::is_empty) => Held::Xmp,
        _ => return None,
    };
    is_open.then_some((item, held))
}

/// Whether an item is about the picture, and not about another one in the file (14496-12, section 8.11.12).
fn describes(meta: &[u8], item: u32, primary: u32) -> bool {
    let Some((version, references)) = Boxes(meta).find(*b"iref").and_then(versioned) else { return true };
    let mut of_item = Boxes(references).filter(|(kind, _)| kind == b"cdsc").filter_map(|(_, body)| {
        let mut numbers = Numbers(body);
        let from = numbers.one_of(version == 0)?;
        let count = numbers.short()?;
        let to: Vec<u32> = (0..count).map_while(|_| numbers.one_of(version == 0)).collect();
        (from == item).then_some(to)
    });
    // One about which nothing is said is about all that is there.
    of_item.next().is_none_or(|to| to.contains(&primary))
}

/// An item's bytes (14496-12, section 8.11.3). None if any of them is not in the file.
fn bytes_of(file: &[u8], meta: &[u8], wanted: u32) -> Option<Vec<u8>> {
    let (version, table) = Boxes(meta).find(*b"iloc").and_then(versioned)?;
    let mut numbers = Numbers(table);
    let widths = numbers.short()?.to_be_bytes();
    let [offset_width, length_width, base_width, index_width] =
        [widths[0] >> 4, widths[0] & 15, widths[1] >> 4, if version == 0 { 0 } else { widths[1] & 15 }];
    for _ in 0..numbers.one_of(version < 2)? {
        let item = numbers.one_of(version < 2)?;
        let method = if version == 0 { 0 } else { numbers.short()? & 15 };
        let is_elsewhere = numbers.short()? != 0;
        let base = numbers.of_bytes(base_width)?;
        let extents = numbers.short()?;
        let source = match method {
            0 if !is_elsewhere => Some(file),
            1 => Boxes(meta).find(*b"idat"),
            _ => None,
        };
        let mut bytes = Vec::new();
        for _ in 0..extents {
            numbers.of_bytes(index_width)?;
            let start = usize::try_from(base.checked_add(numbers.of_bytes(offset_width)?)?).ok()?;
            let len = usize::try_from(numbers.of_bytes(length_width)?).ok()?;
            if item == wanted {
                bytes.extend_from_slice(source?.get(start..start.checked_add(len)?)?);
                // Extents may overlap, so that a small file could ask for much.
                if bytes.len() > file.len() {
                    return None;
                }
            }
        }
        if item == wanted {
            return Some(bytes);
        }
    }
    None
}
