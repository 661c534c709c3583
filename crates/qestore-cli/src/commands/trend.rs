//! `qestore trend`: the sizes of one type of artifacts over time, as a line, a table and a chart.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use qestore::chart::{LineChart, Unit, sparkline};

use qestore::{ArtifactQuery, ArtifactType, Error, ErrorKind, SizePoint};

use super::get::target::partial_file;
use super::{Context, FilterOptions, parse_type};
use crate::Answer;
use crate::edge::now;
use crate::failure::Failure;
use crate::output::shapes::{Point, Trend as TrendShape};
use crate::output::{Output, Table, bytes, count, difference, escaped, instant, percent};

/// Characters of the line.
const WIDTH: usize = 60;
const DAY_SECONDS: i64 = 86_400;

/// Show how the size of one type of artifacts changes over time
///
/// The line and the chart show all artifacts of the time, the table the newest of them, the newest
/// last.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore trend test-results
  qestore trend coverage-report --days 90 --tag branch=main
  qestore trend performance-metrics --tag branch=main --svg trend.svg")]
pub(crate) struct Trend {
    /// The artifact type, such as test-results or coverage-report.
    #[arg(value_name = "TYPE", value_parser = parse_type)]
    artifact_type: ArtifactType,

    /// So many days back from now.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=36_500), conflicts_with_all = ["since", "until"])]
    days: u32,

    #[command(flatten)]
    filter: FilterOptions,

    /// At most so many rows in the table.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,

    /// Write a chart as an SVG picture; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,

    /// Replace the picture that is there.
    #[arg(long, requires = "svg")]
    force: bool,
}

pub(crate) async fn run(command: Trend, context: &Context<'_>) -> Result<Answer, Failure> {
    let now = now();
    let mut filter = command.filter.filter(now)?;
    filter.artifact_type = Some(command.artifact_type.clone());
    let whole = filter.since.is_none() && filter.until.is_none();
    if whole {
        let back = jiff::SignedDuration::from_secs(i64::from(command.days) * DAY_SECONDS);
        filter.since = now.checked_sub(back).ok();
    }
    let storage = context.open().await?;
    let points = ArtifactQuery::new(&storage).size_trend(&filter).await?;
    let when = match whole {
        true => format!("of the last {}", count(u64::from(command.days), "day")),
        false => "of that time".to_owned(),
    };
    let to_stdout = command.svg.as_deref() == Some(Path::new("-"));
    if let Some(target) = &command.svg {
        let svg = chart(&command.artifact_type, &when, &points);
        if to_stdout {
            context.output.raw(svg.as_bytes())?;
            return Ok(Answer::Yes);
        }
        if !points.is_empty() {
            write(target, &svg, command.force)?;
        }
    }
    let output = context.output;
    output.object(&TrendShape {
        artifact_type: command.artifact_type.as_str(),
        points: points.iter().map(shape).collect(),
        svg: command
            .svg
            .as_ref()
            .filter(|_| !points.is_empty())
            .map(|path| path.display().to_string()),
    })?;
    tell(&command, &when, &points, output)?;
    Ok(Answer::Yes)
}

fn shape(point: &SizePoint) -> Point<'_> {
    Point {
        timestamp: point.timestamp,
        job_id: &point.job_id,
        name: &point.name,
        size_bytes: point.size_bytes,
        compressed_size_bytes: point.compressed_size_bytes,
    }
}

