//! Cleaning up by a schedule, for as long as a process runs.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{CleanupOptions, CleanupReport, try_cleanup};
use crate::retention::CleanupSchedule;
use crate::storage::Shared;
use crate::{Error, Result};

/// The clock is looked at so often: it may be set, and machines sleep.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// One run of a schedule.
#[derive(Debug)]
#[non_exhaustive]
pub enum ScheduledRun {
    /// The schedule waits for this moment.
    Waiting {
        /// When the next run is due, UTC.
        next: Timestamp,
    },
    /// A run ended.
    Done {
        /// When it was due, UTC.
        due: Timestamp,
        /// What it did.
        report: CleanupReport,
    },
    /// Another cleanup of the store was under way.
    Skipped {
        /// When it was due, UTC.
        due: Timestamp,
    },
    /// A run failed; the schedule goes on.
    Failed {
        /// When it was due, UTC.
        due: Timestamp,
        /// Why.
        error: Error,
    },
}

/// Runs until it is dropped, or the schedule has no next moment.
pub(in crate::storage) async fn run(
    shared: &Arc<Shared>,
    schedule: &CleanupSchedule,
    options: &CleanupOptions,
    mut tell: impl FnMut(&ScheduledRun),
) -> Result<()> {
    loop {
        // From now, not from the last moment: what came due during a long run is not made up for.
        let started = shared.clock.now();
        let due = schedule.next_after(started).ok_or_else(|| {
            Error::invalid("the schedule has no next moment").concerning(schedule.to_string())
        })?;
        tell(&ScheduledRun::Waiting { next: due });
        wait_until(shared, started, due).await;
        tell(&match try_cleanup(shared, options.clone()).await {
            Ok(Some(report)) => ScheduledRun::Done { due, report },
            Ok(None) => ScheduledRun::Skipped { due },
            Err(error) => ScheduledRun::Failed { due, error },
        });
    }
}

/// Waits in short steps. A clock that was set back does not make it wait for the same moment twice
/// as long.
async fn wait_until(shared: &Shared, started: Timestamp, due: Timestamp) {
    let whole = due.duration_since(started).unsigned_abs();
    let mut waited = Duration::ZERO;
    loop {
        let left = due.duration_since(shared.clock.now());
        if left.is_negative() || left.is_zero() || waited >= whole + LOOK_EVERY {
            return;
        }
        let step = left.unsigned_abs().min(LOOK_EVERY);
        tokio::time::sleep(step).await;
        waited += step;
    }
}
