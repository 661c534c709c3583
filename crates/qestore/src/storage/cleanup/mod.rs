//! Cleaning up: candidates page by page, a verdict for each, and what goes in batches: the event,
//! then the objects, then the rows. Killed at any point and run again, it goes on where it was.

mod decide;
mod lock;
mod report;
mod schedule;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

pub use report::{CleanupOptions, CleanupReport, RuleCount};
pub use schedule::ScheduledRun;
pub(super) use schedule::run as run_schedule;

use super::Shared;
use crate::artifact::{ArtifactId, ArtifactMetadata, ArtifactType};
use crate::events::{EventAction, EventRecord};
use crate::index::{Candidate, Cursor, Index, Stage};
use crate::retention::{RetentionPolicy, Verdict};
use crate::sync::Depth;
use crate::{Error, Result};

use decide::Decider;
use lock::CleanupLock;

/// Artifacts that are looked at, and removed, at once.
const BATCH: usize = 1000;

/// Cleans up, after any other cleanup of this store on this machine has ended.
pub(super) async fn cleanup(
    shared: &Arc<Shared>,
    options: CleanupOptions,
) -> Result<CleanupReport> {
    // Who only looks needs no lock, and may have no right to take one.
    let _lock = match options.dry_run {
        true => None,
        false => Some(CleanupLock::wait(shared).await?),
    };
    Cleanup::new(shared, options).run().await
}

/// The same, unless another cleanup is under way: `None` then.
pub(super) async fn try_cleanup(
    shared: &Arc<Shared>,
    options: CleanupOptions,
) -> Result<Option<CleanupReport>> {
    let Some(_lock) = CleanupLock::take(shared).await? else {
        return Ok(None);
    };
    Cleanup::new(shared, options).run().await.map(Some)
}

/// One cleanup under way.
struct Cleanup<'a> {
    shared: &'a Arc<Shared>,
    options: CleanupOptions,
    policy: RetentionPolicy,
    now: Timestamp,
    /// Decides on threads that may block.
    decider: Arc<Mutex<Decider>>,
    report: CleanupReport,
    /// Present artifacts that go, by type.
    going: BTreeMap<ArtifactType, u64>,
    /// What goes with the next event.
    pending: Vec<(Candidate, Verdict)>,
    /// It is known that the store will not be emptied.
    checked: bool,
}

impl<'a> Cleanup<'a> {
    fn new(shared: &'a Arc<Shared>, options: CleanupOptions) -> Self {
        let policy = options.policy.clone().unwrap_or(shared.retention.clone());
        let now = shared.clock.now();
        let decider = Decider::new(policy.clone(), now);
        Self {
            shared,
            report: CleanupReport::new(options.dry_run, policy.enabled),
            options,
            policy,
            now,
            decider: Arc::new(Mutex::new(decider)),
            going: BTreeMap::new(),
            pending: Vec::new(),
            checked: false,
        }
    }

    async fn run(mut self) -> Result<CleanupReport> {
        self.shared.sync_soundly(Depth::Recent, &|_| {}).await?;
        let types = self.shared.on_sound_index(Index::types).await?;
        if self.policy.enabled {
            if self.options.explain {
                // Nothing is told of a cleanup that is refused.
                if self.finds(Verdict::is_removal).await? {
                    self.check_survivor().await?;
                }
                self.explain().await?;
            }
            for stage in self.stages(&types) {
                self.clear(&stage).await?;
            }
            self.flush().await?;
        }
        let emptied = types.into_iter().filter(|(of_type, count)| {
            *count > 0 && self.going.get(of_type).is_some_and(|going| going >= count)
        });
        self.report.emptied_types = emptied.map(|(of_type, _)| of_type).collect();
        let took = self.shared.clock.now().duration_since(self.now);
        self.report.took = took.unsigned_abs();
        Ok(self.report)
    }

    /// What there is to look at.
    fn stages(&self, types: &[(ArtifactType, u64)]) -> Vec<Stage> {
        let of_type = types.iter().filter_map(|(of_type, _)| {
            let ttl = self.policy.ttl_for(of_type)?;
            let by = self.now.checked_sub(ttl).ok()?;
            Some(Stage::OfType(of_type.clone(), by))
        });
        [Stage::Superseded, Stage::OwnLimit(self.now)]
            .into_iter()
            .chain(of_type)
            .collect()
    }

