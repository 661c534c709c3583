//! The SQL of listings: the conditions of a filter, around the index that leads.

use std::fmt::Write as _;

use rusqlite::types::Value;

use super::lead::Lead;
use super::{Cursor, Filter, TagCondition, row};
use crate::artifact::ArtifactType;

/// SQL and its parameters.
#[derive(Debug, Default)]
pub(super) struct Query {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

impl Query {
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    pub(super) fn bind_count(&mut self, count: usize) -> String {
        self.bind(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

/// What is asked: a filter, and where an earlier page ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) filter: &'a Filter,
    pub(super) after: Option<Cursor>,
}

/// Which part of the answer is wanted: `limit` rows after the first `skip`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slice {
    pub(super) limit: usize,
    pub(super) skip: usize,
}

impl Asked<'_> {
    /// The rows in the order of the answer, by walking the index that leads from its newest end.
    pub(super) fn walk(self, lead: &Lead<'_>, slice: Slice) -> Query {
        let mut query = Query::default();
        let (from, order) = lead.source();
        let mut conditions = lead.conditions(&mut query);
        conditions.extend(self.in_time(&mut query, order, Some("a")));
        conditions.extend(self.of_row(&mut query, lead));
        let _ = write!(query.sql, "SELECT {} FROM {from}", row::COLUMNS);
        push_where(&mut query, &conditions);
        push_order(&mut query, order, slice);
        query
    }

    /// The rows in the order of the answer, by gathering everything that the leading index has and
    /// sorting it.
    pub(super) fn gather(self, lead: &Lead<'_>, slice: Slice) -> Query {
        let mut query = Query::default();
        let (from, order) = lead.source();
        let mut conditions = lead.conditions(&mut query);
        conditions.extend(self.in_time(&mut query, order, Some("a")));
        conditions.extend(self.of_row(&mut query, lead));
        let _ = write!(
            query.sql,
            "SELECT {} FROM (SELECT {order}.created_at, {order}.id FROM {from}",
            row::COLUMNS
        );
        push_where(&mut query, &conditions);
        push_order(&mut query, order, slice);
        query.sql.push_str(
            ") g CROSS JOIN artifacts a ON a.id = g.id ORDER BY g.created_at DESC, g.id DESC",
        );
        query
    }

    /// The rows in the order of the answer, but only those among the newest `budget` of all.
    pub(super) fn try_newest(self, budget: usize, slice: Slice) -> Query {
        let mut query = Query::default();
        let (from, order) = Lead::Time.source();
        let mut conditions = self.in_time(&mut query, order, Some("a"));
        let newest = self.in_time(&mut query, "n", Some("n"));
        let mut oldest = Query {
            sql: "SELECT n.created_at FROM artifacts n INDEXED BY artifacts_by_time".to_owned(),
            values: std::mem::take(&mut query.values),
        };
        push_where(&mut oldest, &newest);
        let budget = Slice {
            limit: 1,
            skip: budget,
        };
        push_order(&mut oldest, "n", budget);
        query.values = oldest.values;
        conditions.push(format!(
            "a.created_at >= coalesce(({}), {})",
            oldest.sql,
            i64::MIN
        ));
        conditions.extend(self.of_row(&mut query, &Lead::Time));
        let _ = write!(query.sql, "SELECT {} FROM {from}", row::COLUMNS);
        push_where(&mut query, &conditions);
        push_order(&mut query, order, slice);
        query
    }

    /// How many entries the leading index has for this, counted up to `most`.
    pub(super) fn count(self, lead: &Lead<'_>, most: usize) -> Query {
        let mut query = Query::default();
        let mut conditions = lead.conditions(&mut query);
        let (from, order) = lead.index_only();
        // Tags know the time, and nothing of versions.
        let versions = (order == "a").then_some("a");
        conditions.extend(self.in_time(&mut query, order, versions));
        query.sql.push_str("SELECT count(*) FROM (SELECT 1 FROM ");
        query.sql.push_str(from);
        push_where(&mut query, &conditions);
        let most = query.bind_count(most);
        let _ = write!(query.sql, " LIMIT {most})");
        query
    }

