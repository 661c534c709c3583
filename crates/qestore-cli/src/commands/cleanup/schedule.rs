//! `qestore cleanup --schedule`: in the foreground, a line for each run.

use jiff::Timestamp;
use qestore::{CleanupOptions, CleanupSchedule, ScheduledRun};

use crate::Answer;
use crate::commands::Context;
use crate::edge::now;
use crate::failure::Failure;
use crate::output::shapes::ScheduleLine;
use crate::output::{ErrorJson, Output, bytes, count, duration, escaped, instant};

pub(super) async fn run(
    schedule: &CleanupSchedule,
    options: CleanupOptions,
    context: &Context<'_>,
) -> Result<Answer, Failure> {
    let storage = context.open().await?;
    let output = context.output;
    let mut failure = None;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let mut stop = Some(stop);
    let runs = storage.run_cleanups(schedule, &options, |run| {
        let told = tell(run, output).and_then(|()| output.flush());
        // Whoever reads the log is gone: nobody would hear of the next run.
        if let Err(error) = told {
            failure.get_or_insert(error);
            drop(stop.take());
        }
    });
    let ended = {
        let runs = std::pin::pin!(runs);
        match futures::future::select(runs, stopped).await {
            futures::future::Either::Left((ended, _)) => ended,
            futures::future::Either::Right(_) => Ok(()),
        }
    };
    if let Some(failure) = failure {
        return Err(failure);
    }
    ended?;
    Ok(Answer::Yes)
}

fn tell(run: &ScheduledRun, output: &Output) -> Result<(), Failure> {
    let at = now();
    output.object(&shape(run, at))?;
    let text = match run {
        ScheduledRun::Waiting { next } => format!("next cleanup at {}", instant(*next)),
        ScheduledRun::Skipped { .. } => {
            "cleanup skipped: another one of this store is under way".to_owned()
        }
        ScheduledRun::Failed { error, .. } => {
            format!("cleanup failed: {}", escaped(&error.to_string()))
        }
        ScheduledRun::Done { report, .. } => {
            let failed = match report.failures.first() {
                None => String::new(),
                Some(error) => format!(
                    "; {} failed, the first: {}",
                    count(report.failures.len() as u64, "batch"),
                    escaped(&error.to_string())
                ),
            };
            format!(
                "cleanup removed {}, {} freed in {}{failed}",
                count(report.removed, "artifact"),
                bytes(report.freed_bytes),
                duration(report.took)
            )
        }
        _ => return Ok(()),
    };
    output.line(&format!("{}  {text}", instant(at)))
}

fn shape(run: &ScheduledRun, at: Timestamp) -> ScheduleLine {
    let mut line = ScheduleLine {
        at,
        run: "waiting",
        due: None,
        next: None,
        removed: None,
        freed_bytes: None,
        took_seconds: None,
        error: None,
    };
    match run {
        ScheduledRun::Waiting { next } => line.next = Some(*next),
        ScheduledRun::Skipped { due } => (line.run, line.due) = ("skipped", Some(*due)),
        ScheduledRun::Failed { due, error } => {
            (line.run, line.due) = ("failed", Some(*due));
            line.error = Some(ErrorJson::of(error, error.kind().as_str()));
        }
        ScheduledRun::Done { due, report } => {
            (line.run, line.due) = ("done", Some(*due));
            line.removed = Some(report.removed);
            line.freed_bytes = Some(report.freed_bytes);
            line.took_seconds = Some(report.took.as_secs_f64());
            let first = report.failures.first();
            line.error = first.map(|error| ErrorJson::of(error, error.kind().as_str()));
        }
        _ => line.run = "unknown",
    }
    line
}
