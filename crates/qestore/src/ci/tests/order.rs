//! Which system wins when several seem to be there, and when none is.

use super::{CiSystem, Pretended};

fn detected(variables: &[(&str, &str)]) -> Option<CiSystem> {
    Pretended::new(variables).detect().map(|found| found.system)
}

#[test]
fn imitators_come_before_the_imitated() {
    let github = ("GITHUB_ACTIONS", "true");
    let gitea = ("GITEA_ACTIONS", "true");
    let forgejo = ("FORGEJO_ACTIONS", "true");
    let ci = ("CI", "true");
    assert_eq!(
        detected(&[ci, github, gitea, forgejo]),
        Some(CiSystem::ForgejoActions)
    );
    assert_eq!(detected(&[ci, github, gitea]), Some(CiSystem::GiteaActions));
    assert_eq!(detected(&[ci, github]), Some(CiSystem::GitHubActions));
}

#[test]
fn woodpecker_comes_before_the_drone_it_descends_from() {
    let drone = ("DRONE", "true");
    assert_eq!(
        detected(&[("CI", "woodpecker"), drone]),
        Some(CiSystem::Woodpecker)
    );
    assert_eq!(detected(&[("CI", "drone"), drone]), Some(CiSystem::Drone));
}

#[test]
fn build_numbers_are_not_taken_for_jenkins() {
    let number = ("BUILD_NUMBER", "12");
    let id = ("BUILD_ID", "12");
    assert_eq!(
        detected(&[("TEAMCITY_VERSION", "2025.07"), number]),
        Some(CiSystem::TeamCity)
    );
    assert_eq!(
        detected(&[
            ("TEAMCITY_VERSION", "2025.07"),
            ("JENKINS_URL", "https://j/"),
            number
        ]),
        Some(CiSystem::TeamCity),
    );
    assert_eq!(detected(&[number, id]), None);
}

#[test]
fn marks_are_read_whatever_their_case() {
    assert_eq!(
        detected(&[("TF_BUILD", "True")]),
        Some(CiSystem::AzurePipelines)
    );
    assert_eq!(detected(&[("GITLAB_CI", "TRUE")]), Some(CiSystem::GitLabCi));
}

#[test]
fn nothing_is_detected_outside_known_systems() {
    assert_eq!(detected(&[]), None);
    assert_eq!(detected(&[("CI", "true")]), None);
    assert_eq!(
        detected(&[("CI", "true"), ("CONTINUOUS_INTEGRATION", "true")]),
        None
    );
}

#[test]
fn marks_that_say_no_are_no_marks() {
    for name in [
        "FORGEJO_ACTIONS",
        "GITEA_ACTIONS",
        "GITHUB_ACTIONS",
        "DRONE",
        "GITLAB_CI",
        "CIRCLECI",
        "TF_BUILD",
        "BUILDKITE",
        "TRAVIS",
    ] {
        for value in ["", " ", "false", "0"] {
            assert_eq!(detected(&[(name, value)]), None, "{name}={value}");
        }
    }
    for name in ["TEAMCITY_VERSION", "BITBUCKET_BUILD_NUMBER", "JENKINS_URL"] {
        assert_eq!(detected(&[(name, "")]), None, "{name}");
    }
}