    /// Tells what happens to every artifact, newest first, before anything does.
    async fn explain(&self) -> Result<()> {
        let mut after: Option<Cursor> = None;
        loop {
            let page = self
                .shared
                .on_sound_index(move |index| index.all_candidates(after, BATCH))
                .await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.place);
            for (candidate, verdict) in self.decide(page).await? {
                self.options.tell(&candidate.artifact, &verdict);
            }
        }
    }

    async fn clear(&mut self, stage: &Stage) -> Result<()> {
        let mut after: Option<Cursor> = None;
        loop {
            let of = stage.clone();
            let page = self
                .shared
                .on_sound_index(move |index| index.candidates(&of, after, BATCH))
                .await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.place);
            let decided = self.decide(page).await?;
            let (going, staying): (Vec<_>, Vec<_>) = decided
                .into_iter()
                .partition(|(_, verdict)| verdict.is_removal());
            if !going.is_empty() {
                self.check_survivor().await?;
            }
            for (candidate, verdict) in &staying {
                self.tell_once(candidate, verdict);
                if verdict.overrides_time() {
                    *self.report.kept.entry(verdict.rule()).or_default() += 1;
                }
            }
            self.pending.extend(going);
            if self.pending.len() >= BATCH {
                self.flush().await?;
            }
        }
    }

    /// Removes what has been decided on and not been removed yet.
    async fn flush(&mut self) -> Result<()> {
        let mut pending = std::mem::take(&mut self.pending);
        while !pending.is_empty() {
            let rest = pending.split_off(pending.len().min(BATCH));
            self.remove(std::mem::replace(&mut pending, rest)).await?;
        }
        Ok(())
    }

    /// Tells a verdict, unless all were told before.
    fn tell_once(&self, candidate: &Candidate, verdict: &Verdict) {
        if !self.options.explain {
            self.options.tell(&candidate.artifact, verdict);
        }
    }

    async fn decide(&self, page: Vec<Candidate>) -> Result<Vec<(Candidate, Verdict)>> {
        let decider = Arc::clone(&self.decider);
        self.shared
            .on_sound_index(move |index| {
                let mut decider = decider.lock().unwrap_or_else(PoisonError::into_inner);
                decider.decide(index, page.clone())
            })
            .await
    }

    async fn remove(&mut self, going: Vec<(Candidate, Verdict)>) -> Result<()> {
        let (removed, freed_bytes) = if self.options.dry_run {
            let bytes = going.iter().map(|(c, _)| c.artifact.compressed_size_bytes);
            (going.len() as u64, bytes.sum())
        } else {
            match self.carry_out(&going).await {
                Ok(applied) => (applied.rows, applied.stored_bytes),
                Err(error) => {
                    self.report.failures.push(error);
                    return Ok(());
                }
            }
        };
        self.report.removed += removed;
        self.report.freed_bytes += freed_bytes;
        for (candidate, verdict) in &going {
            self.tell_once(candidate, verdict);
            let by_rule = self.report.by_rule.entry(verdict.rule()).or_default();
            by_rule.add(candidate.artifact.compressed_size_bytes);
            if candidate.superseded_at.is_none() {
                let of_type = candidate.artifact.artifact_type.clone();
                *self.going.entry(of_type).or_default() += 1;
            }
        }
        Ok(())
    }

    async fn carry_out(&self, going: &[(Candidate, Verdict)]) -> Result<crate::index::Applied> {
        let artifacts: Vec<ArtifactMetadata> =
            going.iter().map(|(c, _)| c.artifact.clone()).collect();
        let now = self.shared.clock.now();
        let id = ArtifactId::new(now);
        let mut event = EventRecord::new(id, now, EventAction::Removed, &artifacts, "cleanup");
        for (detail, (_, verdict)) in event.details.iter_mut().zip(going) {
            detail.rule = Some(verdict.to_string());
        }
        event.by.clone_from(&self.shared.actor);
        self.shared.remove(event, &artifacts).await
    }

    /// Refuses to empty a store, and a scope that means nothing, before the first artifact goes.
    async fn check_survivor(&mut self) -> Result<()> {
        if self.checked || self.options.allow_empty || self.policy.allow_empty {
            return Ok(());
        }
        for key in self.policy.keep_scope.by_tags.clone() {
            let asked = key.clone();
            let there = self
                .shared
                .on_sound_index(move |index| index.has_tag(&asked))
                .await?;
            if !there && self.policy.keep_latest_n > 0 {
                return Err(Error::invalid(format!(
                    "the latest are to be kept by the tag {key:?}, which no artifact has"
                ))
                .help("nothing was removed; mend keep_scope, or allow it"));
            }
        }
        if self.finds(|verdict| !verdict.is_removal()).await? {
            self.checked = true;
            return Ok(());
        }
        Err(
            Error::invalid("the policy would remove every artifact of the store")
                .help("nothing was removed; keep the latest of each type, or allow it"),
        )
    }

    /// Whether the verdict over any artifact is like this, looked for from the newest on.
    async fn finds(&self, is: impl Fn(&Verdict) -> bool) -> Result<bool> {
        let mut after: Option<Cursor> = None;
        loop {
            let page = self
                .shared
                .on_sound_index(move |index| index.all_candidates(after, BATCH))
                .await?;
            let Some(last) = page.last() else {
                return Ok(false);
            };
            after = Some(last.place);
            let decided = self.decide(page).await?;
            if decided.iter().any(|(_, verdict)| is(verdict)) {
                return Ok(true);
            }
        }
    }
}
