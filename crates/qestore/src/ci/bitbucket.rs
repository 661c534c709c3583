//! Bitbucket Pipelines.
//!
//! Sources: Atlassian's "Variables and secrets" (Bitbucket Cloud) and the libraries named in
//! [`ci`](super).

use super::environment::CiEnvironment;
use super::surroundings::Variables;
use super::system::CiSystem;
use super::text::job_id;

pub(super) fn read(variables: Variables<'_>) -> CiEnvironment {
    let mut found = CiEnvironment::unknown(CiSystem::BitbucketPipelines);
    found.job_id = execution(variables).map(|key| job_id(&key));
    found.branch = variables.branch(&["BITBUCKET_BRANCH"]);
    found.commit = variables.text("BITBUCKET_COMMIT");
    found.run_url = run_url(variables);
    found.attempt = variables.text("BITBUCKET_STEP_RUN_NUMBER");
    found.pull_request = variables.text("BITBUCKET_PR_ID");
    found.base_branch = variables.branch(&["BITBUCKET_PR_DESTINATION_BRANCH"]);
    found.actor = variables.text("BITBUCKET_STEP_TRIGGERER_UUID");
    found.shard = variables.shard(
        "BITBUCKET_PARALLEL_STEP",
        "BITBUCKET_PARALLEL_STEP_COUNT",
        0,
    );
    found
}

fn execution(variables: Variables<'_>) -> Option<String> {
    let repository = variables.text("BITBUCKET_REPO_FULL_NAME")?;
    let build = variables.text("BITBUCKET_BUILD_NUMBER")?;
    let step = variables.text("BITBUCKET_STEP_UUID")?;
    let step = step.trim_matches(['{', '}']);
    if step.is_empty() {
        return None;
    }
    // Running the failed steps of a build again keeps the build's number.
    Some(match variables.text("BITBUCKET_STEP_RUN_NUMBER") {
        Some(run) => format!("bitbucket-{repository}-{build}-{step}.{run}"),
        None => format!("bitbucket-{repository}-{build}-{step}"),
    })
}

/// Bitbucket Pipelines exists on one server only, and tells its jobs no link.
fn run_url(variables: Variables<'_>) -> Option<String> {
    let repository = variables.text("BITBUCKET_REPO_FULL_NAME")?;
    let build = variables.text("BITBUCKET_BUILD_NUMBER")?;
    Some(format!(
        "https://bitbucket.org/{repository}/pipelines/results/{build}"
    ))
}
