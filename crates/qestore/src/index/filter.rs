//! What to list, and how much of it: filters, pages and the cursor between pages.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::{Pattern, TagCondition};
use crate::artifact::{ArtifactId, ArtifactMetadata, ArtifactType, Tags};
use crate::{Error, Result};

/// Which artifacts to list: all conditions must hold; without any, everything is listed.
///
/// ```
/// use qestore::{ArtifactType, Filter};
/// let filter = Filter::default()
///     .artifact_type(ArtifactType::COVERAGE_REPORT)
///     .tag("branch", "main");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filter {
    /// Only of this job.
    pub job_id: Option<String>,
    /// Only of this type.
    pub artifact_type: Option<ArtifactType>,
    /// Only of jobs that match.
    pub job_pattern: Option<Pattern>,
    /// Only of this name.
    pub name: Option<String>,
    /// Only of names that match.
    pub name_pattern: Option<Pattern>,
    /// Only with all of these tags.
    pub tags: Tags,
    /// Only where all of these hold too.
    pub tag_conditions: Vec<TagCondition>,
    /// Only with so many bytes of content or more.
    pub min_size: Option<u64>,
    /// Only with so many bytes of content or fewer.
    pub max_size: Option<u64>,
    /// Only what a pin or a hold keeps (also one that is over).
    pub protected: bool,
    /// Only stored at this instant or later.
    pub since: Option<Timestamp>,
    /// Only stored before this instant.
    pub until: Option<Timestamp>,
    /// Also the versions that a newer store under the same job, type and name superseded.
    pub superseded: bool,
}

impl Filter {
    /// Only of this job.
    #[must_use]
    pub fn job_id(mut self, job_id: impl Into<String>) -> Self {
        self.job_id = Some(job_id.into());
        self
    }

    /// Only of this type.
    #[must_use]
    pub fn artifact_type(mut self, artifact_type: ArtifactType) -> Self {
        self.artifact_type = Some(artifact_type);
        self
    }

    /// Only of this name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Only with this tag, and all others asked for.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }

    /// Only of jobs that match.
    #[must_use]
    pub fn job_pattern(mut self, pattern: Pattern) -> Self {
        self.job_pattern = Some(pattern);
        self
    }

    /// Only of names that match.
    #[must_use]
    pub fn name_pattern(mut self, pattern: Pattern) -> Self {
        self.name_pattern = Some(pattern);
        self
    }

    /// Only where this holds, and all others asked for.
    #[must_use]
    pub fn tag_condition(mut self, condition: TagCondition) -> Self {
        self.tag_conditions.push(condition);
        self
    }

    /// Only with so many bytes of content or more.
    #[must_use]
    pub fn min_size(mut self, bytes: u64) -> Self {
        self.min_size = Some(bytes);
        self
    }

    /// Only with so many bytes of content or fewer.
    #[must_use]
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.max_size = Some(bytes);
        self
    }

    /// Only what a pin or a hold keeps (also one that is over).
    #[must_use]
    pub fn protected(mut self) -> Self {
        self.protected = true;
        self
    }

    /// Only stored at this instant or later.
    #[must_use]
    pub fn since(mut self, since: Timestamp) -> Self {
        self.since = Some(since);
        self
    }

    /// Only stored before this instant.
    #[must_use]
    pub fn until(mut self, until: Timestamp) -> Self {
        self.until = Some(until);
        self
    }

    /// Also superseded versions.
    #[must_use]
    pub fn with_superseded(mut self) -> Self {
        self.superseded = true;
        self
    }
}

/// How much of a listing to give at once.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// At most so many artifacts.
    pub limit: usize,
    /// Continue after this place, from [`Listing::next`].
    pub after: Option<Cursor>,
}

impl Page {
    /// The first `limit` artifacts.
    #[must_use]
    pub fn first(limit: usize) -> Self {
        Self { limit, after: None }
    }

    /// The next `limit` artifacts after `cursor`.
    #[must_use]
    pub fn after(limit: usize, cursor: Cursor) -> Self {
        Self {
            limit,
            after: Some(cursor),
        }
    }
}

impl Default for Page {
    fn default() -> Self {
        Self::first(100)
    }
}

/// One page of artifacts, newest first.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Listing {
    /// The artifacts, newest first.
    pub artifacts: Vec<ArtifactMetadata>,
    /// Where the next page starts; `None` when this is the last.
    pub next: Option<Cursor>,
}

/// A place between two artifacts of a listing; stays valid whatever is stored or removed.
///
/// Written as text it is opaque, and can be given to another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    pub(super) created_at: i64,
    pub(super) id: ArtifactId,
}

impl Cursor {
    pub(crate) fn at(metadata: &ArtifactMetadata) -> Self {
        Self {
            created_at: metadata.timestamp.as_microsecond(),
            id: metadata.id,
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.created_at, self.id)
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts = text.split_once('.').and_then(|(created_at, id)| {
            Some(Self {
                created_at: created_at.parse().ok()?,
                id: id.parse().ok()?,
            })
        });
        parts.ok_or_else(|| {
            Error::invalid("not a cursor: give the `next` of an earlier listing")
                .concerning(format!("{text:?}"))
        })
    }
}
