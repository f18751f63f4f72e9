//! Pictures whose pixels somebody else decoded.

use super::{
    samples::{exif, foreign, iptc, xmp},
    *,
};

/// As the site of the browser tests serves them (`tests/site/fixtures/make.py`).
const PLAIN: &[u8] = include_bytes!("../../../../tests/site/fixtures/scene.avif");
const WIDE: &[u8] = include_bytes!("../../../../tests/site/fixtures/display-p3.avif");
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