    /// The conditions on time and version, which the indexes in time order know; each by the alias
    /// that it is asked of.
    fn in_time(self, query: &mut Query, order: &str, versions: Option<&str>) -> Vec<String> {
        let mut conditions = Vec::new();
        if let Some(artifact) = versions.filter(|_| !self.filter.superseded) {
            conditions.push(format!("{artifact}.current = 1"));
        }
        if let Some(since) = self.filter.since {
            let since = query.bind(since.as_microsecond());
            conditions.push(format!("{order}.created_at >= {since}"));
        }
        if let Some(until) = self.filter.until {
            let until = query.bind(until.as_microsecond());
            conditions.push(format!("{order}.created_at < {until}"));
        }
        if let Some(Cursor { created_at, id }) = self.after {
            let (created_at, id) = (query.bind(created_at), query.bind(id.as_bytes().to_vec()));
            conditions.push(format!(
                "({order}.created_at, {order}.id) < ({created_at}, {id})"
            ));
        }
        conditions
    }

    /// All other conditions, but for those that the leading index holds anyway.
    fn of_row(self, query: &mut Query, lead: &Lead<'_>) -> Vec<String> {
        let filter = self.filter;
        let mut conditions = Vec::new();
        for (column, wanted) in [
            ("job_id", filter.job_id.as_deref()),
            (
                "artifact_type",
                filter.artifact_type.as_ref().map(ArtifactType::as_str),
            ),
            ("name", filter.name.as_deref()),
        ] {
            if let Some(wanted) = wanted.filter(|wanted| lead.equality() != Some((column, *wanted)))
            {
                let wanted = query.bind(wanted.to_owned());
                conditions.push(format!("a.{column} = {wanted}"));
            }
        }
        for (column, pattern) in [
            ("job_id", &filter.job_pattern),
            ("name", &filter.name_pattern),
        ] {
            if let Some(pattern) = pattern {
                let pattern = query.bind(pattern.as_str().to_owned());
                conditions.push(format!("a.{column} GLOB {pattern}"));
            }
        }
        if !matches!(lead, Lead::Sizes(..)) {
            conditions.extend(sizes(query, filter.min_size, filter.max_size));
        }
        if filter.protected && !matches!(lead, Lead::Protected) {
            conditions.push("(a.pinned = 1 OR a.held_until IS NOT NULL)".to_owned());
        }
        let equal = filter.tags.iter().map(|(k, v)| TagCondition::is(k, v));
        for condition in equal.chain(filter.tag_conditions.iter().cloned()) {
            if !lead.holds(&condition) {
                conditions.push(tag_condition(query, condition));
            }
        }
        conditions
    }
}

/// Conditions on the bytes of content, both ends included.
pub(super) fn sizes(query: &mut Query, least: Option<u64>, most: Option<u64>) -> Vec<String> {
    let signed = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    let mut conditions = Vec::new();
    if let Some(least) = least {
        let least = query.bind(signed(least));
        conditions.push(format!("a.size_bytes >= {least}"));
    }
    if let Some(most) = most {
        let most = query.bind(signed(most));
        conditions.push(format!("a.size_bytes <= {most}"));
    }
    conditions
}

fn tag_condition(query: &mut Query, condition: TagCondition) -> String {
    let (not, key, value) = match condition {
        TagCondition::Is(key, value) => ("", key, Some(value)),
        TagCondition::IsNot(key, value) => ("NOT ", key, Some(value)),
        TagCondition::Has(key) => ("", key, None),
        TagCondition::Lacks(key) => ("NOT ", key, None),
    };
    let key = query.bind(key);
    match value {
        Some(value) => {
            let value = query.bind(value);
            format!(
                "{not}EXISTS (SELECT 1 FROM tags o WHERE o.key = {key} AND o.value = {value} \
                 AND o.created_at = a.created_at AND o.id = a.id)"
            )
        }
        // The table of tags would have to be searched through all values of the key.
        None => {
            format!("{not}EXISTS (SELECT 1 FROM json_each(a.tags) j WHERE j.key = {key})")
        }
    }
}

fn push_where(query: &mut Query, conditions: &[String]) {
    if !conditions.is_empty() {
        let _ = write!(query.sql, " WHERE {}", conditions.join(" AND "));
    }
}

fn push_order(query: &mut Query, order: &str, slice: Slice) {
    let limit = query.bind_count(slice.limit);
    let _ = write!(
        query.sql,
        " ORDER BY {order}.created_at DESC, {order}.id DESC LIMIT {limit}"
    );
    if slice.skip > 0 {
        let skip = query.bind_count(slice.skip);
        let _ = write!(query.sql, " OFFSET {skip}");
    }
}
