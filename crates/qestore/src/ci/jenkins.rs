//! Jenkins, with the variables of its multibranch projects and of the plugins that build pull
//! requests (GitHub Pull Request Builder, GitLab).
//!
//! Sources: `CoreEnvironmentContributor` of `jenkinsci/jenkins`, `BranchNameContributor` of
//! `jenkinsci/branch-api-plugin`, and `semantic-release/env-ci` for the plugins.

use super::environment::CiEnvironment;
use super::surroundings::Variables;
use super::system::CiSystem;
use super::text::{branch_name, job_id};

pub(super) fn read(variables: Variables<'_>) -> CiEnvironment {
    let mut found = CiEnvironment::unknown(CiSystem::Jenkins);
    found.pull_request = variables.first_of(&["CHANGE_ID", "ghprbPullId", "gitlabMergeRequestIid"]);
    if found.pull_request.is_some() {
        // `BRANCH_NAME` and `GIT_BRANCH` are `PR-7` or `origin/pr/7/merge` here: no branch.
        found.branch =
            variables.branch(&["CHANGE_BRANCH", "ghprbSourceBranch", "gitlabSourceBranch"]);
        found.base_branch =
            variables.branch(&["CHANGE_TARGET", "ghprbTargetBranch", "gitlabTargetBranch"]);
        found.commit = variables.first_of(&["ghprbActualCommit", "GIT_COMMIT"]);
    } else {
        found.branch = built_branch(variables);
        found.commit = variables.text("GIT_COMMIT");
    }
    found.job_id = execution(variables).map(|key| job_id(&key));
    found.run_url = variables.text("BUILD_URL");
    found.actor = variables.first_of(&["CHANGE_AUTHOR", "BUILD_USER_ID"]);
    found
}

fn built_branch(variables: Variables<'_>) -> Option<String> {
    // In a multibranch project the "branch" of a tag's build is the tag.
    if variables.text("TAG_NAME").is_some() {
        return None;
    }
    let name = variables.first_of(&["BRANCH_NAME", "GIT_BRANCH"])?;
    let name = name.strip_prefix("refs/remotes/").unwrap_or(&name);
    let name = name.strip_prefix("origin/").unwrap_or(name);
    // What the git plugin says of a checkout that is on no branch.
    if name == "detached" {
        None
    } else {
        branch_name(name)
    }
}

/// The stages of a pipeline share the build's number, so the stage belongs to the key.
fn execution(variables: Variables<'_>) -> Option<String> {
    let build = match variables.text("BUILD_TAG") {
        Some(tag) => tag,
        None => {
            let job = variables.text("JOB_NAME")?;
            let number = variables.text("BUILD_NUMBER")?;
            format!("jenkins-{job}-{number}")
        }
    };
    Some(match variables.text("STAGE_NAME") {
        Some(stage) => format!("{build}-{stage}"),
        None => build,
    })
}
