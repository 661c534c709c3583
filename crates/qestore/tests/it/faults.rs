//! Stores over a failing backend: done and there, or refused and nothing half there.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt as _;
use qestore::backend::{LocalBackend, ObjectStoreBackend};
use qestore::testkit::{Fault, FaultyBackend, Operation, When};
use qestore::{
    Artifact, ArtifactMetadata, Config, Error, ErrorKind, Filter, NewArtifact, Storage,
    VerifyOptions,
};

use crate::support::{RESULTS, bytes, log_text, noise};

const REFUSED: Fault = Fault::Refuse(ErrorKind::Unavailable);

async fn open(backend: &FaultyBackend) -> Storage {
    Storage::open(Config::custom(Arc::new(backend.clone())))
        .await
        .unwrap()
}

async fn everything(storage: &Storage) -> Vec<ArtifactMetadata> {
    let all = storage.list_all(&Filter::default().with_superseded());
    all.try_collect().await.unwrap()
}

async fn is_sound(storage: &Storage) {
    let report = storage.verify(VerifyOptions::default()).await.unwrap();
    assert!(report.is_sound(), "{:?}", report.damaged);
}

/// Below and above what a single put takes.
const LENGTHS: [usize; 4] = [0, 5000, 1 << 20, 10 << 20];

#[tokio::test(flavor = "multi_thread")]
async fn a_store_through_faults_is_done_or_refused() {
    let (mut done, mut refused) = (0, 0);
    for seed in 0..12 {
        let folder = tempfile::tempdir().unwrap();
        let local = LocalBackend::open(folder.path(), true, false).unwrap();
        let backend = FaultyBackend::new(local, seed);
        let storage = open(&backend).await;
        for operation in [
            Operation::Put,
            Operation::Upload,
            Operation::Write,
            Operation::Finish,
        ] {
            backend.inject(operation, REFUSED, When::Probability(0.15));
            backend.inject(operation, Fault::AnswerLost, When::Probability(0.1));
        }
        let mut stored = BTreeSet::new();
        let mut lost = 0;
        for n in 0..20 {
            let content = noise(LENGTHS[n % LENGTHS.len()], seed + n as u64 * 100);
            match storage.store(bytes("job", &n.to_string(), &content)).await {
                Ok(metadata) => drop(stored.insert(metadata.id)),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
                    assert!(error.is_retryable());
                    assert_eq!(error.operation(), Some("store"));
                    let cause = error.source().expect("a cause").to_string();
                    assert_eq!(cause, "a fault was injected");
                    assert!(error.subject().is_some(), "{error}");
                    lost += 1;
                }
            }
        }
        assert!(backend.struck() >= lost);
        backend.heal();
        // Whoever looks: this handle, another one, and one that has no index yet.
        for storage in [&storage, &open(&backend).await] {
            storage.sync().await.unwrap();
            is_sound(storage).await;
            let there: BTreeSet<_> = everything(storage).await.iter().map(|m| m.id).collect();
            assert!(
                there.is_superset(&stored),
                "an acknowledged artifact is gone"
            );
            // One whose answer was lost may be there as well: whole, as just verified.
            assert!((there.len() - stored.len()) as u64 <= lost);
        }
        let staged = std::fs::read_dir(folder.path().join("staging")).unwrap();
        assert_eq!(staged.count(), 0, "a refused store left its file behind");
        done += stored.len() as u64;
        refused += lost;
    }
    assert!(done > 50 && refused > 50, "{done} done, {refused} refused");
}

/// Small, of several frames, a tree; and the content or an error of each way to read one.
async fn readable(backend: &FaultyBackend) -> Vec<(NewArtifactOf, Artifact)> {
    let storage = open(backend).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("big"), noise(9 << 20, 1)).unwrap();
    std::fs::write(folder.path().join("small"), b"small").unwrap();
    let mut artifacts = Vec::new();
    for (name, content) in [
        ("small", log_text(3000)),
        ("one frame", log_text(3 << 20)),
        ("many frames", noise(13 << 20, 2)),
    ] {
        let stored = storage.store(bytes("job", name, &content)).await.unwrap();
        artifacts.push((NewArtifactOf::File(content), storage.artifact(stored)));
    }
    let tree = NewArtifact::from_path("job", RESULTS, folder.path()).name("tree");
    let stored = storage.store(tree).await.unwrap();
    artifacts.push((NewArtifactOf::Tree, storage.artifact(stored)));
    artifacts
}

