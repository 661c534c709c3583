//! Copying between stores: objects byte for byte under the same key, so that ids, checksums and
//! times stay what they are. Can be repeated, and goes on where an earlier copy was interrupted.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};

use crate::artifact::{ArtifactId, ArtifactMetadata};
use crate::backend::{BackendExt as _, PutMode, ReadRange, StoreKey};
use crate::blocking::blocking;
use crate::index::{Filter, Index, Page};
use crate::object::read_whole;
use crate::storage::{Damage, Storage};
use crate::sync::Depth;
use crate::{Error, ErrorKind, Result};

/// Artifacts that are looked at together.
const BATCH: usize = 500;
/// A larger object is streamed.
const WHOLE_OBJECT: u64 = 8 << 20;

type OnProgress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// What to copy.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct CopyOptions {
    /// Only these artifacts.
    pub filter: Filter,
    /// Only say what would be copied.
    pub dry_run: bool,
    progress: Option<OnProgress>,
}

impl CopyOptions {
    /// Copies only these artifacts.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Only says what would be copied.
    #[must_use]
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// Calls `tell` with the artifacts looked at and the bytes copied so far.
    #[must_use]
    pub fn on_progress(mut self, tell: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(tell));
        self
    }
}

impl fmt::Debug for CopyOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopyOptions")
            .field("filter", &self.filter)
            .field("dry_run", &self.dry_run)
            .finish_non_exhaustive()
    }
}

/// What a copy did, or would do.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct CopyReport {
    /// Artifacts that were copied.
    pub copied: u64,
    /// Bytes of their objects.
    pub copied_bytes: u64,
    /// Artifacts that the target has already.
    pub already_there: u64,
    /// Artifacts that were removed from the target once, and stay so.
    pub removed_there: u64,
    /// Artifacts whose pins and holds were carried over.
    pub protected: u64,
    /// Artifacts that cannot be read whole, and were not copied.
    pub damaged: Vec<Damage>,
    /// How long it took.
    pub took: Duration,
}

/// What became of one artifact.
enum Outcome {
    Copied(u64),
    Damaged(Box<Damage>),
    /// Removed from the source meanwhile.
    Gone,
}

pub(crate) async fn copy(
    from: &Storage,
    to: &Storage,
    options: &CopyOptions,
) -> Result<CopyReport> {
    // Stores in memory have one location, and each an id of its own.
    if from.location() == to.location() && from.id() == to.id() {
        return Err(Error::invalid("both are the same store").concerning(from.location()));
    }
    let started = from.now();
    for storage in [from, to] {
        storage.shared.sync_soundly(Depth::Recent, &|_| {}).await?;
    }
    let mut report = CopyReport::default();
    let mut seen = 0;
    let mut page = Page::first(BATCH);
    loop {
        let listing = from.list(&options.filter, &page).await?;
        seen += listing.artifacts.len() as u64;
        copy_batch(from, to, options, listing.artifacts, &mut report).await?;
        if let Some(tell) = &options.progress {
            tell(seen, report.copied_bytes);
        }
        match listing.next {
            Some(next) => page = Page::after(BATCH, next),
            None => break,
        }
    }
    report.took = from.now().duration_since(started).unsigned_abs();
    Ok(report)
}

async fn copy_batch(
    from: &Storage,
    to: &Storage,
    options: &CopyOptions,
    artifacts: Vec<ArtifactMetadata>,
    report: &mut CopyReport,
) -> Result<()> {
    let ids: Vec<ArtifactId> = artifacts.iter().map(|artifact| artifact.id).collect();
    let (present, removed) = to
        .shared
        .on_sound_index(move |index: &Index| Ok((index.by_ids(&ids)?, index.removed_of(&ids)?)))
        .await?;
    let mut missing = Vec::new();
    let mut there = Vec::new();
    for artifact in artifacts {
        if present.iter().any(|p| p.id == artifact.id) {
            report.already_there += 1;
            there.push(artifact);
        } else if removed.contains(&artifact.id) {
            report.removed_there += 1;
        } else {
            missing.push(artifact);
        }
    }
    if options.dry_run {
        report.copied += missing.len() as u64;
        let bytes = missing
            .iter()
            .map(|artifact| artifact.compressed_size_bytes);
        report.copied_bytes += bytes.sum::<u64>();
        return Ok(());
    }
    let copies = futures::stream::iter(missing).map(|artifact| async move {
        let outcome = copy_one(from, to, &artifact).await?;
        Ok::<_, Error>((artifact, outcome))
    });
    let mut copies = std::pin::pin!(copies.buffer_unordered(from.shared.workers.get()));
    while let Some((artifact, outcome)) = copies.try_next().await? {
        match outcome {
            Outcome::Copied(bytes) => {
                report.copied += 1;
                report.copied_bytes += bytes;
                there.push(artifact);
            }
            Outcome::Damaged(damage) => report.damaged.push(*damage),
            Outcome::Gone => {}
        }
    }
    let rows: Vec<_> = there.iter().map(unprotected).collect();
    to.shared
        .on_sound_index(move |index| index.insert(rows.clone()))
        .await?;
    report.protected += carry_protection(from, to, &there).await?;
    Ok(())
}

