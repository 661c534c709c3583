//! A cleanup of 100,000 artifacts whose time is over, in a folder.

use futures::{StreamExt as _, TryStreamExt as _};
use jiff::SignedDuration;
use qestore::{
    ArtifactType, Clock as _, Config, Error, NewArtifact, RetentionPolicy, Storage, SystemClock,
};
use tokio::runtime::Runtime;

use crate::report::{Line, Target};
use crate::timing::timed;
use crate::{Bench, Result};

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
    Ok(vec![Line {
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
    }])
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
