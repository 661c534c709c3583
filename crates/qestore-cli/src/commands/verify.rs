//! `qestore verify`: reads artifacts back and compares them with what was stored.

use clap::Args;
use qestore::{ArtifactType, Filter, VerifyOptions, VerifyReport};

use super::damage::{as_shape, tell_damage};
use super::{Context, parse_type};
use crate::Answer;
use crate::failure::Failure;
use crate::output::shapes::Verified;
use crate::output::{Meter, Output, Progress, bytes, count, duration};
use crate::values::parse_share;

/// Read artifacts back and compare them with what was stored
///
/// Without JOB everything is read, superseded versions included. The exit code is 1 when something
/// is damaged or missing; each is named.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore verify
  qestore verify --sample 5%        every twentieth, from another start each time
  qestore verify build-1 videos")]
pub(crate) struct Verify {
    /// Only artifacts of this job.
    #[arg(value_name = "JOB")]
    job: Option<String>,

    /// Only artifacts of this type.
    #[arg(value_name = "TYPE", value_parser = parse_type)]
    artifact_type: Option<ArtifactType>,

    /// Read only so large a share, drawn at random: 5% or 0.05.
    #[arg(long, value_name = "SHARE", value_parser = parse_share, allow_hyphen_values = true)]
    sample: Option<f64>,
}

pub(crate) async fn run(command: Verify, context: &Context<'_>) -> Result<Answer, Failure> {
    let storage = context.open().await?;
    let output = context.output;
    let mut filter = Filter::default();
    filter.job_id.clone_from(&command.job);
    filter.artifact_type.clone_from(&command.artifact_type);
    let progress = Progress::new(output, "reading back", Meter::Bytes(None));
    let told = progress.clone();
    let mut options =
        VerifyOptions::default()
            .filter(filter)
            .on_progress(move |artifacts, bytes| {
                told.message(format!("{} read back", count(artifacts, "artifact")));
                told.at(bytes);
            });
    options.sample = command.sample;
    let report = storage.verify(options).await;
    progress.end();
    let report = report?;
    let looked_at = report.verified + report.left_out + report.damaged.len() as u64;
    if let Some(job) = command.job.filter(|_| looked_at == 0) {
        let subject = match command.artifact_type {
            Some(artifact_type) => format!("{job} {artifact_type}"),
            None => job,
        };
        return Err(Failure::not_found("there are no such artifacts to verify").concerning(subject));
    }
    tell(&report, output)?;
    Ok(if report.is_sound() {
        Answer::Yes
    } else {
        Answer::No
    })
}

fn tell(report: &VerifyReport, output: &Output) -> Result<(), Failure> {
    output.object(&Verified {
        verified: report.verified,
        left_out: report.left_out,
        content_bytes: report.content_bytes,
        damaged: report.damaged.iter().map(as_shape).collect(),
        took_seconds: report.took.as_secs_f64(),
    })?;
    tell_damage(&report.damaged, output)?;
    let left_out = match report.left_out {
        0 => String::new(),
        left_out => format!(", {left_out} left out of the sample"),
    };
    let damaged = report.damaged.len() as u64;
    let verdict = match (damaged, report.left_out) {
        (0, 0) => "all sound".to_owned(),
        (0, _) => "no damage in the sample".to_owned(),
        _ => format!("{damaged} of {} damaged", report.verified + damaged),
    };
    let summary = format!(
        "{verdict}: {} read back{}, {} of content in {}{left_out}",
        count(report.verified, "artifact"),
        if damaged > 0 { " and sound" } else { "" },
        bytes(report.content_bytes),
        duration(report.took),
    );
    output.confirm(&summary)
}
