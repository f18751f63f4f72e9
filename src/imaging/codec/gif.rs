//! What the `image` crate does not tell about a GIF.

/// Whether a GIF has a second frame (`GIF89a` specification, sections 18 to 26).
pub(super) fn is_animated(bytes: &[u8]) -> bool {
    has_second_frame(bytes).unwrap_or(false)
}

/// Nothing if the file ends before that is known.
fn has_second_frame(bytes: &[u8]) -> Option<bool> {
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let mut at = 13 + table(*bytes.get(10)?);
    let mut frames = 0;
    loop {
        match bytes.get(at)? {
            // Image descriptor, its colour table, and the first byte of its data.
            0x2c => {
                frames += 1;
                if frames == 2 {
                    return Some(true);
                }
                at += 10 + table(*bytes.get(at + 9)?) + 1;
            }
            // An extension and its label.
            0x21 => at += 2,
            _ => return Some(false),
        }
        // Blocks, each after its length, until an empty one.
        while *bytes.get(at)? > 0 {
            at += usize::from(*bytes.get(at)?) + 1;
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use image::{Delay, Frame, RgbaImage, codecs::gif::GifEncoder};

    use super::*;

    fn gif(frames: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = GifEncoder::new(&mut out);
        let frame = |i| {
            Frame::from_parts(
                RgbaImage::from_pixel(9, 5, [i as u8, 0, 9, 255].into()),
                0,
                0,
                Delay::from_numer_denom_ms(50, 1),
            )
        };
        encoder.encode_frames((0..frames).map(frame)).unwrap();
        drop(encoder);
        out
    }

    #[test]
    fn counts_frames_up_to_two() {
        assert!(!is_animated(&gif(1)));
        assert!(is_animated(&gif(2)));
        assert!(is_animated(&gif(3)));
    }

    #[test]
    fn a_cut_file_is_not_animated_and_never_panics() {
        let file = gif(2);
        assert!((0..40).all(|len| !is_animated(&file[..len])));
    }
}
