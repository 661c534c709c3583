//! CircleCI.
//!
//! Sources: CircleCI's "Project values and variables" (built-in environment variables) and the
//! libraries named in [`ci`](super).

use super::environment::CiEnvironment;
use super::surroundings::Variables;
use super::system::CiSystem;
use super::text::job_id;

pub(super) fn read(variables: Variables<'_>) -> CiEnvironment {
    let mut found = CiEnvironment::unknown(CiSystem::CircleCi);
    found.shard = variables.shard("CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0);
    found.job_id = job(variables).map(|job| {
        // The parallel nodes of a job share its id.
        job_id(&match found.shard {
            Some(shard) => format!("circleci-{job}-{}", shard.index),
            None => format!("circleci-{job}"),
        })
    });
    found.branch = variables.branch(&["CIRCLE_BRANCH"]);
    found.commit = variables.text("CIRCLE_SHA1");
    found.run_url = variables.text("CIRCLE_BUILD_URL");
    // A rerun is a new workflow with new ids, so there is no attempt to tell.
    found.pull_request = variables
        .text("CIRCLE_PULL_REQUEST")
        .and_then(|url| last_segment(&url))
        .or_else(|| variables.text("CIRCLE_PR_NUMBER"));
    found.actor = variables.first_of(&["CIRCLE_USERNAME", "CIRCLE_PR_USERNAME"]);
    found
}

/// Servers that know no workflows have only the number, which is counted per project.
fn job(variables: Variables<'_>) -> Option<String> {
    variables.text("CIRCLE_WORKFLOW_JOB_ID").or_else(|| {
        let owner = variables.text("CIRCLE_PROJECT_USERNAME")?;
        let repository = variables.text("CIRCLE_PROJECT_REPONAME")?;
        let number = variables.text("CIRCLE_BUILD_NUM")?;
        Some(format!("{owner}/{repository}-{number}"))
    })
}

fn last_segment(url: &str) -> Option<String> {
    let (_, segment) = url.trim_end_matches('/').rsplit_once('/')?;
    (!segment.is_empty()).then(|| segment.to_owned())
}
