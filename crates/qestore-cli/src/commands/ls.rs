//! `qestore ls`: lists artifacts, newest first.

use clap::Args;
use qestore::{ArtifactMetadata, Cursor, Filter, Page, Storage};

use super::Context;
use super::filter_options::{FilterOptions, TypeOption};
use crate::Answer;
use crate::edge::now;
use crate::failure::Failure;
use crate::output::shapes::Listed;
use crate::output::{Table, bytes, instant, kept};

/// Artifacts that are fetched at once.
const PAGE: usize = 1000;
/// Tags that CI gives and that are too long for a table; `show` has them.
const LONG_TAGS: [&str; 2] = ["commit", "run-url"];

/// List artifacts, newest first
///
/// All filters must hold. The tags `commit` and `run-url`, which are long, are left out of the
/// table: `qestore show` and --json have them.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore ls
  qestore ls --type test-results --tag branch=main --since 7d
  qestore ls --job 'build-*' --min-size 100KB --max-size 10MB
  qestore ls --tag release --tag 'env!=dev' --tag '!draft'
  qestore ls --since 2026-11-01 --until 2026-12-01 --all
  qestore ls --json --limit 1 --type coverage-report

Instants are durations (7d: seven days ago; also w, h, m, s), dates (2026-11-01: its first moment)
or instants (2026-11-01T12:30+01:00); without an offset they are UTC.")]
pub(crate) struct Ls {
    #[command(flatten)]
    of_type: TypeOption,

    #[command(flatten)]
    filter: FilterOptions,

    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,

    /// All of them.
    #[arg(long, conflicts_with = "limit")]
    all: bool,

    /// Also versions that a later `put` under the same job, type and name superseded.
    #[arg(long)]
    superseded: bool,

    /// Continue where an earlier listing ended.
    #[arg(long, value_name = "CURSOR", value_parser = parse_cursor)]
    after: Option<Cursor>,
}

fn parse_cursor(text: &str) -> Result<Cursor, String> {
    text.parse()
        .map_err(|error: qestore::Error| error.message().to_owned())
}

pub(crate) async fn run(command: Ls, context: &Context<'_>) -> Result<Answer, Failure> {
    let now = now();
    let mut filter = command.filter.filter(now)?;
    filter.artifact_type = command.of_type.artifact_type;
    filter.superseded = command.superseded;
    let storage = context.open().await?;
    let limit = if command.all {
        usize::MAX
    } else {
        usize::try_from(command.limit).unwrap_or(usize::MAX)
    };
    let (artifacts, next) = collect(&storage, &filter, limit, command.after).await?;
    let output = context.output;
    if output.json {
        let next = next.map(|next| next.to_string());
        output.object(&Listed {
            artifacts: &artifacts,
            next,
        })?;
        return Ok(Answer::Yes);
    }
    if artifacts.is_empty() {
        output.note("no artifacts");
        return Ok(Answer::Yes);
    }
    let shown = artifacts.len();
    let kept: Vec<String> = artifacts.iter().map(|a| kept(a, now)).collect();
    // A column only where there is something to say.
    let with_kept = kept.iter().any(|kept| !kept.is_empty());
    let mut header = vec!["JOB", "TYPE", "NAME", "SIZE", "STORED", "TIME", "TAGS"];
    if with_kept {
        header.insert(6, "RETENTION");
    }
    let mut table = Table::new(&header).right(3).right(4);
    for (artifact, kept) in artifacts.iter().zip(kept) {
        let mut cells = row(artifact);
        if with_kept {
            cells.insert(6, kept);
        }
        table.row(cells);
    }
    output.table(table)?;
    if let Some(next) = next {
        output.note(&format!(
            "there is more than these {shown}: --limit N or --all shows it, `--after {next}` goes on"
        ));
    }
    Ok(Answer::Yes)
}

async fn collect(
    storage: &Storage,
    filter: &Filter,
    limit: usize,
    mut after: Option<Cursor>,
) -> Result<(Vec<ArtifactMetadata>, Option<Cursor>), Failure> {
    let mut artifacts = Vec::new();
    loop {
        let wanted = PAGE.min(limit - artifacts.len());
        let page = match after {
            Some(cursor) => Page::after(wanted, cursor),
            None => Page::first(wanted),
        };
        let listing = storage.list(filter, &page).await?;
        artifacts.extend(listing.artifacts);
        after = listing.next;
        if after.is_none() || artifacts.len() >= limit {
            return Ok((artifacts, after));
        }
    }
}

fn row(artifact: &ArtifactMetadata) -> Vec<String> {
    let tags: Vec<String> = artifact
        .tags
        .iter()
        .filter(|(key, _)| !LONG_TAGS.contains(&key.as_str()))
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    vec![
        artifact.job_id.clone(),
        artifact.artifact_type.to_string(),
        artifact.name.clone(),
        bytes(artifact.size_bytes),
        bytes(artifact.compressed_size_bytes),
        instant(artifact.timestamp),
        tags.join(" "),
    ]
}
