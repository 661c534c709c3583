//! Progress on a terminal: only for what takes longer than a second, and only on standard error.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures::future::{Either, select};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Output;

/// Nothing is shown of what is done by then.
const DELAY: Duration = Duration::from_secs(1);

/// How often a bar without figures moves.
const TICK: Duration = Duration::from_millis(150);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meter {
    /// Bytes, of a known number or not.
    Bytes(Option<u64>),
    /// Things, of an unknown number.
    Count,
    /// Nothing: it only shows that something is going on.
    Nothing,
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
                "{msg}  {wide_bar}  {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}",
            ),
            Meter::Bytes(None) => (
                ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
                "{spinner} {msg}  {decimal_bytes}, {decimal_bytes_per_sec}",
            ),
            Meter::Count => (
                ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
                "{spinner} {msg}  {human_pos}",
            ),
            Meter::Nothing => (
                ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
                "{spinner} {msg}  {elapsed}",
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

    /// Shows that something is going on for as long as `work`, which tells no figures, goes on.
    pub(crate) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        while self.0.is_some() {
            let tick = std::pin::pin!(tokio::time::sleep(TICK));
            match select(work, tick).await {
                Either::Left((done, _)) => {
                    self.end();
                    return done;
                }
                Either::Right(((), going_on)) => {
                    work = going_on;
                    self.at(0);
                    if let Some(bar) = &self.0 {
                        bar.bar.tick();
                    }
                }
            }
        }
        work.await
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        // Also when the work ends with an error, which then has the line to itself.
        self.bar.finish_and_clear();
    }
}