enum NewArtifactOf {
    File(Vec<u8>),
    Tree,
}

/// Reads in every way, anew each time; gives the errors, and panics at wrong bytes.
async fn read_every_way(of: &NewArtifactOf, artifact: &Artifact, storage: &Storage) -> Vec<Error> {
    let fresh = || storage.artifact(artifact.metadata().clone());
    let mut errors: Vec<Error> = Vec::new();
    let target = tempfile::tempdir().unwrap();
    match of {
        NewArtifactOf::File(content) => {
            match fresh().bytes().await {
                Ok(read) => assert!(read == content, "wrong bytes"),
                Err(error) => errors.push(error),
            }
            let mut read = Vec::new();
            let mut stream = std::pin::pin!(fresh().stream());
            loop {
                match stream.try_next().await {
                    Ok(Some(part)) => read.extend_from_slice(&part),
                    Ok(None) => break assert!(read == *content, "wrong bytes at the end"),
                    Err(error) => {
                        assert!(content.starts_with(&read), "wrong bytes before an error");
                        break errors.push(error);
                    }
                }
            }
            let middle = content.len() / 2 - 10..content.len() / 2 + 10;
            match fresh().range(middle.start as u64..middle.end as u64).await {
                Ok(read) => assert!(read == content[middle], "wrong bytes of a range"),
                Err(error) => errors.push(error),
            }
        }
        NewArtifactOf::Tree => {
            match fresh().member("small").await {
                Ok(read) => assert_eq!(read, &b"small"[..]),
                Err(error) => errors.push(error),
            }
            errors.extend(fresh().members().await.err());
            let unpacked = target.path().join("out");
            match fresh().unpack(&unpacked).await {
                Ok(()) => {
                    assert_eq!(std::fs::read(unpacked.join("small")).unwrap(), b"small");
                    assert!(std::fs::read(unpacked.join("big")).unwrap() == noise(9 << 20, 1));
                }
                Err(error) => {
                    let left = std::fs::read_dir(target.path()).unwrap().count();
                    assert_eq!(left, 0, "half a tree is left: {error}");
                    errors.push(error);
                }
            }
        }
    }
    errors.extend(fresh().verify().await.err());
    errors
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_through_faults_are_right_or_errors() {
    let backend = FaultyBackend::new(ObjectStoreBackend::memory(), 5);
    let artifacts = readable(&backend).await;
    let storage = open(&backend).await;
    let slow = Fault::Slow(Duration::from_millis(2));
    for (fault, kinds) in [
        (Fault::Reset { after: 0 }, &[ErrorKind::Unavailable][..]),
        (Fault::Reset { after: 100 }, &[ErrorKind::Unavailable]),
        (Fault::Reset { after: 2 << 20 }, &[ErrorKind::Unavailable]),
        (Fault::ShortRead { after: 0 }, &[ErrorKind::Unavailable]),
        (Fault::ShortRead { after: 1000 }, &[ErrorKind::Unavailable]),
        (
            Fault::ShortRead { after: 2 << 20 },
            &[ErrorKind::Unavailable],
        ),
        (
            Fault::Refuse(ErrorKind::PermissionDenied),
            &[ErrorKind::PermissionDenied],
        ),
        (Fault::FlippedBit, &[ErrorKind::Corrupt]),
        (slow, &[]),
    ] {
        for when in [When::Always, When::After(1), When::Probability(0.5)] {
            for (of, artifact) in &artifacts {
                backend.heal();
                backend.inject(Operation::Read, fault, when);
                for error in read_every_way(of, artifact, &storage).await {
                    assert!(kinds.contains(&error.kind()), "{fault:?}: {error:?}");
                    let named = error
                        .subject()
                        .is_some_and(|subject| subject.contains("job"));
                    assert!(named, "the artifact is not named: {error}");
                }
            }
        }
    }
    backend.heal();
    for (of, artifact) in &artifacts {
        let errors = read_every_way(of, artifact, &storage).await;
        assert!(errors.is_empty(), "{errors:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lying_server_is_found_out() {
    let backend = FaultyBackend::new(ObjectStoreBackend::memory(), 6);
    let artifacts = readable(&backend).await;
    let storage = open(&backend).await;
    backend.inject(Operation::Read, Fault::FlippedBit, When::Always);
    for round in 0..40 {
        for (_, artifact) in artifacts.iter().take(2) {
            // One read of the whole object, one wrong bit somewhere in it.
            let artifact = storage.artifact(artifact.metadata().clone());
            let error = artifact.verify().await.expect_err("a wrong bit passed");
            assert_eq!(error.kind(), ErrorKind::Corrupt, "round {round}: {error:?}");
            assert!(!error.is_retryable());
        }
    }
    let report = storage.verify(VerifyOptions::default()).await.unwrap();
    assert_eq!(report.damaged.len(), artifacts.len());
    backend.heal();
    is_sound(&storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_storage_refuses_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let local = LocalBackend::open(folder.path(), true, false).unwrap();
    let backend = FaultyBackend::new(local, 7);
    let storage = open(&backend).await;
    for operation in [Operation::Put, Operation::Write] {
        backend.inject(operation, Fault::Full { after: 12 << 20 }, When::Always);
    }
    let mut stored = Vec::new();
    let mut refused = 0;
    for n in 0..12 {
        let len = if n % 2 == 0 { 3 << 20 } else { 10 << 20 };
        match storage
            .store(bytes("job", &n.to_string(), &noise(len, n)))
            .await
        {
            Ok(metadata) => stored.push(metadata.id),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::StorageFull, "{error:?}");
                refused += 1;
            }
        }
    }
    assert!(stored.len() >= 4 && refused >= 4, "{} stored", stored.len());
    is_sound(&storage).await;
    backend.heal();
    let metadata = storage.store(bytes("job", "again", b"fits")).await.unwrap();
    stored.push(metadata.id);
    let fresh = open(&backend).await;
    is_sound(&fresh).await;
    let mut there: Vec<_> = everything(&fresh).await.iter().map(|m| m.id).collect();
    there.sort();
    stored.sort();
    assert_eq!(there, stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_through_faults_is_done_or_not_begun_or_finished_later() {
    for (operation, fault, still_there) in [
        (Operation::Put, REFUSED, true),
        (Operation::Put, Fault::AnswerLost, false),
        (Operation::Delete, REFUSED, false),
        (Operation::Delete, Fault::AnswerLost, false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let local = LocalBackend::open(folder.path(), true, false).unwrap();
        let backend = FaultyBackend::new(local, 8);
        let storage = open(&backend).await;
        let object = storage.store(bytes("job", "x", b"one")).await.unwrap();
        let object = folder.path().join(object.storage_path);
        backend.inject(operation, fault, When::Times(1));
        let error = storage.delete(("job", RESULTS, "x")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
        assert_eq!(error.operation(), Some("remove"));
        backend.heal();
        // For this handle, which knew the artifact, and for a new one, which did not.
        storage.sync().await.unwrap();
        let case = format!("{operation:?} {fault:?}");
        assert_eq!(
            storage.exists(("job", RESULTS)).await.unwrap(),
            still_there,
            "{case}"
        );
        assert_eq!(object.exists(), still_there, "{case}: the object");
        let fresh = open(&backend).await;
        assert_eq!(
            fresh.exists(("job", RESULTS)).await.unwrap(),
            still_there,
            "{case}"
        );
        is_sound(&fresh).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_open_is_an_error_and_no_half_index() {
    let folder = tempfile::tempdir().unwrap();
    let (root, index) = (
        folder.path().join("store"),
        folder.path().join("index.sqlite"),
    );
    let local = LocalBackend::open(&root, true, false).unwrap();
    let backend = FaultyBackend::new(local, 9);
    let storage = open(&backend).await;
    for n in 0..30 {
        storage
            .store(bytes("job", &n.to_string(), b"x"))
            .await
            .unwrap();
    }
    for (operation, fault, when) in [
        (Operation::Read, REFUSED, When::Times(1)),
        (Operation::Read, REFUSED, When::After(10)),
        (
            Operation::Read,
            Fault::ShortRead { after: 20 },
            When::After(10),
        ),
        (Operation::List, REFUSED, When::Always),
        (Operation::List, Fault::Reset { after: 10 }, When::Always),
        (Operation::List, REFUSED, When::After(1)),
    ] {
        backend.inject(operation, fault, when);
        let config = || Config::custom(Arc::new(backend.clone())).index_path(&index);
        let error = Storage::open(config()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
        assert!(
            error.source().is_some() || error.message().contains("bytes"),
            "{error:?}"
        );
        backend.heal();
        let storage = Storage::open(config()).await.unwrap();
        assert_eq!(
            everything(&storage).await.len(),
            30,
            "{operation:?} {fault:?} {when:?}"
        );
        std::fs::remove_file(&index).unwrap();
    }
}
