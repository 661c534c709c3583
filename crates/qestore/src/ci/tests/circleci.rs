//! CircleCI.

use super::Kind::{NearMiss, PullRequest, Push};
use super::{Case, CiSystem, Expected};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            kind: Push,
            system: CiSystem::CircleCi,
            variables: &[
                ("CI", "true"),
                ("CIRCLECI", "true"),
                ("CIRCLE_WORKFLOW_ID", "9a956048"),
                ("CIRCLE_WORKFLOW_JOB_ID", "3f2f5fdd"),
                ("CIRCLE_BUILD_NUM", "44"),
                ("CIRCLE_BRANCH", "main"),
                ("CIRCLE_SHA1", "abc123"),
                ("CIRCLE_BUILD_URL", "https://circleci.com/gh/team/app/44"),
                ("CIRCLE_USERNAME", "ann"),
                ("CIRCLE_NODE_INDEX", "0"),
                ("CIRCLE_NODE_TOTAL", "4"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("circleci-3f2f5fdd-1"),
                branch: Some("main"),
                commit: Some("abc123"),
                run_url: Some("https://circleci.com/gh/team/app/44"),
                actor: Some("ann"),
                shard: Some((1, 4)),
                ..Expected::default()
            },
        },
        Case {
            kind: PullRequest,
            system: CiSystem::CircleCi,
            variables: &[
                ("CIRCLECI", "true"),
                ("CIRCLE_WORKFLOW_JOB_ID", "3f2f5fdd"),
                ("CIRCLE_BRANCH", "feature/x"),
                ("CIRCLE_SHA1", "headsha"),
                ("CIRCLE_PULL_REQUEST", "https://github.com/team/app/pull/7"),
                ("CIRCLE_NODE_INDEX", "0"),
                ("CIRCLE_NODE_TOTAL", "1"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("circleci-3f2f5fdd"),
                branch: Some("feature/x"),
                commit: Some("headsha"),
                pull_request: Some("7"),
                ..Expected::default()
            },
        },
        Case {
            kind: NearMiss,
            system: CiSystem::CircleCi,
            variables: &[
                ("CIRCLECI", "true"),
                ("CIRCLE_WORKFLOW_JOB_ID", ""),
                ("CIRCLE_BUILD_NUM", "44"),
                ("CIRCLE_PROJECT_USERNAME", "team"),
                ("CIRCLE_PROJECT_REPONAME", "app"),
                ("CIRCLE_PULL_REQUEST", "no-url"),
                ("CIRCLE_PR_NUMBER", "8"),
                ("CIRCLE_NODE_INDEX", "4"),
                ("CIRCLE_NODE_TOTAL", "4"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("circleci-team/app-44"),
                pull_request: Some("8"),
                ..Expected::default()
            },
        },
        Case {
            kind: NearMiss,
            system: CiSystem::CircleCi,
            variables: &[("CIRCLECI", "true"), ("CIRCLE_BUILD_NUM", "44")],
            files: &[],
            expected: Expected::default(),
        },
    ]
}
