//! What comes back beside the pixels, from each format into each.

use image::metadata::Orientation;

use super::{
    samples::{THUMBNAIL, exif, foreign, iptc, look_up, profile, xmp},
    *,
};

/// A photograph as a program may have left it, with the camera held so that it must be turned by `orientation`.
fn photograph(format: Format, orientation: u16) -> Vec<u8> {
    foreign(&picture(40, 24, false), format, &exif(orientation), &xmp(), &iptc())
}

fn contains(file: &[u8], part: &[u8]) -> bool {
    file.windows(part.len()).any(|window| window == part)
}

#[test]
fn metadata_goes_from_each_format_into_each() {
    for from in WRITTEN {
        let opened = read(&photograph(from, 1)).unwrap();
        let expected = opened.metadata.kept(MetadataPolicy::KeepAll, opened.image.size());
        assert!(expected.exif.is_some() && expected.xmp.is_some(), "{from:?}");
        assert_eq!(expected.iptc.is_some(), from != Format::WebP, "{from:?}");
        for to in WRITTEN {
            let file = saved(&opened, to, MetadataPolicy::KeepAll);
            assert!(!contains(&file, THUMBNAIL), "{from:?} to {to:?}");
            // What was written once is written the same again.
            let again = read(&file).unwrap().metadata.kept(MetadataPolicy::KeepAll, opened.image.size());
            assert_eq!((&again.exif, &again.xmp), (&expected.exif, &expected.xmp), "{from:?} to {to:?}");
            let iptc = if to == Format::WebP { None } else { expected.iptc.clone() };
            assert_eq!(again.iptc, iptc, "{from:?} to {to:?}");
        }
    }
}

#[test]
fn the_place_is_kept_only_if_that_is_wanted() {
    for from in WRITTEN {
        let opened = read(&photograph(from, 1)).unwrap();
        for to in WRITTEN {
            for (policy, told) in [(MetadataPolicy::default(), false), (MetadataPolicy::KeepAll, true)] {
                let again = read(&saved(&opened, to, policy))
                    .unwrap()
                    .metadata
                    .kept(MetadataPolicy::KeepAll, opened.image.size());
                let (exif, xmp) = (again.exif.unwrap(), again.xmp.unwrap());
                assert_eq!(look_up(&exif, &[0x8825], 2).is_some(), told, "{from:?} to {to:?}");
                assert_eq!(look_up(&exif, &[0x8769], 0x9003).unwrap(), b"2026:05:04 03:02:01\0");
                for place in ["GPSLatitude", "GpsLongtitude", "Greenwich", "Observatory"] {
                    assert_eq!(xmp.contains(place), told, "{place}: {from:?} to {to:?}");
                }
                assert!(xmp.contains("Rating=\"4\""));
            }
        }
    }
}

#[test]
fn nothing_is_written_if_nothing_is_wanted() {
    let opened = read(&photograph(Format::Jpeg, 1)).unwrap();
    for to in WRITTEN {
        let file = saved(&opened, to, MetadataPolicy::Strip);
        assert!(read(&file).unwrap().metadata.is_empty());
        assert!(!contains(&file, b"Maker of cameras"));
        assert_eq!(file, plain_like(&opened, to));
    }
}

/// What is saved of a picture without metadata.
fn plain_like(opened: &Decoded, format: Format) -> Vec<u8> {
    saved(&Decoded { metadata: Metadata::NONE, ..opened.clone() }, format, MetadataPolicy::KeepAll)
}

