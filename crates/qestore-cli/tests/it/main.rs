//! The tests of the command, which run it as users do.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod cat;
mod ci;
mod config;
mod docs;
mod faults;
mod get;
mod json;
mod ls;
mod names;
mod pages;
mod place;
mod put;
mod remove;
mod support;
mod verify;
