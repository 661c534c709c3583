//! One run of the sync.

use std::collections::{HashMap, HashSet};

use futures::{StreamExt as _, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};

use super::SyncReport;
use crate::artifact::{ArtifactId, ArtifactMetadata};
use crate::backend::{Backend, BackendExt as _, ReadRange, StoreKey, lower_bound};
use crate::blocking::blocking;
use crate::events::EventRecord;
use crate::index::{Index, is_damage};
use crate::object::{ObjectMap, TailOutcome, parse_tail};
use crate::storage::Shared;
use crate::{Error, ErrorKind, Result};

/// How far back a sync looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// From the watermark, less the overlap.
    Recent,
    /// Everything, every object read again; rows whose object is gone are dropped.
    Full,
    /// Everything; rows whose object is gone stay, so that the next look finds them too.
    Check,
}

/// Bytes of an object's end that are read first: enough for the metadata of nearly all.
const TAIL_BYTES: u64 = 16 << 10;
/// Tails that are read at once.
const PARALLEL_TAILS: usize = 16;
/// Rows per transaction.
const BATCH: usize = 1000;
/// The watermark moves in steps, so that a process that only asks has nothing to write.
const WATERMARK_STEP: SignedDuration = SignedDuration::from_mins(10);

/// What a listing has shown.
#[derive(Default)]
struct Listed {
    /// Objects that the index does not know, by id.
    unknown: HashMap<ArtifactId, String>,
    /// What the index knew before the listing began.
    known: HashSet<ArtifactId>,
    /// What of that is there; only kept when everything is looked at.
    seen: HashSet<ArtifactId>,
    /// Objects that an event has removed and nobody has deleted.
    leftovers: Vec<String>,
}

