//! `qestore show`: everything that is known of an artifact, and the members of a tree.

use clap::Args;
use qestore::{ArtifactKind, ArtifactMetadata, Member, MemberKind};

use super::{Context, Which};
use crate::Answer;
use crate::edge::now;
use crate::failure::Failure;
use crate::output::shapes::Shown;
use crate::output::{Output, Table, bytes, escaped, instant, share};

/// Show everything that is known of an artifact, and the files of a tree
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore show build-1 test-results
  qestore show build-1 coverage-report --json")]
pub(crate) struct Show {
    #[command(flatten)]
    which: Which,
}

pub(crate) async fn run(command: Show, context: &Context<'_>) -> Result<Answer, Failure> {
    let storage = context.open().await?;
    let artifact = command.which.find(&storage).await?;
    let metadata = artifact.metadata();
    let members = match metadata.kind {
        ArtifactKind::Tree => Some(artifact.members().await?),
        _ => None,
    };
    let output = context.output;
    output.object(&Shown {
        artifact: metadata,
        members: members.as_deref(),
    })?;
    show_metadata(metadata, output)?;
    if let Some(members) = members {
        output.line("")?;
        output.table(member_table(&members))?;
    }
    Ok(Answer::Yes)
}

fn show_metadata(metadata: &ArtifactMetadata, output: &Output) -> Result<(), Failure> {
    let kept = kept_at_length(metadata);
    let kind = metadata.members.map_or_else(
        || metadata.kind.to_string(),
        |members| format!("{} of {members} members", metadata.kind),
    );
    let size = format!(
        "{} ({} bytes)",
        bytes(metadata.size_bytes),
        metadata.size_bytes
    );
    let stored = format!(
        "{} ({} bytes){}, {}",
        bytes(metadata.compressed_size_bytes),
        metadata.compressed_size_bytes,
        share(metadata.compression_ratio()),
        metadata.codec
    );
    let rows = [
        ("job", metadata.job_id.clone()),
        ("type", metadata.artifact_type.to_string()),
        ("name", metadata.name.clone()),
        ("kind", kind),
        ("media type", metadata.media_type.clone()),
        ("time", instant(metadata.timestamp)),
        ("size", size),
        ("stored as", stored),
        ("SHA-256", metadata.checksum.to_string()),
        ("kept", kept),
        ("id", metadata.id.to_string()),
        ("object", metadata.storage_path.clone()),
    ];
    for (label, value) in rows {
        show_row(output, label, &value)?;
    }
    for (key, value) in &metadata.tags {
        show_row(output, "tag", &format!("{key}={value}"))?;
    }
    Ok(())
}

/// How long it is kept, and who says so.
fn kept_at_length(metadata: &ArtifactMetadata) -> String {
    let by = match (metadata.ttl, metadata.keep_forever) {
        (None, false) => " by the policy",
        _ => "",
    };
    let time = match metadata.expires_at() {
        Some(at) if at <= now() => format!("time over since {}{by}", instant(at)),
        Some(at) => format!("until {}{by}", instant(at)),
        None => "for ever".to_owned(),
    };
    match (metadata.pinned, metadata.held_until) {
        (true, _) => format!("pinned; {time}"),
        (false, Some(until)) if until > now() => format!("held until {}; {time}", instant(until)),
        _ => time,
    }
}

fn show_row(output: &Output, label: &str, value: &str) -> Result<(), Failure> {
    let label = output.bold(&format!("{label:<11}"));
    output.line(&format!("{label} {}", escaped(value)))
}

fn member_table(members: &[Member]) -> Table {
    let mut table = Table::new(&["MODE", "SIZE", "PATH"]).right(1);
    for member in members {
        let size = match member.kind {
            MemberKind::File => bytes(member.size),
            _ => String::new(),
        };
        let path = match (member.kind, &member.target) {
            (_, Some(target)) => format!("{} -> {target}", member.path),
            (MemberKind::Folder, None) => format!("{}/", member.path),
            (_, None) => member.path.clone(),
        };
        table.row([format!("{:04o}", member.mode), size, path]);
    }
    table
}
