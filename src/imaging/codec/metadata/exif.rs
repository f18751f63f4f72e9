//! EXIF, taken apart and written anew (CIPA DC-008-2023, TIFF 6.0).
//!
//! Writing anew is what makes sure that nothing is left behind: neither between the entries nor in the ones that are not
//! known. Only what the standard names is taken over. Cameras' own notes hold previews and refer to places in the old
//! file; the second directory is the thumbnail.

use std::borrow::Cow;

use super::Place;
use crate::geometry::Size;

const ORIENTATION: u16 = 0x0112;
const EXIF_DIRECTORY: u16 = 0x8769;
const GPS_DIRECTORY: u16 = 0x8825;
const INTEROPERABILITY_DIRECTORY: u16 = 0xa005;

/// The types of values that are numbers for us.
const SHORT: u16 = 3;
const LONG: u16 = 4;
/// A number that says where a directory is.
const DIRECTORY: u16 = 13;

/// Bytes of a directory's entry.
const ENTRY_LEN: usize = 12;
/// Where the first directory stands.
const FIRST: usize = 8;

/// Returns it as it is true of a picture of this size, the right way up; none if it can't be read.
pub(super) fn rewritten(tiff: &[u8], size: Size, place: Place) -> Option<Vec<u8>> {
    let (order, start) = match tiff.get(..8)? {
        [b'I', b'I', 42, 0, start @ ..] => (Order::Little, start),
        [b'M', b'M', 0, 42, start @ ..] => (Order::Big, start),
        _ => return None,
    };
    // An honest file holds each byte once: this is all that may be copied.
    let mut reader = Reader { tiff, order, left: tiff.len() };
    let main = reader.entries(order.u32(start)?)?;
    let exif = reader.below(&main, EXIF_DIRECTORY);
    let interoperability = reader.below(&exif, INTEROPERABILITY_DIRECTORY);
    let gps = if place == Place::Kept { reader.below(&main, GPS_DIRECTORY) } else { Vec::new() };
    let directories = Directories {
        main: corrected(main, is_of_camera, size, order),
        exif: corrected(exif, is_of_camera, size, order),
        interoperability: corrected(interoperability, |tag| matches!(tag, 1..=2 | 0x1000..=0x1002), size, order),
        gps: corrected(gps, |tag| tag <= 0x1f, size, order),
    };
    directories.written(order)
}

/// Whether the standard names this tag, and what it holds can be kept.
///
/// Left out are pointers, pixels and how they were stored, metadata of other kinds, thumbnails, the cameras' notes, and
/// where the subject is, which may be what was removed.
const fn is_of_camera(tag: u16) -> bool {
    matches!(
        tag,
        // TIFF: the picture's size, names, camera, resolution, program, date, colours; Windows' rating; copyright.
        0x0100..=0x0101
            | 0x010d..=0x0110
            | ORIENTATION
            | 0x011a..=0x011b
            | 0x011d
            | 0x0128..=0x0129
            | 0x012d
            | 0x0131..=0x0132
            | 0x013b..=0x013c
            | 0x013e..=0x013f
            | 0x0211..=0x0214
            | 0x4746
            | 0x4749
            | 0x8298
            // EXIF: exposure, versions, dates, the scene.
            | 0x829a
            | 0x829d
            | 0x8822
            | 0x8824
            | 0x8827..=0x8828
            | 0x882a
            | 0x8830..=0x8835
            | 0x9000..=0x9213
            | 0x9215..=0x927b
            | 0x927d..=0x9292
            | 0x9400..=0x9405
            // Windows' title, comment, author, keywords, subject.
            | 0x9c9b..=0x9c9f
            | 0xa000..=0xa004
            | 0xa20b..=0xa213
            | 0xa215..=0xa217
            | 0xa300..=0xa302
            | 0xa401..=0xa40c
            | 0xa420
            | 0xa430..=0xa43c
            | 0xa460..=0xa462
            | 0xa500
    )
}

