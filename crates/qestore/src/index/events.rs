//! Events in the index: each is applied once, and kept to be read.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::Index;
use super::write::drop_one;
use crate::Result;
use crate::artifact::ArtifactId;
use crate::events::{EventAction, EventRecord};

/// What applying an event did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    /// Rows that went.
    pub(crate) rows: u64,
    /// Bytes of their objects.
    pub(crate) stored_bytes: u64,
}

impl Index {
    /// Records an event and applies it; `body` is its JSON.
    pub(crate) fn apply(&self, event: &EventRecord, body: &str) -> Result<Applied> {
        self.write(|transaction| {
            transaction
                .prepare_cached("INSERT OR IGNORE INTO events VALUES (?1, ?2)")?
                .execute(params![event.id.as_bytes(), body])?;
            let mut applied = Applied::default();
            for id in &event.artifacts {
                match event.action() {
                    EventAction::Removed => {
                        transaction
                            .prepare_cached("INSERT OR IGNORE INTO removed VALUES (?1)")?
                            .execute([id.as_bytes()])?;
                        if let Some(stored_bytes) = drop_one(transaction, *id)? {
                            applied.rows += 1;
                            applied.stored_bytes += stored_bytes;
                        }
                    }
                    EventAction::Pinned => pin(transaction, *id, event.id, true)?,
                    EventAction::Unpinned => pin(transaction, *id, event.id, false)?,
                    EventAction::Held => hold(transaction, *id, event.id, event.until)?,
                    EventAction::Released => hold(transaction, *id, event.id, None)?,
                    EventAction::Unknown => {}
                }
            }
            Ok(applied)
        })
    }

    /// The JSON of events before `before` (or of all), newest first, at most `limit`.
    pub(crate) fn events(
        &self,
        before: Option<ArtifactId>,
        limit: usize,
    ) -> Result<Vec<(ArtifactId, String)>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.with(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, body FROM events WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
            )?;
            let before = before.map_or([0xFF; 16], |id| *id.as_bytes());
            let rows = statement.query_map(params![before, limit], |row| {
                Ok((ArtifactId::from_bytes(row.get(0)?), row.get(1)?))
            })?;
            rows.collect()
        })
    }

    /// The latest event that has pinned, held or freed one of these.
    pub(crate) fn latest_protection(&self, ids: &[ArtifactId]) -> Result<Option<ArtifactId>> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT max(coalesce(pin_event, x''), coalesce(hold_event, x'')) \
                 FROM protections WHERE id = ?1",
            )?;
            let mut latest = None;
            for id in ids {
                let of = |row: &rusqlite::Row<'_>| row.get::<_, [u8; 16]>(0);
                latest = latest.max(statement.query_row([id.as_bytes()], of).optional()?);
            }
            Ok(latest.map(ArtifactId::from_bytes))
        })
    }
}

fn pin(
    transaction: &Transaction<'_>,
    id: ArtifactId,
    event: ArtifactId,
    pinned: bool,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO protections (id, pinned, pin_event) VALUES (?1, ?2, ?3) \
             ON CONFLICT DO UPDATE SET pinned = excluded.pinned, pin_event = excluded.pin_event \
             WHERE pin_event IS NULL OR pin_event < excluded.pin_event",
        )?
        .execute(params![id.as_bytes(), pinned, event.as_bytes()])?;
    protect_row(transaction, id)
}

fn hold(
    transaction: &Transaction<'_>,
    id: ArtifactId,
    event: ArtifactId,
    until: Option<Timestamp>,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO protections (id, pinned, held_until, hold_event) VALUES (?1, 0, ?2, ?3) \
             ON CONFLICT DO UPDATE SET held_until = excluded.held_until, \
             hold_event = excluded.hold_event \
             WHERE hold_event IS NULL OR hold_event < excluded.hold_event",
        )?
        .execute(params![
            id.as_bytes(),
            until.map(Timestamp::as_microsecond),
            event.as_bytes()
        ])?;
    protect_row(transaction, id)
}

/// Makes the row of an artifact say what pins and holds say of it. The row may come later.
pub(super) fn protect_row(transaction: &Transaction<'_>, id: ArtifactId) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "UPDATE artifacts SET (pinned, held_until) = \
             (SELECT pinned, held_until FROM protections WHERE id = ?1) \
             WHERE id = ?1 AND EXISTS (SELECT 1 FROM protections WHERE id = ?1)",
        )?
        .execute([id.as_bytes()])
        .map(drop)
}
