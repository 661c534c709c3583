//! JetBrains `TeamCity`.
//!
//! Most of what is wanted is not in the environment but in two Java properties files: a variable
//! names the first (the build's properties), and a property in it the second (the configuration's
//! parameters).
//!
//! Sources: JetBrains' "List of Predefined Build Parameters" and `semantic-release/env-ci`
//! (`services/teamcity.js`).

use std::collections::BTreeMap;

use super::environment::CiEnvironment;
use super::properties;
use super::surroundings::Variables;
use super::system::CiSystem;
use super::text::{branch_name, job_id};

pub(super) fn read(variables: Variables<'_>) -> CiEnvironment {
    let parameters = Parameters::read(variables);
    let mut found = CiEnvironment::unknown(CiSystem::TeamCity);
    found.job_id = execution(variables, &parameters).map(|key| job_id(&key));
    found.commit = variables.text("BUILD_VCS_NUMBER");
    found.run_url = variables.text("BUILD_URL");
    found.pull_request = parameters.text("teamcity.pullRequest.number");
    if found.pull_request.is_some() {
        found.branch = parameters.branch("teamcity.pullRequest.source.branch");
        found.base_branch = parameters.branch("teamcity.pullRequest.target.branch");
    }
    found.branch = found.branch.or_else(|| parameters.built_branch());
    found.actor = parameters
        .text("teamcity.build.triggeredBy.username")
        .filter(|user| !user.eq_ignore_ascii_case("n/a"));
    found
}

fn execution(variables: Variables<'_>, parameters: &Parameters) -> Option<String> {
    if let Some(id) = parameters.text("teamcity.build.id") {
        return Some(format!("teamcity-{id}"));
    }
    let configuration = variables.text("TEAMCITY_BUILDCONF_NAME")?;
    let number = variables.text("BUILD_NUMBER")?;
    Some(match variables.text("TEAMCITY_PROJECT_NAME") {
        // Many projects have a configuration called "Build".
        Some(project) => format!("teamcity-{project}-{configuration}-{number}"),
        None => format!("teamcity-{configuration}-{number}"),
    })
}

struct Parameters {
    build: BTreeMap<String, String>,
    configuration: BTreeMap<String, String>,
}

impl Parameters {
    fn read(variables: Variables<'_>) -> Self {
        let load = |path: &str| variables.file(path).map(|text| properties::parse(&text));
        let build = variables
            .text("TEAMCITY_BUILD_PROPERTIES_FILE")
            .and_then(|path| load(&path))
            .unwrap_or_default();
        let configuration = build
            .get("teamcity.configuration.properties.file")
            .and_then(|path| load(path))
            .unwrap_or_default();
        Self {
            build,
            configuration,
        }
    }

    fn text(&self, key: &str) -> Option<String> {
        [&self.configuration, &self.build]
            .into_iter()
            .find_map(|file| file.get(key).filter(|value| !value.trim().is_empty()))
            .cloned()
    }

    fn branch(&self, key: &str) -> Option<String> {
        self.text(key).as_deref().and_then(branch_name)
    }

    fn built_branch(&self) -> Option<String> {
        match self.text("teamcity.build.branch") {
            // A default branch without a name of its own; the version control root knows it.
            Some(placeholder) if placeholder == "<default>" => self.branch("vcsroot.branch"),
            Some(name) => branch_name(&name),
            None => None,
        }
    }
}
