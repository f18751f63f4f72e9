//! An XMP packet beside a picture.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|packet: &[u8]| brushaway_fuzz::beside_a_jpeg(0xe1, b"http://ns.adobe.com/xap/1.0/\0", packet));
