//! Which system it is, asked in an order that matters.

use super::environment::CiEnvironment;
use super::surroundings::Variables;
use super::system::CiSystem;
use super::{
    azure, bitbucket, buildkite, circleci, drone, github, gitlab, jenkins, teamcity, travis,
    woodpecker,
};

/// By what a system is recognised.
enum Mark {
    True(&'static str),
    Is(&'static str, &'static str),
    Set(&'static str),
}

impl Mark {
    fn is_visible_in(&self, variables: Variables<'_>) -> bool {
        match self {
            Self::True(name) => variables.is(name, "true"),
            Self::Is(name, value) => variables.is(name, value),
            Self::Set(name) => variables.text(name).is_some(),
        }
    }
}

/// The first visible mark decides.
///
/// A Forgejo runner also sets the marks of Gitea and GitHub, a Gitea runner that of GitHub.
/// Woodpecker is the continuation of Drone and has carried Drone's variables along. Jenkins comes
/// last: its mark is only the address of a server, which a job of another system may know as well.
const MARKS: &[(Mark, CiSystem)] = &[
    (Mark::True("FORGEJO_ACTIONS"), CiSystem::ForgejoActions),
    (Mark::True("GITEA_ACTIONS"), CiSystem::GiteaActions),
    (Mark::True("GITHUB_ACTIONS"), CiSystem::GitHubActions),
    (Mark::Is("CI", "woodpecker"), CiSystem::Woodpecker),
    (Mark::True("DRONE"), CiSystem::Drone),
    (Mark::Set("TEAMCITY_VERSION"), CiSystem::TeamCity),
    (Mark::True("GITLAB_CI"), CiSystem::GitLabCi),
    (Mark::True("CIRCLECI"), CiSystem::CircleCi),
    (Mark::True("TF_BUILD"), CiSystem::AzurePipelines),
    (Mark::True("BUILDKITE"), CiSystem::Buildkite),
    (Mark::True("TRAVIS"), CiSystem::TravisCi),
    (
        Mark::Set("BITBUCKET_BUILD_NUMBER"),
        CiSystem::BitbucketPipelines,
    ),
    (Mark::Set("JENKINS_URL"), CiSystem::Jenkins),
];

pub(super) fn environment(variables: Variables<'_>) -> Option<CiEnvironment> {
    let (_, system) = MARKS
        .iter()
        .find(|(mark, _)| mark.is_visible_in(variables))?;
    Some(match system {
        CiSystem::GitHubActions | CiSystem::GiteaActions | CiSystem::ForgejoActions => {
            github::read(variables, *system)
        }
        CiSystem::GitLabCi => gitlab::read(variables),
        CiSystem::Jenkins => jenkins::read(variables),
        CiSystem::CircleCi => circleci::read(variables),
        CiSystem::AzurePipelines => azure::read(variables),
        CiSystem::Buildkite => buildkite::read(variables),
        CiSystem::TravisCi => travis::read(variables),
        CiSystem::BitbucketPipelines => bitbucket::read(variables),
        CiSystem::TeamCity => teamcity::read(variables),
        CiSystem::Drone => drone::read(variables),
        CiSystem::Woodpecker => woodpecker::read(variables),
    })
}
