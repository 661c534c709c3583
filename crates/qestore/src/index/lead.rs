//! Which index of SQLite leads a listing: the one with the fewest entries to look at.
//!
//! Some indexes are in the order of the answer for one job, type, name or tag: they are walked from
//! their newest end until the page is full. Others (jobs by pattern, sizes, a tag's key) are not:
//! what they have is gathered and sorted. Where several could lead, their entries are counted, up
//! to a bound, and the fewest win; so a rare tag leads beside a common one, whatever their names.

use rusqlite::{Connection, params_from_iter};

use super::pattern::after_prefix;
use super::query::{Asked, Query, Slice, sizes};
use super::{Filter, Pattern, TagCondition};

/// Counting stops here first: something as rare as this leads.
const FEW: usize = 256;
/// And then here: what no index has fewer of is common enough to be met soon.
const MANY: usize = 16_384;
/// So many of the newest artifacts are tried before a common pattern or size is gathered.
const TRIED: usize = 4_096;

/// An index that can lead, and what it is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Lead<'a> {
    Time,
    Type(&'a str),
    Job(&'a str),
    Name(&'a str),
    Tag(&'a str, &'a str),
    Protected,
    Jobs(&'a Pattern),
    Names(&'a Pattern),
    Sizes(Option<u64>, Option<u64>),
    TagKey(&'a str),
}

/// How a listing is answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Way<'a> {
    Walk(Lead<'a>),
    Gather(Lead<'a>),
    /// Try the newest first; what does not fill the page is gathered.
    TryNewest(Lead<'a>),
}

impl<'a> Lead<'a> {
    /// What to select from, and the alias that has time and id in the order of the answer.
    pub(super) fn source(&self) -> (&'static str, &'static str) {
        match self {
            Self::Tag(..) | Self::TagKey(_) => {
                ("tags t CROSS JOIN artifacts a ON a.id = t.id", "t")
            }
            _ => self.index_only(),
        }
    }

    /// The same, without the artifacts where the index is not theirs.
    pub(super) fn index_only(&self) -> (&'static str, &'static str) {
        match self {
            Self::Tag(..) | Self::TagKey(_) => ("tags t", "t"),
            Self::Time => ("artifacts a INDEXED BY artifacts_by_time", "a"),
            Self::Type(_) => ("artifacts a INDEXED BY artifacts_by_type", "a"),
            Self::Job(_) | Self::Jobs(_) => ("artifacts a INDEXED BY artifacts_by_job", "a"),
            Self::Name(_) | Self::Names(_) => ("artifacts a INDEXED BY artifacts_by_name", "a"),
            Self::Sizes(..) => ("artifacts a INDEXED BY artifacts_by_size", "a"),
            Self::Protected => ("artifacts a INDEXED BY artifacts_protected", "a"),
        }
    }

    /// The conditions that lead.
    pub(super) fn conditions(&self, query: &mut Query) -> Vec<String> {
        let equal = |query: &mut Query, column: &str, value: &str| {
            vec![format!("{column} = {}", query.bind(value.to_owned()))]
        };
        match self {
            Self::Time => Vec::new(),
            Self::Type(value) => equal(query, "a.artifact_type", value),
            Self::Job(value) => equal(query, "a.job_id", value),
            Self::Name(value) => equal(query, "a.name", value),
            Self::TagKey(key) => equal(query, "t.key", key),
            Self::Tag(key, value) => {
                let mut conditions = equal(query, "t.key", key);
                conditions.extend(equal(query, "t.value", value));
                conditions
            }
            Self::Protected => vec!["(a.pinned = 1 OR a.held_until IS NOT NULL)".to_owned()],
            Self::Jobs(pattern) => begins(query, "a.job_id", pattern.prefix()),
            Self::Names(pattern) => begins(query, "a.name", pattern.prefix()),
            Self::Sizes(least, most) => sizes(query, *least, *most),
        }
    }

    /// The column whose equality this lead holds, and with what.
    pub(super) fn equality(&self) -> Option<(&'static str, &'a str)> {
        match self {
            Self::Type(value) => Some(("artifact_type", value)),
            Self::Job(value) => Some(("job_id", value)),
            Self::Name(value) => Some(("name", value)),
            _ => None,
        }
    }

    /// Whether a condition on tags is held by this lead.
    pub(super) fn holds(&self, condition: &TagCondition) -> bool {
        match (self, condition) {
            (Self::Tag(key, value), TagCondition::Is(k, v)) => key == k && value == v,
            (Self::TagKey(key), TagCondition::Has(k)) => key == k,
            _ => false,
        }
    }

    /// Whether the index is in the order of the answer.
    fn is_ordered(&self) -> bool {
        !matches!(
            self,
            Self::Jobs(_) | Self::Names(_) | Self::Sizes(..) | Self::TagKey(_)
        )
    }

    /// Whether its conditions lead to a part of the index only.
    fn narrows(&self) -> bool {
        match self {
            Self::Jobs(pattern) | Self::Names(pattern) => !pattern.prefix().is_empty(),
            _ => true,
        }
    }

    fn way(self) -> Way<'a> {
        if self.is_ordered() {
            Way::Walk(self)
        } else {
            Way::Gather(self)
        }
    }
}

fn begins(query: &mut Query, column: &str, prefix: &str) -> Vec<String> {
    if prefix.is_empty() {
        return Vec::new();
    }
    let mut conditions = vec![format!("{column} >= {}", query.bind(prefix.to_owned()))];
    if let Some(end) = after_prefix(prefix) {
        conditions.push(format!("{column} < {}", query.bind(end)));
    }
    conditions
}

/// All indexes that could lead, those in the order of the answer first.
pub(super) fn candidates(filter: &Filter) -> Vec<Lead<'_>> {
    let literal = |pattern: &'_ Option<Pattern>| pattern.as_ref().is_some_and(Pattern::is_literal);
    let mut leads = Vec::new();
    leads.extend(filter.job_id.as_deref().map(Lead::Job));
    if literal(&filter.job_pattern) {
        leads.extend(filter.job_pattern.as_ref().map(|p| Lead::Job(p.as_str())));
    }
    leads.extend(filter.tags.iter().map(|(k, v)| Lead::Tag(k, v)));
    leads.extend(filter.tag_conditions.iter().filter_map(|c| match c {
        TagCondition::Is(key, value) => Some(Lead::Tag(key, value)),
        _ => None,
    }));
    leads.extend(filter.name.as_deref().map(Lead::Name));
    if literal(&filter.name_pattern) {
        leads.extend(filter.name_pattern.as_ref().map(|p| Lead::Name(p.as_str())));
    }
    leads.extend(
        filter
            .artifact_type
            .as_ref()
            .map(|t| Lead::Type(t.as_str())),
    );
    leads.extend(filter.protected.then_some(Lead::Protected));
    if !literal(&filter.job_pattern) {
        leads.extend(filter.job_pattern.as_ref().map(Lead::Jobs));
    }
    if !literal(&filter.name_pattern) {
        leads.extend(filter.name_pattern.as_ref().map(Lead::Names));
    }
    if filter.min_size.is_some() || filter.max_size.is_some() {
        leads.push(Lead::Sizes(filter.min_size, filter.max_size));
    }
    leads.extend(filter.tag_conditions.iter().filter_map(|c| match c {
        TagCondition::Has(key) => Some(Lead::TagKey(key)),
        _ => None,
    }));
    leads
}

/// Chooses how to answer, by counting where there is a choice.
pub(super) fn choose<'a>(connection: &Connection, asked: Asked<'a>) -> rusqlite::Result<Way<'a>> {
    let leads = candidates(asked.filter);
    let first = match leads.as_slice() {
        [] => return Ok(Way::Walk(Lead::Time)),
        [only] if only.is_ordered() => return Ok(Way::Walk(*only)),
        [first, ..] => *first,
    };
    for most in [FEW, MANY] {
        let mut fewest: Option<(usize, Lead<'a>)> = None;
        for lead in leads.iter().filter(|lead| lead.narrows()) {
            let found = count(connection, asked, lead, most)?;
            if found < most && fewest.is_none_or(|(fewer, _)| found < fewer) {
                fewest = Some((found, *lead));
            }
        }
        if let Some((_, lead)) = fewest {
            return Ok(lead.way());
        }
    }
    // Nothing is rare.
    Ok(if first.is_ordered() {
        Way::Walk(first)
    } else {
        Way::TryNewest(first)
    })
}

fn count(
    connection: &Connection,
    asked: Asked<'_>,
    lead: &Lead<'_>,
    most: usize,
) -> rusqlite::Result<usize> {
    let query = asked.count(lead, most);
    let mut statement = connection.prepare_cached(&query.sql)?;
    let found: i64 = statement.query_row(params_from_iter(&query.values), |row| row.get(0))?;
    Ok(usize::try_from(found).unwrap_or(usize::MAX))
}

impl Way<'_> {
    /// The queries that answer, in turn, until one fills the page.
    pub(super) fn queries(&self, asked: Asked<'_>, slice: Slice) -> Vec<Query> {
        match self {
            Self::Walk(lead) => vec![asked.walk(lead, slice)],
            Self::Gather(lead) => vec![asked.gather(lead, slice)],
            Self::TryNewest(lead) => {
                vec![asked.try_newest(TRIED, slice), asked.gather(lead, slice)]
            }
        }
    }
}
