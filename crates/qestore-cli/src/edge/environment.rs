//! What the process environment and the clock say to the command itself.

use std::ffi::OsString;

use jiff::Timestamp;
use qestore::{Clock as _, ProcessEnvironment, SystemClock};

/// The configuration file, if the environment names one.
pub(super) fn config_file() -> Option<OsString> {
    let blank = |path: &OsString| path.to_str().is_some_and(|path| path.trim().is_empty());
    variable("QE_CONFIG").filter(|path| !blank(path))
}

/// Whether the environment asks for no colours (no-color.org), or the terminal knows none.
pub(crate) fn no_color() -> bool {
    variable("NO_COLOR").is_some_and(|value| !value.is_empty())
        || variable("TERM").is_some_and(|term| term == "dumb")
}

/// The present instant.
pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

pub(super) fn variable(name: &str) -> Option<OsString> {
    ProcessEnvironment.os_variable(name)
}
