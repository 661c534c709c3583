//! The environment of this process, for the edges of a program to pass in.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::ci::Surroundings;

/// The largest file that is read to recognise a CI job.
const MOST_BYTES: u64 = 8 << 20;

/// The environment variables and files of this process. Like [`SystemClock`](crate::SystemClock), it
/// is here for edges to pass in; the library never asks it by itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessEnvironment;

impl ProcessEnvironment {
    /// The value of a variable, which need not be text.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment of the process"
    )]
    #[must_use]
    pub fn os_variable(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name)
    }
}

impl Surroundings for ProcessEnvironment {
    fn variable(&self, name: &str) -> Option<String> {
        self.os_variable(name)?.into_string().ok()
    }

    fn read_file(&self, path: &Path) -> Option<String> {
        let mut text = String::new();
        let file = File::open(path).ok()?;
        file.take(MOST_BYTES).read_to_string(&mut text).ok()?;
        Some(text)
    }
}
