//! One test binary for everything that goes through the front door.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod backends;
mod faults;
mod fixtures;
mod hostile;
mod hostile_builder;
mod hostile_memory;
mod hostile_store;
mod index;
mod index_model;
mod limits;
mod processes;
mod real_reports;
mod robustness;
mod roundtrip;
mod settings;
mod settings_errors;
mod settings_hostile;
mod support;
mod trees;
