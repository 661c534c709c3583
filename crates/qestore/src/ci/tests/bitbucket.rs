//! Bitbucket Pipelines.

use super::Kind::{NearMiss, PullRequest, Push};
use super::{Case, CiSystem, Expected};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            kind: Push,
            system: CiSystem::BitbucketPipelines,
            variables: &[
                ("BITBUCKET_BUILD_NUMBER", "12"),
                ("BITBUCKET_REPO_FULL_NAME", "team/app"),
                (
                    "BITBUCKET_STEP_UUID",
                    "{5a50dd52-5ab7-4225-831c-4db9451375a2}",
                ),
                ("BITBUCKET_STEP_RUN_NUMBER", "2"),
                ("BITBUCKET_BRANCH", "main"),
                ("BITBUCKET_COMMIT", "abc123"),
                ("BITBUCKET_STEP_TRIGGERER_UUID", "{fe99db34}"),
                ("BITBUCKET_PARALLEL_STEP", "0"),
                ("BITBUCKET_PARALLEL_STEP_COUNT", "2"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("bitbucket-team/app-12-5a50dd52-5ab7-4225-831c-4db9451375a2.2"),
                branch: Some("main"),
                commit: Some("abc123"),
                run_url: Some("https://bitbucket.org/team/app/pipelines/results/12"),
                attempt: Some("2"),
                actor: Some("{fe99db34}"),
                shard: Some((1, 2)),
                ..Expected::default()
            },
        },
        Case {
            kind: PullRequest,
            system: CiSystem::BitbucketPipelines,
            variables: &[
                ("BITBUCKET_BUILD_NUMBER", "13"),
                ("BITBUCKET_REPO_FULL_NAME", "team/app"),
                ("BITBUCKET_STEP_UUID", "{5a50}"),
                ("BITBUCKET_BRANCH", "feature/x"),
                ("BITBUCKET_COMMIT", "headsha"),
                ("BITBUCKET_PR_ID", "7"),
                ("BITBUCKET_PR_DESTINATION_BRANCH", "main"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("bitbucket-team/app-13-5a50"),
                branch: Some("feature/x"),
                commit: Some("headsha"),
                run_url: Some("https://bitbucket.org/team/app/pipelines/results/13"),
                pull_request: Some("7"),
                base_branch: Some("main"),
                ..Expected::default()
            },
        },
        Case {
            kind: NearMiss,
            system: CiSystem::BitbucketPipelines,
            variables: &[
                ("BITBUCKET_BUILD_NUMBER", "14"),
                ("BITBUCKET_STEP_UUID", "{}"),
                ("BITBUCKET_PR_ID", ""),
                ("BITBUCKET_TAG", "v1"),
            ],
            files: &[],
            expected: Expected::default(),
        },
    ]
}