/// Copies an object that has been read whole, as it is.
async fn copy_one(from: &Storage, to: &Storage, artifact: &ArtifactMetadata) -> Result<Outcome> {
    let key = artifact.storage_path.as_str();
    // The index is a view, and may say anything; a key leads to its own object only.
    let copied = if StoreKey::id_in(key) != Some(artifact.id) {
        Err(Error::corrupt("its key is not the one of its id"))
    } else if artifact.compressed_size_bytes <= WHOLE_OBJECT {
        copy_small(from, to, artifact).await
    } else {
        copy_large(from, to, artifact).await
    };
    match copied {
        Ok(bytes) => Ok(Outcome::Copied(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let id = artifact.id;
            from.shared.sync_soundly(Depth::Recent, &|_| {}).await?;
            let rows = from
                .shared
                .on_index(move |index| index.by_ids(&[id]))
                .await?;
            Ok(if rows.is_empty() {
                Outcome::Gone
            } else {
                Outcome::Damaged(damage(artifact, error))
            })
        }
        // Of a newer version, or damaged: a matter of this one only.
        Err(error) if matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::Unsupported) => {
            Ok(Outcome::Damaged(damage(artifact, error)))
        }
        Err(error) => Err(error.concerning(key)),
    }
}

fn damage(artifact: &ArtifactMetadata, error: Error) -> Box<Damage> {
    Box::new(Damage {
        artifact: Some(artifact.clone()),
        key: artifact.storage_path.clone(),
        error,
    })
}

async fn copy_small(from: &Storage, to: &Storage, artifact: &ArtifactMetadata) -> Result<u64> {
    let key = artifact.storage_path.as_str();
    let (_, object) = from.shared.backend.read_bytes(key, ReadRange::All).await?;
    let (checked, row) = (object.clone(), artifact.clone());
    // Content that compressed well may be much larger than its object: that is read as a stream.
    if artifact.size_bytes <= 8 * WHOLE_OBJECT {
        blocking(move || {
            let found = read_whole(&checked, row.size_bytes)?.metadata;
            let same = (found.id, found.checksum, found.size_bytes)
                == (row.id, row.checksum, row.size_bytes);
            same.then_some(())
                .ok_or_else(|| Error::corrupt("the object is another one than the index says"))
        })
        .await?;
    } else {
        from.artifact(artifact.clone()).verify().await?;
    }
    let bytes = object.len() as u64;
    // Whatever lies there is not in the index: what a copy that was killed has left, or worse.
    to.shared
        .backend
        .put(key, vec![object], PutMode::Overwrite)
        .await?;
    Ok(bytes)
}

async fn copy_large(from: &Storage, to: &Storage, artifact: &ArtifactMetadata) -> Result<u64> {
    let key = artifact.storage_path.as_str();
    from.artifact(artifact.clone()).verify().await?;
    let mut reading = from.shared.backend.read(key, ReadRange::All).await?;
    let mut upload = to.shared.backend.upload(key).await?;
    let mut bytes = 0;
    let written = async {
        while let Some(part) = reading.bytes.try_next().await? {
            bytes += part.len() as u64;
            upload.write(part).await?;
        }
        Ok::<_, Error>(())
    };
    let written = written.await.and_then(|()| match bytes {
        bytes if bytes == artifact.compressed_size_bytes => Ok(()),
        bytes => Err(Error::new(
            ErrorKind::Unavailable,
            format!(
                "{bytes} bytes came instead of {}",
                artifact.compressed_size_bytes
            ),
        )),
    });
    if let Err(error) = written {
        let _ = upload.abort().await;
        return Err(error);
    }
    upload.finish(key).await?;
    // It was read twice, and only the first time checked: what has arrived is read back.
    if let Err(error) = to.artifact(unprotected(artifact)).verify().await {
        to.shared.backend.delete(&[key.to_owned()]).await?;
        return Err(error);
    }
    Ok(bytes)
}

fn unprotected(artifact: &ArtifactMetadata) -> ArtifactMetadata {
    ArtifactMetadata {
        pinned: false,
        held_until: None,
        policy_ttl: None,
        ..artifact.clone()
    }
}

/// Pins and holds what is pinned and held in the source; takes none away in the target, and shortens
/// none.
async fn carry_protection(
    from: &Storage,
    to: &Storage,
    artifacts: &[ArtifactMetadata],
) -> Result<u64> {
    let now = to.now();
    let protected = artifacts.iter().filter(|a| a.is_protected(now));
    let ids: Vec<ArtifactId> = protected.clone().map(|a| a.id).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    let there = to
        .shared
        .on_sound_index(move |index: &Index| index.by_ids(&ids))
        .await?;
    let reason = format!("copied from the {}", from.location());
    let pinned: Vec<_> = protected.clone().filter(|a| a.pinned).cloned().collect();
    let mut carried = to.pin(&pinned, &reason).await?;
    for artifact in protected {
        let held = there.iter().find(|a| a.id == artifact.id);
        let held = held.and_then(|a| a.held_until);
        let longer = artifact
            .held_until
            .filter(|until| *until > now && held.is_none_or(|held| held < *until));
        if let Some(until) = longer {
            let artifact = std::slice::from_ref(artifact);
            carried += to.hold(artifact, until, &reason).await?;
        }
    }
    Ok(carried)
}
