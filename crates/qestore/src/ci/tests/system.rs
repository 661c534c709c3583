//! Names of the systems.

use std::collections::BTreeSet;

use super::CiSystem;

#[test]
fn all_lists_every_system_once() {
    let distinct: BTreeSet<CiSystem> = CiSystem::ALL.iter().copied().collect();
    assert_eq!(distinct.len(), CiSystem::ALL.len());
    assert_eq!(distinct.len(), 13);
}

#[test]
fn tags_are_stable_and_names_readable() {
    let tags: Vec<&str> = CiSystem::ALL.iter().map(|system| system.tag()).collect();
    assert_eq!(
        tags,
        [
            "github-actions",
            "gitea-actions",
            "forgejo-actions",
            "gitlab-ci",
            "jenkins",
            "circleci",
            "azure-pipelines",
            "buildkite",
            "travis-ci",
            "bitbucket-pipelines",
            "teamcity",
            "drone",
            "woodpecker",
        ]
    );
    assert_eq!(CiSystem::GitHubActions.to_string(), "GitHub Actions");
    assert_eq!(format!("{:<10}|", CiSystem::Drone), "Drone     |");
}
