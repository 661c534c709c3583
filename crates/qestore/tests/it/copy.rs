//! Copying between stores: the same objects, ids and protections, whatever interrupts it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use futures::TryStreamExt as _;
use qestore::backend::LocalBackend;
use qestore::testkit::{Fault, FaultyBackend, Operation, When};
use qestore::{
    ArtifactMetadata, ArtifactType, Config, CopyOptions, ErrorKind, Filter, NewArtifact, Storage,
    VerifyOptions,
};

use crate::support::{RESULTS, bytes, days, noise};

async fn open(folder: &Path, name: &str) -> Storage {
    Storage::open(Config::local(folder.join(name)))
        .await
        .unwrap()
}

async fn everything(storage: &Storage) -> Vec<ArtifactMetadata> {
    let filter = Filter::default().with_superseded();
    storage.list_all(&filter).try_collect().await.unwrap()
}

/// Files, a tree, something large, a superseded version.
async fn filled(storage: &Storage, folder: &Path) {
    let tree = folder.join("report");
    fs::create_dir_all(tree.join("sub")).unwrap();
    fs::write(tree.join("sub/index.html"), "<html/>").unwrap();
    for n in 0..20 {
        let new = bytes(
            &format!("build-{}", n / 5),
            &format!("{n}.xml"),
            &noise(500 + n, 3),
        );
        storage.store(new.tag("n", n.to_string())).await.unwrap();
    }
    storage
        .store(bytes("build-0", "0.xml", b"newer"))
        .await
        .unwrap();
    storage
        .store(bytes("large", "default", &noise(20 << 20, 5)))
        .await
        .unwrap();
    let zeros = NewArtifact::from_bytes("zeros", ArtifactType::CUSTOM, vec![0; 90 << 20]);
    storage.store(zeros).await.unwrap();
    let of_tree = NewArtifact::from_path("tree", ArtifactType::COVERAGE_REPORT, &tree);
    storage.store(of_tree).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_checksums_and_protections_stay_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (
        open(folder.path(), "from").await,
        open(folder.path(), "to").await,
    );
    filled(&from, folder.path()).await;
    let all = everything(&from).await;
    from.pin(&all[..1], "release").await.unwrap();
    let until = all[1].timestamp + days(3_650);
    from.hold(&all[1..2], until, "audit").await.unwrap();

    let dry = CopyOptions::default().dry_run();
    let report = from.copy_to(&to, &dry).await.unwrap();
    assert_eq!((report.copied, everything(&to).await.len()), (23, 0));
    let report = from.copy_to(&to, &CopyOptions::default()).await.unwrap();
    assert_eq!(
        (report.copied, report.already_there, report.protected),
        (23, 0, 2)
    );
    let sizes: u64 = everything(&to)
        .await
        .iter()
        .map(|a| a.compressed_size_bytes)
        .sum();
    assert_eq!(report.copied_bytes, sizes);
    let report = from.copy_to(&to, &CopyOptions::default()).await.unwrap();
    assert_eq!(
        (report.copied, report.already_there, report.protected),
        (0, 23, 0)
    );

    let present: Vec<_> = from
        .list_all(&Filter::default())
        .try_collect::<Vec<_>>()
        .await
        .unwrap();
    assert_eq!(everything(&to).await, present);
    let verified = to.verify(VerifyOptions::default()).await.unwrap();
    assert!(verified.is_sound() && verified.verified == 23);
    // From the objects and events alone.
    let before = everything(&to).await;
    to.reindex(|_| {}).await.unwrap();
    assert_eq!(everything(&to).await, before);
    let old = CopyOptions::default().filter(Filter::default().with_superseded());
    assert_eq!(from.copy_to(&to, &old).await.unwrap().copied, 1);
    assert_eq!(everything(&to).await, everything(&from).await);
}

