//! Jenkins.

use super::Kind::{NearMiss, PullRequest, Push};
use super::{Case, CiSystem, Expected, Pretended};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            kind: Push,
            system: CiSystem::Jenkins,
            variables: &[
                ("JENKINS_URL", "https://jenkins.example/"),
                ("BUILD_TAG", "jenkins-app-main-12"),
                ("BUILD_NUMBER", "12"),
                ("JOB_NAME", "app/main"),
                ("BUILD_URL", "https://jenkins.example/job/app/12/"),
                ("GIT_BRANCH", "origin/feature/x"),
                ("GIT_COMMIT", "abc123"),
                ("BUILD_USER_ID", "ann"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("jenkins-app-main-12"),
                branch: Some("feature/x"),
                commit: Some("abc123"),
                run_url: Some("https://jenkins.example/job/app/12/"),
                actor: Some("ann"),
                ..Expected::default()
            },
        },
        Case {
            kind: Push,
            system: CiSystem::Jenkins,
            variables: &[
                ("JENKINS_URL", "https://jenkins.example/"),
                ("BUILD_TAG", ""),
                ("BUILD_NUMBER", "12"),
                ("JOB_NAME", "app/main"),
                ("STAGE_NAME", "Unit tests"),
                ("BRANCH_NAME", "main"),
                ("GIT_BRANCH", "origin/other"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("jenkins-app/main-12-Unit tests"),
                branch: Some("main"),
                ..Expected::default()
            },
        },
        Case {
            kind: PullRequest,
            system: CiSystem::Jenkins,
            variables: &[
                ("JENKINS_URL", "https://jenkins.example/"),
                ("BUILD_TAG", "jenkins-app-PR-7-1"),
                ("STAGE_NAME", "Test"),
                ("BRANCH_NAME", "PR-7"),
                ("CHANGE_ID", "7"),
                ("CHANGE_BRANCH", "feature/x"),
                ("CHANGE_TARGET", "main"),
                ("CHANGE_AUTHOR", "ann"),
                ("GIT_COMMIT", "headsha"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("jenkins-app-PR-7-1-Test"),
                branch: Some("feature/x"),
                commit: Some("headsha"),
                pull_request: Some("7"),
                base_branch: Some("main"),
                actor: Some("ann"),
                ..Expected::default()
            },
        },
        Case {
            kind: PullRequest,
            system: CiSystem::Jenkins,
            variables: &[
                ("JENKINS_URL", "https://jenkins.example/"),
                ("ghprbPullId", "7"),
                ("ghprbSourceBranch", "feature/x"),
                ("ghprbTargetBranch", "main"),
                ("ghprbActualCommit", "headsha"),
                ("GIT_BRANCH", "origin/pr/7/merge"),
                ("GIT_COMMIT", "mergesha"),
            ],
            files: &[],
            expected: Expected {
                branch: Some("feature/x"),
                commit: Some("headsha"),
                pull_request: Some("7"),
                base_branch: Some("main"),
                ..Expected::default()
            },
        },
        Case {
            kind: NearMiss,
            system: CiSystem::Jenkins,
            variables: &[
                ("JENKINS_URL", "https://jenkins.example/"),
                ("BUILD_NUMBER", "12"),
                ("BRANCH_NAME", "v1"),
                ("TAG_NAME", "v1"),
                ("CHANGE_ID", ""),
                ("STAGE_NAME", "Test"),
            ],
            files: &[],
            expected: Expected::default(),
        },
    ]
}

#[test]
fn a_jenkins_checkout_on_no_branch_has_none() {
    for (given, expected) in [
        ("detached", None),
        ("refs/remotes/origin/main", Some("main")),
        ("refs/heads/main", Some("main")),
        ("refs/tags/v1", None),
        ("original/x", Some("original/x")),
    ] {
        let found = Pretended::new(&[("JENKINS_URL", "https://j/"), ("GIT_BRANCH", given)])
            .detect()
            .expect("Jenkins");
        assert_eq!(found.branch.as_deref(), expected, "{given}");
    }
}