#[test]
fn a_turned_photograph_is_turned_back_once() {
    let upright = picture(40, 24, false);
    for from in WRITTEN {
        for orientation in 1..=8_u16 {
            let turn = Orientation::from_exif(orientation as u8).unwrap();
            let mut stored =
                DynamicImage::ImageRgba8(RgbaImage::from_raw(40, 24, upright.as_bytes().to_vec()).unwrap());
            stored.apply_orientation(inverse(turn));
            let stored = stored.into_rgba8();
            let size = Size::new(stored.width(), stored.height()).unwrap();
            let stored = Image::from_rgba(size, stored.into_raw()).unwrap();
            let opened = read(&foreign(&stored, from, &exif(orientation), &xmp(), &iptc())).unwrap();
            let tolerance = if from == Format::Jpeg { 12 } else { 0 };
            assert!(distance(&opened.image, &upright) <= tolerance, "{from:?} {orientation}");
            for to in WRITTEN {
                let again = read(&saved(&opened, to, MetadataPolicy::default())).unwrap();
                assert!(distance(&again.image, &opened.image) <= if to == Format::Jpeg { 12 } else { 0 });
                let kept = again.metadata.kept(MetadataPolicy::KeepAll, upright.size());
                assert_eq!(look_up(&kept.exif.unwrap(), &[], 0x0112).unwrap(), [0, 1]);
                assert!(kept.xmp.unwrap().contains("tiff:Orientation=\"1\""));
            }
        }
    }
}

/// What undoes a turn.
const fn inverse(turn: Orientation) -> Orientation {
    match turn {
        Orientation::Rotate90 => Orientation::Rotate270,
        Orientation::Rotate270 => Orientation::Rotate90,
        other => other,
    }
}

#[test]
fn a_profile_goes_from_each_format_into_each() {
    // Values of a wide space, with the purest of each colour: none may move.
    let data =
        (0..30 * 20).flat_map(|i| [(i % 2 * 255) as u8, (i / 2 % 2 * 255) as u8, (i % 251) as u8, 255]).collect();
    let image = Image::from_rgba(Size::new(30, 20).unwrap(), data).unwrap();
    let colour = Colour { icc_profile: Some(profile(*b"RGB ")), ..Colour::SRGB };
    for from in WRITTEN {
        let options = EncodeOptions { colour: &colour, ..EncodeOptions::new(from) };
        let opened = read(&encode(&image, &options).unwrap()).unwrap();
        assert_eq!(opened.colour, colour, "{from:?}");
        if from != Format::Jpeg {
            assert_eq!(opened.image, image, "{from:?}");
        }
        for to in WRITTEN {
            let again = read(&saved(&opened, to, MetadataPolicy::Strip)).unwrap();
            assert_eq!(again.colour, colour, "{from:?} to {to:?}");
            if to != Format::Jpeg {
                assert_eq!(again.image, opened.image, "{from:?} to {to:?}");
            }
        }
    }
}

#[test]
fn a_grey_picture_stays_grey_whatever_it_was_filled_with() {
    let grey = Image::filled(Size::new(24, 16).unwrap(), [77, 77, 77, 255]);
    let mut filled = grey.clone();
    filled.paste(&Image::filled(Size::square(8).unwrap(), [90, 60, 50, 255]), 8, 0);
    for icc_profile in [None, Some(profile(*b"GRAY"))] {
        let colour = Colour { icc_profile, grey: true, ..Colour::SRGB };
        for format in [Format::Jpeg, Format::Png] {
            let options = EncodeOptions { colour: &colour, ..EncodeOptions::new(format) };
            let again = read(&encode(&filled, &options).unwrap()).unwrap();
            assert_eq!(again.colour, colour, "{format:?}");
            let pixels = again.image.as_bytes().as_chunks::<4>().0;
            assert!(pixels.iter().all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2]), "{format:?}");
            assert!(pixels[0][0].abs_diff(77) <= 2 && pixels[8][0].abs_diff(68) <= 2, "{format:?}");
        }
    }
}