impl Shared {
    pub(crate) async fn sync(
        self: &std::sync::Arc<Self>,
        depth: Depth,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<SyncReport> {
        let started = self.clock.now();
        let watermark = self.on_index(Index::watermark).await?;
        let since = match (depth, watermark) {
            // A watermark of a clock that was ahead says nothing: everything is looked at once.
            (Depth::Recent, Some(watermark)) if watermark <= started => {
                let overlap = self.overlap.max(SignedDuration::ZERO);
                Some(
                    watermark
                        .checked_sub(overlap)
                        .unwrap_or(Timestamp::UNIX_EPOCH),
                )
            }
            _ => None,
        };
        let mut report = SyncReport::default();
        let Listed {
            unknown,
            known,
            seen,
            leftovers,
        } = self
            .listed_objects(since, depth, &mut report, progress)
            .await?;
        let events = self.unknown_events(since, &mut report).await?;
        let gone: HashSet<ArtifactId> = events
            .iter()
            .flat_map(|(event, _)| event.removes())
            .copied()
            .collect();
        let (removed_objects, unknown): (Vec<_>, Vec<_>) =
            unknown.into_iter().partition(|(id, _)| gone.contains(id));
        self.add_objects(unknown, &mut report, progress).await?;
        // Whoever removed these may have been interrupted between the event and the deletion.
        let gone: Vec<_> = gone.into_iter().collect();
        let rows = self.on_index(move |index| index.by_ids(&gone)).await?;
        let mut leftovers = leftovers;
        leftovers.extend(removed_objects.into_iter().map(|(_, key)| key));
        leftovers.extend(rows.into_iter().map(|row| row.storage_path));
        if !leftovers.is_empty() && self.backend.capabilities().delete {
            // A reader without the right to delete still reads.
            let _ = self.backend.delete(&leftovers).await;
        }
        for (event, body) in events {
            report.removed += event.removes().len() as u64;
            self.on_index(move |index| index.apply(&event, &body))
                .await?;
        }
        if since.is_none() {
            report.missing = self.missing(&known, &seen, depth).await?;
        }
        let due =
            watermark.is_none_or(|w| w > started || started.duration_since(w) >= WATERMARK_STEP);
        if due || report.added > 0 {
            let moved = self.on_index(move |index| index.set_watermark(started));
            // One that stays where it is costs the next sync some time, and nothing else.
            if let Err(error) = moved.await
                && is_damage(&error)
            {
                return Err(error);
            }
        }
        report.took = self.clock.now().duration_since(started).unsigned_abs();
        Ok(report)
    }

    /// Sorts the objects that are there by what the index knows of them.
    async fn listed_objects(
        self: &std::sync::Arc<Self>,
        since: Option<Timestamp>,
        depth: Depth,
        report: &mut SyncReport,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Listed> {
        let from = ArtifactId::lowest_at(since.unwrap_or(Timestamp::UNIX_EPOCH));
        let after = since.map(|since| lower_bound(StoreKey::ARTIFACTS, since));
        // The index is asked first: what is stored meanwhile is then merely read once more.
        let (known, removed) = self
            .on_index(move |index| Ok((index.present_since(from)?, index.removed_since(from)?)))
            .await?;
        let mut listed = Listed {
            known,
            ..Listed::default()
        };
        let mut keys = self.backend.list(StoreKey::ARTIFACTS, after.as_deref());
        while let Some(key) = keys.try_next().await? {
            let Some(id) = StoreKey::id_in(&key) else {
                report.foreign += 1;
                continue;
            };
            report.objects += 1;
            progress(report.objects);
            if removed.contains(&id) {
                listed.leftovers.push(key);
                continue;
            }
            let is_known = listed.known.contains(&id);
            if is_known && since.is_none() {
                listed.seen.insert(id);
            }
            // A rebuild believes no row: it reads every object again.
            if !is_known || depth == Depth::Full {
                listed.unknown.insert(id, key);
            }
        }
        Ok(listed)
    }

    /// Rows without object: of what the index knew before the listing began, what it still has and
    /// the listing did not show. They are dropped, except from a check.
    async fn missing(
        self: &std::sync::Arc<Self>,
        known: &HashSet<ArtifactId>,
        seen: &HashSet<ArtifactId>,
        depth: Depth,
    ) -> Result<Vec<ArtifactMetadata>> {
        let from = ArtifactId::lowest_at(Timestamp::UNIX_EPOCH);
        let present = self
            .on_index(move |index| index.present_since(from))
            .await?;
        let missing: Vec<_> = present
            .into_iter()
            .filter(|id| known.contains(id) && !seen.contains(id))
            .collect();
        self.on_index(move |index| {
            let gone = index.by_ids(&missing)?;
            if depth != Depth::Check {
                index.forget(&missing)?;
            }
            Ok(gone)
        })
        .await
    }

    /// Events that the index does not know, in id order. One that cannot be read is reported and
    /// passed over: it must not close the store.
    async fn unknown_events(
        self: &std::sync::Arc<Self>,
        since: Option<Timestamp>,
        report: &mut SyncReport,
    ) -> Result<Vec<(EventRecord, String)>> {
        let from = ArtifactId::lowest_at(since.unwrap_or(Timestamp::UNIX_EPOCH));
        let after = since.map(|since| lower_bound(StoreKey::EVENTS, since));
        let known = self.on_index(move |index| index.events_since(from)).await?;
        let listed = self.backend.list(StoreKey::EVENTS, after.as_deref());
        let unknown = listed.try_filter_map(|key| {
            let id = StoreKey::id_in(&key).filter(|id| !known.contains(id));
            futures::future::ok(id.map(|id| (id, key)))
        });
        let read: Vec<_> = unknown
            .map_ok(|(id, key)| async move {
                let (_, json) = self.backend.read_bytes(&key, ReadRange::All).await?;
                let event =
                    EventRecord::from_json(id, &json).map_err(|e| e.concerning(key.as_str()));
                Ok::<_, Error>((key, event, String::from_utf8_lossy(&json).into_owned()))
            })
            .try_buffer_unordered(PARALLEL_TAILS)
            .try_collect()
            .await?;
        let mut events = Vec::with_capacity(read.len());
        for (key, event, body) in read {
            match event {
                Ok(event) => events.push((event, body)),
                Err(error) => report.damaged.push((key, error)),
            }
        }
        events.sort_unstable_by_key(|(event, _)| event.id);
        Ok(events)
    }

    async fn add_objects(
        self: &std::sync::Arc<Self>,
        unknown: Vec<(ArtifactId, String)>,
        report: &mut SyncReport,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<()> {
        let reads = unknown.into_iter().map(|(id, key)| async move {
            let read = read_metadata(self.backend.as_ref(), id, &key).await;
            (key, read)
        });
        let mut reads = futures::stream::iter(reads).buffer_unordered(PARALLEL_TAILS);
        let mut batch = Vec::new();
        let mut done = 0;
        loop {
            let next = reads.next().await;
            let ended = next.is_none();
            match next {
                Some((_, Ok(metadata))) => batch.push(metadata),
                // Removed between listing and reading.
                Some((_, Err(error))) if error.kind() == ErrorKind::NotFound => {}
                Some((key, Err(error)))
                    if matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::Unsupported) =>
                {
                    report.damaged.push((key, error));
                }
                Some((_, Err(error))) => return Err(error),
                None => {}
            }
            done += 1;
            progress(done);
            if batch.len() >= BATCH || (ended && !batch.is_empty()) {
                let full = std::mem::take(&mut batch);
                report.added += self.on_index(move |index| index.refresh(&full)).await? as u64;
            }
            if ended {
                return Ok(());
            }
        }
    }
}

/// Reads the metadata of the object under `key`, which must be the one of `id`.
async fn read_metadata(
    backend: &dyn Backend,
    id: ArtifactId,
    key: &str,
) -> Result<ArtifactMetadata> {
    let map = read_map(backend, key)
        .await
        .map_err(|e| e.concerning(key))?;
    if map.header.id != id {
        return Err(Error::corrupt(format!(
            "the object says that its id is {}: it lies under a wrong key",
            map.header.id
        ))
        .concerning(key));
    }
    let size = map.object_size;
    Ok(map.header.into_metadata(size, key.to_owned()))
}

/// Reads the end of an object, in one request for nearly all.
pub(crate) async fn read_map(backend: &dyn Backend, key: &str) -> Result<ObjectMap> {
    let mut last = TAIL_BYTES;
    loop {
        let (size, tail) = backend.read_bytes(key, ReadRange::Last(last)).await?;
        match blocking(move || parse_tail(&tail, size)).await? {
            TailOutcome::Complete(map) => return Ok(*map),
            TailOutcome::NeedsLast(more) if more > last => last = more,
            TailOutcome::NeedsLast(_) => {
                return Err(Error::corrupt("the object changes while it is read"));
            }
        }
    }
}
