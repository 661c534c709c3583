//! GitLab CI/CD.
//!
//! Source: GitLab's "Predefined CI/CD variables reference" (`doc/ci/variables`).

use super::environment::CiEnvironment;
use super::surroundings::Variables;
use super::system::CiSystem;
use super::text::job_id;

pub(super) fn read(variables: Variables<'_>) -> CiEnvironment {
    let mut found = CiEnvironment::unknown(CiSystem::GitLabCi);
    // A retried job is a new job with a new id, so there is no attempt to tell.
    found.job_id = variables
        .text("CI_JOB_ID")
        .map(|id| job_id(&format!("gitlab-{id}")));
    // In the pipeline of a tag the ref name is the tag's.
    found.branch = match variables.text("CI_COMMIT_TAG") {
        Some(_) => None,
        None => variables.branch(&["CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_REF_NAME"]),
    };
    // Set in pipelines for merged results only, where the other is a merge commit made for the
    // pipeline.
    found.commit = variables.first_of(&["CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "CI_COMMIT_SHA"]);
    found.run_url = variables.first_of(&["CI_PIPELINE_URL", "CI_JOB_URL"]);
    found.pull_request = variables.text("CI_MERGE_REQUEST_IID");
    found.base_branch = variables.branch(&["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"]);
    found.actor = variables.text("GITLAB_USER_LOGIN");
    found.shard = variables.shard("CI_NODE_INDEX", "CI_NODE_TOTAL", 1);
    found
}
