//! Progress on a terminal: only for what takes longer than a second, and only on standard error.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Output;

/// Nothing is shown of what is done by then.
const DELAY: Duration = Duration::from_secs(1);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meter {
    /// Bytes, of a known number or not.
    Bytes(Option<u64>),
    /// Things, of an unknown number.
    Count,
}

/// A bar that appears after a second; cheap to clone, and may be told from any thread.
#[derive(Debug, Clone)]
pub(crate) struct Progress(Option<Arc<Bar>>);

#[derive(Debug)]
struct Bar {
    bar: ProgressBar,
    started: Instant,
    shown: AtomicBool,
}

impl Progress {
    pub(crate) fn new(output: &Output, what: &str, meter: Meter) -> Self {
        if output.quiet || output.json || !io::stderr().is_terminal() {
            return Self(None);
        }
        let (bar, template) = match meter {
            Meter::Bytes(Some(total)) => (
                ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden()),
                "{msg}  {wide_bar}  {bytes} of {total_bytes}, {bytes_per_sec}",
            ),
            Meter::Bytes(None) => (
                ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
                "{spinner} {msg}  {bytes}, {bytes_per_sec}",
            ),
            Meter::Count => (
                ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
                "{spinner} {msg}  {human_pos}",
            ),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(super::escaped(what));
        Self(Some(Arc::new(Bar {
            bar,
            started: Instant::now(),
            shown: AtomicBool::new(false),
        })))
    }

    /// So much is done.
    pub(crate) fn at(&self, position: u64) {
        let Some(bar) = &self.0 else { return };
        bar.bar.set_position(position);
        if bar.started.elapsed() >= DELAY && !bar.shown.swap(true, Ordering::Relaxed) {
            bar.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    /// Says more of what is being done.
    pub(crate) fn message(&self, message: String) {
        if let Some(bar) = &self.0 {
            bar.bar.set_message(message);
        }
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.0 {
            bar.bar.finish_and_clear();
        }
    }
}
