//! Which artifacts: the options that commands over many artifacts have in common.

use clap::Args;
use jiff::Timestamp;
use qestore::{ArtifactType, Filter, Pattern, TagCondition};

use super::parse_type;
use crate::failure::Failure;
use crate::values::{When, parse_condition, parse_size, parse_when};

/// Options that name artifacts; all that are given must hold.
#[derive(Debug, Clone, Args)]
pub(crate) struct FilterOptions {
    /// Only of this job, or of jobs that match, such as 'build-*'.
    ///
    /// In a pattern `*` is any text, `?` one character, `[a-c]` one of these; a bracket as such is
    /// `[[]`.
    #[arg(long, value_name = "JOB", allow_hyphen_values = true)]
    pub(crate) job: Option<String>,

    /// Only of this name, or of names that match, such as '*.xml'.
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    name: Option<String>,

    /// Only with this tag: key=value, key!=value, key (has it) or '!key' (has it not).
    ///
    /// Given several times, all must hold. `key!=value` also holds for what has no such tag.
    #[arg(long = "tag", value_name = "CONDITION", value_parser = parse_condition, allow_hyphen_values = true)]
    tags: Vec<TagCondition>,

    /// Only stored at this instant or later.
    #[arg(long, value_name = "WHEN", value_parser = parse_when, allow_hyphen_values = true)]
    since: Option<When>,

    /// Only stored before this instant.
    #[arg(long, value_name = "WHEN", value_parser = parse_when, allow_hyphen_values = true)]
    until: Option<When>,

    /// Only with so much content or more, such as 100KB.
    #[arg(long, value_name = "SIZE", value_parser = parse_size, allow_hyphen_values = true)]
    min_size: Option<u64>,

    /// Only with so much content or less, such as 10MB.
    #[arg(long, value_name = "SIZE", value_parser = parse_size, allow_hyphen_values = true)]
    max_size: Option<u64>,

    /// Only what a pin or a hold keeps.
    #[arg(long)]
    pinned: bool,
}

/// Only artifacts of one type.
#[derive(Debug, Clone, Args)]
pub(crate) struct TypeOption {
    /// Only of this type.
    #[arg(long = "type", value_name = "TYPE", value_parser = parse_type)]
    pub(crate) artifact_type: Option<ArtifactType>,
}

impl FilterOptions {
    pub(crate) fn filter(&self, now: Timestamp) -> Result<Filter, Failure> {
        let mut filter = Filter::default();
        if let Some(job) = &self.job {
            match pattern(job)? {
                Some(pattern) => filter.job_pattern = Some(pattern),
                None => filter.job_id = Some(job.clone()),
            }
        }
        if let Some(name) = &self.name {
            match pattern(name)? {
                Some(pattern) => filter.name_pattern = Some(pattern),
                None => filter.name = Some(name.clone()),
            }
        }
        filter.since = self.since.map(|when| when.instant(now));
        filter.until = self.until.map(|when| when.instant(now));
        let nothing = |of: &str| {
            Err(Failure::usage(format!(
                "nothing can be between {of}: the first is not before the second"
            )))
        };
        if filter
            .since
            .zip(filter.until)
            .is_some_and(|(since, until)| since >= until)
        {
            return nothing("--since and --until");
        }
        if self
            .min_size
            .zip(self.max_size)
            .is_some_and(|(least, most)| least > most)
        {
            return nothing("--min-size and --max-size");
        }
        filter.min_size = self.min_size;
        filter.max_size = self.max_size;
        filter.protected = self.pinned;
        for condition in &self.tags {
            if let TagCondition::Is(key, value) = condition {
                let earlier = filter.tags.insert(key.clone(), value.clone());
                if earlier.is_some_and(|earlier| earlier != *value) {
                    return Err(Failure::usage(format!(
                        "no artifact has two values of the tag {key:?}"
                    )));
                }
            } else {
                filter.tag_conditions.push(condition.clone());
            }
        }
        Ok(filter)
    }
}

/// The text as a pattern, when it has a wildcard.
fn pattern(text: &str) -> Result<Option<Pattern>, Failure> {
    if !text.contains(['*', '?', '[']) {
        return Ok(None);
    }
    text.parse().map(Some).map_err(Failure::Usage)
}