#[tokio::test]
async fn filters_hold_and_what_was_removed_there_stays_removed() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (
        open(folder.path(), "from").await,
        open(folder.path(), "to").await,
    );
    for n in 0..6 {
        let job = format!("build-{n}");
        from.store(bytes(&job, "a.xml", job.as_bytes()))
            .await
            .unwrap();
    }
    let some = Filter::default().job_pattern("build-[0-3]".parse().unwrap());
    let some = CopyOptions::default().filter(some);
    assert_eq!(from.copy_to(&to, &some).await.unwrap().copied, 4);
    to.delete(("build-2", RESULTS)).await.unwrap().unwrap();
    let report = from.copy_to(&to, &CopyOptions::default()).await.unwrap();
    assert_eq!(
        (report.copied, report.already_there, report.removed_there),
        (2, 3, 1)
    );
    assert!(to.retrieve(("build-2", RESULTS)).await.unwrap().is_none());
    let error = from.copy_to(&from.clone(), &some).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn damage_is_not_copied() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (
        open(folder.path(), "from").await,
        open(folder.path(), "to").await,
    );
    filled(&from, folder.path()).await;
    let all = everything(&from).await;
    let (small, large) = (
        all.iter().find(|a| a.job_id == "build-3").unwrap(),
        all.iter().find(|a| a.job_id == "large").unwrap(),
    );
    for artifact in [small, large] {
        let file = folder.path().join("from").join(&artifact.storage_path);
        let mut object = fs::read(&file).unwrap();
        object[40] ^= 1;
        fs::write(&file, object).unwrap();
    }
    let lost = all.iter().find(|a| a.job_id == "build-2").unwrap();
    fs::remove_file(folder.path().join("from").join(&lost.storage_path)).unwrap();
    let report = from.copy_to(&to, &CopyOptions::default()).await.unwrap();
    assert_eq!((report.copied, report.damaged.len()), (20, 3));
    let kinds: Vec<_> = report
        .damaged
        .iter()
        .map(|damage| damage.error.kind())
        .collect();
    assert_eq!(
        kinds
            .iter()
            .filter(|kind| **kind == ErrorKind::Corrupt)
            .count(),
        2
    );
    assert!(kinds.contains(&ErrorKind::NotFound));
    assert!(
        to.verify(VerifyOptions::default())
            .await
            .unwrap()
            .is_sound()
    );
}

#[tokio::test]
async fn objects_that_are_not_what_the_index_says_are_not_copied() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (
        open(folder.path(), "from").await,
        open(folder.path(), "to").await,
    );
    let mut stored = Vec::new();
    for job in ["a", "b", "c"] {
        stored.push(from.store(bytes(job, "x", job.as_bytes())).await.unwrap());
    }
    let place = |n: usize| folder.path().join("from").join(&stored[n].storage_path);
    let (a, b) = (fs::read(place(0)).unwrap(), fs::read(place(1)).unwrap());
    fs::write(place(0), b).unwrap();
    fs::write(place(1), &a).unwrap();
    // An index that was written by somebody else leads nowhere.
    let index = rusqlite::Connection::open(folder.path().join("from/index.sqlite")).unwrap();
    index
        .execute(
            "UPDATE artifacts SET key = '../outside.zst' WHERE job_id = 'c'",
            [],
        )
        .unwrap();
    fs::copy(place(2), folder.path().join("outside.zst")).unwrap();
    let report = from.copy_to(&to, &CopyOptions::default()).await.unwrap();
    assert_eq!((report.copied, report.damaged.len()), (0, 3), "{report:?}");
    assert!(everything(&to).await.is_empty());
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 3, "something was written beside the store");
}

