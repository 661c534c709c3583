//! `qestore cleanup`: removes what has had its time, and says why.

mod schedule;

use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use jiff::SignedDuration;
use qestore::{
    ArtifactMetadata, ArtifactType, CleanupOptions, CleanupReport, CleanupSchedule, KeepScope,
    RetentionPolicy, Verdict,
};

use super::Context;
use crate::Answer;
use crate::failure::{Failure, STORAGE};
use crate::output::shapes::{Cleaned, Decided, RuleTotal};
use crate::output::{ErrorJson, Output, bytes, count, duration, escaped};
use crate::values::{Ttl, parse_span, parse_ttl};

/// Lines of what went that are printed without --explain.
const SHOWN: u64 = 20;

/// Remove what has had its time, and superseded versions
///
/// An artifact goes when its time is over and nothing keeps it. Its time is the one given to `put
/// --ttl`, else that of its type, else the default of the configuration; without any it has no end.
/// The latest of each type stay whatever their age, and so does what is pinned or held. A version that
/// a newer one replaced goes after a day. Options win over the configuration.
///
/// A cleanup that would leave nothing is refused, unless --allow-empty is given.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore cleanup --dry-run
  qestore cleanup --dry-run --explain
  qestore cleanup --ttl 14d --keep-latest 5 --keep-scope type+tag:branch
  qestore cleanup --schedule '0 2 * * *'

A scope is what the latest are counted in: type, global, type+name, type+tag:KEY, or other parts of
these joined by +. A schedule is a cron expression in UTC; it runs in the foreground until the
process is ended, with a line for each run.")]
pub(crate) struct Cleanup {
    /// Only say what would go.
    #[arg(long, short = 'n')]
    dry_run: bool,

    /// Say of every artifact whether it stays or goes, and by which rule.
    #[arg(long)]
    explain: bool,

    /// Remove everything, if that is what the policy says.
    #[arg(long)]
    allow_empty: bool,

    /// How long artifacts are kept that say nothing themselves: 90d, 12h, 2w or forever.
    #[arg(long, value_name = "TIME", value_parser = parse_ttl)]
    ttl: Option<Ttl>,

    /// How many of each group stay whatever their age.
    #[arg(long, value_name = "N")]
    keep_latest: Option<u64>,

    /// What a group is, such as type, global or type+tag:branch.
    #[arg(long, value_name = "SCOPE", value_parser = parse_scope)]
    keep_scope: Option<KeepScope>,

    /// How long a version stays after a newer one replaced it.
    #[arg(long, value_name = "TIME", value_parser = parse_span)]
    superseded_grace: Option<SignedDuration>,

    /// Run again and again, by this cron expression or that of the configuration.
    #[arg(long, value_name = "CRON", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["dry_run", "explain"])]
    schedule: Option<String>,
}

fn parse_scope(text: &str) -> Result<KeepScope, String> {
    text.parse()
        .map_err(|error: qestore::Error| error.message().to_owned())
}

pub(crate) async fn run(command: Cleanup, context: &Context<'_>) -> Result<Answer, Failure> {
    let mut options = CleanupOptions::default().policy(command.policy(context)?);
    options.allow_empty = command.allow_empty;
    if let Some(cron) = &command.schedule {
        let schedule = schedule(cron, context)?;
        return schedule::run(&schedule, options, context).await;
    }
    options.dry_run = command.dry_run;
    options.explain = command.explain;
    let storage = context.open().await?;
    let teller = Arc::new(Mutex::new(Teller::new(&command, context.output)));
    let told = Arc::clone(&teller);
    let output = *context.output;
    let options = options.on_verdict(move |artifact, verdict| {
        let mut teller = told.lock().unwrap_or_else(PoisonError::into_inner);
        teller.tell(artifact, verdict, &output);
    });
    let report = storage
        .cleanup(options)
        .await
        .map_err(|error| match error.kind() {
            qestore::ErrorKind::InvalidInput => Failure::Other(
                error.help("nothing was removed; mend the policy, or give --allow-empty"),
            ),
            _ => error.into(),
        })?;
    let teller = std::mem::replace(
        &mut *teller.lock().unwrap_or_else(PoisonError::into_inner),
        Teller::new(&command, context.output),
    );
    teller.failure.map_or(Ok(()), Err)?;
    let more = teller.more;
    context.output.object(&shape(&report, teller.verdicts))?;
    summary(&report, more, context.output)?;
    Ok(if report.failures.is_empty() {
        Answer::Yes
    } else {
        for error in report.failures {
            context.output.tell_failure(&Failure::Other(error));
        }
        Answer::Failed(STORAGE)
    })
}

/// The schedule that was given, else that of the configuration.
fn schedule(cron: &str, context: &Context<'_>) -> Result<CleanupSchedule, Failure> {
    if !cron.is_empty() {
        return cron.parse().map_err(Failure::Usage);
    }
    let settings = &context.configuration()?.settings;
    let configured = settings
        .cleanup_schedule()
        .map_err(Failure::configuration)?;
    configured.ok_or_else(|| {
        Failure::usage("no schedule is given, and none is configured").help(
            "give one, such as --schedule '0 2 * * *', or set retention.cleanup_schedule_cron",
        )
    })
}

