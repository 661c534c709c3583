//! Why the command failed, and the one place where failures get their exit codes.

use std::io;

use qestore::{Error, ErrorKind};

/// Exit code: the answer is no.
pub(crate) const NO: u8 = 1;
/// Exit code: wrong usage or configuration.
pub(crate) const USAGE: u8 = 2;
/// Exit code: the storage failed.
pub(crate) const STORAGE: u8 = 3;

/// Why the command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The options do not make sense together or for what is there.
    Usage(Error),
    /// What is configured is wrong; its message has a line for each problem.
    Configuration(Error),
    /// There is no store to read from.
    NoStore(Error),
    /// The library, or the operating system, says so.
    Other(Error),
    /// Whoever read the output has closed it: a quiet end, and no failure.
    ReaderGone,
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(Error::new(ErrorKind::InvalidInput, message))
    }

    /// The library refuses what is configured.
    pub(crate) fn configuration(error: Error) -> Self {
        match error.kind() {
            ErrorKind::InvalidInput => Self::Configuration(error),
            _ => error.into(),
        }
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::Other(Error::new(ErrorKind::NotFound, message))
    }

    /// Writing the output failed.
    pub(crate) fn output(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::ReaderGone;
        }
        Self::Other(Error::io("the output cannot be written", error))
    }

    /// Adds what the reader can do about it, in the words of the command line.
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        match self {
            Self::Usage(error) => Self::Usage(error.help(help)),
            Self::Configuration(error) => Self::Configuration(error.help(help)),
            Self::NoStore(error) => Self::NoStore(error.help(help)),
            Self::Other(error) => Self::Other(error.help(help)),
            Self::ReaderGone => Self::ReaderGone,
        }
    }

    pub(crate) fn concerning(self, subject: impl Into<String>) -> Self {
        match self {
            Self::Usage(error) => Self::Usage(error.concerning(subject)),
            Self::Configuration(error) => Self::Configuration(error.concerning(subject)),
            Self::NoStore(error) => Self::NoStore(error.concerning(subject)),
            Self::Other(error) => Self::Other(error.concerning(subject)),
            Self::ReaderGone => Self::ReaderGone,
        }
    }

    pub(crate) fn error(&self) -> Option<&Error> {
        match self {
            Self::Usage(error)
            | Self::Configuration(error)
            | Self::NoStore(error)
            | Self::Other(error) => Some(error),
            Self::ReaderGone => None,
        }
    }

    /// The kind as a stable word, for programs.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Usage(_) => "usage",
            Self::NoStore(_) => "no-store",
            Self::Configuration(error) | Self::Other(error) => error.kind().as_str(),
            Self::ReaderGone => "reader-gone",
        }
    }

    /// The documented exit code (docs/CLI.md).
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::ReaderGone => 0,
            Self::Usage(_) | Self::Configuration(_) | Self::NoStore(_) => USAGE,
            Self::Other(error) => match error.kind() {
                ErrorKind::NotFound | ErrorKind::Corrupt => NO,
                ErrorKind::AlreadyExists
                | ErrorKind::Ambiguous
                | ErrorKind::InvalidInput
                | ErrorKind::Protected
                | ErrorKind::TooLarge => USAGE,
                // Permission, full disk, newer version, unavailable, and what is yet to be known.
                _ => STORAGE,
            },
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        // The library knows no options; here they have names.
        match error.kind() {
            ErrorKind::Ambiguous => Self::Other(error.help("say which one with --name")),
            _ => Self::Other(error),
        }
    }
}
