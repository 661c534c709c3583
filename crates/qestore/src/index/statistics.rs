//! Sums over all artifacts, from the table that triggers keep: some thousand rows for a million
//! artifacts of a year.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::schema::DAY;
use super::{Index, row};
use crate::Result;
use crate::artifact::ArtifactType;

/// How many artifacts, and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) artifacts: u64,
    pub(crate) size_bytes: u64,
    pub(crate) stored_bytes: u64,
    /// The ratio of each, added up, in millionths.
    pub(crate) ratio: u64,
}

impl std::ops::AddAssign for Sum {
    fn add_assign(&mut self, other: Self) {
        self.artifacts += other.artifacts;
        self.size_bytes += other.size_bytes;
        self.stored_bytes += other.stored_bytes;
        self.ratio += other.ratio;
    }
}

/// Everything that is added up.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Sums {
    /// Present artifacts, by type.
    pub(crate) present: BTreeMap<ArtifactType, Sum>,
    /// Superseded versions.
    pub(crate) superseded: Sum,
    /// Artifacts and superseded versions whose time is over.
    pub(crate) expired: Sum,
    /// Artifacts and superseded versions that a pin or a hold keeps.
    pub(crate) protected: u64,
    /// The instants of the first and the last present artifact.
    pub(crate) span: Option<(Timestamp, Timestamp)>,
}

impl Index {
    /// Adds everything up; `ttl` says how long the policy keeps a type.
    pub(crate) fn sums(
        &self,
        now: Timestamp,
        ttl: impl Fn(&ArtifactType) -> Option<SignedDuration>,
    ) -> Result<Sums> {
        self.with(|connection| {
            let mut sums = Sums::default();
            let mut types = Vec::new();
            let mut statement = connection.prepare_cached(BY_TYPE)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let of_type = row::artifact_type(row, 0)?;
                let sum = sum(row, 2)?;
                if row.get(1)? {
                    *sums.present.entry(of_type.clone()).or_default() += sum;
                } else {
                    sums.superseded += sum;
                }
                if types.last() != Some(&of_type) {
                    types.push(of_type);
                }
            }
            sums.expired += expired_by_own_limit(connection, now)?;
            for of_type in types {
                let by = ttl(&of_type).and_then(|ttl| now.checked_sub(ttl).ok());
                if let Some(by) = by {
                    sums.expired += expired_by_policy(connection, &of_type, by)?;
                }
            }
            let mut protected = connection.prepare_cached(PROTECTED)?;
            let (now, count) = (now.as_microsecond(), |row: &rusqlite::Row<'_>| row.get(0));
            let count: i64 = protected.query_row([now], count)?;
            sums.protected = u64::try_from(count).unwrap_or(0);
            sums.span = span(connection)?;
            Ok(sums)
        })
    }
}

pub(super) const BY_TYPE: &str = "SELECT artifact_type, current, sum(artifacts), sum(size_bytes), sum(stored_bytes), sum(ratio) \
     FROM daily GROUP BY artifact_type, current";

pub(super) const PROTECTED: &str = "SELECT count(*) FROM artifacts INDEXED BY artifacts_protected \
     WHERE (pinned = 1 OR held_until IS NOT NULL) AND (pinned = 1 OR held_until > ?1)";

fn sum(row: &rusqlite::Row<'_>, from: usize) -> rusqlite::Result<Sum> {
    let number = |column| -> rusqlite::Result<u64> {
        let number: Option<i64> = row.get(from + column)?;
        Ok(u64::try_from(number.unwrap_or(0)).unwrap_or(0))
    };
    Ok(Sum {
        artifacts: number(0)?,
        size_bytes: number(1)?,
        stored_bytes: number(2)?,
        ratio: number(3)?,
    })
}

/// Whole days before the one of `by`, and the beginning of that instant's day.
fn whole_days(by: Timestamp) -> (i64, i64) {
    let day = by.as_microsecond().div_euclid(DAY);
    (day, day * DAY)
}

pub(super) const OWN_DAYS: &str = "SELECT sum(artifacts), sum(size_bytes), sum(stored_bytes), sum(ratio) FROM daily \
     WHERE artifact_type IN (SELECT DISTINCT artifact_type FROM daily) AND current IN (0, 1) \
     AND lifetime = 1 AND day < ?1";

pub(super) const OWN_REST: &str = "SELECT count(*), 0, sum(stored_bytes), 0 FROM artifacts \
     INDEXED BY artifacts_by_expiry WHERE expires_at >= ?1 AND expires_at <= ?2";

fn expired_by_own_limit(connection: &Connection, now: Timestamp) -> rusqlite::Result<Sum> {
    let (day, begins) = whole_days(now);
    let read = |row: &rusqlite::Row<'_>| sum(row, 0);
    let mut total = connection
        .prepare_cached(OWN_DAYS)?
        .query_row([day], read)?;
    total += connection
        .prepare_cached(OWN_REST)?
        .query_row([begins, now.as_microsecond()], read)?;
    Ok(total)
}

pub(super) const POLICY_DAYS: &str = "SELECT sum(artifacts), sum(size_bytes), sum(stored_bytes), sum(ratio) FROM daily \
     WHERE artifact_type = ?1 AND current IN (0, 1) AND lifetime = 0 AND day < ?2";

pub(super) const POLICY_REST: &str = "SELECT count(*), 0, sum(stored_bytes), 0 FROM artifacts \
     INDEXED BY artifacts_by_type WHERE artifact_type = ?1 AND created_at >= ?2 \
     AND created_at <= ?3 AND expires_at IS NULL AND keep_forever = 0";

fn expired_by_policy(
    connection: &Connection,
    of_type: &ArtifactType,
    by: Timestamp,
) -> rusqlite::Result<Sum> {
    let (day, begins) = whole_days(by);
    let read = |row: &rusqlite::Row<'_>| sum(row, 0);
    let mut total = connection
        .prepare_cached(POLICY_DAYS)?
        .query_row(params![of_type.as_str(), day], read)?;
    total += connection
        .prepare_cached(POLICY_REST)?
        .query_row(params![of_type.as_str(), begins, by.as_microsecond()], read)?;
    Ok(total)
}

pub(super) const FIRST: &str = "SELECT created_at FROM artifacts INDEXED BY artifacts_by_time \
     WHERE current = 1 ORDER BY created_at LIMIT 1";
pub(super) const LAST: &str = "SELECT created_at FROM artifacts INDEXED BY artifacts_by_time \
     WHERE current = 1 ORDER BY created_at DESC LIMIT 1";

fn span(connection: &Connection) -> rusqlite::Result<Option<(Timestamp, Timestamp)>> {
    let end = |sql| -> rusqlite::Result<Option<Timestamp>> {
        let at: Option<i64> = connection
            .prepare_cached(sql)?
            .query_row([], |row| row.get(0))
            .optional()?;
        Ok(at.and_then(|at| Timestamp::from_microsecond(at).ok()))
    };
    Ok(end(FIRST)?.zip(end(LAST)?))
}
