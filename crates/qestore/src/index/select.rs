//! Questions to the index. Every one is answered by walking an index of SQLite from its newest
//! end; none reads the whole table. The tests ask SQLite for its plans.

use std::collections::HashSet;
use std::fmt::Write as _;

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;
use rusqlite::types::Value;

use super::{Cursor, Filter, Index, Listing, Page, row};
use crate::Result;
use crate::artifact::{ArtifactId, ArtifactMetadata, ArtifactRef};

/// SQL and its parameters.
pub(super) struct Query {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

impl Query {
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }
}

/// The listing of `filter`, from `after` on, `limit` rows.
pub(super) fn listing(filter: &Filter, after: Option<Cursor>, limit: usize) -> Query {
    let mut query = Query {
        sql: String::new(),
        values: Vec::new(),
    };
    let mut conditions = Vec::new();
    let mut tags = filter.tags.iter();
    // The first tag leads: its entries are in time order already.
    let (from, order) = match tags.next() {
        Some((key, value)) => {
            let (key, value) = (query.bind(key.clone()), query.bind(value.clone()));
            conditions.push(format!("t.key = {key} AND t.value = {value}"));
            ("tags t CROSS JOIN artifacts a ON a.id = t.id", "t")
        }
        None => ("artifacts a", "a"),
    };
    if !filter.superseded {
        conditions.push("a.current = 1".to_owned());
    }
    for (column, wanted) in [
        ("job_id", filter.job_id.clone()),
        (
            "artifact_type",
            filter.artifact_type.as_ref().map(|t| t.as_str().to_owned()),
        ),
        ("name", filter.name.clone()),
    ] {
        if let Some(wanted) = wanted {
            let wanted = query.bind(wanted);
            conditions.push(format!("a.{column} = {wanted}"));
        }
    }
    for (key, value) in tags {
        let (key, value) = (query.bind(key.clone()), query.bind(value.clone()));
        conditions.push(format!(
            "EXISTS (SELECT 1 FROM tags o WHERE o.key = {key} AND o.value = {value} \
             AND o.created_at = a.created_at AND o.id = a.id)"
        ));
    }
    if let Some(since) = filter.since {
        let since = query.bind(since.as_microsecond());
        conditions.push(format!("{order}.created_at >= {since}"));
    }
    if let Some(until) = filter.until {
        let until = query.bind(until.as_microsecond());
        conditions.push(format!("{order}.created_at < {until}"));
    }
    if let Some(Cursor { created_at, id }) = after {
        let (created_at, id) = (query.bind(created_at), query.bind(id.as_bytes().to_vec()));
        conditions.push(format!(
            "({order}.created_at, {order}.id) < ({created_at}, {id})"
        ));
    }
    let _ = write!(query.sql, "SELECT {} FROM {from}", row::COLUMNS);
    if !conditions.is_empty() {
        let _ = write!(query.sql, " WHERE {}", conditions.join(" AND "));
    }
    let limit = query.bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let _ = write!(
        query.sql,
        " ORDER BY {order}.created_at DESC, {order}.id DESC LIMIT {limit}"
    );
    query
}

impl Index {
    /// One page of artifacts, newest first.
    pub(crate) fn list(&self, filter: &Filter, page: &Page) -> Result<Listing> {
        // One more than asked for tells whether there is a next page.
        let query = listing(filter, page.after, page.limit.saturating_add(1));
        let mut artifacts = self.with(|connection| {
            let mut statement = connection.prepare_cached(&query.sql)?;
            let rows = statement.query_map(rusqlite::params_from_iter(&query.values), row::read)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let more = artifacts.len() > page.limit;
        artifacts.truncate(page.limit);
        let next = artifacts.last().filter(|_| more).map(Cursor::at);
        Ok(Listing { artifacts, next })
    }

    /// The present versions that `reference` can mean, by name; at most `limit`.
    pub(crate) fn find(
        &self,
        reference: &ArtifactRef,
        limit: usize,
    ) -> Result<Vec<ArtifactMetadata>> {
        let mut query = Query {
            sql: String::new(),
            values: Vec::new(),
        };
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
            let rows = statement.query_map(rusqlite::params_from_iter(&query.values), row::read)?;
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
