//! Who uses the store, for its log: the CI job, or the person at this machine.

use qestore::ProcessEnvironment;
use qestore::ci::CiEnvironment;

use super::environment::variable;

/// `GitHub Actions owner/repo/42/build`, or the user's name, or `unknown`.
pub(crate) fn actor() -> String {
    if let Some(ci) = CiEnvironment::detect(&ProcessEnvironment) {
        let system = ci.system.name();
        return match ci.job_id {
            Some(job) => format!("{system} {job}"),
            None => system.to_owned(),
        };
    }
    let names = [variable("USER"), variable("LOGNAME"), variable("USERNAME")];
    let mut names = names.into_iter().flatten();
    let name = names.find_map(|name| {
        let name = name.into_string().ok()?;
        (!name.trim().is_empty()).then_some(name)
    });
    name.unwrap_or_else(|| "unknown".to_owned())
}
