//! GitLab CI.

use super::Kind::{NearMiss, PullRequest, Push};
use super::{Case, CiSystem, Expected};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            kind: Push,
            system: CiSystem::GitLabCi,
            variables: &[
                ("CI", "true"),
                ("GITLAB_CI", "true"),
                ("CI_JOB_ID", "5410"),
                ("CI_COMMIT_REF_NAME", "main"),
                ("CI_COMMIT_SHA", "abc123"),
                (
                    "CI_PIPELINE_URL",
                    "https://gitlab.example/t/app/-/pipelines/9",
                ),
                ("CI_JOB_URL", "https://gitlab.example/t/app/-/jobs/5410"),
                ("GITLAB_USER_LOGIN", "ann"),
                ("CI_NODE_INDEX", "2"),
                ("CI_NODE_TOTAL", "3"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("gitlab-5410"),
                branch: Some("main"),
                commit: Some("abc123"),
                run_url: Some("https://gitlab.example/t/app/-/pipelines/9"),
                actor: Some("ann"),
                shard: Some((2, 3)),
                ..Expected::default()
            },
        },
        Case {
            kind: PullRequest,
            system: CiSystem::GitLabCi,
            variables: &[
                ("GITLAB_CI", "true"),
                ("CI_JOB_ID", "5411"),
                ("CI_COMMIT_REF_NAME", "refs/merge-requests/7/merge"),
                ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "feature/x"),
                ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
                ("CI_MERGE_REQUEST_ID", "90210"),
                ("CI_MERGE_REQUEST_IID", "7"),
                ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "headsha"),
                ("CI_COMMIT_SHA", "mergesha"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("gitlab-5411"),
                branch: Some("feature/x"),
                commit: Some("headsha"),
                pull_request: Some("7"),
                base_branch: Some("main"),
                ..Expected::default()
            },
        },
        Case {
            kind: NearMiss,
            system: CiSystem::GitLabCi,
            variables: &[
                ("GITLAB_CI", "true"),
                ("CI_JOB_ID", ""),
                ("CI_COMMIT_TAG", "v1"),
                ("CI_COMMIT_REF_NAME", "v1"),
                ("CI_NODE_TOTAL", "1"),
                ("CI_PIPELINE_URL", " "),
                ("CI_JOB_URL", "https://gitlab.example/t/app/-/jobs/5412"),
            ],
            files: &[],
            expected: Expected {
                run_url: Some("https://gitlab.example/t/app/-/jobs/5412"),
                ..Expected::default()
            },
        },
    ]
}
