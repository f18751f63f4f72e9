//! Metadata and profiles as cameras and programs write them, put together without the code that is tested.

use super::*;

/// Pixels that nobody may find again.
pub(crate) const THUMBNAIL: &[u8] = b"THUMBNAIL-PIXELS";
pub(crate) const MAKER_NOTE: &[u8] = b"MAKER-NOTE-WITH-PREVIEW";
pub(crate) const PRIVATE: &[u8] = b"PRIVATE-DIRECTORY-WITH-PREVIEW";
/// 51 degrees, 28 minutes, 40.12 seconds.
pub(crate) const LATITUDE: [u32; 6] = [51, 1, 28, 1, 4_012, 100];

/// What an entry of a directory holds.
#[derive(Clone)]
pub(crate) enum Value {
    Ascii(&'static str),
    Undefined(&'static [u8]),
    Short(u16),
    Long(u32),
    Rationals(&'static [u32]),
    /// Where another directory is, by its number.
    Directory(usize),
    /// Where the thumbnail is.
    Blob,
}

/// The entries of a directory, and which one follows it.
type Directory<'a> = (&'a [(u16, Value)], Option<usize>);

/// Lays directories out one after the other, the thumbnail at the end.
pub(crate) fn tiff(is_little: bool, directories: &[Directory<'_>]) -> Vec<u8> {
    let short = |value: u16| if is_little { value.to_le_bytes() } else { value.to_be_bytes() };
    let long = |value: u32| if is_little { value.to_le_bytes() } else { value.to_be_bytes() };
    let bytes = |value: &Value, starts: &[usize], blob: usize| -> (u16, u32, Vec<u8>) {
        match value {
            Value::Ascii(text) => (2, text.len() as u32 + 1, [text.as_bytes(), b"\0"].concat()),
            Value::Undefined(data) => (7, data.len() as u32, data.to_vec()),
            Value::Short(value) => (3, 1, short(*value).to_vec()),
            Value::Long(value) => (4, 1, long(*value).to_vec()),
            Value::Rationals(parts) => (5, parts.len() as u32 / 2, parts.iter().flat_map(|&part| long(part)).collect()),
            Value::Directory(number) => (4, 1, long(starts.get(*number).map_or(0, |&at| at as u32)).to_vec()),
            Value::Blob => (4, 1, long(blob as u32).to_vec()),
        }
    };
    let mut starts = Vec::new();
    let mut end = 8;
    for (entries, _) in directories {
        starts.push(end);
        let outside: usize = entries.iter().map(|(_, value)| bytes(value, &[], 0).2.len()).filter(|len| *len > 4).sum();
        end += 2 + entries.len() * 12 + 4 + outside;
    }
    let mut out = if is_little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
    out.extend(long(8));
    for (entries, next) in directories {
        let mut outside = Vec::new();
        let outside_at = out.len() + 2 + entries.len() * 12 + 4;
        out.extend(short(entries.len() as u16));
        for (tag, value) in *entries {
            let (kind, count, mut data) = bytes(value, &starts, end);
            out.extend([&short(*tag)[..], &short(kind), &long(count)].concat());
            if data.len() > 4 {
                out.extend(long((outside_at + outside.len()) as u32));
                outside.extend(data);
            } else {
                data.resize(4, 0);
                out.extend(data);
            }
        }
        out.extend(long(next.map_or(0, |next| starts[next] as u32)));
        out.extend(outside);
    }
    [&out, THUMBNAIL].concat()
}

/// EXIF as a phone writes it.
pub(crate) fn exif_in(is_little: bool, orientation: u16) -> Vec<u8> {
    let main = [
        (0x0100, Value::Long(4_000)),
        (0x0101, Value::Short(3_000)),
        (0x010f, Value::Ascii("Maker of cameras")),
        (0x0110, Value::Ascii("C1")),
        (0x0112, Value::Short(orientation)),
        (0x011a, Value::Rationals(&[300, 1])),
        (0x014a, Value::Directory(4)),
        (0x02bc, Value::Undefined(b"<x:xmpmeta>GPS</x:xmpmeta>")),
        (0x8769, Value::Directory(1)),
        (0x8825, Value::Directory(3)),
        (0xc7a1, Value::Undefined(PRIVATE)),
    ];
    let exif = [
        (0x829a, Value::Rationals(&[1, 250])),
        (0x9003, Value::Ascii("2026:05:04 03:02:01")),
        (0x927c, Value::Undefined(MAKER_NOTE)),
        (0x9286, Value::Undefined(b"ASCII\0\0\0A comment")),
        (0xa002, Value::Short(4_000)),
        (0xa003, Value::Long(3_000)),
        (0xa005, Value::Directory(2)),
    ];
    let interoperability = [(1, Value::Ascii("R98")), (0x1001, Value::Short(4_000))];
    let gps = [(1, Value::Ascii("N")), (2, Value::Rationals(&LATITUDE)), (29, Value::Ascii("2026:05:04"))];
    let thumbnail = [(0x0103, Value::Short(6)), (0x0201, Value::Blob), (0x0202, Value::Long(THUMBNAIL.len() as u32))];
    tiff(is_little, &[(&main, Some(4)), (&exif, None), (&interoperability, None), (&gps, None), (&thumbnail, None)])
}

/// EXIF as a phone writes it.
pub(crate) fn exif(orientation: u16) -> Vec<u8> {
    exif_in(false, orientation)
}

/// What a tag holds in the directory that these tags lead to.
pub(crate) fn look_up(tiff: &[u8], path: &[u16], tag: u16) -> Option<Vec<u8>> {
    let is_little = tiff.starts_with(b"II*\0");
    assert!(is_little || tiff.starts_with(b"MM\0*"));
    let number = |at: usize, len: usize| {
        let bytes = tiff[at..at + len].iter();
        let add = |sum: usize, byte: &u8| sum << 8 | usize::from(*byte);
        if is_little { bytes.rev().fold(0, add) } else { bytes.fold(0, add) }
    };
    let find = |directory: usize, tag: u16| {
        let mut entries = (0..number(directory, 2)).map(|entry| directory + 2 + entry * 12);
        let at = entries.find(|&at| number(at, 2) == usize::from(tag))?;
        let unit = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8][number(at + 2, 2)];
        let len = number(at + 4, 4) * unit;
        let start = if len > 4 { number(at + 8, 4) } else { at + 8 };
        Some((start, len))
    };
    let mut directory = number(4, 4);
    for step in path {
        directory = number(find(directory, *step)?.0, 4);
    }
    let (start, len) = find(directory, tag)?;
    Some(tiff[start..start + len].to_vec())
}

/// Properties as attributes, as elements, and in structures.
pub(crate) fn xmp() -> String {
    r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:photoshop="p" xmlns:e="x"
    exif:GPSLatitude="51,28.66866N" e:GpsLongtitude="-0.0005" photoshop:City="Greenwich" tiff:Orientation="6"
    exif:PixelXDimension="4000" xmp:CreatorTool='A "good" tool &amp; more' xmp:Rating="4" e:HasExtendedXMP="ABCDEF">
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">A &lt;title&gt; é</rdf:li></rdf:Alt></dc:title>
   <exif:GPSLongitude>0,0.03W</exif:GPSLongitude>
   <exif:PixelYDimension>3000</exif:PixelYDimension>
   <e:LocationCreated rdf:parseType="Resource"><e:Sublocation>Observatory</e:Sublocation></e:LocationCreated>
   <xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType="Resource"><e:image>THUMBNAIL-PIXELS</e:image></rdf:li></rdf:Alt></xmp:Thumbnails>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"#
        .to_owned()
}

/// A dataset of the IPTC.
pub(crate) fn dataset(record: u8, number: u8, text: &[u8]) -> Vec<u8> {
    [&[0x1c, record, number][..], &(text.len() as u16).to_be_bytes(), text].concat()
}

/// Title, city, caption, and a preview.
pub(crate) fn iptc() -> Vec<u8> {
    [dataset(2, 5, b"A title"), dataset(2, 90, b"Greenwich"), dataset(2, 120, b"A caption"), dataset(2, 202, THUMBNAIL)]
        .concat()
}

/// A colour profile for a kind of values, as far as anything here looks into it. Longer than one segment of a JPEG.
pub(crate) fn profile(values: [u8; 4]) -> Vec<u8> {
    let mut profile: Vec<u8> = (0..70_000_u32).map(|i| (i.wrapping_mul(i) >> 7) as u8).collect();
    profile[16..20].copy_from_slice(&values);
    profile
}

/// A file with all this as another program may write it: nothing is corrected.
pub(crate) fn foreign(image: &Image, format: Format, exif: &[u8], xmp: &str, iptc: &[u8]) -> Vec<u8> {
    let file = plain(image, format);
    let resource = [b"8BIM\x04\x0c\0\0\0\0\0\x10", THUMBNAIL].concat();
    let named = [b"8BIM\x04\x04\x03abc", &(iptc.len() as u32).to_be_bytes()[..], iptc].concat();
    match format {
        Format::Jpeg => {
            let segment = |marker: u8, parts: &[&[u8]]| {
                let data = parts.concat();
                [&[0xff, marker], &(data.len() as u16 + 2).to_be_bytes()[..], &data].concat()
            };
            let parts = [
                file[..2].to_vec(),
                segment(0xe1, &[b"Exif\0\0", exif]),
                segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", xmp.as_bytes()]),
                segment(0xed, &[b"Photoshop 3.0\0", &resource, &named]),
                file[2..].to_vec(),
            ];
            parts.concat()
        }
        Format::Png => {
            let digits: String = named
                .iter()
                .flat_map(|byte| [byte >> 4, byte & 15])
                .map(|it| char::from(b"0123456789ABCDEF"[usize::from(it)]))
                .collect();
            let text = format!("Raw profile type iptc\0\niptc\n {:7}\n{digits}\n", named.len());
            let packet = [b"XML:com.adobe.xmp\0\0\0\0\0", xmp.as_bytes()].concat();
            // Behind the pixels, as some programs append it; the end takes 12 bytes.
            let end = file.len() - 12;
            let after = [chunk(*b"eXIf", exif), chunk(*b"iTXt", &packet), chunk(*b"tEXt", text.as_bytes())].concat();
            [&file[..end], &after, &file[end..]].concat()
        }
        _ => {
            let mut out = Vec::new();
            let mut encoder = image_webp::WebPEncoder::new(&mut out);
            encoder.set_exif_metadata([b"Exif\0\0", exif].concat());
            encoder.set_xmp_metadata(xmp.as_bytes().to_vec());
            let (width, height) = image.size().into();
            encoder.encode(image.as_bytes(), width, height, image_webp::ColorType::Rgba8).unwrap();
            out
        }
    }
}
