//! Buildkite.

use super::Kind::{NearMiss, PullRequest, Push};
use super::{Case, CiSystem, Expected};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            kind: Push,
            system: CiSystem::Buildkite,
            variables: &[
                ("CI", "true"),
                ("BUILDKITE", "true"),
                ("BUILDKITE_JOB_ID", "0190-aa"),
                (
                    "BUILDKITE_BUILD_URL",
                    "https://buildkite.com/team/app/builds/5",
                ),
                ("BUILDKITE_RETRY_COUNT", "0"),
                ("BUILDKITE_BRANCH", "main"),
                ("BUILDKITE_COMMIT", "abc123"),
                ("BUILDKITE_PULL_REQUEST", "false"),
                ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", ""),
                ("BUILDKITE_BUILD_CREATOR", ""),
                ("BUILDKITE_BUILD_AUTHOR", "Ann"),
                ("BUILDKITE_PARALLEL_JOB", "1"),
                ("BUILDKITE_PARALLEL_JOB_COUNT", "2"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("buildkite-0190-aa"),
                branch: Some("main"),
                commit: Some("abc123"),
                run_url: Some("https://buildkite.com/team/app/builds/5#0190-aa"),
                attempt: Some("1"),
                actor: Some("Ann"),
                shard: Some((2, 2)),
                ..Expected::default()
            },
        },
        Case {
            kind: PullRequest,
            system: CiSystem::Buildkite,
            variables: &[
                ("BUILDKITE", "true"),
                ("BUILDKITE_JOB_ID", "0190-ab"),
                ("BUILDKITE_RETRY_COUNT", "2"),
                ("BUILDKITE_BRANCH", "feature/x"),
                ("BUILDKITE_COMMIT", "headsha"),
                ("BUILDKITE_PULL_REQUEST", "7"),
                ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "main"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("buildkite-0190-ab"),
                branch: Some("feature/x"),
                commit: Some("headsha"),
                attempt: Some("3"),
                pull_request: Some("7"),
                base_branch: Some("main"),
                ..Expected::default()
            },
        },
        Case {
            kind: NearMiss,
            system: CiSystem::Buildkite,
            variables: &[
                ("BUILDKITE", "true"),
                ("BUILDKITE_JOB_ID", ""),
                (
                    "BUILDKITE_BUILD_URL",
                    "https://buildkite.com/team/app/builds/5",
                ),
                ("BUILDKITE_RETRY_COUNT", "never"),
                ("BUILDKITE_BRANCH", "v1"),
                ("BUILDKITE_TAG", "v1"),
                ("BUILDKITE_COMMIT", "HEAD"),
                ("BUILDKITE_PULL_REQUEST", "false"),
                ("BUILDKITE_PARALLEL_JOB", "-1"),
                ("BUILDKITE_PARALLEL_JOB_COUNT", "2"),
            ],
            files: &[],
            expected: Expected {
                run_url: Some("https://buildkite.com/team/app/builds/5"),
                ..Expected::default()
            },
        },
    ]
}
