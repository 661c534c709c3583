//! `qestore import`: moves in from the original Python library.

use std::path::{Path, PathBuf};

use clap::Args;
use qestore::{ImportOptions, ImportProblem, ImportReport, Storage, check_original};

use super::Context;
use crate::Answer;
use crate::failure::Failure;
use crate::output::shapes::{ImportTrouble, Imported};
use crate::output::{ErrorJson, Meter, Output, Progress, bytes, count, duration, escaped};

/// Unlisted files that are named.
const NAMED: usize = 10;

/// Import the artifacts of the original Python library
///
/// Reads its folder (`index.sqlite` and `<job>/<type>.bin.gz`), keeps times, tags and expiry, and checks
/// every checksum. Nothing there is changed. It can be repeated: what is here already is passed over. The
/// store is made when there is none.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore import --dry-run old/.artifacts
  qestore import old/.artifacts
  qestore import --store new-store .artifacts

docs/MOVING.md says what becomes what. The exit code is 1 when something was damaged or missing.")]
pub(crate) struct Import {
    /// The folder of the library's store, or its index.sqlite.
    #[arg(value_name = "PATH")]
    path: PathBuf,

    /// Check everything, and store nothing.
    #[arg(long, short = 'n')]
    dry_run: bool,
}

pub(crate) async fn run(command: Import, context: &Context<'_>) -> Result<Answer, Failure> {
    let place = context.place()?;
    let output = context.output;
    let scratch = tempfile::tempdir()
        .map_err(|e| Failure::from(qestore::Error::io("no temporary folder can be made", e)))?;
    let progress = Progress::new(output, "importing", Meter::Bytes(None));
    let told = progress.clone();
    let mut options = ImportOptions::default()
        .scratch(scratch.path())
        .on_progress(move |artifacts, bytes| {
            told.message(format!("{} looked at", count(artifacts, "artifact")));
            told.at(bytes);
        });
    options.dry_run = command.dry_run;
    // What is none must not leave a new store behind.
    check_source(&command.path, place.path())?;
    check_original(&command.path, &options).await?;
    let storage = match command.dry_run && !place.path().join("qestore.json").exists() {
        true => Storage::open(context.config(&place)?.in_memory()).await?,
        false => super::open_or_make(context, &place, None).await?,
    };
    let report = storage.import_original(&command.path, &options).await;
    progress.end();
    let report = report.map_err(|error| match error.kind() {
        qestore::ErrorKind::NotFound => Failure::Usage(error),
        _ => error.into(),
    })?;
    output.object(&shape(&report, command.dry_run))?;
    tell(&report, command.dry_run, output)?;
    if !command.dry_run {
        output.confirm(&format!("into the {}", escaped(&storage.location())))?;
    }
    Ok(if report.damaged.is_empty() && report.missing.is_empty() {
        Answer::Yes
    } else {
        Answer::No
    })
}

/// Refuses what is no store of the library, and to make one inside of it.
fn check_source(path: &Path, store: &Path) -> Result<(), Failure> {
    let refused = |why: &str, help: &str| {
        Err(Failure::usage(why)
            .concerning(path.display().to_string())
            .help(help))
    };
    let folder = if path.is_dir() {
        path
    } else {
        path.parent().unwrap_or(path)
    };
    if !path.exists() {
        return refused(
            "there is nothing to import",
            "give the folder that has the `index.sqlite` of the Python library",
        );
    }
    if folder.join("qestore.json").exists() {
        return refused(
            "it is a store of qestore, not of the original library",
            "`qestore copy FROM TO` copies between stores",
        );
    }
    if path.is_dir() && !path.join("index.sqlite").is_file() {
        return refused(
            "there is no index.sqlite in it",
            "give the folder that has the `index.sqlite` of the Python library",
        );
    }
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    // A store that is not there yet lies where the folder above it does.
    let near = store.ancestors().find_map(real);
    let inside = real(folder)
        .zip(near)
        .is_some_and(|(folder, near)| near.starts_with(&folder));
    if inside {
        return refused(
            "the store would be in the folder that is imported, which is not changed",
            "name a new store with --store, such as --store qestore-artifacts",
        );
    }
    Ok(())
}

fn shape(report: &ImportReport, dry_run: bool) -> Imported {
    let trouble = |problem: &ImportProblem| ImportTrouble {
        job_id: problem.job_id.clone(),
        artifact_type: problem.artifact_type.clone(),
        path: problem.path.clone(),
        error: ErrorJson::of(&problem.error, problem.error.kind().as_str()),
    };
    let unlisted = report.unlisted.iter();
    Imported {
        dry_run,
        imported: report.imported,
        imported_bytes: report.imported_bytes,
        already_there: report.already_there,
        older: report.older,
        damaged: report.damaged.iter().map(trouble).collect(),
        missing: report.missing.iter().map(trouble).collect(),
        unlisted: unlisted.map(|path| path.display().to_string()).collect(),
        took_seconds: report.took.as_secs_f64(),
    }
}

fn tell(report: &ImportReport, dry_run: bool, output: &Output) -> Result<(), Failure> {
    for (problems, word) in [(&report.damaged, "damaged"), (&report.missing, "missing")] {
        for problem in problems {
            let what = format!("{} {}", problem.job_id, problem.artifact_type);
            output.line(&format!(
                "{word}: {}: {}",
                escaped(&what),
                escaped(&problem.error.to_string())
            ))?;
            output.line(&format!("  in its index as: {}", escaped(&problem.path)))?;
        }
    }
    let unlisted = report.unlisted.len();
    if unlisted > 0 {
        output.note(&format!(
            "{} in the folder that its index does not know; not imported",
            count(unlisted as u64, "file")
        ));
        for path in report.unlisted.iter().take(NAMED) {
            output.note(&format!("  {}", path.display()));
        }
        if unlisted > NAMED {
            output.note(&format!("  and {} more", unlisted - NAMED));
        }
    }
    let word = if dry_run { "would import" } else { "imported" };
    let older = match report.older {
        0 => String::new(),
        older => format!(", {older} replaced by newer ones"),
    };
    output.confirm(&format!(
        "{word} {} ({} of content), {} already there{older}, {} damaged, {} missing in {}",
        count(report.imported, "artifact"),
        bytes(report.imported_bytes),
        report.already_there,
        report.damaged.len(),
        report.missing.len(),
        duration(report.took),
    ))
}
