//! Arbitrary bytes as an object: whatever they are, reading them neither panics nor hands out
//! content that a standard tool would not.
#![no_main]

#[path = "../src/check.rs"]
mod check;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| check::read(bytes));
