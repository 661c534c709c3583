//! The front door of keeping: pins and holds, cleanups, the log.

use jiff::Timestamp;

use super::protect::{Protection, protect};
use super::{CleanupOptions, CleanupReport, ScheduledRun, Storage, cleanup, log};
use crate::Result;
use crate::artifact::ArtifactMetadata;
use crate::events::{Event, EventFilter};
use crate::retention::CleanupSchedule;

impl Storage {
    /// Pins artifacts: no cleanup and no [`Storage::delete`] removes them. Says how many were not
    /// pinned before; `reason` is for the log.
    ///
    /// A pin keeps these very versions. A version that is stored later under the same job, type and
    /// name is not pinned by it.
    ///
    /// # Errors
    /// From the storage and the index.
    pub async fn pin(&self, artifacts: &[ArtifactMetadata], reason: &str) -> Result<u64> {
        self.protect(artifacts, Protection::Pin, reason, "pin")
            .await
    }

    /// Takes pins away; says how many there were.
    ///
    /// # Errors
    /// From the storage and the index.
    pub async fn unpin(&self, artifacts: &[ArtifactMetadata], reason: &str) -> Result<u64> {
        self.protect(artifacts, Protection::Unpin, reason, "unpin")
            .await
    }

    /// Keeps artifacts until an instant, as a pin does. A later hold replaces an earlier one.
    ///
    /// # Errors
    /// Kind *invalid-input* when that instant is not in the future; from the storage and the index.
    pub async fn hold(
        &self,
        artifacts: &[ArtifactMetadata],
        until: Timestamp,
        reason: &str,
    ) -> Result<u64> {
        let hold = Protection::Hold(until);
        self.protect(artifacts, hold, reason, "hold").await
    }

    /// Ends holds before their time; says how many there were.
    ///
    /// # Errors
    /// From the storage and the index.
    pub async fn release(&self, artifacts: &[ArtifactMetadata], reason: &str) -> Result<u64> {
        self.protect(artifacts, Protection::Release, reason, "release")
            .await
    }

    async fn protect(
        &self,
        artifacts: &[ArtifactMetadata],
        protection: Protection,
        reason: &str,
        operation: &'static str,
    ) -> Result<u64> {
        let protected = protect(&self.shared, artifacts, protection, reason).await;
        protected.map_err(|e| e.during(operation))
    }

    /// Removes what the policy says has had its time, and superseded versions; frees their bytes at
    /// once. Waits for another cleanup of this store on this machine to end.
    ///
    /// Killed half way and run again, it finishes. Batches that fail are in the report.
    ///
    /// # Errors
    /// Kind *invalid-input*, before anything is removed, when nothing would be left, or the policy
    /// keeps the latest by a tag that no artifact has; from the storage and the index.
    pub async fn cleanup(&self, options: CleanupOptions) -> Result<CleanupReport> {
        let report = cleanup::cleanup(&self.shared, options).await;
        report.map_err(|e| e.during("clean up"))
    }

    /// [`Storage::cleanup`] by the store's policy.
    ///
    /// # Errors
    /// As [`Storage::cleanup`].
    pub async fn cleanup_expired(&self) -> Result<CleanupReport> {
        self.cleanup(CleanupOptions::default()).await
    }

    /// Cleans up by a schedule until the future is dropped; `tell` hears of every run, and of the
    /// moment of the next one. A moment at which another cleanup is under way is passed over.
    ///
    /// # Errors
    /// Kind *invalid-input* when the schedule has no next moment. A run that fails is told, and the
    /// schedule goes on.
    pub async fn run_cleanups(
        &self,
        schedule: &CleanupSchedule,
        options: &CleanupOptions,
        tell: impl FnMut(&ScheduledRun),
    ) -> Result<()> {
        let run = cleanup::run_schedule(&self.shared, schedule, options, tell).await;
        run.map_err(|e| e.during("clean up by a schedule"))
    }

    /// The events of the store, newest first, as they become known; `limit` of them at most.
    ///
    /// # Errors
    /// From the index only.
    pub async fn events(&self, filter: &EventFilter, limit: usize) -> Result<Vec<Event>> {
        let events = log::events(&self.shared, filter, limit).await;
        events.map_err(|e| e.during("read the log"))
    }
}
