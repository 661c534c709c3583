//! The process environment and the clock.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use jiff::Timestamp;
use qestore::ci::Surroundings;

/// The largest file that is read to recognise a CI job.
const MOST_BYTES: u64 = 8 << 20;

/// What the environment of this process says about a CI job.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProcessSurroundings;

impl Surroundings for ProcessSurroundings {
    fn variable(&self, name: &str) -> Option<String> {
        variable(name)?.into_string().ok()
    }

    fn read_file(&self, path: &Path) -> Option<String> {
        let mut text = String::new();
        let file = File::open(path).ok()?;
        file.take(MOST_BYTES).read_to_string(&mut text).ok()?;
        Some(text)
    }
}

/// The folder of the store, if the environment names one.
pub(super) fn storage_path() -> Option<OsString> {
    variable("QE_STORAGE_PATH").filter(|path| !path.is_empty())
}

/// Whether the environment asks for no colours (no-color.org), or the terminal knows none.
pub(crate) fn no_color() -> bool {
    variable("NO_COLOR").is_some_and(|value| !value.is_empty())
        || variable("TERM").is_some_and(|term| term == "dumb")
}

/// The present instant.
#[expect(
    clippy::disallowed_methods,
    reason = "the edge that reads the machine's clock"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the edge that reads the environment"
)]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}
