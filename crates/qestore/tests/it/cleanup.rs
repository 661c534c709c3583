//! Cleanups that are interrupted, meet others, or would go too far.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::SignedDuration;
use qestore::backend::LocalBackend;
use qestore::testkit::{Fault, FaultyBackend, Operation, When};
use qestore::{
    ArtifactMetadata, ArtifactQuery, ArtifactType, CleanupOptions, Clock as _, Config, ErrorKind,
    EventFilter, Filter, NewArtifact, Page, RetentionPolicy, Storage, VerifyOptions,
};

use crate::support::{SetClock, days};

const LOGS: ArtifactType = ArtifactType::BUILD_LOGS;
const NOW: &str = "2026-11-25T12:00:00Z";

fn policy() -> RetentionPolicy {
    RetentionPolicy::default()
        .default_ttl(days(30))
        .keep_latest_n(5)
}

async fn store(
    storage: &Storage,
    number: usize,
    age: SignedDuration,
    clock: &SetClock,
) -> ArtifactMetadata {
    let new = NewArtifact::from_bytes(format!("build-{number}"), LOGS, format!("log {number}"));
    let new = new.timestamp(clock.now() - age).tag("branch", "main");
    storage.store(new).await.unwrap()
}

/// `old` artifacts whose time is over, and `new` ones.
async fn filled(config: Config, old: usize, new: usize, clock: &SetClock) -> Storage {
    let storage = Storage::open(config).await.unwrap();
    for number in 0..old {
        store(&storage, number, days(40), clock).await;
    }
    for number in old..old + new {
        store(&storage, number, days(1), clock).await;
    }
    storage
}

fn config(folder: &Path, clock: &SetClock) -> Config {
    Config::local(folder)
        .not_durable()
        .clock(clock.clone())
        .retention(policy())
}

async fn count(storage: &Storage) -> usize {
    let everything = Filter::default().with_superseded();
    let listing = storage.list(&everything, &Page::first(100_000)).await;
    listing.unwrap().artifacts.len()
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            files.extend(files_below(&entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files
}

#[tokio::test]
async fn the_bytes_are_free_at_once_and_empty_folders_go() {
    let (folder, clock) = (
        tempfile::tempdir().unwrap(),
        SetClock::at("2026-10-01T00:00:00Z"),
    );
    let storage = filled(config(folder.path(), &clock), 3, 0, &clock).await;
    clock.set(NOW.parse().unwrap());
    for number in 3..8 {
        store(&storage, number, days(0), &clock).await;
    }
    let objects = folder.path().join("artifacts");
    let size = |files: Vec<std::path::PathBuf>| -> u64 {
        files
            .iter()
            .map(|file| fs::metadata(file).unwrap().len())
            .sum()
    };
    let before = size(files_below(&objects));
    let expected = ArtifactQuery::new(&storage)
        .get_storage_stats()
        .await
        .unwrap();
    assert_eq!(expected.expired_artifacts, 3);
    let report = storage.cleanup_expired().await.unwrap();
    assert_eq!(
        (report.removed, report.freed_bytes),
        (3, expected.expired_bytes)
    );
    assert_eq!(before - size(files_below(&objects)), report.freed_bytes);
    assert_eq!(report.by_rule["expired"].artifacts, 3);
    assert!(!objects.join("2026/10").exists(), "empty folders are left");
    assert!(objects.join("2026/11").exists());
    // The hour's folder is made again when it is needed.
    clock.set("2026-10-01T00:00:00Z".parse().unwrap());
    store(&storage, 9, days(0), &clock).await;
    assert!(
        storage
            .verify(VerifyOptions::default())
            .await
            .unwrap()
            .is_sound()
    );
}

#[tokio::test]
async fn a_cleanup_killed_anywhere_is_finished_by_the_next() {
    for operation in [Operation::Put, Operation::Delete] {
        for fault in [Fault::Refuse(ErrorKind::Unavailable), Fault::AnswerLost] {
            let (folder, clock) = (tempfile::tempdir().unwrap(), SetClock::at(NOW));
            let root = folder.path().join("store");
            drop(filled(config(&root, &clock), 30, 6, &clock).await);
            let local = LocalBackend::open(&root, false, false).unwrap();
            let faulty = FaultyBackend::new(local, 1);
            faulty.inject(operation, fault, When::Always);
            let broken = Config::custom(Arc::new(faulty))
                .index_path(root.join("index.sqlite"))
                .clock(clock.clone())
                .retention(policy());
            let storage = Storage::open(broken).await.unwrap();
            let report = storage.cleanup_expired().await.unwrap();
            assert_eq!((report.removed, report.freed_bytes), (0, 0));
            assert_eq!(report.failures.len(), 1, "{:?}", report.failures);
            drop(storage);

            let storage = Storage::open(config(&root, &clock)).await.unwrap();
            storage.cleanup_expired().await.unwrap();
            assert_eq!(count(&storage).await, 6, "{operation:?} {fault:?}");
            assert_eq!(files_below(&root.join("artifacts")).len(), 6);
            let sound = storage.verify(VerifyOptions::default()).await.unwrap();
            assert!(sound.is_sound() && sound.verified == 6);
        }
    }
}

#[tokio::test]
async fn one_batch_that_fails_does_not_keep_the_others() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), SetClock::at(NOW));
    let root = folder.path().join("store");
    drop(filled(config(&root, &clock), 2_100, 6, &clock).await);
    let faulty = FaultyBackend::new(LocalBackend::open(&root, false, false).unwrap(), 1);
    faulty.inject(
        Operation::Delete,
        Fault::Refuse(ErrorKind::PermissionDenied),
        When::Times(1),
    );
    let broken = Config::custom(Arc::new(faulty))
        .index_path(root.join("index.sqlite"))
        .clock(clock.clone())
        .retention(policy());
    let storage = Storage::open(broken).await.unwrap();
    let report = storage.cleanup_expired().await.unwrap();
    assert_eq!((report.removed, report.failures.len()), (1_100, 1));
    assert_eq!(report.failures[0].kind(), ErrorKind::PermissionDenied);
    let report = storage.cleanup_expired().await.unwrap();
    // The sync at its beginning has finished what the event said.
    assert_eq!((report.removed, report.failures.len()), (0, 0));
    assert_eq!(count(&storage).await, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_cleanups_at_once_free_the_bytes_once() {
    for other_index in [false, true] {
        let (folder, clock) = (tempfile::tempdir().unwrap(), SetClock::at(NOW));
        let root = folder.path().join("store");
        let a = filled(config(&root, &clock), 1_500, 6, &clock).await;
        let mut second = config(&root, &clock);
        if other_index {
            // As another machine: nothing of this index, and no lock, is shared.
            second = second.index_path(folder.path().join("other"));
        }
        let b = Storage::open(second).await.unwrap();
        let (a_report, b_report) = tokio::join!(
            tokio::spawn({
                let a = a.clone();
                async move { a.cleanup_expired().await.unwrap() }
            }),
            tokio::spawn({
                let b = b.clone();
                async move { b.cleanup_expired().await.unwrap() }
            }),
        );
        let (a_report, b_report) = (a_report.unwrap(), b_report.unwrap());
        assert!(a_report.failures.is_empty() && b_report.failures.is_empty());
        if !other_index {
            assert_eq!(a_report.removed + b_report.removed, 1_500);
        }
        for storage in [a, b] {
            storage.sync().await.unwrap();
            assert_eq!(count(&storage).await, 6);
        }
        assert_eq!(files_below(&root.join("artifacts")).len(), 6);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn storing_goes_on_beside_a_cleanup() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), SetClock::at(NOW));
    let storage = filled(config(folder.path(), &clock), 1_500, 6, &clock).await;
    let ended = Arc::new(AtomicBool::new(false));
    let storing = tokio::spawn({
        let (storage, clock, ended) = (storage.clone(), clock.clone(), Arc::clone(&ended));
        async move {
            let mut stored = Vec::new();
            for number in 10_000.. {
                stored.push(store(&storage, number, days(0), &clock).await);
                if ended.load(Ordering::Relaxed) && stored.len() >= 50 {
                    return stored;
                }
            }
            stored
        }
    });
    let report = storage.cleanup_expired().await.unwrap();
    ended.store(true, Ordering::Relaxed);
    let stored = storing.await.unwrap();
    assert_eq!(report.removed, 1_500);
    assert_eq!(count(&storage).await, 6 + stored.len());
    for artifact in stored {
        storage.artifact(artifact).verify().await.unwrap();
    }
}

