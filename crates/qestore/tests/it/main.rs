//! One test binary for everything that goes through the front door.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod backends;
mod cleanup;
mod copy;
mod export;
mod faults;
mod fixtures;
mod hostile;
mod hostile_builder;
mod hostile_memory;
mod hostile_store;
mod import;
mod index;
mod index_model;
mod limits;
mod original;
mod policies;
mod processes;
mod protection;
mod questions;
mod real_reports;
mod retention_model;
mod robustness;
mod roundtrip;
mod schedule;
mod settings;
mod settings_errors;
mod settings_hostile;
mod support;
mod trees;
