//! Which CI system runs the current job, and what the job is called there.
//!
//! An artifact is only worth keeping if its origin can be found again: the branch, the commit, the
//! run it came from. Every CI system tells its jobs these facts, each under other names. This
//! module knows the names of thirteen systems and turns them into one [`CiEnvironment`].
//!
//! Nothing here reads the process environment or the disk: the caller hands in its
//! [`Surroundings`], which makes detection a pure function of what it is shown.
//!
//! Every value read here can be chosen by whoever names a branch or a job. [`CiEnvironment::tags`]
//! and [`CiEnvironment::job_id`] are bounded and free of control characters; the other fields are
//! as the CI system gave them, and must be encoded before they become part of a path or a key.
//!
//! # Sources
//!
//! Detection was compared with `watson/ci-info` (`vendors.json`), `semantic-release/env-ci`
//! (`services/`) and `DataDog/dd-trace-js` (`plugins/util/ci.js`). The vendors' own documents are
//! named in the module of each system.

mod azure;
mod bitbucket;
mod buildkite;
mod circleci;
mod detect;
mod drone;
mod environment;
mod github;
mod gitlab;
mod jenkins;
mod properties;
mod surroundings;
mod system;
mod teamcity;
mod text;
mod travis;
mod woodpecker;

#[cfg(test)]
mod tests;

pub use environment::{CiEnvironment, Shard};
pub use surroundings::Surroundings;
pub use system::CiSystem;