impl Cleanup {
    /// The configured policy with what the options say instead.
    fn policy(&self, context: &Context<'_>) -> Result<RetentionPolicy, Failure> {
        let settings = &context.configuration()?.settings;
        let mut policy = settings.config().map_err(Failure::configuration)?.retention;
        match self.ttl {
            Some(Ttl::For(ttl)) => policy.default_ttl = Some(ttl),
            Some(Ttl::Forever) => policy.default_ttl = None,
            None => {}
        }
        if let Some(n) = self.keep_latest {
            policy.keep_latest_n = n;
        }
        if let Some(scope) = &self.keep_scope {
            policy.keep_scope = scope.clone();
        }
        if let Some(grace) = self.superseded_grace {
            policy.superseded_grace = grace;
        }
        Ok(policy)
    }
}

/// Says what happens to each artifact as it is decided.
struct Teller {
    dry_run: bool,
    explain: bool,
    /// For `--json`, which prints one object at the end.
    verdicts: Option<Vec<Decided>>,
    printed: u64,
    more: u64,
    failure: Option<Failure>,
}

impl Teller {
    fn new(command: &Cleanup, output: &Output) -> Self {
        let collects = output.json && (command.dry_run || command.explain);
        Self {
            dry_run: command.dry_run,
            explain: command.explain,
            verdicts: collects.then(Vec::new),
            printed: 0,
            more: 0,
            failure: None,
        }
    }

    fn tell(&mut self, artifact: &ArtifactMetadata, verdict: &Verdict, output: &Output) {
        let removed = verdict.is_removal();
        if let Some(verdicts) = &mut self.verdicts {
            if removed || self.explain {
                verdicts.push(Decided {
                    artifact: artifact.clone(),
                    removed,
                    rule: verdict.rule(),
                    reason: verdict.to_string(),
                });
            }
            return;
        }
        if (!removed && !self.explain) || output.quiet {
            return;
        }
        if !self.explain && self.printed >= SHOWN {
            self.more += 1;
            return;
        }
        self.printed += 1;
        let word = match (removed, self.dry_run) {
            (true, true) => output.bold("would go"),
            (true, false) => output.bold("goes    "),
            (false, _) => output.dim("stays   "),
        };
        let line = format!(
            "{word}  {}  {}  {}",
            escaped(&artifact.to_string()),
            bytes(artifact.compressed_size_bytes),
            output.dim(&escaped(&verdict.to_string())),
        );
        if let Err(failure) = output.line(&line) {
            self.failure.get_or_insert(failure);
        }
    }
}

fn shape(report: &CleanupReport, verdicts: Option<Vec<Decided>>) -> Cleaned<'_> {
    let by_rule = report.by_rule.iter().map(|(rule, total)| {
        let total = RuleTotal {
            artifacts: total.artifacts,
            stored_bytes: total.stored_bytes,
        };
        (*rule, total)
    });
    let error = |error| ErrorJson::of(error, error.kind().as_str());
    Cleaned {
        dry_run: report.dry_run,
        enabled: report.enabled,
        removed: report.removed,
        freed_bytes: report.freed_bytes,
        by_rule: by_rule.collect(),
        kept: &report.kept,
        emptied_types: report
            .emptied_types
            .iter()
            .map(ArtifactType::as_str)
            .collect(),
        verdicts,
        failures: report.failures.iter().map(error).collect(),
        took_seconds: report.took.as_secs_f64(),
    }
}

fn summary(report: &CleanupReport, more: u64, output: &Output) -> Result<(), Failure> {
    if !report.enabled {
        output.note("retention is switched off in the configuration: nothing goes");
    }
    if more > 0 {
        output.confirm(&format!("… and {more} more; --explain shows all"))?;
    }
    let verb = if report.dry_run {
        "would remove"
    } else {
        "removed"
    };
    let freed = match (report.dry_run, report.removed) {
        (_, 0) => String::new(),
        (true, _) => format!(", and free {}", bytes(report.freed_bytes)),
        (false, _) => format!(", {} freed", bytes(report.freed_bytes)),
    };
    let removed = match report.removed {
        0 => "nothing".to_owned(),
        removed => count(removed, "artifact"),
    };
    output.confirm(&format!(
        "{verb} {removed}{freed} in {}",
        duration(report.took)
    ))?;
    let rules = [("expired", "time over"), ("superseded", "superseded")];
    for (rule, words) in rules {
        if let Some(total) = report.by_rule.get(rule) {
            output.confirm(&format!(
                "  {words}: {}, {}",
                total.artifacts,
                bytes(total.stored_bytes)
            ))?;
        }
    }
    let reasons = [
        ("latest", "among the latest"),
        ("pinned", "pinned"),
        ("held", "held"),
    ];
    let kept = reasons.iter().filter_map(|(rule, words)| {
        let number = report.kept.get(rule)?;
        Some(format!("{number} {words}"))
    });
    let kept: Vec<_> = kept.collect();
    if !kept.is_empty() {
        output.confirm(&format!(
            "  kept though their time is over: {}",
            kept.join(", ")
        ))?;
    }
    for of_type in &report.emptied_types {
        let is = if report.dry_run { "would be" } else { "is" };
        output.note(&format!("nothing {is} left of the type {of_type}"));
    }
    Ok(())
}