#[tokio::test]
async fn what_a_killed_copy_has_left_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (
        open(folder.path(), "from").await,
        open(folder.path(), "to").await,
    );
    let stored = from.store(bytes("a", "x", b"content")).await.unwrap();
    let stump = folder.path().join("to").join(&stored.storage_path);
    fs::create_dir_all(stump.parent().unwrap()).unwrap();
    fs::write(stump, "a stump").unwrap();
    assert_eq!(
        from.copy_to(&to, &CopyOptions::default())
            .await
            .unwrap()
            .copied,
        1
    );
    assert!(
        to.verify(VerifyOptions::default())
            .await
            .unwrap()
            .is_sound()
    );
}

#[tokio::test]
async fn large_objects_that_flip_on_the_way_are_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let from = open(folder.path(), "from").await;
    let stored = from
        .store(bytes("large", "x", &noise(20 << 20, 5)))
        .await
        .unwrap();
    drop(from);
    let root = folder.path().join("from");
    let faulty = FaultyBackend::new(LocalBackend::open(&root, false, false).unwrap(), 1);
    let config = Config::custom(Arc::new(faulty.clone())).index_path(root.join("index.sqlite"));
    let from = Storage::open(config).await.unwrap();
    let to = open(folder.path(), "to").await;
    let mut damaged = 0;
    // Somewhere among the reads is the one that streams.
    for after in 0..12 {
        faulty.heal();
        faulty.inject(Operation::Read, Fault::FlippedBit, When::After(after));
        match from.copy_to(&to, &CopyOptions::default()).await {
            Ok(report) => damaged += report.damaged.len(),
            Err(error) => panic!("{error}"),
        }
        let there = to.retrieve(("large", RESULTS)).await.unwrap();
        if let Some(there) = there {
            there.verify().await.unwrap();
            break;
        }
        let object = folder.path().join("to").join(&stored.storage_path);
        assert!(!object.exists(), "damage is left after {after}");
    }
    assert!(damaged > 0);
}

#[tokio::test]
async fn a_longer_hold_there_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (
        open(folder.path(), "from").await,
        open(folder.path(), "to").await,
    );
    let stored = from.store(bytes("a", "x", b"content")).await.unwrap();
    from.copy_to(&to, &CopyOptions::default()).await.unwrap();
    let (short, long) = (
        stored.timestamp + days(1_000),
        stored.timestamp + days(9_000),
    );
    from.hold(std::slice::from_ref(&stored), short, "")
        .await
        .unwrap();
    to.hold(&[stored], long, "").await.unwrap();
    let report = from.copy_to(&to, &CopyOptions::default()).await.unwrap();
    assert_eq!(report.protected, 0);
    assert_eq!(everything(&to).await[0].held_until, Some(long));
}

#[tokio::test]
async fn an_interrupted_copy_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let from = open(folder.path(), "from").await;
    filled(&from, folder.path()).await;
    let present: Vec<_> = from
        .list_all(&Filter::default())
        .try_collect::<Vec<_>>()
        .await
        .unwrap();
    for (number, (operation, fault)) in [
        (Operation::Finish, Fault::Refuse(ErrorKind::Unavailable)),
        (Operation::Put, Fault::Refuse(ErrorKind::StorageFull)),
        (Operation::Put, Fault::AnswerLost),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("to-{number}");
        let root = folder.path().join(&name);
        let faulty = FaultyBackend::new(LocalBackend::open(&root, true, false).unwrap(), 1);
        let index = root.join("index.sqlite");
        let to = Storage::open(Config::custom(Arc::new(faulty.clone())).index_path(index))
            .await
            .unwrap();
        let when = match operation {
            Operation::Finish => When::Always,
            _ => When::After(9),
        };
        faulty.inject(operation, fault, when);
        let copied = from.copy_to(&to, &CopyOptions::default()).await;
        assert!(copied.is_err(), "{operation:?} {fault:?}");
        drop(to);
        let to = open(folder.path(), &name).await;
        from.copy_to(&to, &CopyOptions::default()).await.unwrap();
        assert_eq!(everything(&to).await, present);
        let report = to.verify(VerifyOptions::default()).await.unwrap();
        assert!(report.is_sound() && report.verified == 23);
    }
}
