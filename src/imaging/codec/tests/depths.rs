//! All the ways in which a PNG holds values. The files are put together here, not by the encoder.

use super::*;

/// A PNG of these rows, each with its filter in front.
fn png_of(header: [u8; 5], (width, height): (u32, u32), chunks: &[Vec<u8>], rows: &[u8]) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let parts = [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(*b"IHDR", &[&size[..], &header].concat()),
        chunks.concat(),
        chunk(*b"IDAT", &stored(rows)),
        chunk(*b"IEND", &[]),
    ];
    parts.concat()
}

const GREY: u8 = 0;
const RGB: u8 = 2;
const PALETTE: u8 = 3;
const GREY_ALPHA: u8 = 4;
const RGBA: u8 = 6;

fn pixels(file: &[u8]) -> Vec<[u8; 4]> {
    read(file).unwrap().image.as_bytes().as_chunks::<4>().0.to_vec()
}

/// `depth` bits of a kind of values, not interlaced.
const fn header(depth: u8, kind: u8) -> [u8; 5] {
    [depth, kind, 0, 0, 0]
}

#[test]
fn grey_of_few_bits_is_spread_over_eight() {
    let greys = |file: &[u8]| pixels(file).iter().map(|pixel| pixel[0]).collect::<Vec<_>>();
    assert_eq!(greys(&png_of(header(1, GREY), (4, 1), &[], &[0, 0b0110_0000])), [0, 255, 255, 0]);
    assert_eq!(greys(&png_of(header(2, GREY), (4, 1), &[], &[0, 0b0001_1011])), [0, 85, 170, 255]);
    assert_eq!(greys(&png_of(header(4, GREY), (2, 1), &[], &[0, 0x3f])), [51, 255]);
    assert_eq!(greys(&png_of(header(8, GREY), (2, 1), &[], &[0, 7, 200])), [7, 200]);
}

#[test]
fn palettes_of_all_depths_are_looked_up() {
    let palette = chunk(*b"PLTE", &[10, 20, 30, 40, 50, 60, 70, 80, 90]);
    let transparent = chunk(*b"tRNS", &[255, 99]);
    let expected = [[10, 20, 30, 255], [40, 50, 60, 99], [70, 80, 90, 255]];
    for (depth, row) in [(2, vec![0b0001_1000]), (4, vec![0x01, 0x20]), (8, vec![0, 1, 2])] {
        let chunks = [palette.clone(), transparent.clone()];
        let file = png_of(header(depth, PALETTE), (3, 1), &chunks, &[&[0], &row[..]].concat());
        assert_eq!(pixels(&file), expected, "{depth} bits");
    }
    assert_eq!(
        pixels(&png_of(header(1, PALETTE), (2, 1), &[palette], &[0, 0b0100_0000])),
        [[10, 20, 30, 255], [40, 50, 60, 255]]
    );
}

#[test]
fn one_colour_can_be_transparent() {
    let grey = png_of(header(8, GREY), (2, 1), &[chunk(*b"tRNS", &[0, 7])], &[0, 7, 8]);
    assert_eq!(pixels(&grey), [[7, 7, 7, 0], [8, 8, 8, 255]]);
    let rgb = png_of(header(8, RGB), (2, 1), &[chunk(*b"tRNS", &[0, 1, 0, 2, 0, 3])], &[0, 1, 2, 3, 1, 2, 4]);
    assert_eq!(pixels(&rgb), [[1, 2, 3, 0], [1, 2, 4, 255]]);
}

#[test]
fn sixteen_bits_are_rounded_to_eight_and_said_so() {
    let values: [u16; 4] = [0, 128, 129, 65_535];
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_be_bytes()).collect();
    let row = [&[0], &bytes[..]].concat();
    for (kind, width, expected) in [
        (GREY, 4, vec![[0, 0, 0, 255], [0, 0, 0, 255], [1, 1, 1, 255], [255, 255, 255, 255]]),
        (GREY_ALPHA, 2, vec![[0, 0, 0, 0], [1, 1, 1, 255]]),
        (RGBA, 1, vec![[0, 0, 1, 255]]),
    ] {
        let file = png_of(header(16, kind), (width, 1), &[], &row);
        assert_eq!(pixels(&file), expected, "kind {kind}");
        let decoded = read(&file).unwrap();
        assert!(decoded.depth_reduced);
        // What has 8 bits now stays as it is.
        let again = read(&saved(&decoded, Format::Png, MetadataPolicy::default())).unwrap();
        assert_eq!((again.image, again.depth_reduced), (decoded.image, false));
    }
}

#[test]
fn grey_with_alpha_stays_that() {
    let decoded = read(&png_of(header(8, GREY_ALPHA), (2, 1), &[], &[0, 9, 255, 100, 30])).unwrap();
    assert_eq!(decoded.image.as_bytes(), [9, 9, 9, 255, 100, 100, 100, 30]);
    let file = saved(&decoded, Format::Png, MetadataPolicy::default());
    assert_eq!(file[25], GREY_ALPHA);
    assert_eq!(read(&file).unwrap().image, decoded.image);
}

#[test]
fn interlaced_pictures_are_put_together() {
    // Where the seven passes begin, and how far apart their pixels are (PNG specification, section 8.2).
    const PASSES: [(usize, usize, usize, usize); 7] =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
    let (width, height) = (13, 11);
    let at = |x: usize, y: usize| [(x * 19) as u8, (y * 23) as u8, (x * y) as u8];
    let mut rows = Vec::new();
    for (left, top, across, down) in PASSES {
        for y in (top..height).step_by(down) {
            rows.push(0);
            rows.extend((left..width).step_by(across).flat_map(|x| at(x, y)));
        }
    }
    let file = png_of([8, RGB, 0, 0, 1], (width as u32, height as u32), &[], &rows);
    let expected = (0..height).flat_map(|y| (0..width).map(move |x| at(x, y))).map(|[r, g, b]| [r, g, b, 255]);
    assert_eq!(pixels(&file), expected.collect::<Vec<_>>());
}