/// The entries that may stay, each once, in the order of tags, with the numbers that changed.
fn corrected(mut entries: Vec<Entry<'_>>, may_stay: impl Fn(u16) -> bool, size: Size, order: Order) -> Vec<Entry<'_>> {
    entries.retain(|entry| may_stay(entry.tag));
    entries.sort_by_key(|entry| entry.tag);
    entries.dedup_by_key(|entry| entry.tag);
    for entry in &mut entries {
        match entry.tag {
            ORIENTATION => *entry = Entry::short(ORIENTATION, 1, order),
            // Of the picture, of the picture in it that counts, and of the one that it was made from.
            0x0100 | 0xa002 | 0x1001 => *entry = Entry::long(entry.tag, size.width(), order),
            0x0101 | 0xa003 | 0x1002 => *entry = Entry::long(entry.tag, size.height(), order),
            _ => {}
        }
    }
    entries
}

/// Which end of a number comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn u16(self, bytes: &[u8]) -> Option<u16> {
        let bytes = *bytes.first_chunk()?;
        Some(if self == Self::Little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn u32(self, bytes: &[u8]) -> Option<u32> {
        let bytes = *bytes.first_chunk()?;
        Some(if self == Self::Little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    const fn of_u16(self, value: u16) -> [u8; 2] {
        if matches!(self, Self::Little) { value.to_le_bytes() } else { value.to_be_bytes() }
    }

    const fn of_u32(self, value: u32) -> [u8; 4] {
        if matches!(self, Self::Little) { value.to_le_bytes() } else { value.to_be_bytes() }
    }
}

/// A tag and its values, in the file's byte order.
#[derive(Debug, Clone)]
struct Entry<'a> {
    tag: u16,
    kind: u16,
    count: u32,
    value: Cow<'a, [u8]>,
}

impl Entry<'_> {
    fn short(tag: u16, value: u16, order: Order) -> Self {
        Self { tag, kind: SHORT, count: 1, value: order.of_u16(value).to_vec().into() }
    }

    fn long(tag: u16, value: u32, order: Order) -> Self {
        Self { tag, kind: LONG, count: 1, value: order.of_u32(value).to_vec().into() }
    }
}

/// Bytes of one value of a type; none if the type is not known.
const fn value_len(kind: u16) -> Option<u64> {
    match kind {
        // Bytes, texts and what is undefined.
        1 | 2 | 6 | 7 | 129 => Some(1),
        SHORT | 8 => Some(2),
        LONG | 9 | 11 | DIRECTORY => Some(4),
        // Fractions and long floating point numbers.
        5 | 10 | 12 => Some(8),
        _ => None,
    }
}

struct Reader<'a> {
    tiff: &'a [u8],
    order: Order,
    /// Bytes that may still be taken.
    left: usize,
}

