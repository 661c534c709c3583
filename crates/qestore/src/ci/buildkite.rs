//! Buildkite.
//!
//! Sources: Buildkite's "Environment variables" and the libraries named in [`ci`](super).

use super::environment::CiEnvironment;
use super::surroundings::Variables;
use super::system::CiSystem;
use super::text::job_id;

pub(super) fn read(variables: Variables<'_>) -> CiEnvironment {
    let mut found = CiEnvironment::unknown(CiSystem::Buildkite);
    let job = variables.text("BUILDKITE_JOB_ID");
    // In the build of a tag the branch is the tag.
    found.branch = match variables.text("BUILDKITE_TAG") {
        Some(_) => None,
        None => variables.branch(&["BUILDKITE_BRANCH"]),
    };
    // A build started by hand asks for `HEAD`, which is not a commit yet.
    found.commit = variables
        .text("BUILDKITE_COMMIT")
        .filter(|commit| commit != "HEAD");
    found.run_url = variables
        .text("BUILDKITE_BUILD_URL")
        .map(|build| match &job {
            Some(job) => format!("{build}#{job}"),
            None => build,
        });
    found.job_id = job.map(|id| job_id(&format!("buildkite-{id}")));
    found.attempt = attempt(variables);
    found.pull_request = variables.unless_false("BUILDKITE_PULL_REQUEST");
    if found.pull_request.is_some() {
        found.base_branch = variables.branch(&["BUILDKITE_PULL_REQUEST_BASE_BRANCH"]);
    }
    found.actor = variables.first_of(&["BUILDKITE_BUILD_CREATOR", "BUILDKITE_BUILD_AUTHOR"]);
    found.shard = variables.shard("BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0);
    found
}

/// Buildkite counts retries, so the first attempt is 0 there.
fn attempt(variables: Variables<'_>) -> Option<String> {
    let retries: u32 = variables
        .text("BUILDKITE_RETRY_COUNT")?
        .trim()
        .parse()
        .ok()?;
    Some(retries.checked_add(1)?.to_string())
}
