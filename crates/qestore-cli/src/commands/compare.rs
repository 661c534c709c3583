//! `qestore compare`: the artifacts of a job beside those of a baseline.

use clap::Args;
use qestore::{
    ArtifactComparison, ArtifactMetadata, ArtifactQuery, ArtifactType, Comparison, Selector,
};

use super::{Context, parse_type};
use crate::Answer;
use crate::failure::Failure;
use crate::output::shapes::Compared;
use crate::output::{Output, Table, bytes, count, difference, escaped, percent, span};

/// Compare the artifacts of a job with those of a baseline
///
/// CURRENT and BASELINE are job ids, or `latest`, or `latest:` and conditions on tags. A baseline of
/// the latest is, for each artifact, the latest of its type and name that another job stored before
/// it. Artifacts are paired by type and name; where both sides have one of a type only, whatever
/// its name.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore compare build-7 build-6
  qestore compare build-7 latest:branch=main test-results
  qestore compare latest:branch=feature 'latest:branch=main,env!=dev'

A job whose id begins with `latest` is written job:ID; a comma in a value is written \\,")]
pub(crate) struct Compare {
    /// The job in question.
    #[arg(value_name = "CURRENT", value_parser = parse_selector)]
    current: Selector,

    /// What to compare it with.
    #[arg(value_name = "BASELINE", value_parser = parse_selector)]
    baseline: Selector,

    /// Only artifacts of this type.
    #[arg(value_name = "TYPE", value_parser = parse_type)]
    artifact_type: Option<ArtifactType>,
}

fn parse_selector(text: &str) -> Result<Selector, String> {
    text.parse().map_err(|error: qestore::Error| {
        let help = error.advice().map(|help| format!("; {help}"));
        format!("{}{}", error.message(), help.unwrap_or_default())
    })
}

pub(crate) async fn run(command: Compare, context: &Context<'_>) -> Result<Answer, Failure> {
    let storage = context.open().await?;
    let Compare {
        current,
        baseline,
        artifact_type,
    } = command;
    let query = ArtifactQuery::new(&storage);
    let comparison = query
        .compare_with_baseline(&current, &baseline, artifact_type.as_ref())
        .await
        .map_err(|e| e.help("`qestore ls` shows which jobs there are"))?;
    let output = context.output;
    output.object(&Compared {
        comparison: &comparison,
    })?;
    tell(&comparison, output)?;
    Ok(Answer::Yes)
}

fn tell(comparison: &Comparison, output: &Output) -> Result<(), Failure> {
    let header = [
        "TYPE",
        "NAME",
        "JOB",
        "BASELINE",
        "WAS",
        "IS",
        "CHANGE",
        "TIME BETWEEN",
    ];
    let mut table = Table::new(&header).right(4).right(5).right(6);
    for pair in &comparison.compared {
        table.row(row(pair));
    }
    output.table(table)?;
    for (artifacts, what) in [(&comparison.added, "new"), (&comparison.gone, "gone")] {
        for artifact in artifacts {
            let size = bytes(artifact.size_bytes);
            output.line(&format!(
                "{what}: {}  {size}",
                escaped(&artifact.to_string())
            ))?;
        }
    }
    output.confirm(&verdict(comparison))
}

fn row(pair: &ArtifactComparison) -> [String; 8] {
    let change = if pair.same_content() {
        "same content".to_owned()
    } else {
        format!(
            "{}{}",
            difference(pair.size_diff_bytes()),
            percent(pair.size_diff_percent())
        )
    };
    let (current, baseline): (&ArtifactMetadata, &ArtifactMetadata) =
        (&pair.current, &pair.baseline);
    [
        current.artifact_type.to_string(),
        current.name.clone(),
        current.job_id.clone(),
        baseline.job_id.clone(),
        bytes(baseline.size_bytes),
        bytes(current.size_bytes),
        change,
        span(pair.time_between()),
    ]
}

fn verdict(comparison: &Comparison) -> String {
    let pairs = &comparison.compared;
    let of = |is: &dyn Fn(&&ArtifactComparison) -> bool| pairs.iter().filter(is).count();
    let parts = [
        (of(&|pair| pair.size_increased()), "grew"),
        (of(&|pair| pair.size_diff_bytes() < 0), "shrank"),
        (
            of(&|pair| pair.size_diff_bytes() == 0 && !pair.same_content()),
            "changed in place",
        ),
        (of(&|pair| pair.same_content()), "the same"),
        (comparison.added.len(), "new"),
        (comparison.gone.len(), "gone"),
    ];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<_> = parts
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    format!(
        "{} compared: {}",
        count(pairs.len() as u64, "artifact"),
        parts.join(", ")
    )
}
