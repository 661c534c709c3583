//! A cleanup of 100,000 artifacts whose time is over, in a folder; and the memory of a cleanup of
//! nearly a million rows against that of one of ten thousand.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use futures::{StreamExt as _, TryStreamExt as _};
use jiff::SignedDuration;
use qestore::{
    ArtifactType, Clock as _, Config, Error, NewArtifact, RetentionPolicy, Storage, SystemClock,
};
use tokio::runtime::Runtime;

use crate::large::peak_mib;
use crate::list::many;
use crate::report::{Line, Target};
use crate::timing::timed;
use crate::{Bench, Result, rows};

/// The hidden first argument of a child that only cleans up.
pub(crate) const CHILD: &str = "clean-and-tell-memory";

/// A cleanup may take so long, in seconds.
const MOST_SECONDS: f64 = 15.0;
/// Artifacts that are kept whatever their age.
const KEPT: u64 = 10;

pub(crate) fn run(bench: &Bench) -> Result<Vec<Line>> {
    let count: u64 = if bench.quick { 5_000 } else { 100_000 };
    let folder = bench.machine.folder()?;
    let runtime = Runtime::new()?;
    let policy = RetentionPolicy::default()
        .default_ttl(SignedDuration::from_hours(24 * 30))
        .keep_latest_n(KEPT);
    let config = Config::local(folder.path()).not_durable().retention(policy);
    let storage = runtime.block_on(Storage::open(config))?;
    let filled = timed(|| Ok(runtime.block_on(fill(&storage, count))?))?;
    let mut report = None;
    let took = timed(|| {
        report = Some(runtime.block_on(storage.cleanup_expired())?);
        Ok(())
    })?;
    let report = report.ok_or("no cleanup")?;
    if report.removed != count - KEPT || !report.failures.is_empty() {
        return Err(format!("{report:?}").into());
    }
    let share = count as f64 / 100_000.0;
    drop(storage);
    let time = Line {
        name: "cleanup-100000",
        unit: "s",
        ours: took.as_secs_f64(),
        against: format!("{MOST_SECONDS} s"),
        other: MOST_SECONDS * share,
        target: Target::AtMost(1.0),
        notes: vec![
            format!("{} bytes of objects freed", report.freed_bytes),
            format!("storing them took {:.1} s", filled.as_secs_f64()),
        ],
    };
    Ok(vec![time, memory(bench, &runtime)?])
}

/// Everything but the latest goes, of a large index and of a small one.
fn memory(bench: &Bench, runtime: &Runtime) -> Result<Line> {
    let (few, few_told) = peak_of(bench, runtime, 10_000)?;
    let (many, many_told) = peak_of(bench, runtime, many(bench))?;
    Ok(Line {
        name: "cleanup-memory",
        unit: "MiB",
        ours: many,
        against: "the same of 10,000 rows".to_owned(),
        other: few,
        target: Target::AtMost(1.5),
        notes: vec![few_told, many_told],
    })
}

/// The most memory that a cleanup of so many rows had, in a process of its own.
fn peak_of(bench: &Bench, runtime: &Runtime, count: u64) -> Result<(f64, String)> {
    let template = rows::store_with(&bench.machine, runtime, count)?;
    let folder = bench.machine.folder()?;
    for file in ["index.sqlite", "qestore.json"] {
        fs::copy(template.join(file), folder.path().join(file))?;
    }
    let output = Command::new(std::env::current_exe()?)
        .arg(CHILD)
        .arg(folder.path())
        .output()?;
    let told = String::from_utf8(output.stdout)?;
    if !output.status.success() {
        return Err(told.into());
    }
    let (peak, removed) = told.trim().split_once(' ').ok_or("no answer")?;
    Ok((peak.parse()?, format!("of {count} rows {removed}")))
}

/// The child: cleans up by a policy that keeps ten of each type, then prints the most memory it ever
/// had resident, in MiB, and what went.
#[expect(clippy::print_stdout, reason = "the answer of the child")]
pub(crate) fn child(arguments: &[String]) -> Result<ExitCode> {
    let [store] = arguments else {
        return Err("STORE".into());
    };
    let policy = RetentionPolicy::default()
        .default_ttl(SignedDuration::from_hours(1))
        .keep_latest_n(KEPT);
    let config = Config::local(Path::new(store))
        .not_durable()
        .retention(policy);
    let report = Runtime::new()?.block_on(async {
        let storage = Storage::open(config).await?;
        storage.cleanup_expired().await
    })?;
    let (removed, took) = (report.removed, report.took.as_secs_f64());
    println!("{} {removed} went in {took:.1} s", peak_mib()?);
    Ok(ExitCode::SUCCESS)
}

/// Small artifacts with five tags, made 40 days ago.
async fn fill(storage: &Storage, count: u64) -> Result<(), Error> {
    let made = SystemClock.now() - SignedDuration::from_hours(24 * 40);
    let stores = futures::stream::iter(0..count).map(|number| {
        let job = number / 20;
        let new = NewArtifact::from_bytes(
            format!("build-{job}"),
            ArtifactType::TEST_RESULTS,
            format!("result {number}\n").repeat(40),
        )
        .name(format!("report-{}.txt", number % 20))
        .timestamp(made)
        .tags([
            ("attempt", (1 + job % 3).to_string()),
            ("branch", "main".to_owned()),
            ("ci", "github-actions".to_owned()),
            ("commit", format!("{job:040x}")),
            ("shard", (number % 20).to_string()),
        ]);
        storage.store(new)
    });
    stores
        .buffer_unordered(64)
        .try_for_each(|_| async { Ok(()) })
        .await
}
