//! `qestore pin`, `unpin` and `hold`: what is kept whatever its age.

use clap::Args;
use qestore::ArtifactMetadata;

use super::{Context, Several};
use crate::Answer;
use crate::edge::now;
use crate::failure::Failure;
use crate::output::shapes::Protected;
use crate::output::{Output, count, escaped, instant};
use crate::values::{When, parse_when};

/// Keep artifacts whatever their age, until they are unpinned
///
/// A pin keeps the versions that are there now; a version that is stored later under the same job,
/// type and name is not pinned. The log tells who has pinned what, and why.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore pin release-1.4 --reason 'shipped to customers'
  qestore pin build-7 coverage-report
  qestore ls --pinned")]
pub(crate) struct Pin {
    #[command(flatten)]
    which: Several,

    /// Why, for the log.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    reason: String,
}

/// Take pins away
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore unpin release-1.4
  qestore unpin build-7 coverage-report --reason 'no longer supported'")]
pub(crate) struct Unpin {
    #[command(flatten)]
    which: Several,

    /// Why, for the log.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    reason: String,
}

/// Keep artifacts until an instant, whatever their age
///
/// A later hold replaces an earlier one. It is over at its instant; --release ends it before.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore hold build-7 --until 2027-06-30 --reason 'audit 2026'
  qestore hold build-7 security-findings --until 90d
  qestore hold build-7 --release

A duration counts from now on; a date is its first moment in UTC.")]
pub(crate) struct Hold {
    #[command(flatten)]
    which: Several,

    /// Until when: a duration from now on, a date or an instant.
    #[arg(long, value_name = "WHEN", value_parser = parse_until, required_unless_present = "release")]
    until: Option<When>,

    /// End the hold now.
    #[arg(long, conflicts_with = "until")]
    release: bool,

    /// Why, for the log.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    reason: String,
}

/// As [`parse_when`] reads it, in words for something to come.
fn parse_until(text: &str) -> Result<When, String> {
    parse_when(text).map_err(|error| error.replace("seven days ago", "seven days from now"))
}

pub(crate) async fn run_pin(command: Pin, context: &Context<'_>) -> Result<Answer, Failure> {
    let storage = context.open().await?;
    let found = command.which.find(&storage).await?;
    let changed = storage.pin(&found, &command.reason).await?;
    tell(&found, changed, "pinned", "pinned already", context.output)
}

pub(crate) async fn run_unpin(command: Unpin, context: &Context<'_>) -> Result<Answer, Failure> {
    let storage = context.open().await?;
    let found = command.which.find(&storage).await?;
    let changed = storage.unpin(&found, &command.reason).await?;
    tell(&found, changed, "unpinned", "not pinned", context.output)
}

pub(crate) async fn run_hold(command: Hold, context: &Context<'_>) -> Result<Answer, Failure> {
    let storage = context.open().await?;
    let found = command.which.find(&storage).await?;
    let Some(until) = command.until else {
        let changed = storage.release(&found, &command.reason).await?;
        return tell(&found, changed, "released", "not held", context.output);
    };
    let until = until.instant_to_come(now());
    let changed = storage.hold(&found, until, &command.reason).await?;
    let done = format!("held until {}:", instant(until));
    tell(
        &found,
        changed,
        &done,
        "held until then already",
        context.output,
    )
}

fn tell(
    found: &[ArtifactMetadata],
    changed: u64,
    done: &str,
    otherwise: &str,
    output: &Output,
) -> Result<Answer, Failure> {
    output.object(&Protected {
        changed,
        artifacts: found,
    })?;
    let what = match found {
        [only] => escaped(&only.to_string()),
        _ => count(changed, "artifact"),
    };
    match (changed, found.len() as u64 - changed) {
        (0, _) if found.len() == 1 => output.confirm(&format!("{what} is {otherwise}"))?,
        (0, all) => output.confirm(&format!("all {all} artifacts are {otherwise}"))?,
        (_, 0) => output.confirm(&format!("{done} {what}"))?,
        (_, rest) => output.confirm(&format!("{done} {what}; {rest} {otherwise}"))?,
    }
    Ok(Answer::Yes)
}
