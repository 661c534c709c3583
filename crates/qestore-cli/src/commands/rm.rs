//! `qestore rm`: removes an artifact, its superseded versions included.

use clap::Args;
use qestore::ErrorKind;

use super::{Context, Which};
use crate::Answer;
use crate::failure::Failure;
use crate::output::escaped;
use crate::output::shapes::Removed;

/// Remove an artifact, its superseded versions included
///
/// When the job has several of that type and no --name is given, the one called `default` goes, if
/// there is one; else nothing does. The store keeps a record that it was removed, so that it stays removed for everyone.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore rm build-1 videos
  qestore rm build-1 screenshots --name login.png")]
pub(crate) struct Rm {
    #[command(flatten)]
    which: Which,
}

pub(crate) async fn run(command: Rm, context: &Context<'_>) -> Result<Answer, Failure> {
    let storage = context.open().await?;
    let removed = storage.delete(command.which.reference()).await;
    let removed = removed.map_err(|error| match error.kind() {
        ErrorKind::Protected => command.which.protected(error),
        _ => error.into(),
    })?;
    let Some(removed) = removed else {
        return Err(command.which.missing(&storage));
    };
    let output = context.output;
    output.confirm(&format!("removed {}", escaped(&removed.to_string())))?;
    output.object(&Removed { removed: &removed })?;
    Ok(Answer::Yes)
}
