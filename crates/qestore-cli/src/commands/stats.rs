//! `qestore stats`: a store in sum.

use clap::Args;
use qestore::{
    ArtifactQuery, ArtifactType, Compression, CompressionStats, ErrorKind, StorageStats,
};

use super::{Context, parse_type};
use crate::Answer;
use crate::failure::Failure;
use crate::output::shapes::{Compressed, OfType, Stats};
use crate::output::{Output, Table, bytes, count, difference, instant, share};

/// Show how much there is of what, and what compression has won
///
/// The ratio is stored bytes by content bytes: RATIO of all together, MEAN as the mean over the
/// artifacts, where small ones count as much as large ones. Superseded versions have lines of their own.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore stats
  qestore stats --type coverage-report
  qestore stats --json")]
pub(crate) struct StatsCommand {
    /// Only this type in the table.
    #[arg(long = "type", value_name = "TYPE", value_parser = parse_type)]
    artifact_type: Option<ArtifactType>,
}

pub(crate) async fn run(command: StatsCommand, context: &Context<'_>) -> Result<Answer, Failure> {
    let storage = context.open().await?;
    let query = ArtifactQuery::new(&storage);
    let stats = query.get_storage_stats().await?;
    let only = command.artifact_type.as_ref();
    let compression = query.get_compression_stats(only).await?;
    if let Some(only) = only.filter(|only| !compression.by_type.contains_key(*only)) {
        return Err(Failure::Other(
            qestore::Error::new(ErrorKind::NotFound, "there are no artifacts of this type")
                .concerning(only.to_string()),
        ));
    }
    let output = context.output;
    output.object(&shape(&stats, &compression))?;
    tell(&stats, &compression, output)?;
    Ok(Answer::Yes)
}

fn shape(stats: &StorageStats, compression: &CompressionStats) -> Stats {
    let of_type = |sum: &Compression| OfType {
        artifacts: sum.artifacts,
        size_bytes: sum.size_bytes,
        compressed_size_bytes: sum.compressed_size_bytes,
        compression: compressed(sum),
    };
    Stats {
        total_artifacts: stats.total_artifacts,
        total_size_bytes: stats.total_size_bytes,
        total_compressed_size_bytes: stats.total_compressed_size_bytes,
        stored_bytes: stats.stored_bytes(),
        artifacts_by_type: compression
            .by_type
            .iter()
            .map(|(name, sum)| (name.to_string(), of_type(sum)))
            .collect(),
        compression: compressed(&compression.total),
        oldest: stats.oldest,
        newest: stats.newest,
        superseded_artifacts: stats.superseded_artifacts,
        superseded_bytes: stats.superseded_bytes,
        expired_artifacts: stats.expired_artifacts,
        expired_bytes: stats.expired_bytes,
        protected_artifacts: stats.protected_artifacts,
    }
}

fn compressed(sum: &Compression) -> Compressed {
    Compressed {
        saved_bytes: sum.saved_bytes(),
        ratio: sum.ratio,
        mean_ratio: sum.mean_ratio,
    }
}

fn tell(
    stats: &StorageStats,
    compression: &CompressionStats,
    output: &Output,
) -> Result<(), Failure> {
    output.line(&format!(
        "{}: {} of content in {}{}",
        output.bold(&count(stats.total_artifacts, "artifact")),
        bytes(stats.total_size_bytes),
        bytes(stats.total_compressed_size_bytes),
        share(ratio(
            stats.total_compressed_size_bytes,
            stats.total_size_bytes
        )),
    ))?;
    if let (Some(oldest), Some(newest)) = (stats.oldest, stats.newest) {
        output.line(&format!(
            "stored from {} to {}",
            instant(oldest),
            instant(newest)
        ))?;
    }
    if !compression.by_type.is_empty() {
        output.line("")?;
        let header = [
            "TYPE",
            "ARTIFACTS",
            "CONTENT",
            "STORED",
            "SAVED",
            "RATIO",
            "MEAN",
        ];
        let mut table = (1..header.len()).fold(Table::new(&header), Table::right);
        for (of_type, sum) in &compression.by_type {
            table.row(cells(of_type.as_str(), sum));
        }
        if compression.by_type.len() > 1 {
            table.row(cells("all", &compression.total));
        }
        output.table(table)?;
    }
    output.line("")?;
    let rows = [
        (
            "superseded",
            stats.superseded_artifacts,
            Some(stats.superseded_bytes),
        ),
        (
            "expired",
            stats.expired_artifacts,
            Some(stats.expired_bytes),
        ),
        ("pinned or held", stats.protected_artifacts, None),
    ];
    for (label, number, of_bytes) in rows {
        let of_bytes = of_bytes.map_or_else(String::new, |of| format!(", {}", bytes(of)));
        output.line(&format!("{label:<14}  {number}{of_bytes}"))?;
    }
    output.line(&format!(
        "{:<14}  {}",
        "objects in all",
        bytes(stats.stored_bytes())
    ))
}

fn cells(label: &str, sum: &Compression) -> [String; 7] {
    let percent = |ratio: f64| format!("{:.1} %", ratio * 100.0);
    [
        label.to_owned(),
        sum.artifacts.to_string(),
        bytes(sum.size_bytes),
        bytes(sum.compressed_size_bytes),
        difference(sum.saved_bytes())
            .trim_start_matches('+')
            .to_owned(),
        percent(sum.ratio),
        percent(sum.mean_ratio),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
fn ratio(stored: u64, size: u64) -> f64 {
    if size == 0 {
        1.0
    } else {
        stored as f64 / size as f64
    }
}
