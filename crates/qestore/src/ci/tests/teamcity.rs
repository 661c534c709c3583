//! `TeamCity` and its properties files.

use super::Kind::{NearMiss, PullRequest, Push};
use super::{Case, CiSystem, Expected};

const TEAMCITY_BUILD_FILE: &str = "#TeamCity build properties without 'system.' prefix\n\
    teamcity.configuration.properties.file=C\\:\\\\agent\\\\temp\\\\config.properties\n\
    teamcity.build.id=8110\n";

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            kind: Push,
            system: CiSystem::TeamCity,
            variables: &[
                ("TEAMCITY_VERSION", "2025.07"),
                ("TEAMCITY_BUILD_PROPERTIES_FILE", "build.properties"),
                ("TEAMCITY_BUILDCONF_NAME", "Build"),
                ("BUILD_NUMBER", "1.2.12"),
                ("BUILD_VCS_NUMBER", "abc123"),
                ("BUILD_URL", "https://teamcity.example/build/8110"),
            ],
            files: &[
                ("build.properties", TEAMCITY_BUILD_FILE),
                (
                    "C:\\agent\\temp\\config.properties",
                    "teamcity.build.branch=refs/heads/feature/\\u00FC\n\
                     teamcity.build.triggeredBy.username : ann\n",
                ),
            ],
            expected: Expected {
                job_id: Some("teamcity-8110"),
                branch: Some("feature/ü"),
                commit: Some("abc123"),
                run_url: Some("https://teamcity.example/build/8110"),
                actor: Some("ann"),
                ..Expected::default()
            },
        },
        Case {
            kind: Push,
            system: CiSystem::TeamCity,
            variables: &[
                ("TEAMCITY_VERSION", "2025.07"),
                ("TEAMCITY_BUILD_PROPERTIES_FILE", "build.properties"),
            ],
            files: &[
                ("build.properties", TEAMCITY_BUILD_FILE),
                (
                    "C:\\agent\\temp\\config.properties",
                    "teamcity.build.branch=<default>\nvcsroot.branch=refs/heads/main\n",
                ),
            ],
            expected: Expected {
                job_id: Some("teamcity-8110"),
                branch: Some("main"),
                ..Expected::default()
            },
        },
        Case {
            kind: PullRequest,
            system: CiSystem::TeamCity,
            variables: &[
                ("TEAMCITY_VERSION", "2025.07"),
                ("TEAMCITY_BUILD_PROPERTIES_FILE", "build.properties"),
                ("BUILD_VCS_NUMBER", "headsha"),
            ],
            files: &[
                ("build.properties", TEAMCITY_BUILD_FILE),
                (
                    "C:\\agent\\temp\\config.properties",
                    "teamcity.build.branch=pull/7\n\
                     teamcity.pullRequest.number=7\n\
                     teamcity.pullRequest.source.branch=feature/x\n\
                     teamcity.pullRequest.target.branch=refs/heads/main\n\
                     teamcity.build.triggeredBy.username=n/a\n",
                ),
            ],
            expected: Expected {
                job_id: Some("teamcity-8110"),
                branch: Some("feature/x"),
                commit: Some("headsha"),
                pull_request: Some("7"),
                base_branch: Some("main"),
                ..Expected::default()
            },
        },
        Case {
            kind: NearMiss,
            system: CiSystem::TeamCity,
            variables: &[
                ("TEAMCITY_VERSION", "2025.07"),
                ("TEAMCITY_BUILD_PROPERTIES_FILE", "unreadable.properties"),
                ("TEAMCITY_PROJECT_NAME", "App"),
                ("TEAMCITY_BUILDCONF_NAME", "Build"),
                ("BUILD_NUMBER", "12"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("teamcity-App-Build-12"),
                ..Expected::default()
            },
        },
        Case {
            kind: NearMiss,
            system: CiSystem::TeamCity,
            variables: &[("TEAMCITY_VERSION", "2025.07"), ("BUILD_NUMBER", "12")],
            files: &[],
            expected: Expected::default(),
        },
    ]
}
