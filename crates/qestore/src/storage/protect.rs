//! Pins and holds: events that keep artifacts whatever their age.

use std::sync::Arc;

use jiff::Timestamp;

use super::Shared;
use crate::artifact::{ArtifactId, ArtifactMetadata};
use crate::events::{EventAction, EventRecord};
use crate::sync::Depth;
use crate::{Error, Result};

/// Artifacts that one event names at most.
const BATCH: usize = 1000;

/// What is to be done to the protection of artifacts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Protection {
    Pin,
    Unpin,
    Hold(Timestamp),
    Release,
}

impl Protection {
    fn action(self) -> EventAction {
        match self {
            Self::Pin => EventAction::Pinned,
            Self::Unpin => EventAction::Unpinned,
            Self::Hold(_) => EventAction::Held,
            Self::Release => EventAction::Released,
        }
    }

    /// Whether it would change anything.
    fn changes(self, artifact: &ArtifactMetadata) -> bool {
        match self {
            Self::Pin => !artifact.pinned,
            Self::Unpin => artifact.pinned,
            Self::Hold(until) => artifact.held_until != Some(until),
            Self::Release => artifact.held_until.is_some(),
        }
    }
}

/// Changes the protection of `artifacts`; says how many were not so already.
pub(super) async fn protect(
    shared: &Arc<Shared>,
    artifacts: &[ArtifactMetadata],
    protection: Protection,
    reason: &str,
) -> Result<u64> {
    if let Protection::Hold(until) = protection
        && until <= shared.clock.now()
    {
        return Err(Error::invalid(format!(
            "a hold until {until} would be over already"
        )));
    }
    // What was pinned or removed elsewhere since these were listed.
    shared.sync_soundly(Depth::Recent, &|_| {}).await?;
    let mut changed = 0;
    for batch in artifacts.chunks(BATCH) {
        let ids: Vec<ArtifactId> = batch.iter().map(|artifact| artifact.id).collect();
        let (rows, latest) = shared
            .on_sound_index(move |index| Ok((index.by_ids(&ids)?, index.latest_protection(&ids)?)))
            .await?;
        let to_change: Vec<_> = rows
            .into_iter()
            .filter(|row| protection.changes(row))
            .collect();
        if to_change.is_empty() {
            continue;
        }
        let now = shared.clock.now();
        let mut event = EventRecord::new(
            later_than(latest, now),
            now,
            protection.action(),
            &to_change,
            reason,
        );
        event.by.clone_from(&shared.actor);
        if let Protection::Hold(until) = protection {
            event.until = Some(until);
        }
        let body = shared.write_event(&event).await?;
        shared
            .on_sound_index(move |index| index.apply(&event, &body))
            .await?;
        changed += to_change.len() as u64;
    }
    Ok(changed)
}

/// An id of `now`, or right after the latest event on the same artifacts, should the clock have
/// been set back: the last word must win.
fn later_than(latest: Option<ArtifactId>, now: Timestamp) -> ArtifactId {
    let id = ArtifactId::new(now);
    match latest {
        Some(latest) if latest >= id => latest.next_millisecond().unwrap_or(id),
        _ => id,
    }
}
