//! `qestore reindex`: compares the index with all objects and brings it in step.

use clap::Args;

use super::Context;
use crate::Answer;
use crate::failure::Failure;
use crate::output::shapes::{Damaged, Reindexed};
use crate::output::{ErrorJson, Meter, Progress, count, duration, escaped};

/// Compare the whole index with all objects, and bring it in step
///
/// The objects are the truth, the index is a view of them. It is needed after objects were copied
/// into the store, or removed from it, by other tools. An artifact whose object is gone is named,
/// and forgotten: restore the object first if there is a copy.
///
/// The exit code is 1 when there are objects that cannot be read, or that are gone.
#[derive(Debug, Args)]
pub(crate) struct Reindex {}

pub(crate) async fn run(_: Reindex, context: &Context<'_>) -> Result<Answer, Failure> {
    let storage = context.open().await?;
    let output = context.output;
    let progress = Progress::new(output, "objects", Meter::Count);
    let report = storage.reindex(|seen| progress.at(seen)).await;
    progress.end();
    let report = report?;
    let damaged = report.damaged.iter().map(|(key, error)| Damaged {
        key,
        artifact: None,
        error: ErrorJson::of(error, error.kind().as_str()),
    });
    output.object(&Reindexed {
        objects: report.objects,
        added: report.added,
        removed: report.removed,
        missing: &report.missing,
        damaged: damaged.collect(),
        foreign: report.foreign,
        took_seconds: report.took.as_secs_f64(),
    })?;
    for (key, error) in &report.damaged {
        output.line(&format!(
            "damaged: {}: {}",
            escaped(key),
            escaped(error.message())
        ))?;
    }
    for missing in &report.missing {
        let missing = escaped(&missing.to_string());
        output.line(&format!(
            "gone: {missing}: its object is not there any more"
        ))?;
    }
    if report.foreign > 0 {
        let files = count(report.foreign, "file");
        output.note(&format!("{files} in the store's folders are no objects"));
    }
    let gone = report.missing.len() as u64 + report.removed;
    output.confirm(&format!(
        "{} in {}: {} added to the index, {} dropped, {} damaged",
        count(report.objects, "object"),
        duration(report.took),
        report.added,
        gone,
        report.damaged.len(),
    ))?;
    Ok(if report.damaged.is_empty() && report.missing.is_empty() {
        Answer::Yes
    } else {
        Answer::No
    })
}
