//! What a cleanup has to look at: artifacts whose time may be over, and superseded versions, page
//! by page, each through an index of its own.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::query::Query;
use super::{Cursor, Index, row};
use crate::Result;
use crate::artifact::{ArtifactId, ArtifactMetadata, ArtifactType};

/// One group of artifacts that a cleanup looks at. No artifact is in two of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Those whose own limit is over by then.
    OwnLimit(Timestamp),
    /// Those of a type, without a limit of their own, that were made by then.
    OfType(ArtifactType, Timestamp),
    /// Superseded versions.
    Superseded,
}

/// An artifact to decide over.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) artifact: ArtifactMetadata,
    /// When a newer version took its place, if one did.
    pub(crate) superseded_at: Option<Timestamp>,
    /// Where it is in its stage.
    pub(crate) place: Cursor,
}

/// The id of the version that took the place of `a`.
const NEXT_VERSION: &str = "(SELECT n.id FROM artifacts n WHERE n.job_id = a.job_id \
     AND n.artifact_type = a.artifact_type AND n.name = a.name AND n.id > a.id \
     ORDER BY n.id LIMIT 1)";

impl Index {
    /// One page of a stage, after `after`.
    pub(crate) fn candidates(
        &self,
        stage: &Stage,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Vec<Candidate>> {
        let query = stage_query(stage, after, limit);
        self.with(|connection| read_candidates(connection, &query))
    }

    /// One page of everything, superseded versions included, newest first.
    pub(crate) fn all_candidates(
        &self,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Vec<Candidate>> {
        let query = everything_query(after, limit);
        self.with(|connection| read_candidates(connection, &query))
    }

    /// The types that there are, and how many present artifacts each has.
    pub(crate) fn types(&self) -> Result<Vec<(ArtifactType, u64)>> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT artifact_type, sum(artifacts) FILTER (WHERE current = 1) \
                 FROM daily GROUP BY artifact_type",
            )?;
            let rows = statement.query_map([], |row| {
                let count: Option<i64> = row.get(1)?;
                Ok((row::artifact_type(row, 0)?, count.unwrap_or(0)))
            })?;
            rows.map(|row| row.map(|(of, count)| (of, u64::try_from(count).unwrap_or(0))))
                .collect()
        })
    }

    /// Whether any artifact has this tag.
    pub(crate) fn has_tag(&self, key: &str) -> Result<bool> {
        self.with(|connection| {
            connection
                .prepare_cached("SELECT 1 FROM tags WHERE key = ?1 LIMIT 1")?
                .exists(params![key])
        })
    }
}

pub(super) fn stage_query(stage: &Stage, after: Option<Cursor>, limit: usize) -> Query {
    let mut query = Query::default();
    let (from, place, mut conditions) = match stage {
        Stage::OwnLimit(by) => {
            let by = query.bind(by.as_microsecond());
            let over = format!("a.expires_at <= {by} AND a.current = 1");
            ("INDEXED BY artifacts_by_expiry", "a.expires_at", over)
        }
        Stage::OfType(of_type, by) => {
            let of_type = query.bind(of_type.as_str().to_owned());
            let by = query.bind(by.as_microsecond());
            let over = format!(
                "a.artifact_type = {of_type} AND a.created_at <= {by} AND a.current = 1 \
                 AND a.expires_at IS NULL AND a.keep_forever = 0"
            );
            ("INDEXED BY artifacts_by_type", "a.created_at", over)
        }
        Stage::Superseded => (
            "INDEXED BY artifacts_superseded",
            "0",
            "a.current = 0".to_owned(),
        ),
    };
    if let Some(Cursor { created_at, id }) = after {
        let id = query.bind(id.as_bytes().to_vec());
        if *stage == Stage::Superseded {
            conditions.push_str(&format!(" AND a.id > {id}"));
        } else {
            let created_at = query.bind(created_at);
            conditions.push_str(&format!(" AND ({place}, a.id) > ({created_at}, {id})"));
        }
    }
    let order = match stage {
        Stage::Superseded => "a.id".to_owned(),
        _ => format!("{place}, a.id"),
    };
    let limit = query.bind_count(limit);
    query.sql = format!(
        "SELECT {}, {place}, CASE a.current WHEN 0 THEN {NEXT_VERSION} END \
         FROM artifacts a {from} WHERE {conditions} ORDER BY {order} LIMIT {limit}",
        row::COLUMNS
    );
    query
}

pub(super) fn everything_query(after: Option<Cursor>, limit: usize) -> Query {
    let mut query = Query::default();
    let condition = after.map_or_else(String::new, |Cursor { created_at, id }| {
        let (created_at, id) = (query.bind(created_at), query.bind(id.as_bytes().to_vec()));
        format!("WHERE (a.created_at, a.id) < ({created_at}, {id})")
    });
    let limit = query.bind_count(limit);
    query.sql = format!(
        "SELECT {}, a.created_at, CASE a.current WHEN 0 THEN {NEXT_VERSION} END \
         FROM artifacts a INDEXED BY artifacts_by_time {condition} \
         ORDER BY a.created_at DESC, a.id DESC LIMIT {limit}",
        row::COLUMNS
    );
    query
}

fn read_candidates(connection: &Connection, query: &Query) -> rusqlite::Result<Vec<Candidate>> {
    let mut statement = connection.prepare_cached(&query.sql)?;
    let rows = statement.query_map(rusqlite::params_from_iter(&query.values), |row| {
        let artifact = row::read(row)?;
        let next: Option<[u8; 16]> = row.get(row::COUNT + 1)?;
        Ok(Candidate {
            superseded_at: next.map(|next| ArtifactId::from_bytes(next).timestamp()),
            place: Cursor {
                created_at: row.get(row::COUNT)?,
                id: artifact.id,
            },
            artifact,
        })
    })?;
    rows.collect()
}
