//! One row of the index to metadata and back.

use jiff::{SignedDuration, Timestamp};
use rusqlite::types::Type;
use rusqlite::{CachedStatement, Row, params};

use crate::artifact::{
    ArtifactId, ArtifactKind, ArtifactMetadata, ArtifactType, Sha256Digest, Tags,
};
use crate::object::Codec;

/// The columns that [`read`] expects, in order.
pub(super) const COLUMNS: &str = "a.id, a.job_id, a.artifact_type, a.name, a.kind, a.media_type, \
     a.created_at, a.ttl_seconds, a.size_bytes, a.stored_bytes, a.sha256, a.codec, a.members, \
     a.tags, a.key, a.keep_forever, a.pinned, a.held_until";

/// How many columns that are.
pub(super) const COUNT: usize = 18;

pub(super) const INSERT: &str = "INSERT OR IGNORE INTO artifacts (id, job_id, artifact_type, name, \
     kind, media_type, created_at, ttl_seconds, size_bytes, stored_bytes, sha256, codec, members, \
     tags, key, expires_at, keep_forever, pinned, held_until, current) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";

type ReadError = Box<dyn std::error::Error + Send + Sync>;

fn converted<T>(column: usize, value: Result<T, ReadError>) -> rusqlite::Result<T> {
    value.map_err(|e| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, e))
}

/// The artifact type in a column.
pub(super) fn artifact_type(row: &Row<'_>, column: usize) -> rusqlite::Result<ArtifactType> {
    let word = row.get_ref(column)?.as_str()?;
    converted(column, word.parse().map_err(ReadError::from))
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<ArtifactMetadata> {
    let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
    let number = |column| row.get::<_, i64>(column);
    let unsigned = |column| converted(column, u64::try_from(number(column)?).map_err(Into::into));
    let timestamp = converted(
        6,
        Timestamp::from_microsecond(number(6)?).map_err(Into::into),
    )?;
    let kind = match text(4)? {
        "file" => Ok(ArtifactKind::File),
        "tree" => Ok(ArtifactKind::Tree),
        other => Err(format!("unknown kind {other}").into()),
    };
    let tags = text(13)?;
    let tags = match tags {
        "{}" => Tags::new(),
        json => converted(13, serde_json::from_str(json).map_err(Into::into))?,
    };
    let members: Option<i64> = row.get(12)?;
    let held_until: Option<i64> = row.get(17)?;
    Ok(ArtifactMetadata {
        id: ArtifactId::from_bytes(row.get(0)?),
        job_id: row.get(1)?,
        artifact_type: artifact_type(row, 2)?,
        name: row.get(3)?,
        kind: converted(4, kind)?,
        media_type: row.get(5)?,
        timestamp,
        size_bytes: unsigned(8)?,
        compressed_size_bytes: unsigned(9)?,
        checksum: Sha256Digest::from_bytes(row.get(10)?),
        codec: converted(11, Codec::from_stored(text(11)?).map_err(ReadError::from))?,
        members: members.and_then(|members| u64::try_from(members).ok()),
        tags,
        ttl: row.get::<_, Option<i64>>(7)?.map(SignedDuration::from_secs),
        keep_forever: row.get(15)?,
        policy_ttl: None,
        pinned: row.get(16)?,
        held_until: held_until
            .map(|at| converted(17, Timestamp::from_microsecond(at).map_err(Into::into)))
            .transpose()?,
        storage_path: row.get(14)?,
    })
}

/// Inserts a row; says whether it was new.
pub(super) fn insert(
    mut statement: CachedStatement<'_>,
    metadata: &ArtifactMetadata,
    current: bool,
) -> rusqlite::Result<bool> {
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let tags = serde_json::to_string(&metadata.tags)
        .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    let changed = statement.execute(params![
        metadata.id.as_bytes(),
        metadata.job_id,
        metadata.artifact_type.as_str(),
        metadata.name,
        metadata.kind.to_string(),
        metadata.media_type,
        metadata.timestamp.as_microsecond(),
        metadata.ttl.map(|ttl| ttl.as_secs()),
        signed(metadata.size_bytes),
        signed(metadata.compressed_size_bytes),
        metadata.checksum.as_bytes(),
        metadata.codec.to_string(),
        metadata.members.map(signed),
        tags,
        metadata.storage_path,
        metadata.own_expiry().map(Timestamp::as_microsecond),
        metadata.keep_forever,
        metadata.pinned,
        metadata.held_until.map(Timestamp::as_microsecond),
        current,
    ])?;
    Ok(changed > 0)
}
