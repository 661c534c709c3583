//! Travis CI.
//!
//! Sources: Travis CI's "Environment Variables" (default environment variables) and the libraries
//! named in [`ci`](super).

use super::environment::CiEnvironment;
use super::surroundings::Variables;
use super::system::CiSystem;
use super::text::job_id;

pub(super) fn read(variables: Variables<'_>) -> CiEnvironment {
    let mut found = CiEnvironment::unknown(CiSystem::TravisCi);
    found.job_id = variables
        .text("TRAVIS_JOB_ID")
        .map(|id| job_id(&format!("travis-{id}")));
    found.pull_request = variables.unless_false("TRAVIS_PULL_REQUEST");
    if found.pull_request.is_some() {
        found.branch = variables.branch(&["TRAVIS_PULL_REQUEST_BRANCH"]);
        // For a pull request this is the target.
        found.base_branch = variables.branch(&["TRAVIS_BRANCH"]);
        found.commit = variables.first_of(&["TRAVIS_PULL_REQUEST_SHA", "TRAVIS_COMMIT"]);
    } else {
        // In the build of a tag the branch is the tag.
        if variables.text("TRAVIS_TAG").is_none() {
            found.branch = variables.branch(&["TRAVIS_BRANCH"]);
        }
        found.commit = variables.text("TRAVIS_COMMIT");
    }
    found.run_url = variables.first_of(&["TRAVIS_BUILD_WEB_URL", "TRAVIS_JOB_WEB_URL"]);
    found
}
