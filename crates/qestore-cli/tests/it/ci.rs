//! Job and tags from the CI environment, end to end; the library's own tests know all systems.

use serde_json::{Value, json};

use crate::support::{Bench, Ran, ran};

fn put(bench: &Bench, environment: &[(&str, &str)], more: &[&str]) -> Ran {
    bench.write("a.log", "x");
    let mut command = bench.command(&["put", "a.log", "--json"]);
    command.args(more);
    ran(command.envs(environment.iter().copied()))
}

fn stored(environment: &[(&str, &str)], more: &[&str]) -> Value {
    let put = put(&Bench::new(), environment, more);
    assert_eq!(put.code, 0, "{put:?}");
    let object: Value = serde_json::from_str(&put.out).unwrap();
    object["artifacts"][0].clone()
}

const GITHUB: &[(&str, &str)] = &[
    ("CI", "true"),
    ("GITHUB_ACTIONS", "true"),
    ("GITHUB_SERVER_URL", "https://github.com"),
    ("GITHUB_REPOSITORY", "octo/hello"),
    ("GITHUB_RUN_ID", "1658821493"),
    ("GITHUB_RUN_ATTEMPT", "2"),
    ("GITHUB_JOB", "test"),
    ("GITHUB_REF", "refs/heads/main"),
    ("GITHUB_REF_NAME", "main"),
    ("GITHUB_REF_TYPE", "branch"),
    ("GITHUB_SHA", "ffac537e6cbbf934b08745a378932722df287a53"),
    ("GITHUB_EVENT_NAME", "push"),
];

#[test]
fn github_actions_tells_job_and_tags() {
    let artifact = stored(GITHUB, &[]);
    let job = artifact["job_id"].as_str().unwrap();
    assert!(job.contains("1658821493") && job.contains("test"), "{job}");
    let tags = &artifact["tags"];
    assert_eq!(tags["branch"], "main");
    assert_eq!(tags["ci"], "github-actions");
    assert_eq!(tags["commit"], "ffac537e6cbbf934b08745a378932722df287a53");
    assert_eq!(tags["attempt"], "2");
    assert!(
        tags["run-url"]
            .as_str()
            .unwrap()
            .contains("/octo/hello/actions/runs/1658821493")
    );
}

#[test]
fn what_is_given_wins_over_what_is_detected() {
    let artifact = stored(
        GITHUB,
        &["--job", "mine", "--tag", "branch=release", "--tag", "x=y"],
    );
    assert_eq!(artifact["job_id"], "mine");
    assert_eq!(artifact["tags"]["branch"], "release");
    assert_eq!(artifact["tags"]["x"], "y");
    assert_eq!(artifact["tags"]["ci"], "github-actions");
}

#[test]
fn gitlab_and_jenkins_tell_theirs() {
    let artifact = stored(
        &[
            ("CI", "true"),
            ("GITLAB_CI", "true"),
            ("CI_JOB_ID", "4242"),
            ("CI_JOB_NAME", "unit"),
            ("CI_COMMIT_BRANCH", "feature/x"),
            ("CI_COMMIT_REF_NAME", "feature/x"),
            ("CI_COMMIT_SHA", "abc123"),
            ("CI_JOB_URL", "https://gitlab.example/o/p/-/jobs/4242"),
            (
                "CI_PIPELINE_URL",
                "https://gitlab.example/o/p/-/pipelines/7",
            ),
        ],
        &[],
    );
    assert!(
        artifact["job_id"].as_str().unwrap().contains("4242"),
        "{artifact}"
    );
    assert_eq!(artifact["tags"]["branch"], "feature/x");
    assert_eq!(artifact["tags"]["ci"], "gitlab-ci");

    let artifact = stored(
        &[
            ("JENKINS_URL", "https://jenkins.example/"),
            ("BUILD_TAG", "jenkins-hello-17"),
            ("JOB_NAME", "hello"),
            ("BUILD_NUMBER", "17"),
            ("BUILD_URL", "https://jenkins.example/job/hello/17/"),
            ("GIT_BRANCH", "origin/main"),
            ("GIT_COMMIT", "def456"),
        ],
        &[],
    );
    assert!(
        artifact["job_id"].as_str().unwrap().contains("17"),
        "{artifact}"
    );
    assert_eq!(artifact["tags"]["ci"], "jenkins");
    assert_eq!(artifact["tags"]["commit"], "def456");
}

#[test]
fn the_event_file_of_a_pull_request_is_read() {
    let bench = Bench::new();
    let event = bench.write(
        "event.json",
        r#"{"number": 7, "pull_request": {"number": 7, "head": {"ref": "topic", "sha": "feed"}, "base": {"ref": "main"}}}"#,
    );
    let mut environment = GITHUB.to_vec();
    environment.extend([
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_HEAD_REF", "topic"),
        ("GITHUB_BASE_REF", "main"),
        ("GITHUB_REF", "refs/pull/7/merge"),
        ("GITHUB_EVENT_PATH", event.to_str().unwrap()),
    ]);
    let put = put(&bench, &environment, &[]);
    let object: Value = serde_json::from_str(&put.out).unwrap();
    let tags = &object["artifacts"][0]["tags"];
    assert_eq!(
        (&tags["branch"], &tags["commit"]),
        (&json!("topic"), &json!("feed"))
    );
}

#[test]
fn without_ci_and_job_both_ways_out_are_said() {
    let bench = Bench::new();
    bench.write("a.log", "x");
    let said = bench.fails(2, &["put", "a.log"]);
    assert!(said.contains("--job") && said.contains("CI"), "{said}");
    let named = put(&bench, &[("CI", "true")], &[]);
    assert_eq!(named.code, 2, "CI=true alone names no system: {named:?}");
    assert!(!bench.path().join(".artifacts").exists());
}

#[test]
fn a_system_that_tells_no_job_is_named() {
    let bench = Bench::new();
    let put = put(&bench, &[("GITLAB_CI", "true")], &[]);
    assert_eq!(put.code, 2, "{put:?}");
    assert!(
        put.err.contains("GitLab CI") && put.err.contains("--job"),
        "{put:?}"
    );
}

#[test]
fn where_the_job_came_from_is_noted() {
    let bench = Bench::new();
    bench.write("a.log", "x");
    let mut command = bench.command(&["put", "a.log"]);
    let noted = ran(command.envs(GITHUB.iter().copied()));
    assert!(
        noted.err.contains("as GitHub Actions calls it"),
        "{noted:?}"
    );
}
