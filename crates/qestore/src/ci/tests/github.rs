//! GitHub, Gitea and Forgejo Actions.

use super::Kind::{NearMiss, PullRequest, Push};
use super::{Case, CiSystem, Expected, Pretended};

const EVENT: &str = r#"{
    "number": 7,
    "pull_request": {
        "number": 7,
        "head": { "ref": "feature/x", "sha": "headsha" },
        "base": { "ref": "main", "sha": "basesha" }
    }
}"#;

const GITHUB_PULL_REQUEST: &[(&str, &str)] = &[
    ("GITHUB_ACTIONS", "true"),
    ("GITHUB_RUN_ID", "1658821493"),
    ("GITHUB_RUN_ATTEMPT", "1"),
    ("GITHUB_JOB", "test"),
    ("GITHUB_EVENT_NAME", "pull_request"),
    ("GITHUB_EVENT_PATH", "/home/runner/event.json"),
    ("GITHUB_HEAD_REF", "feature/x"),
    ("GITHUB_BASE_REF", "main"),
    ("GITHUB_REF", "refs/pull/7/merge"),
    ("GITHUB_REF_NAME", "7/merge"),
    ("GITHUB_REF_TYPE", "branch"),
    ("GITHUB_SHA", "mergesha"),
];

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            kind: Push,
            system: CiSystem::GitHubActions,
            variables: &[
                ("CI", "true"),
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_RUN_ID", "1658821493"),
                ("GITHUB_RUN_NUMBER", "3"),
                ("GITHUB_RUN_ATTEMPT", "2"),
                ("GITHUB_JOB", "test"),
                ("GITHUB_EVENT_NAME", "push"),
                ("GITHUB_REF", "refs/heads/feature/x"),
                ("GITHUB_REF_NAME", "feature/x"),
                ("GITHUB_REF_TYPE", "branch"),
                ("GITHUB_HEAD_REF", ""),
                ("GITHUB_BASE_REF", ""),
                ("GITHUB_SHA", "abc123"),
                ("GITHUB_SERVER_URL", "https://github.com"),
                ("GITHUB_REPOSITORY", "octo/app"),
                ("GITHUB_ACTOR", "octocat"),
                ("GITHUB_TRIGGERING_ACTOR", "hubot"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("github-1658821493.2-test"),
                branch: Some("feature/x"),
                commit: Some("abc123"),
                run_url: Some("https://github.com/octo/app/actions/runs/1658821493/attempts/2"),
                attempt: Some("2"),
                actor: Some("hubot"),
                ..Expected::default()
            },
        },
        Case {
            kind: PullRequest,
            system: CiSystem::GitHubActions,
            variables: GITHUB_PULL_REQUEST,
            files: &[("/home/runner/event.json", EVENT)],
            expected: Expected {
                job_id: Some("github-1658821493.1-test"),
                branch: Some("feature/x"),
                commit: Some("headsha"),
                attempt: Some("1"),
                pull_request: Some("7"),
                base_branch: Some("main"),
                ..Expected::default()
            },
        },
        Case {
            kind: PullRequest,
            system: CiSystem::GitHubActions,
            variables: GITHUB_PULL_REQUEST,
            files: &[("/home/runner/event.json", "{ not json")],
            expected: Expected {
                job_id: Some("github-1658821493.1-test"),
                branch: Some("feature/x"),
                commit: Some("mergesha"),
                attempt: Some("1"),
                pull_request: Some("7"),
                base_branch: Some("main"),
                ..Expected::default()
            },
        },
        Case {
            kind: NearMiss,
            system: CiSystem::GitHubActions,
            variables: &[
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_RUN_ID", "1"),
                ("GITHUB_RUN_ATTEMPT", ""),
                ("GITHUB_JOB", "test"),
                ("GITHUB_REF", "refs/tags/v1"),
                ("GITHUB_REF_NAME", "v1"),
                ("GITHUB_REF_TYPE", "tag"),
                ("GITHUB_SERVER_URL", "https://github.com"),
                ("GITHUB_REPOSITORY", "octo/app"),
            ],
            files: &[],
            expected: Expected {
                run_url: Some("https://github.com/octo/app/actions/runs/1"),
                ..Expected::default()
            },
        },
        Case {
            kind: Push,
            system: CiSystem::GiteaActions,
            variables: &[
                ("GITEA_ACTIONS", "true"),
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_RUN_ID", "272"),
                ("GITHUB_RUN_NUMBER", "43"),
                ("GITHUB_RUN_ATTEMPT", "1"),
                ("GITHUB_JOB", "build"),
                ("GITHUB_REF", "refs/heads/main"),
                ("GITHUB_REF_NAME", "main"),
                ("GITHUB_REF_TYPE", "branch"),
                ("GITHUB_SHA", "abc123"),
                ("GITHUB_SERVER_URL", "https://gitea.example/"),
                ("GITHUB_REPOSITORY", "team/app"),
                ("GITHUB_ACTOR", "ann"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("gitea-team/app-272.1-build"),
                branch: Some("main"),
                commit: Some("abc123"),
                run_url: Some("https://gitea.example/team/app/actions/runs/272"),
                attempt: Some("1"),
                actor: Some("ann"),
                ..Expected::default()
            },
        },
        Case {
            kind: PullRequest,
            system: CiSystem::GiteaActions,
            variables: &[
                ("GITEA_ACTIONS", "true"),
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_EVENT_NAME", "workflow_call"),
                ("GITHUB_HEAD_REF", "feature/x"),
                ("GITHUB_BASE_REF", "main"),
                ("GITHUB_REF", "refs/pull/7/head"),
                ("GITHUB_SHA", "headsha"),
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
            system: CiSystem::GiteaActions,
            variables: &[
                ("GITEA_ACTIONS", "true"),
                ("FORGEJO_ACTIONS", ""),
                ("GITHUB_RUN_ID", "272"),
                ("GITHUB_RUN_ATTEMPT", "1"),
                ("GITHUB_JOB", "build"),
                ("GITHUB_REPOSITORY", ""),
                ("FORGEJO_SHA", "not-of-gitea"),
            ],
            files: &[],
            expected: Expected {
                attempt: Some("1"),
                ..Expected::default()
            },
        },
        Case {
            kind: Push,
            system: CiSystem::ForgejoActions,
            variables: &[
                ("FORGEJO_ACTIONS", "true"),
                ("GITEA_ACTIONS", "true"),
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_RUN_ID", "9001"),
                ("GITHUB_RUN_NUMBER", "12"),
                ("GITHUB_RUN_ATTEMPT", "3"),
                ("GITHUB_JOB", "build"),
                ("GITHUB_REF", "refs/heads/main"),
                ("GITHUB_REF_NAME", "main"),
                ("GITHUB_REF_TYPE", "branch"),
                ("GITHUB_SHA", "abc123"),
                ("GITHUB_SERVER_URL", "https://codeberg.org/"),
                ("GITHUB_REPOSITORY", "team/app"),
                ("FORGEJO_ACTOR", "ann"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("forgejo-team/app-9001.3-build"),
                branch: Some("main"),
                commit: Some("abc123"),
                run_url: Some("https://codeberg.org/team/app/actions/runs/12"),
                attempt: Some("3"),
                actor: Some("ann"),
                ..Expected::default()
            },
        },
        Case {
            kind: PullRequest,
            system: CiSystem::ForgejoActions,
            variables: &[
                ("FORGEJO_ACTIONS", "true"),
                ("GITHUB_EVENT_NAME", "pull_request_target"),
                ("GITHUB_EVENT_PATH", "event.json"),
                ("GITHUB_REF", "refs/heads/main"),
                ("GITHUB_SHA", "basesha"),
            ],
            files: &[("event.json", EVENT)],
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
            system: CiSystem::ForgejoActions,
            variables: &[
                ("FORGEJO_ACTIONS", "true"),
                ("GITHUB_EVENT_NAME", "pull_request_target"),
                ("GITHUB_EVENT_PATH", "unreadable.json"),
                ("GITHUB_REF", "refs/pull//head"),
                ("GITHUB_SHA", "basesha"),
            ],
            files: &[],
            expected: Expected::default(),
        },
    ]
}

/// Such as a review of a pull request: the event of neither a push nor a pull request.
#[test]
fn a_merge_ref_is_not_taken_for_a_branch() {
    let found = Pretended::new(&[
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "pull_request_review"),
        ("GITHUB_REF", "refs/pull/7/merge"),
        ("GITHUB_REF_NAME", "7/merge"),
        ("GITHUB_REF_TYPE", "branch"),
    ])
    .detect()
    .expect("GitHub");
    assert_eq!(found.branch, None);
}
