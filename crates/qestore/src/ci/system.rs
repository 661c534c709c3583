//! The CI systems this library recognises.

use std::fmt;

/// A CI system whose jobs can be recognised by their environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CiSystem {
    /// GitHub Actions, on github.com or GitHub Enterprise Server.
    GitHubActions,
    /// Gitea Actions.
    GiteaActions,
    /// Forgejo Actions, as on Codeberg.
    ForgejoActions,
    /// GitLab CI/CD.
    GitLabCi,
    /// Jenkins.
    Jenkins,
    /// CircleCI.
    CircleCi,
    /// Azure Pipelines, on Azure DevOps Services or Server.
    AzurePipelines,
    /// Buildkite.
    Buildkite,
    /// Travis CI.
    TravisCi,
    /// Bitbucket Pipelines.
    BitbucketPipelines,
    /// JetBrains TeamCity.
    TeamCity,
    /// Drone.
    Drone,
    /// Woodpecker.
    Woodpecker,
}

impl CiSystem {
    /// Every system, in the order of the declaration.
    pub const ALL: &'static [Self] = &[
        Self::GitHubActions,
        Self::GiteaActions,
        Self::ForgejoActions,
        Self::GitLabCi,
        Self::Jenkins,
        Self::CircleCi,
        Self::AzurePipelines,
        Self::Buildkite,
        Self::TravisCi,
        Self::BitbucketPipelines,
        Self::TeamCity,
        Self::Drone,
        Self::Woodpecker,
    ];

    /// The name people use for the system.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GitHubActions => "GitHub Actions",
            Self::GiteaActions => "Gitea Actions",
            Self::ForgejoActions => "Forgejo Actions",
            Self::GitLabCi => "GitLab CI",
            Self::Jenkins => "Jenkins",
            Self::CircleCi => "CircleCI",
            Self::AzurePipelines => "Azure Pipelines",
            Self::Buildkite => "Buildkite",
            Self::TravisCi => "Travis CI",
            Self::BitbucketPipelines => "Bitbucket Pipelines",
            Self::TeamCity => "TeamCity",
            Self::Drone => "Drone",
            Self::Woodpecker => "Woodpecker",
        }
    }

    /// The value of the `ci` tag: stable, lower case, words joined by `-`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::GitHubActions => "github-actions",
            Self::GiteaActions => "gitea-actions",
            Self::ForgejoActions => "forgejo-actions",
            Self::GitLabCi => "gitlab-ci",
            Self::Jenkins => "jenkins",
            Self::CircleCi => "circleci",
            Self::AzurePipelines => "azure-pipelines",
            Self::Buildkite => "buildkite",
            Self::TravisCi => "travis-ci",
            Self::BitbucketPipelines => "bitbucket-pipelines",
            Self::TeamCity => "teamcity",
            Self::Drone => "drone",
            Self::Woodpecker => "woodpecker",
        }
    }
}

impl fmt::Display for CiSystem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}
