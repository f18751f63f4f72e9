//! An AVIF whose pixels a browser decoded: what it says of its colours and beside its picture goes into a PNG and comes back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| brushaway_fuzz::beside_pixels(bytes));
