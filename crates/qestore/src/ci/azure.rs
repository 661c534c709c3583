//! Azure Pipelines.
//!
//! Source: Microsoft's "Use predefined variables" (Azure DevOps documentation).

use super::environment::CiEnvironment;
use super::surroundings::Variables;
use super::system::CiSystem;
use super::text::job_id;

pub(super) fn read(variables: Variables<'_>) -> CiEnvironment {
    let mut found = CiEnvironment::unknown(CiSystem::AzurePipelines);
    found.attempt = variables.text("SYSTEM_JOBATTEMPT");
    found.job_id = execution(variables).map(|key| job_id(&key));
    // `BUILD_SOURCEBRANCHNAME` is only what follows the last slash.
    found.branch = variables.branch(&["SYSTEM_PULLREQUEST_SOURCEBRANCH", "BUILD_SOURCEBRANCH"]);
    found.commit =
        variables.first_of(&["SYSTEM_PULLREQUEST_SOURCECOMMITID", "BUILD_SOURCEVERSION"]);
    found.run_url = run_url(variables);
    if variables.is("BUILD_REASON", "PullRequest") {
        // For a repository on GitHub the id is a number of Azure's own.
        found.pull_request = variables.first_of(&[
            "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER",
            "SYSTEM_PULLREQUEST_PULLREQUESTID",
        ]);
        found.base_branch = variables.branch(&["SYSTEM_PULLREQUEST_TARGETBRANCH"]);
    }
    found.actor = variables.first_of(&["BUILD_REQUESTEDFOR", "BUILD_REQUESTEDFORID"]);
    found.shard = variables.shard("SYSTEM_JOBPOSITIONINPHASE", "SYSTEM_TOTALJOBSINPHASE", 1);
    found
}

/// The job id is derived from the job's name: every run of every pipeline with an unnamed job has
/// the same one. Only together with the build it names an execution.
fn execution(variables: Variables<'_>) -> Option<String> {
    let build = variables.text("BUILD_BUILDID")?;
    let job = variables.text("SYSTEM_JOBID")?;
    Some(match variables.text("SYSTEM_JOBATTEMPT") {
        Some(attempt) => format!("azure-{build}-{job}.{attempt}"),
        // Servers that do not count attempts cannot retry a job within its build either.
        None => format!("azure-{build}-{job}"),
    })
}

fn run_url(variables: Variables<'_>) -> Option<String> {
    let server = variables.text("SYSTEM_TEAMFOUNDATIONSERVERURI")?;
    let project = variables.text("SYSTEM_TEAMPROJECTID")?;
    let build = variables.text("BUILD_BUILDID")?;
    let server = server.trim_end_matches('/');
    Some(format!("{server}/{project}/_build/results?buildId={build}"))
}
