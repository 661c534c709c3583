//! Changes of the index: artifacts come, events take them away, the watermark moves.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::events::protect_row;
use super::{Index, row};
use crate::Result;
use crate::artifact::{ArtifactId, ArtifactMetadata};

impl Index {
    /// Adds several lots of artifacts in one transaction; says how many of each were new.
    pub(super) fn insert_all<'a>(
        &self,
        lots: impl IntoIterator<Item = &'a [ArtifactMetadata]>,
    ) -> Result<Vec<usize>> {
        self.write(|transaction| {
            let mut counts = Vec::new();
            for lot in lots {
                let mut added = 0;
                for metadata in lot {
                    added += usize::from(insert_one(transaction, metadata)?);
                }
                counts.push(added);
            }
            Ok(counts)
        })
    }

    /// Makes the rows of these artifacts what the objects say; says how many were new.
    pub(crate) fn refresh(&self, artifacts: &[ArtifactMetadata]) -> Result<usize> {
        self.write(|transaction| {
            let mut added = 0;
            for metadata in artifacts {
                let present = one(transaction, metadata.id)?;
                if present.as_ref().is_some_and(|row| is_same(row, metadata)) {
                    continue;
                }
                if present.is_some() {
                    drop_one(transaction, metadata.id)?;
                }
                let inserted = insert_one(transaction, metadata)?;
                added += usize::from(inserted && present.is_none());
            }
            Ok(added)
        })
    }

    /// Drops rows whose objects are not there any more.
    pub(crate) fn forget(&self, ids: &[ArtifactId]) -> Result<()> {
        self.write(|transaction| {
            for id in ids {
                drop_one(transaction, *id)?;
            }
            Ok(())
        })
    }

    /// Moves the watermark: everything before `at` (less the overlap) is in the index.
    pub(crate) fn set_watermark(&self, at: Timestamp) -> Result<()> {
        self.write(|transaction| {
            transaction
                .prepare_cached("INSERT OR REPLACE INTO state VALUES ('watermark', ?1)")?
                .execute([at.to_string()])
                .map(drop)
        })
    }

    /// Transactions take the write lock at once: one that reads first could not wait for it.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        self.with(|connection: &mut Connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = work(&transaction)?;
            transaction.commit()?;
            Ok(result)
        })
    }
}

/// Whether a row says what the object says; objects know nothing of pins and holds.
fn is_same(row: &ArtifactMetadata, object: &ArtifactMetadata) -> bool {
    let unprotected = ArtifactMetadata {
        pinned: object.pinned,
        held_until: object.held_until,
        ..row.clone()
    };
    unprotected == *object
}

fn insert_one(
    transaction: &Transaction<'_>,
    metadata: &ArtifactMetadata,
) -> rusqlite::Result<bool> {
    let id = metadata.id.as_bytes();
    let removed = transaction
        .prepare_cached("SELECT 1 FROM removed WHERE id = ?1")?
        .exists([id])?;
    if removed {
        return Ok(false);
    }
    let newest: Option<[u8; 16]> = newest_version(transaction, metadata)?;
    let current = newest.is_none_or(|newest| newest <= *id);
    if !row::insert(transaction.prepare_cached(row::INSERT)?, metadata, current)? {
        return Ok(false);
    }
    if current && newest.is_some() {
        transaction
            .prepare_cached(
                "UPDATE artifacts SET current = 0 \
                 WHERE job_id = ?1 AND artifact_type = ?2 AND name = ?3 AND id < ?4 AND current = 1",
            )?
            .execute(params![
                metadata.job_id,
                metadata.artifact_type.as_str(),
                metadata.name,
                id
            ])?;
    }
    let mut tag =
        transaction.prepare_cached("INSERT OR IGNORE INTO tags VALUES (?1, ?2, ?3, ?4)")?;
    for (key, value) in &metadata.tags {
        tag.execute(params![key, value, metadata.timestamp.as_microsecond(), id])?;
    }
    protect_row(transaction, metadata.id)?;
    Ok(true)
}

fn newest_version(
    transaction: &Transaction<'_>,
    of: &ArtifactMetadata,
) -> rusqlite::Result<Option<[u8; 16]>> {
    transaction
        .prepare_cached(
            "SELECT id FROM artifacts WHERE job_id = ?1 AND artifact_type = ?2 AND name = ?3 \
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row(
            params![of.job_id, of.artifact_type.as_str(), of.name],
            |row| row.get(0),
        )
        .optional()
}

fn one(
    transaction: &Transaction<'_>,
    id: ArtifactId,
) -> rusqlite::Result<Option<ArtifactMetadata>> {
    let sql = format!("SELECT {} FROM artifacts a WHERE a.id = ?1", row::COLUMNS);
    transaction
        .prepare_cached(&sql)?
        .query_row([id.as_bytes()], row::read)
        .optional()
}

/// Drops a row; gives the bytes of its object, when there was one.
pub(super) fn drop_one(
    transaction: &Transaction<'_>,
    id: ArtifactId,
) -> rusqlite::Result<Option<u64>> {
    let Some(metadata) = one(transaction, id)? else {
        return Ok(None);
    };
    transaction
        .prepare_cached("DELETE FROM artifacts WHERE id = ?1")?
        .execute([id.as_bytes()])?;
    let mut tag = transaction.prepare_cached(
        "DELETE FROM tags WHERE key = ?1 AND value = ?2 AND created_at = ?3 AND id = ?4",
    )?;
    for (key, value) in &metadata.tags {
        tag.execute(params![
            key,
            value,
            metadata.timestamp.as_microsecond(),
            id.as_bytes()
        ])?;
    }
    // An older version that is still there counts again.
    if let Some(newest) = newest_version(transaction, &metadata)? {
        transaction
            .prepare_cached("UPDATE artifacts SET current = 1 WHERE id = ?1 AND current = 0")?
            .execute([newest])?;
    }
    Ok(Some(metadata.compressed_size_bytes))
}
