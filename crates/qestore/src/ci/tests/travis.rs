//! Travis CI.

use super::Kind::{NearMiss, PullRequest, Push};
use super::{Case, CiSystem, Expected};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            kind: Push,
            system: CiSystem::TravisCi,
            variables: &[
                ("CI", "true"),
                ("TRAVIS", "true"),
                ("TRAVIS_JOB_ID", "601"),
                ("TRAVIS_BRANCH", "main"),
                ("TRAVIS_COMMIT", "abc123"),
                ("TRAVIS_PULL_REQUEST", "false"),
                ("TRAVIS_PULL_REQUEST_BRANCH", ""),
                (
                    "TRAVIS_BUILD_WEB_URL",
                    "https://app.travis-ci.com/team/app/builds/600",
                ),
                (
                    "TRAVIS_JOB_WEB_URL",
                    "https://app.travis-ci.com/team/app/jobs/601",
                ),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("travis-601"),
                branch: Some("main"),
                commit: Some("abc123"),
                run_url: Some("https://app.travis-ci.com/team/app/builds/600"),
                ..Expected::default()
            },
        },
        Case {
            kind: PullRequest,
            system: CiSystem::TravisCi,
            variables: &[
                ("TRAVIS", "true"),
                ("TRAVIS_JOB_ID", "602"),
                ("TRAVIS_BRANCH", "main"),
                ("TRAVIS_COMMIT", "mergesha"),
                ("TRAVIS_PULL_REQUEST", "7"),
                ("TRAVIS_PULL_REQUEST_BRANCH", "feature/x"),
                ("TRAVIS_PULL_REQUEST_SHA", "headsha"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("travis-602"),
                branch: Some("feature/x"),
                commit: Some("headsha"),
                pull_request: Some("7"),
                base_branch: Some("main"),
                ..Expected::default()
            },
        },
        Case {
            kind: NearMiss,
            system: CiSystem::TravisCi,
            variables: &[
                ("TRAVIS", "true"),
                ("TRAVIS_JOB_ID", ""),
                ("TRAVIS_BRANCH", "v1"),
                ("TRAVIS_TAG", "v1"),
                ("TRAVIS_PULL_REQUEST", "false"),
            ],
            files: &[],
            expected: Expected::default(),
        },
    ]
}