#[test]
fn a_profile_that_does_not_fit_the_values_is_left_out() {
    let grey = Image::filled(Size::square(8).unwrap(), [77, 77, 77, 255]);
    let colour = |values, grey| Colour { icc_profile: Some(profile(values)), grey, ..Colour::SRGB };
    let written = |colour: &Colour, format| {
        let decoded = read(&encode(&grey, &EncodeOptions { colour, ..EncodeOptions::new(format) }).unwrap()).unwrap();
        (decoded.colour.grey, decoded.colour.icc_profile.is_some())
    };
    // WebP has no grey.
    assert_eq!(written(&colour(*b"GRAY", true), Format::WebP), (false, false));
    for format in WRITTEN {
        assert_eq!(written(&colour(*b"GRAY", false), format), (false, false));
        assert_eq!(written(&colour(*b"CMYK", false), format), (false, false));
    }
    // Viewers apply a profile for colours to a grey JPEG, but not to a grey PNG.
    assert_eq!(written(&colour(*b"RGB ", true), Format::Jpeg), (true, true));
    assert_eq!(written(&colour(*b"RGB ", true), Format::Png), (false, true));
}

#[test]
fn what_a_png_says_of_its_colours_without_a_profile_stays() {
    let png = plain(&picture(9, 5, false), Format::Png);
    let gamma = chunk(*b"gAMA", &55_000_u32.to_be_bytes());
    let primaries: [u32; 8] = [31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000];
    let primaries = chunk(*b"cHRM", &primaries.map(u32::to_be_bytes).concat());
    let code_points = chunk(*b"cICP", &[12, 13, 0, 1]);
    let intent = chunk(*b"sRGB", &[1]);
    for chunks in [vec![gamma, primaries], vec![code_points], vec![intent]] {
        let opened = read(&with_chunks(&png, &chunks)).unwrap();
        let again = saved(&opened, Format::Png, MetadataPolicy::Strip);
        for chunk in &chunks {
            assert!(contains(&again, chunk), "{:?}", &chunk[4..8]);
        }
        assert_eq!(read(&again).unwrap().colour, opened.colour);
    }
}

#[test]
fn what_a_jpeg_cannot_hold_is_left_out_alone() {
    let long = xmp().replace("A &lt;title&gt;", &"A long title. ".repeat(6_000));
    let png = foreign(&picture(9, 5, false), Format::Png, &exif(1), &long, &iptc());
    let opened = read(&png).unwrap();
    let kept = |format| read(&saved(&opened, format, MetadataPolicy::KeepAll)).unwrap().metadata;
    let kept = |format| kept(format).kept(MetadataPolicy::KeepAll, opened.image.size());
    assert!(kept(Format::Png).xmp.is_some() && kept(Format::WebP).xmp.is_some());
    assert!(kept(Format::Jpeg).xmp.is_none());
    assert!(kept(Format::Jpeg).exif.is_some() && kept(Format::Jpeg).iptc.is_some());
}

#[test]
fn the_size_on_paper_is_kept() {
    // 144 dots in an inch, as screenshots of fine screens have it.
    let dots = [&5_669_u32.to_be_bytes()[..], &5_669_u32.to_be_bytes(), &[1]].concat();
    let png = with_chunks(&plain(&picture(9, 5, false), Format::Png), &[chunk(*b"pHYs", &dots)]);
    let jpeg = saved(&read(&png).unwrap(), Format::Jpeg, MetadataPolicy::default());
    assert!(contains(&jpeg, b"JFIF\0\x01\x02\x01\0\x90\0\x90"));
    let again = saved(&read(&jpeg).unwrap(), Format::Png, MetadataPolicy::default());
    assert!(contains(&again, &chunk(*b"pHYs", &dots)));
}

#[test]
fn a_file_is_written_again_as_large_as_it_came() {
    let quality = JpegQuality::new(83, Chroma::Halved);
    let file =
        encode(&picture(300, 200, false), &EncodeOptions { quality, ..EncodeOptions::new(Format::Jpeg) }).unwrap();
    let opened = read(&file).unwrap();
    let of_file = opened.jpeg_quality.unwrap();
    assert_eq!((of_file.percent(), of_file.chroma()), (83, Chroma::Halved));
    let again = saved(&opened, Format::Jpeg, MetadataPolicy::default());
    assert!(again.len().abs_diff(file.len()) * 20 < file.len(), "{} of {}", again.len(), file.len());
}
