//! Pictures whose pixels somebody else decoded.

use super::{
    samples::{exif, foreign, iptc, look_up, xmp},
    *,
};

/// As the site of the browser tests serves them (`tests/site/fixtures/make.py`).
const PLAIN: &[u8] = include_bytes!("../../../../tests/site/fixtures/scene.avif");
const WIDE: &[u8] = include_bytes!("../../../../tests/site/fixtures/display-p3.avif");
/// With EXIF, XMP and a profile, as libavif writes them (`fuzz/make_seeds.py`).
const TELLING: &[u8] = include_bytes!("../../../../fuzz/seeds/avif/tells.avif");
const WIDE_PROFILE: &[u8] = include_bytes!("../../../../tests/site/fixtures/display-p3.icc");

fn shown(image: &Image, file: &[u8]) -> Decoded {
    decode_shown(&plain(image, Format::Png), file, Limits::default()).unwrap()
}

#[test]
fn an_avif_keeps_its_profile() {
    let image = picture(40, 24, true);
    let opened = shown(&image, WIDE);
    assert_eq!((opened.format, opened.colour.icc_profile.as_deref()), (Format::Png, Some(WIDE_PROFILE)));
    for to in WRITTEN {
        let again = read(&saved(&opened, to, MetadataPolicy::default())).unwrap();
        assert_eq!(again.colour.icc_profile.as_deref(), Some(WIDE_PROFILE), "{to:?}");
    }
    assert_eq!(distance(&opened.image, &image), 0);
    assert_eq!(shown(&image, PLAIN).colour, Colour::SRGB);
}

#[test]
fn an_avif_keeps_what_it_tells() {
    // The browser has turned it already, and not as its EXIF says.
    let image = picture(11, 17, true);
    let opened = shown(&image, TELLING);
    assert!(opened.colour.icc_profile.is_some());
    assert_eq!(distance(&opened.image, &image), 0);
    for to in WRITTEN {
        let again = read(&saved(&opened, to, MetadataPolicy::KeepAll)).unwrap();
        assert_eq!(again.image.size(), image.size(), "{to:?}");
        let kept = again.metadata.kept(MetadataPolicy::KeepAll, image.size());
        let exif = kept.exif.unwrap();
        assert_eq!(look_up(&exif, &[], 0x010f).as_deref(), Some(&b"maker\0"[..]), "{to:?}");
        assert!(look_up(&exif, &[], 0x0112).is_none_or(|turned| turned == [0, 1]), "{to:?}");
        assert!(look_up(&exif, &[0x8825], 2).is_some() && kept.xmp.unwrap().contains("GPSLatitude"), "{to:?}");
        let again = read(&saved(&opened, to, MetadataPolicy::default())).unwrap();
        let kept = again.metadata.kept(MetadataPolicy::KeepAll, image.size());
        assert!(look_up(&kept.exif.unwrap(), &[0x8825], 2).is_none(), "{to:?}");
        assert!(kept.xmp.is_none_or(|packet| !packet.contains("GPSLatitude")), "{to:?}");
    }
}

#[test]
fn what_a_file_tells_comes_with_pixels_of_its_own() {
    let image = picture(40, 24, false);
    for format in WRITTEN {
        let file = foreign(&image, format, &exif(6), &xmp(), &iptc());
        let (told, opened) = (read(&file).unwrap(), shown(&image, &file));
        assert_eq!((opened.format, &opened.colour), (format, &told.colour));
        let wide = saved(&shown(&image, WIDE), format, MetadataPolicy::default());
        assert_eq!(shown(&image, &wide).colour.icc_profile.as_deref(), Some(WIDE_PROFILE), "{format:?}");
        assert_eq!(opened.jpeg_quality, told.jpeg_quality);
        // They are the right way up already.
        assert_eq!(distance(&opened.image, &image), 0);
        let again = read(&saved(&opened, format, MetadataPolicy::KeepAll)).unwrap();
        assert_eq!(again.image.size(), image.size(), "{format:?}");
        assert_eq!(
            again.metadata.kept(MetadataPolicy::KeepAll, image.size()).xmp,
            told.metadata.kept(MetadataPolicy::KeepAll, image.size()).xmp
        );
    }
}

#[test]
fn a_file_that_nobody_reads_takes_nothing_away() {
    let image = picture(40, 24, false);
    for file in [&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], b"", b"\0\0\0\x10ftypavif\0\0\0\0"] {
        let opened = shown(&image, file);
        assert_eq!((opened.colour, distance(&opened.image, &image)), (Colour::SRGB, 0));
    }
}
