//! Stores that learn of each other's objects only through the folder they share.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use futures::TryStreamExt as _;
use jiff::Timestamp;
use tokio::io::AsyncWriteExt as _;

use crate::artifact::ArtifactId;
use crate::backend::StoreKey;
use crate::events::{EventAction, EventRecord};
use crate::{
    ArtifactMetadata, ArtifactType, Clock, Config, Filter, NewArtifact, Storage, VerifyOptions,
};

const RESULTS: ArtifactType = ArtifactType::TEST_RESULTS;

/// A clock that is set by hand.
#[derive(Debug, Clone)]
struct SetClock(Arc<Mutex<Timestamp>>);

impl SetClock {
    fn at(time: &str) -> Self {
        Self(Arc::new(Mutex::new(time.parse().unwrap())))
    }

    fn set(&self, time: &str) {
        *self.0.lock().unwrap() = time.parse().unwrap();
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Two users of one folder, each with an index of its own.
struct Folder {
    folder: tempfile::TempDir,
    clock: SetClock,
}

impl Folder {
    fn new() -> Self {
        let clock = SetClock::at("2026-11-23T17:30:00Z");
        let folder = tempfile::tempdir().unwrap();
        Self { folder, clock }
    }

    fn root(&self) -> std::path::PathBuf {
        self.folder.path().join("store")
    }

    async fn open(&self, user: &str) -> Storage {
        let config = Config::local(self.root())
            .index_path(self.folder.path().join(user))
            .clock(self.clock.clone());
        Storage::open(config.not_durable()).await.unwrap()
    }
}

async fn store(storage: &Storage, job: &str, content: &'static str) -> ArtifactMetadata {
    let new = NewArtifact::from_bytes(job, RESULTS, content);
    storage.store(new).await.unwrap()
}

async fn jobs(storage: &Storage) -> Vec<String> {
    let all: Vec<_> = storage
        .list_all(&Filter::default().with_superseded())
        .try_collect()
        .await
        .unwrap();
    let mut jobs: Vec<_> = all.into_iter().map(|m| m.job_id).collect();
    jobs.sort();
    jobs
}

async fn content(storage: &Storage, job: &str) -> Option<bytes::Bytes> {
    let found = storage.retrieve((job, RESULTS)).await.unwrap()?;
    Some(found.bytes().await.unwrap())
}

#[tokio::test]
async fn an_object_without_a_row_is_found_by_a_miss_and_by_the_next_open() {
    let shared = Folder::new();
    let (mine, killed) = (shared.open("mine").await, shared.open("killed").await);
    store(&killed, "one", "1").await;
    // My index has no row: as if the writer was killed between object and row.
    assert!(jobs(&mine).await.is_empty());
    assert_eq!(content(&mine, "one").await.unwrap(), "1");
    assert!(mine.exists(("one", RESULTS)).await.unwrap());
    store(&killed, "two", "2").await;
    assert_eq!(jobs(&mine).await, ["one"]);
    drop(mine);
    let mine = shared.open("mine").await;
    assert_eq!(jobs(&mine).await, ["one", "two"]);
    let report = mine.sync().await.unwrap();
    assert_eq!((report.added, report.removed), (0, 0));
}

#[tokio::test]
async fn two_indexes_of_one_folder_converge() {
    let shared = Folder::new();
    let (a, b) = (shared.open("a").await, shared.open("b").await);
    for (n, job) in ["0", "1", "2", "3", "4", "5"].into_iter().enumerate() {
        let (writer, reader) = if n % 2 == 0 { (&a, &b) } else { (&b, &a) };
        shared.clock.set(&format!("2026-11-23T17:30:{n:02}Z"));
        store(writer, job, "first").await;
        // Superseded by the other one, then seen by the first.
        shared.clock.set(&format!("2026-11-23T17:30:{n:02}.5Z"));
        store(reader, job, "second").await;
        writer.sync().await.unwrap();
        assert_eq!(content(writer, job).await.unwrap(), "second");
    }
    assert!(b.delete(("0", RESULTS)).await.unwrap().is_some());
    assert!(a.delete(("1", RESULTS)).await.unwrap().is_some());
    for storage in [&a, &b] {
        storage.sync().await.unwrap();
    }
    assert_eq!(jobs(&a).await, ["2", "2", "3", "3", "4", "4", "5", "5"]);
    assert_eq!(jobs(&b).await, jobs(&a).await);
    for storage in [&a, &b, &shared.open("c").await] {
        let all = |filter: Filter| storage.list_all(&filter).try_collect::<Vec<_>>();
        let mut expected = all(Filter::default()).await.unwrap();
        expected.extend(all(Filter::default().with_superseded()).await.unwrap());
        let mut of_a: Vec<_> = a.list_all(&Filter::default()).try_collect().await.unwrap();
        let old = Filter::default().with_superseded();
        of_a.extend(a.list_all(&old).try_collect::<Vec<_>>().await.unwrap());
        assert_eq!(expected, of_a);
        let report = storage.reindex(|_| {}).await.unwrap();
        assert_eq!(
            (report.objects, report.added, report.missing.len()),
            (8, 0, 0)
        );
        let report = storage.verify(VerifyOptions::default()).await.unwrap();
        assert!(report.is_sound() && report.verified == 8, "{report:?}");
    }
}

/// Writes the event of a removal, and nothing else: its writer was killed right after.
fn write_event(root: &Path, at: Timestamp, removed: Vec<ArtifactId>) {
    let id = ArtifactId::new(at);
    let mut event = EventRecord::new(id, at, EventAction::Removed, &[], "asked for");
    // As the first version wrote it: ids only.
    event.artifacts = removed;
    let place = root.join(StoreKey::Event { id: event.id }.to_string());
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, event.to_json().unwrap()).unwrap();
}

#[tokio::test]
async fn an_interrupted_removal_is_finished_by_whoever_comes_next() {
    for user in ["knew it", "did not know it"] {
        let shared = Folder::new();
        let knew = shared.open("knew it").await;
        let stored = store(&knew, "gone", "1").await;
        store(&knew, "stays", "2").await;
        drop(knew);
        let object = shared.root().join(&stored.storage_path);
        shared.clock.set("2026-11-23T17:31:00Z");
        write_event(&shared.root(), shared.clock.now(), vec![stored.id]);
        assert!(object.exists());
        let next = shared.open(user).await;
        assert_eq!(jobs(&next).await, ["stays"], "{user}");
        assert!(!object.exists(), "{user}: the object is still there");
        assert!(!next.exists(("gone", RESULTS)).await.unwrap());
    }
}

#[tokio::test]
async fn a_removed_object_that_comes_back_is_not_seen_again() {
    let shared = Folder::new();
    let storage = shared.open("a").await;
    let stored = store(&storage, "gone", "1").await;
    let object = shared.root().join(&stored.storage_path);
    let bytes = fs::read(&object).unwrap();
    storage.delete(("gone", RESULTS)).await.unwrap();
    // A copy of the folder from before, brought back.
    for user in ["a", "b"] {
        fs::create_dir_all(object.parent().unwrap()).unwrap();
        fs::write(&object, &bytes).unwrap();
        let storage = shared.open(user).await;
        assert!(jobs(&storage).await.is_empty());
        storage.reindex(|_| {}).await.unwrap();
        assert!(jobs(&storage).await.is_empty());
        assert!(!object.exists(), "the removal is finished");
    }
}

#[tokio::test]
async fn an_event_without_its_artifacts_or_unreadable_closes_nothing() {
    let shared = Folder::new();
    let storage = shared.open("a").await;
    store(&storage, "stays", "1").await;
    write_event(
        &shared.root(),
        shared.clock.now(),
        vec![ArtifactId::new(shared.clock.now())],
    );
    let broken = StoreKey::Event {
        id: ArtifactId::new(shared.clock.now()),
    };
    fs::write(shared.root().join(broken.to_string()), b"{").unwrap();
    let report = storage.sync().await.unwrap();
    assert_eq!(report.damaged.len(), 1);
    assert_eq!(report.damaged[0].0, broken.to_string());
    for user in ["a", "b"] {
        assert_eq!(jobs(&shared.open(user).await).await, ["stays"]);
    }
}

#[tokio::test]
async fn a_clock_that_jumps_back_hides_nothing() {
    let shared = Folder::new();
    let (a, b) = (shared.open("a").await, shared.open("b").await);
    store(&a, "job", "before").await;
    a.sync().await.unwrap();
    b.sync().await.unwrap();
    shared.clock.set("2026-11-21T09:00:00Z");
    let stored = store(&a, "job", "after").await;
    assert_eq!(stored.timestamp, shared.clock.now());
    store(&a, "other", "x").await;
    for storage in [&a, &b, &shared.open("b").await, &shared.open("c").await] {
        storage.sync().await.unwrap();
        assert_eq!(content(storage, "job").await.unwrap(), "after");
        assert_eq!(jobs(storage).await, ["job", "job", "other"]);
    }
    // And forward again.
    shared.clock.set("2026-11-25T00:00:00Z");
    store(&b, "job", "at last").await;
    for storage in [&a, &b, &shared.open("d").await] {
        storage.sync().await.unwrap();
        assert_eq!(content(storage, "job").await.unwrap(), "at last");
    }
}

#[tokio::test]
async fn clocks_within_the_overlap_see_each_other() {
    let shared = Folder::new();
    let (ahead, behind) = (shared.open("ahead").await, shared.open("behind").await);
    store(&ahead, "one", "1").await;
    ahead.sync().await.unwrap();
    // The other machine's clock is 50 minutes behind.
    shared.clock.set("2026-11-23T16:40:00Z");
    store(&behind, "two", "2").await;
    shared.clock.set("2026-11-23T17:30:01Z");
    ahead.sync().await.unwrap();
    assert_eq!(jobs(&ahead).await, ["one", "two"]);
}

fn copy_below(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = (
            entry.as_ref().unwrap().path(),
            to.join(entry.unwrap().file_name()),
        );
        if from.is_dir() {
            copy_below(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}

#[tokio::test]
async fn objects_copied_from_another_store_are_found_by_a_reindex() {
    let (old, new) = (Folder::new(), Folder::new());
    old.clock.set("2025-01-01T00:00:00Z");
    let from = old.open("old").await;
    for (job, content) in [("a", "1"), ("b", "2"), ("gone", "3")] {
        store(&from, job, content).await;
    }
    from.delete(("gone", RESULTS)).await.unwrap();
    let storage = new.open("new").await;
    store(&storage, "mine", "4").await;
    for below in ["artifacts", "events"] {
        copy_below(&old.root().join(below), &new.root().join(below));
    }
    fs::write(new.root().join("artifacts/2025/readme.txt"), b"no object").unwrap();
    // Far before the overlap: a usual sync does not look there.
    storage.sync().await.unwrap();
    assert_eq!(jobs(&storage).await, ["mine"]);
    let seen = Mutex::new(0);
    let report = storage
        .reindex(|objects| *seen.lock().unwrap() = objects)
        .await
        .unwrap();
    assert_eq!((report.objects, report.added, report.foreign), (3, 2, 1));
    assert!(*seen.lock().unwrap() > 0);
    assert_eq!(jobs(&storage).await, ["a", "b", "mine"]);
    assert_eq!(content(&storage, "b").await.unwrap(), "2");
}

#[tokio::test]
async fn rows_whose_objects_are_gone_are_told_and_dropped() {
    let shared = Folder::new();
    let storage = shared.open("a").await;
    store(&storage, "stays", "1").await;
    let lost = store(&storage, "lost", "2").await;
    let other = shared.open("b").await;
    store(&storage, "removed", "3").await;
    fs::remove_file(shared.root().join(&lost.storage_path)).unwrap();
    other.delete(("removed", RESULTS)).await.unwrap();
    // Not in the index of someone else is no reason to delete anything: verify only tells.
    let report = storage.verify(VerifyOptions::default()).await.unwrap();
    assert_eq!(report.damaged.len(), 1);
    assert_eq!(report.damaged[0].artifact.as_ref(), Some(&lost));
    let report = storage.reindex(|_| {}).await.unwrap();
    // The one that an event removed is not missing.
    assert_eq!(report.missing, [lost]);
    assert_eq!(jobs(&storage).await, ["stays"]);
}

#[tokio::test]
async fn an_upload_that_outlasts_the_overlap_is_found_by_everyone() {
    let shared = Folder::new();
    let (a, b) = (shared.open("a").await, shared.open("b").await);
    // The content takes three hours to come; the id is of the moment when all of it was there.
    let (mut sender, reader) = tokio::io::duplex(1 << 20);
    let clock = shared.clock.clone();
    let slow = async move {
        for (n, at) in ["18", "19", "20"].into_iter().enumerate() {
            clock.set(&format!("2026-11-23T{at}:30:00Z"));
            sender.write_all(&vec![n as u8; 5 << 20]).await.unwrap();
        }
    };
    let new = NewArtifact::from_reader("slow", RESULTS, reader);
    let (stored, ()) = futures::join!(a.store(new), slow);
    let done: Timestamp = "2026-11-23T20:30:00Z".parse().unwrap();
    assert_eq!(stored.unwrap().id.timestamp(), done);
    b.sync().await.unwrap();
    assert_eq!(jobs(&b).await, ["slow"]);
}
