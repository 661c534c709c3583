//! Which job the artifacts belong to, and what they are tagged with: given, or known from CI.

use qestore::ci::CiEnvironment;
use qestore::{ProcessEnvironment, Tags};

use crate::failure::Failure;
use crate::values::Tag;

/// Job and tags of what is stored.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) job: String,
    pub(super) tags: Tags,
    /// What was taken from where.
    pub(super) note: Option<String>,
}

pub(super) fn find(job: Option<&str>, given: &[Tag]) -> Result<Identity, Failure> {
    let mut own = Tags::new();
    for Tag { key, value } in given {
        let earlier = own.insert(key.clone(), value.clone());
        if earlier.is_some_and(|earlier| earlier != *value) {
            return Err(Failure::usage(format!("the tag {key:?} is given twice")));
        }
    }
    let ci = CiEnvironment::detect(&ProcessEnvironment);
    let system = ci.as_ref().map(|ci| ci.system.name());
    let mut tags = ci.as_ref().map(CiEnvironment::tags).unwrap_or_default();
    tags.extend(own);
    let (job, note) = match (job, ci.and_then(|ci| ci.job_id), system) {
        (Some(job), _, _) => (job.to_owned(), None),
        (None, Some(job), Some(system)) => {
            let note = format!("job {job}, as {system} calls it");
            (job, Some(note))
        }
        (None, _, Some(system)) => {
            return Err(Failure::usage(format!(
                "no --job is given, and {system} tells none in its environment"
            ))
            .help("name the job with --job"));
        }
        (None, _, None) => {
            return Err(Failure::usage(
                "which job does it belong to? None is given, and this is no CI system known here",
            )
            .help("name the job with --job; in CI the name comes from the environment"));
        }
    };
    Ok(Identity { job, tags, note })
}
