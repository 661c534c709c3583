//! `qestore config check`: all that is wrong with the configuration, at once.

use std::path::PathBuf;

use clap::Args;
use qestore::ErrorKind;

use crate::Answer;
use crate::commands::Context;
use crate::edge::examine;
use crate::failure::{Failure, USAGE};
use crate::output::shapes::Checked;
use crate::output::{count, escaped};

/// Check the configuration and list all that is wrong
///
/// Looks at the file, at the environment variables, and at what they say together. Each problem is a
/// line with file, line and column, what is allowed, and the nearest right key. The exit code is 2
/// when there are problems.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore config check
  qestore config check .qe-fleet-storage.yml
  qestore config check --json")]
pub(super) struct Check {
    /// The file to check, instead of the one that commands would read.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

pub(super) fn run(command: &Check, context: &Context<'_>) -> Result<Answer, Failure> {
    let output = context.output;
    let configuration = examine(&context.global, command.file.as_deref())?;
    if let Some(note) = configuration.note() {
        output.note(&note);
    }
    let problems = &configuration.problems;
    let file = configuration
        .file
        .as_ref()
        .map(|file| file.display().to_string());
    for problem in problems {
        output.line(&escaped(&problem.to_string()))?;
    }
    let checked = match &file {
        Some(file) => escaped(file),
        None => "no configuration file; the environment".to_owned(),
    };
    let verdict = match problems.len() {
        0 => "no problems".to_owned(),
        many => count(many as u64, "problem"),
    };
    output.confirm(&format!("{checked}: {verdict}"))?;
    output.object(&Checked { file, problems })?;
    if !problems.is_empty() {
        return Ok(Answer::Failed(USAGE));
    }
    if let Err(error) = configuration.settings.config()
        && error.kind() == ErrorKind::Unsupported
    {
        output.note(error.message());
    }
    Ok(Answer::Yes)
}
