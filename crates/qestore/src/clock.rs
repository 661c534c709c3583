//! Time comes from outside: a [`Clock`] is part of the configuration, so that tests and replays
//! decide what "now" is.

use std::fmt;

use jiff::Timestamp;

/// Tells the time. The library asks it and never the operating system.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present instant, UTC.
    fn now(&self) -> Timestamp;
}

/// The machine's clock, for the edges of a program to pass in.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that always tells the same instant.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}
