//! `qestore log`: what happened to artifacts after they were stored.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use qestore::{Event, EventAction, EventArtifact, EventFilter};

use super::Context;
use crate::Answer;
use crate::edge::now;
use crate::failure::Failure;
use crate::output::shapes::Logged;
use crate::output::{Output, Table, bytes, count, escaped, instant};
use crate::values::{When, parse_when};

/// Show what happened to artifacts: removals, pins and holds, the newest first
///
/// The log is kept in the store for ever, also of artifacts that are gone.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore log
  qestore log --action removed --since 7d --artifacts
  qestore log --job build-7 --json")]
pub(crate) struct Log {
    /// Only of this instant or later.
    #[arg(long, value_name = "WHEN", value_parser = parse_when, allow_hyphen_values = true)]
    since: Option<When>,

    /// Only before this instant.
    #[arg(long, value_name = "WHEN", value_parser = parse_when, allow_hyphen_values = true)]
    until: Option<When>,

    /// Only of this sort.
    #[arg(long, value_name = "ACTION")]
    action: Option<Action>,

    /// Only what happened to artifacts of this job.
    #[arg(long, value_name = "JOB", allow_hyphen_values = true)]
    job: Option<String>,

    /// List each artifact.
    #[arg(long)]
    artifacts: bool,

    /// At most so many events.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,
}

/// What can happen to artifacts.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Action {
    /// They were removed.
    Removed,
    /// They were pinned.
    Pinned,
    /// Their pins were taken away.
    Unpinned,
    /// They were held until an instant.
    Held,
    /// Their holds were ended.
    Released,
}

impl From<Action> for EventAction {
    fn from(action: Action) -> Self {
        match action {
            Action::Removed => Self::Removed,
            Action::Pinned => Self::Pinned,
            Action::Unpinned => Self::Unpinned,
            Action::Held => Self::Held,
            Action::Released => Self::Released,
        }
    }
}

pub(crate) async fn run(command: Log, context: &Context<'_>) -> Result<Answer, Failure> {
    let now = now();
    let mut filter = EventFilter::default();
    filter.since = command.since.map(|when| when.instant(now));
    filter.until = command.until.map(|when| when.instant(now));
    filter.action = command.action.map(Into::into);
    filter.job_id.clone_from(&command.job);
    let storage = context.open().await?;
    let limit = usize::try_from(command.limit).unwrap_or(usize::MAX);
    let mut events = storage.events(&filter, limit.saturating_add(1)).await?;
    let more = events.len() > limit;
    events.truncate(limit);
    let output = context.output;
    output.object(&Logged { events: &events })?;
    if events.is_empty() {
        output.note("no events");
        return Ok(Answer::Yes);
    }
    if command.artifacts {
        for event in &events {
            at_length(event, command.job.as_deref(), output)?;
        }
    } else {
        let mut table = Table::new(&["TIME", "ACTION", "WHAT", "WHY", "BY"]);
        for event in &events {
            table.row(row(event));
        }
        output.table(table)?;
    }
    if more {
        output.note("there are more events: --limit N shows them");
    }
    Ok(Answer::Yes)
}

fn row(event: &Event) -> [String; 5] {
    [
        instant(event.at),
        event.action.as_str().to_owned(),
        what(event),
        why(event),
        event.by.clone().unwrap_or_default(),
    ]
}

/// One artifact by name, several by number and bytes.
fn what(event: &Event) -> String {
    if let [only] = event.artifacts.as_slice() {
        return named(only);
    }
    let bytes_known: Option<u64> = event.artifacts.iter().map(|a| a.stored_bytes).sum();
    let number = count(event.artifacts.len() as u64, "artifact");
    bytes_known.map_or(number.clone(), |sum| format!("{number}, {}", bytes(sum)))
}

fn why(event: &Event) -> String {
    let mut rules: BTreeMap<&str, u64> = BTreeMap::new();
    for rule in event.artifacts.iter().filter_map(|a| a.rule.as_deref()) {
        *rules.entry(rule_word(rule)).or_default() += 1;
    }
    let until = event.until.map(|until| format!("until {}", instant(until)));
    let rules: Vec<_> = match event.artifacts.as_slice() {
        [only] => only.rule.iter().cloned().collect(),
        _ => rules
            .into_iter()
            .map(|(rule, n)| format!("{n} {rule}"))
            .collect(),
    };
    let parts = [Some(event.reason.clone()), until, Some(rules.join(", "))];
    let parts: Vec<_> = parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(": ")
}

/// The rule in words begins with the one that says most.
fn rule_word(rule: &str) -> &str {
    rule.split(' ').next().unwrap_or(rule)
}

fn named(artifact: &EventArtifact) -> String {
    match (&artifact.job_id, &artifact.artifact_type, &artifact.name) {
        (Some(job), Some(of_type), Some(name)) => format!("{job} {of_type} {name}"),
        _ => artifact.id.to_string(),
    }
}

fn at_length(event: &Event, job: Option<&str>, output: &Output) -> Result<(), Failure> {
    let by = event
        .by
        .as_ref()
        .map_or_else(String::new, |by| format!(", by {by}"));
    let head = format!(
        "{}  {}  {}{by}",
        instant(event.at),
        event.action.as_str(),
        why(event)
    );
    output.line(&output.bold(&escaped(&head)))?;
    let of_job = |artifact: &&EventArtifact| job.is_none() || artifact.job_id.as_deref() == job;
    for artifact in event.artifacts.iter().filter(of_job) {
        let size = artifact
            .stored_bytes
            .map_or_else(String::new, |of| format!("  {}", bytes(of)));
        let rule = artifact
            .rule
            .as_ref()
            .map_or_else(String::new, |rule| format!("  {rule}"));
        output.line(&escaped(&format!("  {}{size}{rule}", named(artifact))))?;
    }
    Ok(())
}
