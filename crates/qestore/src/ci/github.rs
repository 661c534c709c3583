//! GitHub Actions and the two systems that imitate it, Gitea Actions and Forgejo Actions.
//!
//! Sources: GitHub's "Variables reference" (`github/docs`); Gitea's and Forgejo's
//! `services/actions/context.go` and the `NewRunner` function of their runners. Links to runs:
//! `ActionRun.HTMLURL` of Forgejo (by run number), Gitea from 1.26 (by run id).

use serde_json::Value;

use super::environment::CiEnvironment;
use super::surroundings::Variables;
use super::system::CiSystem;
use super::text::{branch_name, job_id};

pub(super) fn read(variables: Variables<'_>, system: CiSystem) -> CiEnvironment {
    let runner = Runner { variables, system };
    let head_ref = runner.text("HEAD_REF");
    // The event of a called workflow's job may be `workflow_call` on Gitea, but the head ref is
    // only ever set for pull requests.
    let request = (head_ref.is_some() || runner.event_is_pull_request()).then(|| PullRequest {
        event: runner.event(),
    });
    let mut found = CiEnvironment::unknown(system);
    if let Some(request) = &request {
        found.branch = head_ref
            .or_else(|| request.text("/head/ref"))
            .as_deref()
            .and_then(branch_name);
        found.commit = request.text("/head/sha").or_else(|| runner.merge_commit());
        found.pull_request = runner.number_in_ref().or_else(|| request.number());
        found.base_branch = runner
            .text("BASE_REF")
            .or_else(|| request.text("/base/ref"))
            .as_deref()
            .and_then(branch_name);
    } else {
        found.branch = runner.pushed_branch();
        found.commit = runner.text("SHA");
    }
    found.job_id = runner.job_id();
    found.run_url = runner.run_url();
    found.attempt = runner.text("RUN_ATTEMPT");
    // The one who asked for a re-run, not the one who started the first run.
    found.actor = runner
        .text("TRIGGERING_ACTOR")
        .or_else(|| runner.text("ACTOR"));
    found
}

struct Runner<'a> {
    variables: Variables<'a>,
    system: CiSystem,
}

impl Runner<'_> {
    /// All three systems use GitHub's names; the newest Forgejo runners have twins of their own.
    fn text(&self, suffix: &str) -> Option<String> {
        let github = self.variables.text(&format!("GITHUB_{suffix}"));
        match self.system {
            CiSystem::ForgejoActions => {
                github.or_else(|| self.variables.text(&format!("FORGEJO_{suffix}")))
            }
            _ => github,
        }
    }

    fn event_name_is(&self, name: &str) -> bool {
        self.text("EVENT_NAME").is_some_and(|event| event == name)
    }

    fn event_is_pull_request(&self) -> bool {
        self.event_name_is("pull_request") || self.event_name_is("pull_request_target")
    }

    fn event(&self) -> Option<Value> {
        let text = self.variables.file(&self.text("EVENT_PATH")?)?;
        serde_json::from_str(&text).ok()
    }

    fn pushed_branch(&self) -> Option<String> {
        // Other events around a pull request run on its merge ref, whose short name `7/merge`
        // looks like a branch and is reported with the type `branch`.
        let on_other_ref = self
            .text("REF")
            .is_some_and(|full| !full.starts_with("refs/heads/"));
        if on_other_ref || self.text("REF_TYPE")? != "branch" {
            return None;
        }
        branch_name(&self.text("REF_NAME")?)
    }

    fn merge_commit(&self) -> Option<String> {
        // Under `pull_request_target` this is the tip of the target branch: a commit that has
        // nothing of the pull request in it.
        if self.event_name_is("pull_request_target") {
            None
        } else {
            self.text("SHA")
        }
    }

    /// The number in `refs/pull/7/merge` (GitHub) or `refs/pull/7/head` (Gitea, Forgejo).
    fn number_in_ref(&self) -> Option<String> {
        let full = self.text("REF")?;
        let (number, _) = full.strip_prefix("refs/pull/")?.split_once('/')?;
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| number.to_owned())
    }

    /// Needs the attempt: a re-run has the same run id.
    fn job_id(&self) -> Option<String> {
        let run = self.text("RUN_ID")?;
        let attempt = self.text("RUN_ATTEMPT")?;
        let job = self.text("JOB")?;
        let server = match self.system {
            CiSystem::GiteaActions => format!("gitea-{}", self.text("REPOSITORY")?),
            CiSystem::ForgejoActions => format!("forgejo-{}", self.text("REPOSITORY")?),
            // GitHub counts runs across all repositories.
            _ => "github".to_owned(),
        };
        Some(job_id(&format!("{server}-{run}.{attempt}-{job}")))
    }

    fn run_url(&self) -> Option<String> {
        let server = self.text("SERVER_URL")?;
        let repository = self.text("REPOSITORY")?;
        let runs = format!("{}/{repository}/actions/runs", server.trim_end_matches('/'));
        match self.system {
            CiSystem::ForgejoActions => Some(format!("{runs}/{}", self.text("RUN_NUMBER")?)),
            CiSystem::GiteaActions => Some(format!("{runs}/{}", self.text("RUN_ID")?)),
            _ => {
                let run = self.text("RUN_ID")?;
                Some(match self.text("RUN_ATTEMPT") {
                    Some(attempt) => format!("{runs}/{run}/attempts/{attempt}"),
                    None => format!("{runs}/{run}"),
                })
            }
        }
    }
}

/// What the event file says, if it can be read.
struct PullRequest {
    event: Option<Value>,
}

impl PullRequest {
    fn field(&self, pointer: &str) -> Option<&Value> {
        self.event.as_ref()?.get("pull_request")?.pointer(pointer)
    }

    fn text(&self, pointer: &str) -> Option<String> {
        let text = self.field(pointer)?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn number(&self) -> Option<String> {
        let number = self
            .field("/number")
            .or_else(|| self.event.as_ref()?.get("number"))?;
        Some(number.as_u64()?.to_string())
    }
}
