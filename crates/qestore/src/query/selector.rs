//! Which job is meant, in words that stay right from build to build: `latest:branch=main`.

use std::fmt;
use std::str::FromStr;

use crate::artifact::validate_job_id;
use crate::index::{Filter, TagCondition};
use crate::{Error, Result};

/// Names a job, or the latest artifact that meets conditions.
///
/// Written as a job id, or `latest`, or `latest:` and conditions on tags joined by commas:
/// `latest:branch=main`, `latest:branch=main,env!=dev,release`. A job whose id begins with `latest`
/// is written `job:latest…`. A comma or a backslash in a value is written `\,` or `\\`.
///
/// ```
/// use qestore::Selector;
/// let baseline: Selector = "latest:branch=main".parse()?;
/// assert_eq!(baseline.to_string(), "latest:branch=main");
/// assert_eq!("build-7".parse::<Selector>()?, Selector::Job("build-7".to_owned()));
/// # Ok::<(), qestore::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// This job.
    Job(String),
    /// The latest that meets all of these.
    Latest(Vec<TagCondition>),
}

impl Selector {
    /// What finds it.
    pub(super) fn filter(&self) -> Filter {
        let mut filter = Filter::default();
        match self {
            Self::Job(job_id) => filter.job_id = Some(job_id.clone()),
            Self::Latest(conditions) => filter.tag_conditions.clone_from(conditions),
        }
        filter
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Job(job) if job.starts_with("latest") || job.starts_with("job:") => {
                write!(f, "job:{job}")
            }
            Self::Job(job) => f.write_str(job),
            Self::Latest(conditions) if conditions.is_empty() => f.write_str("latest"),
            Self::Latest(conditions) => {
                let escape =
                    |c: &TagCondition| c.to_string().replace('\\', r"\\").replace(',', r"\,");
                let conditions: Vec<_> = conditions.iter().map(escape).collect();
                write!(f, "latest:{}", conditions.join(","))
            }
        }
    }
}

impl FromStr for Selector {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let named = |e: Error| e.concerning(format!("selector {text:?}"));
        if text == "latest" {
            return Ok(Self::Latest(Vec::new()));
        }
        if let Some(conditions) = text.strip_prefix("latest:") {
            let conditions = split(conditions).into_iter().map(|c| c.parse());
            let conditions: Result<Vec<TagCondition>> = conditions.collect();
            return conditions.map(Self::Latest).map_err(|e| {
                named(Error::invalid(e.message().to_owned())).help(
                    "such as latest:branch=main,env!=dev; a job of such a name is job:latest…",
                )
            });
        }
        let job = text.strip_prefix("job:").unwrap_or(text);
        validate_job_id(job).map_err(named)?;
        Ok(Self::Job(job.to_owned()))
    }
}

/// The parts between commas that no backslash precedes.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        let add = match c {
            ',' => {
                parts.push(String::new());
                continue;
            }
            '\\' => characters.next().unwrap_or('\\'),
            other => other,
        };
        if let Some(last) = parts.last_mut() {
            last.push(add);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_read_as_they_are_written() {
        for text in [
            "build-7",
            "a b/🚀",
            "latest",
            "latest:branch=main",
            "latest:branch=main,env!=dev,release,!draft",
            r"latest:note=a\,b\\c",
            "job:latest",
            "job:latest:x",
            "job:job:x",
        ] {
            assert_eq!(text.parse::<Selector>().unwrap().to_string(), text);
        }
        let comma = r"latest:a=1\,2,b".parse::<Selector>().unwrap();
        assert_eq!(
            comma,
            Selector::Latest(vec![
                TagCondition::is("a", "1,2"),
                TagCondition::Has("b".to_owned())
            ])
        );
        for text in ["", "job:", "latest:", "latest:,", "latest:=x", "a\nb"] {
            assert!(text.parse::<Selector>().is_err(), "{text}");
        }
    }
}
