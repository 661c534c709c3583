//! `qestore cat`: prints the content of a file artifact, or of one file of a tree.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use futures::{StreamExt as _, TryStreamExt as _};
use qestore::{Artifact, ArtifactKind, Error, ErrorKind};

use super::{Context, Which};
use crate::Answer;
use crate::failure::Failure;
use crate::output::shapes::Content;
use crate::output::shell_word;

/// Print the content of an artifact, or of one file of a tree
///
/// The content is decompressed and verified. Of a tree, only what holds the file is read.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore cat build-1 build-logs | grep -i warning
  qestore cat build-1 coverage-report index.html
  qestore cat build-1 screenshots --name login.png > login.png

With --json the content is in `content`: as it is when it is UTF-8 text, else in base64.")]
pub(crate) struct Cat {
    #[command(flatten)]
    which: Which,

    /// The path of a file in a tree; `qestore show` lists them.
    #[arg(value_name = "MEMBER")]
    member: Option<String>,
}

pub(crate) async fn run(command: Cat, context: &Context<'_>) -> Result<Answer, Failure> {
    let storage = context.open().await?;
    let artifact = command.which.find(&storage).await?;
    if artifact.metadata().kind == ArtifactKind::Tree && command.member.is_none() {
        return Err(no_member(&artifact));
    }
    if context.output.json {
        let bytes = match &command.member {
            Some(member) => artifact.member(member).await,
            None => artifact.bytes().await,
        }
        .map_err(too_large_for_json)?;
        let (encoding, content) = match std::str::from_utf8(&bytes) {
            Ok(text) => ("utf-8", Cow::Borrowed(text)),
            Err(_) => ("base64", Cow::Owned(STANDARD.encode(&bytes))),
        };
        context.output.object(&Content {
            artifact: artifact.metadata(),
            member: command.member.as_deref(),
            encoding,
            content: &content,
        })?;
        return Ok(Answer::Yes);
    }
    let mut chunks = match &command.member {
        Some(member) => artifact.member_stream(member).boxed(),
        None => artifact.stream().boxed(),
    };
    while let Some(chunk) = chunks.try_next().await? {
        context.output.raw(&chunk)?;
    }
    Ok(Answer::Yes)
}

fn no_member(artifact: &Artifact) -> Failure {
    let metadata = artifact.metadata();
    Failure::usage("it is a tree: say which of its files")
        .concerning(metadata.to_string())
        .help(format!(
            "`qestore show {} {} --name {}` lists its files; `qestore get` unpacks it",
            shell_word(&metadata.job_id),
            metadata.artifact_type,
            shell_word(&metadata.name)
        ))
}

fn too_large_for_json(error: Error) -> Failure {
    match error.kind() {
        ErrorKind::TooLarge => Failure::from(error.help("leave --json out to have it as a stream")),
        _ => error.into(),
    }
}
