//! `qestore exists`: the exit code says whether an artifact is there.

use clap::Args;

use super::{Context, Which};
use crate::Answer;
use crate::failure::Failure;
use crate::output::shapes;

/// Say by the exit code whether an artifact is there: 0 yes, 1 no
///
/// Prints nothing, except with --json. When the job has several artifacts of that type, none of them
/// called `default`, only --name makes the question clear: without it the exit code is 2.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore exists build-1 coverage-report || make coverage")]
pub(crate) struct Exists {
    #[command(flatten)]
    which: Which,
}

pub(crate) async fn run(command: Exists, context: &Context<'_>) -> Result<Answer, Failure> {
    let storage = context.open().await?;
    let exists = storage.exists(command.which.reference()).await?;
    context.output.object(&shapes::Exists { exists })?;
    Ok(if exists { Answer::Yes } else { Answer::No })
}
