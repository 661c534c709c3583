//! Woodpecker.
//!
//! Source: Woodpecker's "Environment variables" and its pipeline metadata
//! (`woodpecker-ci/woodpecker`).

use super::environment::CiEnvironment;
use super::surroundings::Variables;
use super::system::CiSystem;
use super::text::job_id;

pub(super) fn read(variables: Variables<'_>) -> CiEnvironment {
    let mut found = CiEnvironment::unknown(CiSystem::Woodpecker);
    found.job_id = execution(variables).map(|key| job_id(&key));
    if is_pull_request(variables) {
        // For a pull request `CI_COMMIT_BRANCH` is the target.
        found.branch = variables.branch(&["CI_COMMIT_SOURCE_BRANCH"]);
        found.base_branch = variables.branch(&["CI_COMMIT_TARGET_BRANCH"]);
        found.pull_request = variables.text("CI_COMMIT_PULL_REQUEST");
    } else {
        found.branch = variables.branch(&["CI_COMMIT_BRANCH"]);
    }
    found.commit = variables.text("CI_COMMIT_SHA");
    found.run_url = variables.text("CI_PIPELINE_URL");
    found.actor = variables.first_of(&["CI_PIPELINE_AUTHOR", "CI_COMMIT_AUTHOR"]);
    found
}

/// Also true of `pull_request_closed` and its like, which carry the same variables.
fn is_pull_request(variables: Variables<'_>) -> bool {
    variables
        .text("CI_PIPELINE_EVENT")
        .is_some_and(|event| event.starts_with("pull_request"))
}

/// The legs of a matrix share the workflow's name but not its number. The step goes by its name,
/// because several versions report the number 0 for all steps.
fn execution(variables: Variables<'_>) -> Option<String> {
    let repository = variables.text("CI_REPO")?;
    let pipeline = variables.text("CI_PIPELINE_NUMBER")?;
    let workflow = variables.text("CI_WORKFLOW_NAME")?;
    let workflow = match variables.text("CI_WORKFLOW_NUMBER") {
        Some(number) => format!("{workflow}.{number}"),
        None => workflow,
    };
    let step = variables.first_of(&["CI_STEP_NAME", "CI_STEP_NUMBER"])?;
    Some(format!(
        "woodpecker-{repository}-{pipeline}-{workflow}-{step}"
    ))
}
