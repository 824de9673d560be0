#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| purse_shared::fuzzing::device_link(data));
