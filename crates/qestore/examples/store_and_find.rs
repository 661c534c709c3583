//! Stores the results of three builds, finds the newest of a branch, and reads it back.
//!
//! Run it with `cargo run --package qestore --example store_and_find`.

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use qestore::{ArtifactType, Config, Filter, NewArtifact, Page, Storage};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let storage = Storage::open(Config::local(folder.path().join(".artifacts"))).await?;

    for (build, failed) in [(101, 3), (102, 1), (103, 0)] {
        let results = format!(r#"{{"total": 150, "failed": {failed}}}"#);
        let new = NewArtifact::from_bytes(
            format!("build-{build}"),
            ArtifactType::TEST_RESULTS,
            results.into_bytes(),
        );
        let stored = storage
            .store(new.name("results.json").tag("branch", "main"))
            .await?;
        println!(
            "stored {stored}: {} bytes, SHA-256 {}",
            stored.size_bytes, stored.checksum
        );
    }

    let on_main = Filter::default()
        .artifact_type(ArtifactType::TEST_RESULTS)
        .tag("branch", "main");
    let listing = storage.list(&on_main, &Page::first(1)).await?;
    let newest = listing
        .artifacts
        .into_iter()
        .next()
        .ok_or("nothing was found")?;
    println!("the newest on main is of {}", newest.job_id);

    let artifact = storage.artifact(newest);
    println!(
        "it says {}",
        String::from_utf8_lossy(&artifact.bytes().await?)
    );
    Ok(())
}
