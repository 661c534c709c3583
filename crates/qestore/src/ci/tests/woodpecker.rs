//! Woodpecker.

use super::Kind::{NearMiss, PullRequest, Push};
use super::{Case, CiSystem, Expected};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            kind: Push,
            system: CiSystem::Woodpecker,
            variables: &[
                ("CI", "woodpecker"),
                ("CI_REPO", "team/app"),
                ("CI_PIPELINE_NUMBER", "8"),
                ("CI_WORKFLOW_NAME", "release"),
                ("CI_WORKFLOW_NUMBER", "1"),
                ("CI_STEP_NAME", "build package"),
                ("CI_STEP_NUMBER", "0"),
                ("CI_PIPELINE_EVENT", "push"),
                ("CI_COMMIT_BRANCH", "main"),
                ("CI_COMMIT_SHA", "abc123"),
                ("CI_PIPELINE_URL", "https://ci.example/repos/7/pipeline/8"),
                ("CI_PIPELINE_AUTHOR", "ann"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("woodpecker-team/app-8-release.1-build package"),
                branch: Some("main"),
                commit: Some("abc123"),
                run_url: Some("https://ci.example/repos/7/pipeline/8"),
                actor: Some("ann"),
                ..Expected::default()
            },
        },
        Case {
            kind: PullRequest,
            system: CiSystem::Woodpecker,
            variables: &[
                ("CI", "woodpecker"),
                ("CI_REPO", "team/app"),
                ("CI_PIPELINE_NUMBER", "9"),
                ("CI_WORKFLOW_NAME", "test"),
                ("CI_STEP_NUMBER", "3"),
                ("CI_PIPELINE_EVENT", "pull_request"),
                ("CI_COMMIT_BRANCH", "main"),
                ("CI_COMMIT_SOURCE_BRANCH", "feature/x"),
                ("CI_COMMIT_TARGET_BRANCH", "main"),
                ("CI_COMMIT_PULL_REQUEST", "7"),
                ("CI_COMMIT_SHA", "headsha"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("woodpecker-team/app-9-test-3"),
                branch: Some("feature/x"),
                commit: Some("headsha"),
                pull_request: Some("7"),
                base_branch: Some("main"),
                ..Expected::default()
            },
        },
        Case {
            kind: NearMiss,
            system: CiSystem::Woodpecker,
            variables: &[
                ("CI", "woodpecker"),
                ("CI_REPO", "team/app"),
                ("CI_PIPELINE_NUMBER", "9"),
                ("CI_WORKFLOW_NAME", ""),
                ("CI_STEP_NAME", "test"),
                ("CI_COMMIT_SOURCE_BRANCH", ""),
            ],
            files: &[],
            expected: Expected::default(),
        },
    ]
}
