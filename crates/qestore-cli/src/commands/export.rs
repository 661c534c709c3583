//! `qestore export`: plain files, and a list of them.

use std::path::PathBuf;

use clap::Args;
use qestore::ExportOptions;

use super::damage::{as_shape, tell_damage};
use super::get::target::refuse_the_store;
use super::{Context, FilterOptions, TypeOption};
use crate::Answer;
use crate::edge::now;
use crate::failure::Failure;
use crate::output::shapes::Exported;
use crate::output::{Meter, Progress, bytes, count, duration, escaped};

/// Write artifacts as plain files and folders
///
/// Each becomes DIR/JOB/TYPE/NAME, decompressed and verified, folders unpacked. Characters that
/// no file name may have are written as % and two digits. DIR/artifacts.json lists them all with what is
/// known of each; it is written last. DIR must be empty, or not there.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore export everything
  qestore export november --type test-results --since 2026-11-01 --until 2026-12-01")]
pub(crate) struct Export {
    /// The folder to write to.
    #[arg(value_name = "DIR")]
    target: PathBuf,

    #[command(flatten)]
    of_type: TypeOption,

    #[command(flatten)]
    filter: FilterOptions,
}

pub(crate) async fn run(command: Export, context: &Context<'_>) -> Result<Answer, Failure> {
    let mut filter = command.filter.filter(now())?;
    filter.artifact_type = command.of_type.artifact_type;
    let place = context.place()?;
    let storage = context.open().await?;
    refuse_the_store(&command.target, place.path())
        .map_err(|failure| failure.help("export into a folder of its own"))?;
    let output = context.output;
    let progress = Progress::new(output, "exporting", Meter::Bytes(None));
    let told = progress.clone();
    let options = ExportOptions::default()
        .filter(filter)
        .on_progress(move |artifacts, bytes| {
            told.message(format!("{} written", count(artifacts, "artifact")));
            told.at(bytes);
        });
    let report = storage.export(&command.target, &options).await;
    progress.end();
    let report = report?;
    let list = report.list.display().to_string();
    output.object(&Exported {
        exported: report.exported,
        exported_bytes: report.exported_bytes,
        list: list.clone(),
        damaged: report.damaged.iter().map(as_shape).collect(),
        took_seconds: report.took.as_secs_f64(),
    })?;
    tell_damage(&report.damaged, output)?;
    let damaged = match report.damaged.len() {
        0 => String::new(),
        damaged => format!(", {damaged} damaged"),
    };
    output.confirm(&format!(
        "exported {} ({} of content){damaged} in {}; the list is {}",
        count(report.exported, "artifact"),
        bytes(report.exported_bytes),
        duration(report.took),
        escaped(&list),
    ))?;
    Ok(if report.damaged.is_empty() {
        Answer::Yes
    } else {
        Answer::No
    })
}
