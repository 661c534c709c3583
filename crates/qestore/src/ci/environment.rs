//! What is known about the current CI job.

use std::collections::BTreeMap;

use super::detect;
use super::surroundings::{Surroundings, Variables};
use super::system::CiSystem;
use super::text::tag_value;

/// What a CI system says about the job that is running now.
///
/// Apart from the system, everything may be unknown. Only [`job_id`](Self::job_id) is cleaned and
/// bounded; the other texts are as the CI system gave them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CiEnvironment {
    /// The CI system that runs the job.
    pub system: CiSystem,
    /// The unique key of this one execution of the job: at most 255 bytes, no control characters.
    ///
    /// GitHub, Gitea and Forgejo tell a job neither its numeric id nor its place in a matrix, so
    /// there all legs of one matrix share one key. A Travis job that is restarted keeps its id.
    pub job_id: Option<String>,
    /// The branch being built; for a pull request its source branch, not the target.
    pub branch: Option<String>,
    /// The commit being built; for a pull request its head where known, else the merge commit.
    pub commit: Option<String>,
    /// A link to the run.
    pub run_url: Option<String>,
    /// Which attempt at the job this is, counted from 1.
    pub attempt: Option<String>,
    /// The number of the pull request (merge request) being built.
    pub pull_request: Option<String>,
    /// The branch the pull request wants to be merged into.
    pub base_branch: Option<String>,
    /// Who started the run.
    pub actor: Option<String>,
    /// The part this execution plays in a job split into several.
    pub shard: Option<Shard>,
}

/// One of several executions that share the work of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard {
    /// Which of the executions this is, from 1 to `total`.
    pub index: u32,
    /// How many executions there are, at least 2.
    pub total: u32,
}

impl Shard {
    /// None for an undivided job: some systems report those as the first of one.
    pub(super) fn among_several(index: u32, total: u32) -> Option<Self> {
        (total > 1 && (1..=total).contains(&index)).then_some(Self { index, total })
    }
}

impl CiEnvironment {
    /// Recognises the CI system by its surroundings and reads what it says about the job.
    ///
    /// None outside CI, and in a system not known here: `CI=true` alone names nobody.
    #[must_use]
    pub fn detect(surroundings: &dyn Surroundings) -> Option<Self> {
        detect::environment(Variables::new(surroundings))
    }

    /// The tags an artifact of this job gets: `branch`, `commit`, `ci`, `run-url` and `attempt`,
    /// those of them that are known.
    ///
    /// Values are cut to 1,024 bytes and control characters become spaces.
    #[must_use]
    pub fn tags(&self) -> BTreeMap<String, String> {
        let system = Some(self.system.tag());
        [
            ("attempt", self.attempt.as_deref()),
            ("branch", self.branch.as_deref()),
            ("ci", system),
            ("commit", self.commit.as_deref()),
            ("run-url", self.run_url.as_deref()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), tag_value(value?))))
        .collect()
    }

    /// Nothing known but the system.
    pub(super) fn unknown(system: CiSystem) -> Self {
        Self {
            system,
            job_id: None,
            branch: None,
            commit: None,
            run_url: None,
            attempt: None,
            pull_request: None,
            base_branch: None,
            actor: None,
            shard: None,
        }
    }
}
