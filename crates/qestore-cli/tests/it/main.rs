//! The tests of the command, which run it as users do.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod asking;
mod cat;
mod ci;
mod config;
mod docs;
mod faults;
mod get;
mod guides;
mod json;
mod keeping;
mod ls;
mod moving;
mod names;
mod pages;
mod place;
mod put;
mod remove;
mod support;
mod verify;