#[tokio::test]
async fn a_policy_that_would_remove_everything_is_refused_unless_told() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), SetClock::at(NOW));
    let none_kept = policy().keep_latest_n(0);
    let storage = filled(
        config(folder.path(), &clock).retention(none_kept),
        1_200,
        0,
        &clock,
    )
    .await;
    let error = storage.cleanup_expired().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(
        error.to_string().contains("every artifact of the store"),
        "{error}"
    );
    assert_eq!(count(&storage).await, 1_200);
    let log = storage.events(&EventFilter::default(), 10).await.unwrap();
    assert!(log.is_empty());
    // So is a clock that is years ahead.
    clock.go(days(3_000));
    assert!(storage.cleanup_expired().await.is_err());
    let told = CleanupOptions::default().allow_empty();
    let report = storage.cleanup(told).await.unwrap();
    assert_eq!(report.removed, 1_200);
    assert_eq!(report.emptied_types, [LOGS]);
}

#[tokio::test]
async fn a_scope_by_a_tag_that_nothing_has_is_a_slip_of_the_pen() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), SetClock::at(NOW));
    let slip = policy().keep_scope("type+tag:brnach".parse().unwrap());
    let storage = filled(config(folder.path(), &clock).retention(slip), 20, 2, &clock).await;
    let error = storage.cleanup_expired().await.unwrap_err();
    assert!(error.to_string().contains("\"brnach\""), "{error}");
    assert_eq!(count(&storage).await, 22);
}

#[tokio::test]
async fn a_policy_that_is_off_removes_nothing() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), SetClock::at(NOW));
    let mut off = policy();
    off.enabled = false;
    let storage = filled(config(folder.path(), &clock).retention(off), 20, 0, &clock).await;
    let report = storage.cleanup_expired().await.unwrap();
    assert_eq!((report.enabled, report.removed), (false, 0));
    assert_eq!(count(&storage).await, 20);
}

#[tokio::test]
async fn the_same_instant_is_over_and_kept() {
    let clock = SetClock::at(NOW);
    let storage = filled(
        Config::memory().clock(clock.clone()).retention(policy()),
        0,
        0,
        &clock,
    )
    .await;
    // All were made at one instant, and their time ends at this one.
    for number in 0..8 {
        store(&storage, number, days(30), &clock).await;
    }
    let report = storage.cleanup_expired().await.unwrap();
    assert_eq!((report.removed, report.kept["latest"]), (3, 5));
    let left = storage
        .list(&Filter::default(), &Page::default())
        .await
        .unwrap();
    // Of what was made at the same instant, what was stored last is the latest.
    let jobs: Vec<_> = left.artifacts.iter().map(|a| a.id).collect();
    assert!(jobs.is_sorted_by(|a, b| a > b));
    assert_eq!(storage.cleanup_expired().await.unwrap().removed, 0);
}
