//! A file of this kind, decoded, written back under each policy, and decoded again.
#![no_main]

use brushaway::imaging::codec::Format;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // Whatever the first bytes are, it is to be taken for one of these.
    if Format::of(bytes) == Some(Format::WebP) {
        brushaway_fuzz::there_and_back(bytes);
    }
});
