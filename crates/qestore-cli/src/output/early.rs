//! What must be known of the arguments when they cannot be read as a whole.

use std::ffi::OsString;

use clap::error::ErrorKind;

use super::{failure, to_stderr};
use crate::failure::{Failure, USAGE};

/// What was asked for in arguments that may be wrong elsewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Early {
    json: bool,
}

impl Early {
    pub(crate) fn read(arguments: &[OsString]) -> Self {
        let json = arguments
            .iter()
            .take_while(|argument| *argument != "--")
            .any(|argument| argument == "--json");
        Self { json }
    }

    /// Prints help, version, or what is wrong with the arguments; gives the exit code.
    pub(crate) fn tell_parse_error(self, error: &clap::Error) -> u8 {
        let asked_for = matches!(
            error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
        );
        if self.json && !asked_for {
            let text = error.render().to_string();
            let text = text.trim().trim_start_matches("error: ");
            to_stderr(&failure::as_json(&Failure::usage(text)));
        } else {
            // A closed pipe is no reason to fail: `qestore --help | head`.
            let _ = error.print();
        }
        if asked_for { 0 } else { USAGE }
    }
}
