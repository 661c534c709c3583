//! Drone.

use super::Kind::{NearMiss, PullRequest, Push};
use super::{Case, CiSystem, Expected};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            kind: Push,
            system: CiSystem::Drone,
            variables: &[
                ("CI", "true"),
                ("DRONE", "true"),
                ("DRONE_REPO", "team/app"),
                ("DRONE_BUILD_NUMBER", "42"),
                ("DRONE_STAGE_NUMBER", "1"),
                ("DRONE_STAGE_NAME", "default"),
                ("DRONE_STEP_NUMBER", "2"),
                ("DRONE_STEP_NAME", "test"),
                ("DRONE_BUILD_EVENT", "push"),
                ("DRONE_BRANCH", "main"),
                ("DRONE_TARGET_BRANCH", "main"),
                ("DRONE_COMMIT_SHA", "abc123"),
                ("DRONE_BUILD_LINK", "https://drone.example/team/app/42"),
                ("DRONE_BUILD_TRIGGER", "@hook"),
                ("DRONE_COMMIT_AUTHOR", "ann"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("drone-team/app-42-1-2"),
                branch: Some("main"),
                commit: Some("abc123"),
                run_url: Some("https://drone.example/team/app/42"),
                actor: Some("ann"),
                ..Expected::default()
            },
        },
        Case {
            kind: PullRequest,
            system: CiSystem::Drone,
            variables: &[
                ("DRONE", "true"),
                ("DRONE_REPO", "team/app"),
                ("DRONE_BUILD_NUMBER", "43"),
                ("DRONE_STAGE_NAME", "default"),
                ("DRONE_STEP_NAME", "test"),
                ("DRONE_BUILD_EVENT", "pull_request"),
                ("DRONE_SOURCE_BRANCH", "feature/x"),
                ("DRONE_BRANCH", "main"),
                ("DRONE_TARGET_BRANCH", "main"),
                ("DRONE_COMMIT_SHA", "headsha"),
                ("DRONE_PULL_REQUEST", "7"),
                ("DRONE_BUILD_TRIGGER", "bob"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("drone-team/app-43-default-test"),
                branch: Some("feature/x"),
                commit: Some("headsha"),
                pull_request: Some("7"),
                base_branch: Some("main"),
                actor: Some("bob"),
                ..Expected::default()
            },
        },
        Case {
            kind: NearMiss,
            system: CiSystem::Drone,
            variables: &[
                ("DRONE", "true"),
                ("DRONE_REPO", ""),
                ("DRONE_BUILD_NUMBER", "42"),
                ("DRONE_STAGE_NUMBER", "1"),
                ("DRONE_STEP_NUMBER", "2"),
                ("DRONE_BUILD_EVENT", "tag"),
                ("DRONE_BRANCH", "refs/tags/v1"),
                ("DRONE_PULL_REQUEST", ""),
            ],
            files: &[],
            expected: Expected::default(),
        },
    ]
}