fn tell(command: &Trend, when: &str, points: &[SizePoint], output: &Output) -> Result<(), Failure> {
    let of_type = &command.artifact_type;
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        let chart = if command.svg.is_some() {
            "; no chart is written"
        } else {
            ""
        };
        output.note(&format!("no {of_type} {when} that fits{chart}"));
        return Ok(());
    };
    let number = count(points.len() as u64, "artifact");
    output.line(&format!(
        "{} {when}: {number}",
        output.bold(of_type.as_str())
    ))?;
    let sizes: Vec<f64> = points.iter().map(|point| float(point.size_bytes)).collect();
    output.line(&sparkline(&sizes, WIDTH))?;
    let least = points.iter().map(|point| point.size_bytes).min();
    let most = points.iter().map(|point| point.size_bytes).max();
    output.line(&format!(
        "{} to {}, the latest {}{}",
        bytes(least.unwrap_or(0)),
        bytes(most.unwrap_or(0)),
        bytes(last.size_bytes),
        match points.len() {
            1 => String::new(),
            _ => format!("{} since the first", percent(change(first, last))),
        },
    ))?;
    output.line("")?;
    let limit = usize::try_from(command.limit).unwrap_or(usize::MAX);
    let from = points.len().saturating_sub(limit);
    let mut table = Table::new(&["TIME", "JOB", "NAME", "SIZE", "STORED", "CHANGE"])
        .right(3)
        .right(4)
        .right(5);
    for (at, point) in points.iter().enumerate().skip(from) {
        let before = at.checked_sub(1).and_then(|at| points.get(at));
        table.row(row(point, before));
    }
    output.table(table)?;
    if from > 0 {
        output.note(&format!(
            "{from} older ones are not in the table: --limit N shows more"
        ));
    }
    if let Some(target) = &command.svg {
        output.confirm(&format!(
            "chart written to {}",
            escaped(&target.display().to_string())
        ))?;
    }
    Ok(())
}

fn row(point: &SizePoint, before: Option<&SizePoint>) -> [String; 6] {
    let change = before.map_or_else(String::new, |before| {
        let by = i128::from(point.size_bytes) - i128::from(before.size_bytes);
        let by = i64::try_from(by).unwrap_or(i64::MAX);
        format!(
            "{}{}",
            difference(by),
            percent(change(before, point).filter(|_| by != 0))
        )
    });
    [
        instant(point.timestamp),
        point.job_id.clone(),
        point.name.clone(),
        bytes(point.size_bytes),
        bytes(point.compressed_size_bytes),
        change,
    ]
}

/// By how many percent the content has grown.
fn change(from: &SizePoint, to: &SizePoint) -> Option<f64> {
    let (from, to) = (float(from.size_bytes), float(to.size_bytes));
    (from > 0.0).then(|| (to - from) * 100.0 / from)
}

#[expect(clippy::cast_precision_loss, reason = "a picture")]
fn float(bytes: u64) -> f64 {
    bytes as f64
}

fn chart(of_type: &ArtifactType, when: &str, points: &[SizePoint]) -> String {
    let series = |bytes: fn(&SizePoint) -> u64| {
        let points = points.iter();
        points
            .map(|point| (point.timestamp, float(bytes(point))))
            .collect()
    };
    LineChart::new(format!("Size of {of_type}"))
        .subtitle(format!("{} {when}", count(points.len() as u64, "artifact")))
        .unit(Unit::Bytes)
        .series("content", series(|point| point.size_bytes))
        .series("stored", series(|point| point.compressed_size_bytes))
        .to_svg()
}

/// Writes the picture whole, or not at all.
fn write(target: &Path, svg: &str, force: bool) -> Result<(), Failure> {
    let failed = |error| {
        let error = Error::io("the picture cannot be written", error);
        let error = error.concerning(target.display().to_string());
        match error.kind() {
            // Not the answer to a question, but a wrong path.
            ErrorKind::NotFound => Failure::Usage(error),
            _ => error.into(),
        }
    };
    if !force && fs::symlink_metadata(target).is_ok() {
        return Err(Failure::Other(
            Error::new(ErrorKind::AlreadyExists, "it is there already")
                .concerning(target.display().to_string()),
        )
        .help("--force replaces it"));
    }
    let mut file = partial_file(target).map_err(failed)?;
    file.write_all(svg.as_bytes()).map_err(failed)?;
    file.persist(target).map_err(|e| failed(e.error))?;
    Ok(())
}
