//! Azure Pipelines.

use super::Kind::{NearMiss, PullRequest, Push};
use super::{Case, CiSystem, Expected};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            kind: Push,
            system: CiSystem::AzurePipelines,
            variables: &[
                ("TF_BUILD", "True"),
                ("BUILD_BUILDID", "159"),
                ("SYSTEM_JOBID", "12f1170f-54f2-53f3-20dd-22fc7dff55f9"),
                ("SYSTEM_JOBATTEMPT", "2"),
                ("BUILD_REASON", "IndividualCI"),
                ("BUILD_SOURCEBRANCH", "refs/heads/feature/x"),
                ("BUILD_SOURCEBRANCHNAME", "x"),
                ("BUILD_SOURCEVERSION", "abc123"),
                (
                    "SYSTEM_TEAMFOUNDATIONSERVERURI",
                    "https://dev.azure.com/team/",
                ),
                ("SYSTEM_TEAMPROJECTID", "6c6f3423"),
                ("BUILD_REQUESTEDFOR", "Ann Example"),
                ("SYSTEM_JOBPOSITIONINPHASE", "3"),
                ("SYSTEM_TOTALJOBSINPHASE", "3"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("azure-159-12f1170f-54f2-53f3-20dd-22fc7dff55f9.2"),
                branch: Some("feature/x"),
                commit: Some("abc123"),
                run_url: Some("https://dev.azure.com/team/6c6f3423/_build/results?buildId=159"),
                attempt: Some("2"),
                actor: Some("Ann Example"),
                shard: Some((3, 3)),
                ..Expected::default()
            },
        },
        Case {
            kind: PullRequest,
            system: CiSystem::AzurePipelines,
            variables: &[
                ("TF_BUILD", "True"),
                ("BUILD_BUILDID", "160"),
                ("SYSTEM_JOBID", "12f1170f"),
                ("BUILD_REASON", "PullRequest"),
                ("BUILD_SOURCEBRANCH", "refs/pull/7/merge"),
                ("BUILD_SOURCEVERSION", "mergesha"),
                ("SYSTEM_PULLREQUEST_SOURCEBRANCH", "refs/heads/feature/x"),
                ("SYSTEM_PULLREQUEST_SOURCECOMMITID", "headsha"),
                ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
                ("SYSTEM_PULLREQUEST_PULLREQUESTID", "90210"),
                ("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "7"),
                ("SYSTEM_JOBPOSITIONINPHASE", "1"),
                ("SYSTEM_TOTALJOBSINPHASE", "1"),
            ],
            files: &[],
            expected: Expected {
                job_id: Some("azure-160-12f1170f"),
                branch: Some("feature/x"),
                commit: Some("headsha"),
                pull_request: Some("7"),
                base_branch: Some("main"),
                ..Expected::default()
            },
        },
        Case {
            kind: NearMiss,
            system: CiSystem::AzurePipelines,
            variables: &[
                ("TF_BUILD", "True"),
                ("SYSTEM_JOBID", "12f1170f"),
                ("SYSTEM_JOBATTEMPT", "1"),
                ("BUILD_REASON", "Manual"),
                ("BUILD_SOURCEBRANCH", "refs/tags/v1"),
                ("SYSTEM_PULLREQUEST_PULLREQUESTID", "7"),
                ("SYSTEM_JOBPOSITIONINPHASE", "0"),
                ("SYSTEM_TOTALJOBSINPHASE", "3"),
            ],
            files: &[],
            expected: Expected {
                attempt: Some("1"),
                ..Expected::default()
            },
        },
    ]
}
