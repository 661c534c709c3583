//! One test binary for everything that goes through the front door.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod fixtures;
mod hostile;
mod hostile_builder;
mod roundtrip;
mod support;
