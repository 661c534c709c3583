//! Tests of detection: a table per system, and the traps between them.

mod azure;
mod bitbucket;
mod buildkite;
mod circleci;
mod drone;
mod github;
mod gitlab;
mod jenkins;
mod limits;
mod order;
mod properties;
mod system;
mod teamcity;
mod travis;
mod woodpecker;

use std::collections::BTreeMap;
use std::path::Path;

use super::{CiEnvironment, CiSystem, Shard, Surroundings};

/// Variables and files by name.
pub(super) struct Pretended {
    variables: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
}

impl Pretended {
    pub(super) fn new(variables: &[(&str, &str)]) -> Self {
        Self {
            variables: owned(variables),
            files: BTreeMap::new(),
        }
    }

    pub(super) fn with_files(mut self, files: &[(&str, &str)]) -> Self {
        self.files = owned(files);
        self
    }

    pub(super) fn detect(&self) -> Option<CiEnvironment> {
        CiEnvironment::detect(self)
    }
}

impl Surroundings for Pretended {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn read_file(&self, path: &Path) -> Option<String> {
        self.files.get(path.to_str()?).cloned()
    }
}

fn owned(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Push,
    PullRequest,
    NearMiss,
}

/// One row of the tables.
pub(super) struct Case {
    pub(super) kind: Kind,
    pub(super) system: CiSystem,
    pub(super) variables: &'static [(&'static str, &'static str)],
    pub(super) files: &'static [(&'static str, &'static str)],
    pub(super) expected: Expected,
}

/// What is to be found; what is left out must not be.
#[derive(Default)]
pub(super) struct Expected {
    pub(super) job_id: Option<&'static str>,
    pub(super) branch: Option<&'static str>,
    pub(super) commit: Option<&'static str>,
    pub(super) run_url: Option<&'static str>,
    pub(super) attempt: Option<&'static str>,
    pub(super) pull_request: Option<&'static str>,
    pub(super) base_branch: Option<&'static str>,
    pub(super) actor: Option<&'static str>,
    pub(super) shard: Option<(u32, u32)>,
}

impl Expected {
    fn of(&self, system: CiSystem) -> CiEnvironment {
        let text = |value: Option<&str>| value.map(str::to_owned);
        CiEnvironment {
            system,
            job_id: text(self.job_id),
            branch: text(self.branch),
            commit: text(self.commit),
            run_url: text(self.run_url),
            attempt: text(self.attempt),
            pull_request: text(self.pull_request),
            base_branch: text(self.base_branch),
            actor: text(self.actor),
            shard: self.shard.map(|(index, total)| Shard { index, total }),
        }
    }
}

fn all_cases() -> Vec<Case> {
    let tables = [
        github::cases(),
        gitlab::cases(),
        jenkins::cases(),
        circleci::cases(),
        azure::cases(),
        buildkite::cases(),
        travis::cases(),
        bitbucket::cases(),
        teamcity::cases(),
        drone::cases(),
        woodpecker::cases(),
    ];
    tables.into_iter().flatten().collect()
}

#[test]
fn every_case_is_read_as_expected() {
    for (row, case) in all_cases().iter().enumerate() {
        let found = Pretended::new(case.variables)
            .with_files(case.files)
            .detect();
        let expected = Some(case.expected.of(case.system));
        assert_eq!(
            found, expected,
            "row {row}: {:?} on {}",
            case.kind, case.system
        );
    }
}

#[test]
fn the_tables_cover_every_system_and_kind() {
    let cases = all_cases();
    for system in CiSystem::ALL {
        for kind in [Kind::Push, Kind::PullRequest, Kind::NearMiss] {
            let covered = cases
                .iter()
                .any(|case| case.system == *system && case.kind == kind);
            assert!(covered, "{kind:?} on {system} is missing");
        }
    }
}
