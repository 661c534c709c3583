//! Asks a store what is in it, compares a build with the one before, and cleans up.
//!
//! `cargo run -p qestore --example ask_and_keep`
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;

use jiff::SignedDuration;
use qestore::{
    ArtifactQuery, ArtifactType, CleanupOptions, Clock as _, Config, NewArtifact, RetentionPolicy,
    Storage, SystemClock,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let day = SignedDuration::from_hours(24);
    let policy = RetentionPolicy::default()
        .default_ttl(day * 30)
        .keep_latest_n(3);
    let storage = Storage::open(Config::local(folder.path()).retention(policy)).await?;

    // Ten builds, five days apart, whose results grow.
    let now = SystemClock.now();
    for build in 1..=10_i32 {
        let results = "<testcase/>".repeat(build.unsigned_abs() as usize * 10);
        let job = format!("build-{build}");
        let new = NewArtifact::from_bytes(job, ArtifactType::TEST_RESULTS, results)
            .name("junit.xml")
            .timestamp(now - day * (10 - build) * 5)
            .tag("branch", "main");
        storage.store(new).await?;
    }

    let query = ArtifactQuery::new(&storage);
    for artifact in query.get_latest_n(&ArtifactType::TEST_RESULTS, 2).await? {
        println!("{} {} bytes", artifact.job_id, artifact.size_bytes);
    }
    let comparison = query
        .compare_with_baseline(&"build-10".parse()?, &"latest:branch=main".parse()?, None)
        .await?;
    for pair in &comparison.compared {
        println!(
            "{} against {}: {:+} bytes",
            pair.current.job_id,
            pair.baseline.job_id,
            pair.size_diff_bytes()
        );
    }
    let trend = query
        .get_size_trend(&ArtifactType::TEST_RESULTS, 60)
        .await?;
    #[expect(clippy::cast_precision_loss, reason = "a picture")]
    let sizes: Vec<f64> = trend.iter().map(|point| point.size_bytes as f64).collect();
    println!("{}", qestore::chart::sparkline(&sizes, 40));

    storage
        .pin(
            &comparison.compared[0..1]
                .iter()
                .map(|pair| pair.current.clone())
                .collect::<Vec<_>>(),
            "release",
        )
        .await?;
    let explain = CleanupOptions::default()
        .on_verdict(|artifact, verdict| println!("{}: {verdict}", artifact.job_id));
    let report = storage.cleanup(explain).await?;
    println!(
        "removed {}, {} bytes freed",
        report.removed, report.freed_bytes
    );
    let stats = query.get_storage_stats().await?;
    println!("{} artifacts are left", stats.total_artifacts);
    Ok(())
}
