use super::*;
use crate::imaging::codec::tests::{
    Random,
    samples::{LATITUDE, MAKER_NOTE, PRIVATE, THUMBNAIL, Value, dataset, exif_in, iptc, look_up, tiff, xmp},
};

fn size() -> Size {
    Size::new(640, 480).unwrap()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn exif_is_true_of_the_new_file() {
    for is_little in [false, true] {
        let number = |value: u32| if is_little { value.to_le_bytes() } else { value.to_be_bytes() };
        let kept = exif::rewritten(&exif_in(is_little, 6), size(), Place::Kept).unwrap();
        let short = if is_little { [1, 0] } else { [0, 1] };
        assert_eq!(look_up(&kept, &[], 0x0112).unwrap(), short);
        assert_eq!(look_up(&kept, &[], 0x0100).unwrap(), number(640));
        assert_eq!(look_up(&kept, &[], 0x0101).unwrap(), number(480));
        assert_eq!(look_up(&kept, &[0x8769], 0xa002).unwrap(), number(640));
        assert_eq!(look_up(&kept, &[0x8769], 0xa003).unwrap(), number(480));
        assert_eq!(look_up(&kept, &[0x8769, 0xa005], 0x1001).unwrap(), number(640));
        // The rest is as it was.
        assert_eq!(look_up(&kept, &[], 0x010f).unwrap(), b"Maker of cameras\0");
        assert_eq!(look_up(&kept, &[], 0x0110).unwrap(), b"C1\0");
        assert_eq!(look_up(&kept, &[], 0x011a).unwrap(), [number(300), number(1)].concat());
        assert_eq!(look_up(&kept, &[0x8769], 0x829a).unwrap(), [number(1), number(250)].concat());
        assert_eq!(look_up(&kept, &[0x8769], 0x9286).unwrap(), b"ASCII\0\0\0A comment");
        assert_eq!(look_up(&kept, &[0x8769, 0xa005], 1).unwrap(), b"R98\0");
        assert_eq!(look_up(&kept, &[0x8825], 2).unwrap(), LATITUDE.map(number).concat());
    }
}

#[test]
fn exif_holds_no_other_picture_and_nothing_that_is_not_known() {
    for place in [Place::Kept, Place::Removed] {
        let kept = exif::rewritten(&exif_in(true, 1), size(), place).unwrap();
        for secret in [THUMBNAIL, MAKER_NOTE, PRIVATE, b"x:xmpmeta"] {
            assert!(!contains(&kept, secret), "{}", String::from_utf8_lossy(secret));
        }
        assert_eq!(look_up(&kept, &[0x8825], 2).is_some(), place == Place::Kept);
        assert_eq!(contains(&kept, b"2026:05:04\0"), place == Place::Kept);
        let again = exif::rewritten(&kept, size(), place);
        assert_eq!(again, Some(kept));
    }
}

#[test]
fn exif_without_anything_to_keep_is_none() {
    let place_alone = tiff(true, &[(&[(0x8825, Value::Directory(1))], None), (&[(1, Value::Ascii("N"))], None)]);
    assert!(exif::rewritten(&place_alone, size(), Place::Kept).is_some());
    assert_eq!(exif::rewritten(&place_alone, size(), Place::Removed), None);
    for nothing in [b"".as_slice(), b"II*\0", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08\0\0", b"PK*\0\x08\0\0\0\0\0"] {
        assert_eq!(exif::rewritten(nothing, size(), Place::Kept), None);
    }
}

#[test]
fn a_directory_that_points_to_itself_is_read_once() {
    let entries = [(0x010f, Value::Ascii("Maker")), (0x8769, Value::Directory(0)), (0x8825, Value::Directory(0))];
    let endless = tiff(false, &[(&entries, Some(0))]);
    let kept = exif::rewritten(&endless, size(), Place::Kept).unwrap();
    assert!(kept.len() <= endless.len() * 2);
    assert_eq!(look_up(&kept, &[], 0x010f).unwrap(), b"Maker\0");
}

#[test]
fn values_that_share_their_bytes_do_not_multiply() {
    // 400 entries that all claim the same 4000 bytes.
    let mut shared = b"II*\0\x08\0\0\0\x90\x01".to_vec();
    for tag in 0..400_u16 {
        shared.extend(
            [&(0x9000 + tag).to_le_bytes()[..], &[7, 0], &4_000_u32.to_le_bytes(), &8_u32.to_le_bytes()].concat(),
        );
    }
    shared.extend([0; 4]);
    let kept = exif::rewritten(&shared, size(), Place::Kept).unwrap();
    assert!(kept.len() < shared.len() * 2, "{} of {}", kept.len(), shared.len());
}

#[test]
fn damaged_exif_never_panics_and_never_grows() {
    let mut random = Random(0x2545_f491);
    let whole = exif_in(true, 6);
    let bound = whole.len() * 2 + 4 * (2 + 4 + 12);
    let check = |damaged: &[u8]| {
        if let Some(kept) = exif::rewritten(damaged, size(), Place::Kept) {
            assert!(kept.len() <= bound);
            // What is written is sound: a reader that trusts it finds its way.
            assert_eq!(exif::rewritten(&kept, size(), Place::Kept).as_ref(), Some(&kept));
        }
    };
    (0..whole.len()).for_each(|len| check(&whole[..len]));
    for _ in 0..30_000 {
        let mut damaged = whole.clone();
        random.damage(&mut damaged);
        check(&damaged);
    }
}

#[test]
fn xmp_tells_no_place_and_shows_no_picture() {
    let kept = xmp::rewritten(xmp().as_bytes(), size(), Place::Removed).unwrap();
    for gone in ["GPS", "Gps", "51,28", "Greenwich", "Observatory", "THUMBNAIL", "ABCDEF"] {
        assert!(!kept.contains(gone), "{gone} in {kept}");
    }
    for stays in [
        "tiff:Orientation=\"1\"",
        "exif:PixelXDimension=\"640\"",
        "<exif:PixelYDimension>480</exif:PixelYDimension>",
        "xmp:CreatorTool=\"A &quot;good&quot; tool &amp; more\"",
        "xmp:Rating=\"4\"",
        "A &lt;title&gt; é",
        "<?xpacket end=\"w\"?>",
    ] {
        assert!(kept.contains(stays), "{stays} not in {kept}");
    }
    assert_eq!(xmp::rewritten(kept.as_bytes(), size(), Place::Removed).as_ref(), Some(&kept));
    let with_place = xmp::rewritten(xmp().as_bytes(), size(), Place::Kept).unwrap();
    assert!(["GPSLatitude", "GPSLongitude", "Greenwich", "Observatory"].iter().all(|place| with_place.contains(place)));
    assert!(!with_place.contains("THUMBNAIL"));
}

#[test]
fn what_is_no_xmp_is_left_out() {
    let broken = [
        b"<a><b></a>".as_slice(),
        b"<a attribute=no-quotes/>",
        b"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
        b"<a>\xff\xfe</a>",
        b"<a",
        b"<exif:GPSLatitude>",
        b"<a>",
        b"<a=b\" f\"x:GPSLatitude=\"2N\"></a=b\">",
        b"<a b=\"<\"/>",
    ];
    for packet in broken {
        assert_eq!(xmp::rewritten(packet, size(), Place::Removed), None, "{}", String::from_utf8_lossy(packet));
    }
}

#[test]
fn damaged_xmp_never_panics() {
    let whole = xmp().into_bytes();
    for len in 0..whole.len() {
        drop(xmp::rewritten(&whole[..len], size(), Place::Removed));
    }
    for at in 0..whole.len() {
        for byte in *b"<>\"'&/= \0" {
            let mut damaged = whole.clone();
            damaged[at] = byte;
            drop(xmp::rewritten(&damaged, size(), Place::Removed));
        }
    }
}

#[test]
fn iptc_tells_no_place_and_shows_no_picture() {
    let title = dataset(2, 5, b"A title");
    let caption = dataset(2, 120, b"A caption");
    let city = dataset(2, 90, b"Greenwich");
    assert_eq!(iptc::rewritten(&iptc(), Place::Removed), Some([&title[..], &caption].concat()));
    assert_eq!(iptc::rewritten(&iptc(), Place::Kept), Some([&title[..], &city, &caption].concat()));
    assert_eq!(iptc::rewritten(&city, Place::Removed), None);
    // What comes before a damaged one is kept; the object itself isn't.
    let cut = [&title[..], &caption[..7]].concat();
    assert_eq!(iptc::rewritten(&cut, Place::Kept), Some(title));
    assert_eq!(iptc::rewritten(&dataset(8, 10, THUMBNAIL), Place::Kept), None);
}

#[test]
fn damaged_iptc_never_panics_and_never_grows() {
    let mut random = Random(0x0bad_cafe);
    let whole = to_resources(&iptc());
    for _ in 0..30_000 {
        let mut damaged = whole.clone();
        random.damage(&mut damaged);
        let kept = iptc::rewritten(from_resources(&damaged).unwrap_or(&damaged[12..]), Place::Kept);
        assert!(kept.is_none_or(|kept| kept.len() <= damaged.len()));
    }
}

#[test]
fn datasets_are_found_among_the_resources() {
    let datasets = dataset(2, 5, b"odd");
    let other = b"8BIM\x04\x0c\x04name\0\0\0\0\x03abc\0";
    let resources = [other, &to_resources(&datasets)[..]].concat();
    assert_eq!(from_resources(&resources), Some(&datasets[..]));
    assert_eq!(resources.len() % 2, 0);
    for len in 0..resources.len() - 2 {
        assert_eq!(from_resources(&resources[..len]), None);
    }
    assert_eq!(from_resources(b"8BIM\x01\x01\0\0\xff\xff\xff\xff"), None);
}
