//! EXIF beside a picture: read for its orientation, and written anew.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|tiff: &[u8]| brushaway_fuzz::beside_a_jpeg(0xe1, b"Exif\0\0", tiff));
