//! XMP, without what may not be told or is no longer true (ISO 16684-1).
//!
//! Properties go by their local name, whatever their prefix is bound to: a camera's own `GpsLatitude` tells as much as the
//! standard's. Of those that only say where or how something is stored that is not in the new file, some go by prefix.

use quick_xml::{
    Reader, Writer,
    events::{BytesEnd, BytesStart, BytesText, Event, attributes::Attribute},
};

use super::Place;
use crate::geometry::Size;

/// Properties that hold small pictures, or refer to what is only in the old file.
const NEVER: [&str; 5] = ["Thumbnails", "PageInfo", "HasExtendedXMP", "Directory", "Data"];

/// Prefixes of properties about other pictures and sounds in the old file: brighter ones, depth, films, sound.
const NEVER_PREFIXES: [&str; 9] =
    ["hdrgm", "HDRGainMap", "apdi", "GDepth", "GImage", "GAudio", "GContainer", "Container", "xmpGImg"];

/// Starts of the names of properties about a short film in the old file.
const NEVER_STARTS: [&str; 2] = ["MotionPhoto", "MicroVideo"];

/// Names of places, by which the IPTC and others call them.
const PLACES: [&str; 9] = [
    "City",
    "State",
    "ProvinceState",
    "Country",
    "CountryName",
    "CountryCode",
    "Sublocation",
    "WorldRegion",
    "shotLocation",
];

/// What becomes of a property.
enum Fate {
    Stays,
    Goes,
    Becomes(String),
}

/// Returns the packet as it is true of a picture of this size, the right way up; none if it can't be read.
pub(super) fn rewritten(packet: &[u8], size: Size, place: Place) -> Option<String> {
    let packet = std::str::from_utf8(packet).ok()?;
    let mut reader = Reader::from_str(packet);
    let mut writer = Writer::new(Vec::with_capacity(packet.len()));
    let fate = |name: &str| fate(name, size, place);
    let mut depth = 0_u32;
    loop {
        let event = reader.read_event().ok()?;
        match event {
            Event::Eof => break,
            // There is none in XMP; its entities could stand for anything.
            Event::DocType(_) => return None,
            Event::Start(start) => match fate(start.name().into_inner()) {
                Fate::Stays => {
                    depth += 1;
                    writer.write_event(Event::Start(without(&start, fate)?)).ok()?;
                }
                Fate::Goes => {
                    reader.read_to_end(start.name()).ok()?;
                }
                Fate::Becomes(value) => {
                    let name = start.name().into_inner();
                    is_name(name).then_some(())?;
                    reader.read_to_end(start.name()).ok()?;
                    writer.write_event(Event::Start(BytesStart::new(name))).ok()?;
                    writer.write_event(Event::Text(BytesText::new(&value))).ok()?;
                    writer.write_event(Event::End(BytesEnd::new(name))).ok()?;
                }
            },
            Event::Empty(start) => match fate(start.name().into_inner()) {
                Fate::Goes => {}
                Fate::Stays | Fate::Becomes(_) => writer.write_event(Event::Empty(without(&start, fate)?)).ok()?,
            },
            Event::End(end) => {
                depth = depth.checked_sub(1)?;
                writer.write_event(Event::End(end)).ok()?;
            }
            // Nobody knows what a comment tells.
            Event::Comment(_) => {}
            other => writer.write_event(other).ok()?,
        }
    }
    // The reader takes an end of the text for the end of all that is open.
    (depth == 0).then(|| String::from_utf8(writer.into_inner()).ok())?
}

/// Whether it may stand where a name does. The reader takes nearly anything for one, also half of a value in quotes, which
/// would be read otherwise once something beside it is gone.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(['"', '\'', '<', '>', '=', '&', '/'])
}

/// An element with only those attributes that may stay, for properties may be written so too.
fn without<'a>(element: &BytesStart<'_>, fate: impl Fn(&str) -> Fate) -> Option<BytesStart<'a>> {
    let name = element.name().into_inner();
    is_name(name).then_some(())?;
    let mut out = BytesStart::new(name.to_owned());
    for attribute in element.attributes().with_checks(false) {
        let Attribute { key, value } = attribute.ok()?;
        (is_name(key.into_inner()) && !value.contains('<')).then_some(())?;
        match fate(key.into_inner()) {
            Fate::Goes => {}
            Fate::Becomes(value) => out.push_attribute((key.into_inner(), value.as_str())),
            // It is written between double quotes, wherever it stood.
            Fate::Stays => out.push_attribute(Attribute { key, value: value.replace('"', "&quot;").into() }),
        }
    }
    Some(out)
}

fn fate(name: &str, size: Size, place: Place) -> Fate {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    if prefix == "xmlns" {
        return Fate::Stays;
    }
    match local {
        "Orientation" => Fate::Becomes("1".to_owned()),
        "ImageWidth" | "PixelXDimension" => Fate::Becomes(size.width().to_string()),
        "ImageLength" | "PixelYDimension" => Fate::Becomes(size.height().to_string()),
        _ if is_gone(prefix, local) || place == Place::Removed && tells_place(local) => Fate::Goes,
        _ => Fate::Stays,
    }
}

/// Whether it is about what only the old file holds.
fn is_gone(prefix: &str, local: &str) -> bool {
    NEVER.contains(&local)
        || NEVER_PREFIXES.contains(&prefix)
        || NEVER_STARTS.iter().any(|start| local.starts_with(start))
}

/// Whether it tells where the picture was taken.
fn tells_place(local: &str) -> bool {
    let lower = local.to_ascii_lowercase();
    // Both spellings of the second are in use.
    lower.starts_with("gps")
        || lower.starts_with("location")
        || ["latitude", "longitude", "longtitude"].iter().any(|part| lower.contains(part))
        || PLACES.contains(&local)
}