impl<'a> Reader<'a> {
    /// The entries of the directory that starts there, without those that are damaged.
    fn entries(&mut self, at: u32) -> Option<Vec<Entry<'a>>> {
        let directory = self.tiff.get(at as usize..)?;
        let count = usize::from(self.order.u16(directory)?);
        let entries = directory[2..].as_chunks::<ENTRY_LEN>().0.iter().take(count);
        Some(entries.filter_map(|entry| self.entry(entry)).collect())
    }

    /// The entries of the directory that one of these points to.
    fn below(&mut self, entries: &[Entry<'_>], tag: u16) -> Vec<Entry<'a>> {
        let is_pointer = |entry: &&Entry<'_>| entry.tag == tag && [LONG, DIRECTORY].contains(&entry.kind);
        let at = entries.iter().find(is_pointer).and_then(|pointer| self.order.u32(&pointer.value));
        at.and_then(|at| self.entries(at)).unwrap_or_default()
    }

    fn entry(&mut self, entry: &'a [u8; ENTRY_LEN]) -> Option<Entry<'a>> {
        let order = self.order;
        let (tag, kind, count) = (order.u16(entry)?, order.u16(&entry[2..])?, order.u32(&entry[4..])?);
        let len = usize::try_from(u64::from(count) * value_len(kind)?).ok()?;
        let value = if len <= 4 {
            entry.get(8..8 + len)?
        } else {
            let start = order.u32(&entry[8..])? as usize;
            self.tiff.get(start..start.checked_add(len)?)?
        };
        self.left = self.left.checked_sub(len)?;
        Some(Entry { tag, kind, count, value: value.into() })
    }
}

/// The four directories that are written.
struct Directories<'a> {
    main: Vec<Entry<'a>>,
    exif: Vec<Entry<'a>>,
    interoperability: Vec<Entry<'a>>,
    gps: Vec<Entry<'a>>,
}

impl Directories<'_> {
    /// A TIFF of them; none if there is nothing in them.
    fn written(mut self, order: Order) -> Option<Vec<u8>> {
        // Where each stands is known when it is known how long those before are. What they point to is set then.
        let has_interoperability = !self.interoperability.is_empty();
        let has_exif = has_interoperability || !self.exif.is_empty();
        let has_gps = !self.gps.is_empty();
        if self.main.is_empty() && !has_exif && !has_gps {
            return None;
        }
        let pointer_len = |is_there: bool| if is_there { ENTRY_LEN } else { 0 };
        let exif_at = FIRST + len(&self.main) + pointer_len(has_exif) + pointer_len(has_gps);
        let interoperability_at =
            exif_at + if has_exif { len(&self.exif) + pointer_len(has_interoperability) } else { 0 };
        let gps_at = interoperability_at + if has_interoperability { len(&self.interoperability) } else { 0 };
        let pointer = |tag: u16, at: usize| Entry::long(tag, at as u32, order);
        self.main.extend(has_exif.then(|| pointer(EXIF_DIRECTORY, exif_at)));
        self.main.extend(has_gps.then(|| pointer(GPS_DIRECTORY, gps_at)));
        self.exif.extend(has_interoperability.then(|| pointer(INTEROPERABILITY_DIRECTORY, interoperability_at)));

        let mut out = if order == Order::Little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
        out.extend(order.of_u32(FIRST as u32));
        for mut entries in [self.main, self.exif, self.interoperability, self.gps] {
            entries.sort_by_key(|entry| entry.tag);
            write(&entries, order, &mut out);
        }
        Some(out)
    }
}

/// Bytes of a directory and of what does not fit into its entries.
fn len(entries: &[Entry<'_>]) -> usize {
    let outside = |entry: &Entry<'_>| if entry.value.len() > 4 { entry.value.len().next_multiple_of(2) } else { 0 };
    2 + entries.len() * ENTRY_LEN + 4 + entries.iter().map(outside).sum::<usize>()
}

/// Writes a directory at the end of `out`, its values behind it; nothing if it is empty.
fn write(entries: &[Entry<'_>], order: Order, out: &mut Vec<u8>) {
    if entries.is_empty() {
        return;
    }
    let mut values_at = out.len() + 2 + entries.len() * ENTRY_LEN + 4;
    out.extend(order.of_u16(entries.len() as u16));
    for Entry { tag, kind, count, value } in entries {
        out.extend(order.of_u16(*tag));
        out.extend(order.of_u16(*kind));
        out.extend(order.of_u32(*count));
        if value.len() > 4 {
            out.extend(order.of_u32(values_at as u32));
            values_at += value.len().next_multiple_of(2);
        } else {
            let mut inside = [0; 4];
            inside[..value.len()].copy_from_slice(value);
            out.extend(inside);
        }
    }
    // No directory follows: that would be the thumbnail.
    out.extend([0; 4]);
    for Entry { value, .. } in entries.iter().filter(|entry| entry.value.len() > 4) {
        out.extend_from_slice(value);
        out.resize(out.len().next_multiple_of(2), 0);
    }
}
