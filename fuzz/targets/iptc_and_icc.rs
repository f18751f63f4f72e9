//! Adobe's resources with IPTC's datasets, a profile, or JFIF's density beside a picture; the first byte chooses.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let [kind, rest @ ..] = bytes else { return };
    match kind % 3 {
        0 => brushaway_fuzz::beside_a_jpeg(0xed, b"Photoshop 3.0\0", rest),
        1 => brushaway_fuzz::beside_a_jpeg(0xe2, b"ICC_PROFILE\0\x01\x01", rest),
        _ => brushaway_fuzz::beside_a_jpeg(0xe0, b"JFIF\0", rest),
    }
});
