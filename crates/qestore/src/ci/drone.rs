//! Drone.
//!
//! Sources: Drone's "Reference" of pipeline environment variables and the libraries named in
//! [`ci`](super).

use super::environment::CiEnvironment;
use super::surroundings::Variables;
use super::system::CiSystem;
use super::text::job_id;

pub(super) fn read(variables: Variables<'_>) -> CiEnvironment {
    let mut found = CiEnvironment::unknown(CiSystem::Drone);
    found.job_id = execution(variables).map(|key| job_id(&key));
    if variables.is("DRONE_BUILD_EVENT", "pull_request") {
        // For a pull request `DRONE_BRANCH` is the target.
        found.branch = variables.branch(&["DRONE_SOURCE_BRANCH"]);
        found.base_branch = variables.branch(&["DRONE_TARGET_BRANCH"]);
        found.pull_request = variables.text("DRONE_PULL_REQUEST");
    } else {
        found.branch = variables.branch(&["DRONE_BRANCH"]);
    }
    found.commit = variables.text("DRONE_COMMIT_SHA");
    found.run_url = variables.text("DRONE_BUILD_LINK");
    // `@hook` is the server itself, acting on a push.
    found.actor = variables
        .text("DRONE_BUILD_TRIGGER")
        .filter(|trigger| !trigger.starts_with('@'))
        .or_else(|| variables.text("DRONE_COMMIT_AUTHOR"));
    found
}

/// A restarted build gets a new number, so there is no attempt to tell.
fn execution(variables: Variables<'_>) -> Option<String> {
    let repository = variables.text("DRONE_REPO")?;
    let build = variables.text("DRONE_BUILD_NUMBER")?;
    let stage = variables.first_of(&["DRONE_STAGE_NUMBER", "DRONE_STAGE_NAME"])?;
    let step = variables.first_of(&["DRONE_STEP_NUMBER", "DRONE_STEP_NAME"])?;
    Some(format!("drone-{repository}-{build}-{stage}-{step}"))
}
