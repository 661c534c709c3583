//! Pins and holds: what they keep, what ends them, and that they outlive the index.

use std::fs;

use jiff::SignedDuration;
use qestore::{
    ArtifactMetadata, ArtifactType, CleanupOptions, Clock as _, Config, ErrorKind, EventAction,
    EventFilter, Filter, NewArtifact, Page, RetentionPolicy, Storage,
};

use crate::support::{SetClock, days};

const VIDEOS: ArtifactType = ArtifactType::VIDEOS;

fn strict() -> CleanupOptions {
    let policy = RetentionPolicy::default()
        .default_ttl(days(1))
        .keep_latest_n(0)
        .superseded_grace(SignedDuration::ZERO);
    CleanupOptions::default().policy(policy).allow_empty()
}

async fn store(storage: &Storage, job: &str) -> ArtifactMetadata {
    let new = NewArtifact::from_bytes(job, VIDEOS, "content");
    storage.store(new).await.unwrap()
}

async fn jobs(storage: &Storage) -> Vec<String> {
    let listing = storage.list(&Filter::default(), &Page::default()).await;
    let artifacts = listing.unwrap().artifacts.into_iter();
    artifacts.map(|a| a.job_id).collect()
}

fn folder() -> (tempfile::TempDir, SetClock, Config) {
    let folder = tempfile::tempdir().unwrap();
    let clock = SetClock::at("2026-11-25T12:00:00Z");
    let config = Config::local(folder.path()).clock(clock.clone());
    (folder, clock, config.actor("somebody"))
}

#[tokio::test]
async fn what_is_pinned_stays_until_it_is_unpinned() {
    let (_folder, clock, config) = folder();
    let storage = Storage::open(config).await.unwrap();
    let pinned = store(&storage, "pinned").await;
    store(&storage, "other").await;
    assert_eq!(
        storage
            .pin(std::slice::from_ref(&pinned), "release 1.0")
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        storage
            .pin(std::slice::from_ref(&pinned), "again")
            .await
            .unwrap(),
        0
    );
    clock.go(days(400));
    let report = storage.cleanup(strict()).await.unwrap();
    assert_eq!((report.removed, report.kept["pinned"]), (1, 1));
    assert_eq!(jobs(&storage).await, ["pinned"]);
    let error = storage.delete(("pinned", VIDEOS)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protected);
    assert!(error.to_string().contains("a pin keeps it"), "{error}");
    // Events of one millisecond have no order.
    clock.go(days(1));
    assert_eq!(storage.unpin(&[pinned], "").await.unwrap(), 1);
    clock.go(days(1));
    assert_eq!(storage.cleanup(strict()).await.unwrap().removed, 1);
    assert!(jobs(&storage).await.is_empty());

    let log = storage.events(&EventFilter::default(), 10).await.unwrap();
    let told: Vec<_> = log
        .iter()
        .map(|event| (event.action, event.reason.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (EventAction::Removed, "cleanup"),
            (EventAction::Unpinned, ""),
            (EventAction::Removed, "cleanup"),
            (EventAction::Pinned, "release 1.0"),
        ]
    );
    assert_eq!(log[3].by.as_deref(), Some("somebody"));
    assert_eq!(log[3].artifacts[0].job_id.as_deref(), Some("pinned"));
    let rule = log[2].artifacts[0].rule.as_deref().unwrap();
    assert_eq!(rule, "expired 2026-11-26 12:00:00Z: 1 day by default");
    let mut only = EventFilter::default();
    only.job_id = Some("other".to_owned());
    assert_eq!(storage.events(&only, 10).await.unwrap().len(), 1);
    only.action = Some(EventAction::Pinned);
    assert!(storage.events(&only, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_hold_is_over_at_its_instant() {
    let (_folder, clock, config) = folder();
    let storage = Storage::open(config).await.unwrap();
    let held = [store(&storage, "held").await];
    let until = clock.now() + days(30);
    let error = storage.hold(&held, clock.now(), "").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(storage.hold(&held, until, "audit").await.unwrap(), 1);
    clock.set(until - SignedDuration::from_micros(1));
    assert_eq!(storage.cleanup(strict()).await.unwrap().kept["held"], 1);
    let error = storage.delete(("held", VIDEOS)).await.unwrap_err();
    assert!(
        error.to_string().contains("2026-12-25T12:00:00Z"),
        "{error}"
    );
    clock.set(until);
    assert_eq!(storage.cleanup(strict()).await.unwrap().removed, 1);

    let held = [store(&storage, "again").await];
    storage
        .hold(&held, clock.now() + days(1), "")
        .await
        .unwrap();
    assert_eq!(storage.release(&held, "settled").await.unwrap(), 1);
    assert_eq!(storage.release(&held, "settled").await.unwrap(), 0);
    assert!(storage.delete(("again", VIDEOS)).await.unwrap().is_some());
}

#[tokio::test]
async fn the_last_word_wins_though_the_clock_goes_back() {
    let (_folder, clock, config) = folder();
    let storage = Storage::open(config).await.unwrap();
    let artifact = [store(&storage, "a").await];
    storage.pin(&artifact, "").await.unwrap();
    clock.go(days(-3));
    assert_eq!(storage.unpin(&artifact, "").await.unwrap(), 1);
    let listed = storage
        .list(&Filter::default(), &Page::default())
        .await
        .unwrap();
    assert!(!listed.artifacts[0].pinned);
    // From the events alone, in whatever order they are listed.
    storage.reindex(|_| {}).await.unwrap();
    let pinned = storage
        .list(&Filter::default().protected(), &Page::default())
        .await
        .unwrap();
    assert!(pinned.artifacts.is_empty());
}

#[tokio::test]
async fn protection_survives_the_loss_of_the_index_and_reaches_other_processes() {
    let (folder, clock, config) = folder();
    let elsewhere = tempfile::tempdir().unwrap();
    let other_index = config.clone().index_path(elsewhere.path().join("index"));
    let storage = Storage::open(config.clone()).await.unwrap();
    let other = Storage::open(other_index).await.unwrap();
    let (pinned, held) = (
        store(&storage, "pinned").await,
        store(&storage, "held").await,
    );
    storage.pin(&[pinned], "").await.unwrap();
    storage
        .hold(&[held], clock.now() + days(9), "")
        .await
        .unwrap();
    drop(storage);
    fs::remove_file(folder.path().join("index.sqlite")).unwrap();
    let storage = Storage::open(config).await.unwrap();
    other.sync().await.unwrap();
    for storage in [storage, other] {
        let protected = storage
            .list(&Filter::default().protected(), &Page::default())
            .await;
        let protected = protected.unwrap().artifacts;
        assert_eq!(protected.len(), 2);
        assert!(protected.iter().all(|a| a.is_protected(clock.now())));
        assert_eq!(protected.iter().filter(|a| a.pinned).count(), 1);
    }
}

#[tokio::test]
async fn a_pin_keeps_its_version_and_no_other() {
    let (_folder, clock, config) = folder();
    let storage = Storage::open(config).await.unwrap();
    let first = [store(&storage, "a").await];
    storage.pin(&first, "").await.unwrap();
    clock.go(days(1));
    let second = store(&storage, "a").await;
    assert!(!second.pinned);
    clock.go(days(2));
    let report = storage.cleanup(strict()).await.unwrap();
    assert_eq!(report.removed, 1);
    let left = storage
        .list(&Filter::default(), &Page::default())
        .await
        .unwrap();
    assert_eq!(left.artifacts[0].id, first[0].id);
}
