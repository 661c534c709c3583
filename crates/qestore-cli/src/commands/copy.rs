//! `qestore copy`: artifacts of one store into another.

use std::path::PathBuf;

use clap::Args;
use qestore::{Config, CopyOptions, ErrorKind, Storage};

use super::damage::{as_shape, tell_damage};
use super::{Context, FilterOptions, TypeOption};
use crate::Answer;
use crate::edge::now;
use crate::failure::Failure;
use crate::output::shapes::Copied;
use crate::output::{Meter, Progress, bytes, count, duration, tell_note};

/// Copy artifacts from one store to another
///
/// Objects are copied as they are: ids, checksums, times and compression stay. Each is read whole and
/// verified on the way. What is there already is passed over, so that a copy can be repeated, and goes
/// on where it was interrupted. What was removed from the target stays removed. Pins and holds come
/// along. The target is made when it is not there.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore copy .artifacts /mnt/archive/artifacts
  qestore copy .artifacts release-store --tag release --superseded")]
pub(crate) struct Copy {
    /// The folder of the store to copy from.
    #[arg(value_name = "FROM")]
    from: PathBuf,

    /// The folder of the store to copy to.
    #[arg(value_name = "TO")]
    to: PathBuf,

    #[command(flatten)]
    of_type: TypeOption,

    #[command(flatten)]
    filter: FilterOptions,

    /// Also versions that a later one superseded.
    #[arg(long)]
    superseded: bool,

    /// Only say what would be copied.
    #[arg(long, short = 'n')]
    dry_run: bool,
}

pub(crate) async fn run(command: Copy, context: &Context<'_>) -> Result<Answer, Failure> {
    let mut filter = command.filter.filter(now())?;
    filter.artifact_type = command.of_type.artifact_type;
    filter.superseded = command.superseded;
    let output = context.output;
    let (quiet, json) = (output.quiet, output.json);
    let config = |path: &PathBuf| {
        let config = Config::local(path).actor(context.actor());
        config.observer(move |notice| {
            if !quiet {
                tell_note(&notice.to_string(), json);
            }
        })
    };
    let from = Storage::open(config(&command.from).must_exist()).await;
    let from = from.map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::NoStore(error),
        _ => error.into(),
    })?;
    let to = match command.dry_run && !command.to.exists() {
        // Nothing is made by only looking.
        true => Storage::open(Config::memory()).await?,
        false => Storage::open(config(&command.to)).await?,
    };
    let progress = Progress::new(output, "copying", Meter::Bytes(None));
    let told = progress.clone();
    let mut options = CopyOptions::default()
        .filter(filter)
        .on_progress(move |artifacts, bytes| {
            told.message(format!("{} looked at", count(artifacts, "artifact")));
            told.at(bytes);
        });
    options.dry_run = command.dry_run;
    let report = from.copy_to(&to, &options).await;
    progress.end();
    let report = report?;
    output.object(&Copied {
        dry_run: command.dry_run,
        copied: report.copied,
        copied_bytes: report.copied_bytes,
        already_there: report.already_there,
        removed_there: report.removed_there,
        protected: report.protected,
        damaged: report.damaged.iter().map(as_shape).collect(),
        took_seconds: report.took.as_secs_f64(),
    })?;
    tell_damage(&report.damaged, output)?;
    let word = if command.dry_run {
        "would copy"
    } else {
        "copied"
    };
    let mut line = format!(
        "{word} {}, {}; {} already there",
        count(report.copied, "artifact"),
        bytes(report.copied_bytes),
        report.already_there,
    );
    for (number, what) in [
        (report.removed_there, "removed there once"),
        (report.protected, "pinned or held"),
        (report.damaged.len() as u64, "damaged"),
    ] {
        if number > 0 {
            line.push_str(&format!(", {number} {what}"));
        }
    }
    output.confirm(&format!("{line}; in {}", duration(report.took)))?;
    Ok(if report.damaged.is_empty() {
        Answer::Yes
    } else {
        Answer::No
    })
}
