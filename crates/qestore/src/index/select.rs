//! Questions to the index. Every one is answered by walking an index of SQLite from its newest
//! end; none reads the whole table. The tests ask SQLite for its plans.

use std::collections::HashSet;
use std::fmt::Write as _;

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;
use rusqlite::{Connection, params_from_iter};

use super::lead::choose;
use super::query::{Asked, Query, Slice};
use super::{Cursor, Filter, Index, Listing, Page, row};
use crate::Result;
use crate::artifact::{ArtifactId, ArtifactMetadata, ArtifactRef};

/// The rows that were asked for, from the first query that fills the page.
fn rows(
    connection: &Connection,
    asked: Asked<'_>,
    limit: usize,
    skip: usize,
) -> rusqlite::Result<Vec<ArtifactMetadata>> {
    let slice = Slice { limit, skip };
    let mut found = Vec::new();
    for query in choose(connection, asked)?.queries(asked, slice) {
        let mut statement = connection.prepare_cached(&query.sql)?;
        let rows = statement.query_map(params_from_iter(&query.values), row::read)?;
        found = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        if found.len() == limit {
            break;
        }
    }
    Ok(found)
}

impl Index {
    /// One page of artifacts, newest first.
    pub(crate) fn list(&self, filter: &Filter, page: &Page) -> Result<Listing> {
        let after = page.after;
        let asked = Asked { filter, after };
        // One more than asked for tells whether there is a next page.
        let limit = page.limit.saturating_add(1);
        let mut artifacts = self.with(|connection| rows(connection, asked, limit, 0))?;
        let more = artifacts.len() > page.limit;
        artifacts.truncate(page.limit);
        let next = artifacts.last().filter(|_| more).map(Cursor::at);
        Ok(Listing { artifacts, next })
    }

    /// Where the `n`th newest artifact of `filter` is, counted from 1; `None` when there are fewer.
    pub(crate) fn nth_newest(&self, filter: &Filter, n: usize) -> Result<Option<Cursor>> {
        let asked = Asked {
            filter,
            after: None,
        };
        let skip = n.saturating_sub(1);
        let found = self.with(|connection| rows(connection, asked, 1, skip))?;
        Ok(found.first().map(Cursor::at))
    }

    /// The present versions that `reference` can mean, by name; at most `limit`.
    pub(crate) fn find(
        &self,
        reference: &ArtifactRef,
        limit: usize,
    ) -> Result<Vec<ArtifactMetadata>> {
        let mut query = Query::default();
        let job = query.bind(reference.job_id().to_owned());
        let of_type = query.bind(reference.artifact_type().as_str().to_owned());
        let _ = write!(
            query.sql,
            "SELECT {} FROM artifacts a INDEXED BY artifacts_by_version \
             WHERE a.job_id = {job} AND a.artifact_type = {of_type} AND a.current = 1",
            row::COLUMNS
        );
        if let Some(name) = reference.name() {
            let name = query.bind(name.to_owned());
            let _ = write!(query.sql, " AND a.name = {name}");
        }
        let limit = query.bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let _ = write!(query.sql, " ORDER BY a.name LIMIT {limit}");
        self.with(|connection| {
            let mut statement = connection.prepare_cached(&query.sql)?;
            let rows = statement.query_map(params_from_iter(&query.values), row::read)?;
            rows.collect()
        })
    }

    /// All versions of one job, type and name, newest first.
    pub(crate) fn versions(&self, of: &ArtifactMetadata) -> Result<Vec<ArtifactMetadata>> {
        let sql = format!(
            "SELECT {} FROM artifacts a WHERE a.job_id = ?1 AND a.artifact_type = ?2 \
             AND a.name = ?3 ORDER BY a.id DESC",
            row::COLUMNS
        );
        self.with(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let of = (&of.job_id, of.artifact_type.as_str(), &of.name);
            statement.query_map(of, row::read)?.collect()
        })
    }

    /// The artifacts of these ids, as far as the index has them.
    pub(crate) fn by_ids(&self, ids: &[ArtifactId]) -> Result<Vec<ArtifactMetadata>> {
        let sql = format!("SELECT {} FROM artifacts a WHERE a.id = ?1", row::COLUMNS);
        self.with(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = ids
                .iter()
                .map(|id| statement.query_row([id.as_bytes()], row::read).optional());
            rows.filter_map(rusqlite::Result::transpose).collect()
        })
    }

    /// Which of these an event has removed.
    pub(crate) fn removed_of(&self, ids: &[ArtifactId]) -> Result<HashSet<ArtifactId>> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached("SELECT 1 FROM removed WHERE id = ?1")?;
            let mut removed = HashSet::new();
            for id in ids {
                if statement.exists([id.as_bytes()])? {
                    removed.insert(*id);
                }
            }
            Ok(removed)
        })
    }

    /// The ids of the artifacts in the index, made at `since` or later.
    pub(crate) fn present_since(&self, since: ArtifactId) -> Result<HashSet<ArtifactId>> {
        self.ids("SELECT id FROM artifacts WHERE id >= ?1", since)
    }

    /// The ids of artifacts that events removed, made at `since` or later.
    pub(crate) fn removed_since(&self, since: ArtifactId) -> Result<HashSet<ArtifactId>> {
        self.ids("SELECT id FROM removed WHERE id >= ?1", since)
    }

    /// The ids of events from `since` on.
    pub(crate) fn events_since(&self, since: ArtifactId) -> Result<HashSet<ArtifactId>> {
        self.ids("SELECT id FROM events WHERE id >= ?1", since)
    }

    fn ids(&self, sql: &str, since: ArtifactId) -> Result<HashSet<ArtifactId>> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([since.as_bytes()], |row| row.get(0))?;
            rows.map(|id| id.map(ArtifactId::from_bytes)).collect()
        })
    }

    /// Up to when the index is known to be complete.
    pub(crate) fn watermark(&self) -> Result<Option<Timestamp>> {
        let text: Option<String> = self.with(|connection| {
            connection
                .prepare_cached("SELECT value FROM state WHERE name = 'watermark'")?
                .query_row([], |row| row.get(0))
                .optional()
        })?;
        // A watermark that does not read means: look at everything.
        Ok(text.and_then(|text| text.parse().ok()))
    }
}
