//! Odd circumstances: few threads, clocks that were ahead, rows that went bad, targets in use.

use std::fs;

use futures::TryStreamExt as _;
use jiff::Timestamp;
use qestore::{
    ArtifactType, Config, ErrorKind, Filter, FixedClock, NewArtifact, Notice, Page, Storage,
};

use crate::support::{RESULTS, bytes, local, log_text, noise};

#[test]
fn large_content_needs_no_more_than_one_blocking_thread() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(1)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (folder, storage) = local().await;
        let path = folder.path().join("big");
        let content = noise(21_000_000, 5);
        fs::write(&path, &content).unwrap();
        let store = |job: &str| storage.store(NewArtifact::from_path(job, RESULTS, &path));
        tokio::try_join!(store("a"), store("b"), store("c")).unwrap();
        let artifact = storage.retrieve(("b", RESULTS)).await.unwrap().unwrap();
        let parts: Vec<_> = artifact.stream().try_collect().await.unwrap();
        assert!(parts.concat() == content);
        storage.reindex(|_| {}).await.unwrap();
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_no_longer_reads_is_built_anew() {
    for broken in [
        "codec = 'x'",
        "kind = 'x'",
        "tags = '{'",
        "artifact_type = 'No Type'",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        let config = Config::local(folder.path()).observer(move |notice| {
            tell.send(notice.clone()).unwrap();
        });
        let storage = Storage::open(config).await.unwrap();
        storage.store(bytes("job", "x", b"content")).await.unwrap();
        let index = rusqlite::Connection::open(folder.path().join("index.sqlite")).unwrap();
        index
            .execute(&format!("UPDATE artifacts SET {broken}"), [])
            .unwrap();
        drop(index);
        let listing = storage
            .list(&Filter::default(), &Page::default())
            .await
            .unwrap();
        assert_eq!(listing.artifacts.len(), 1, "{broken}");
        let notice = told.try_recv().unwrap();
        assert!(
            matches!(notice, Notice::IndexRebuilt { artifacts: 1, .. }),
            "{notice}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_also_removes_versions_that_the_index_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let open = async |index: &str| {
        let config = Config::local(folder.path().join("store"));
        Storage::open(config.index_path(folder.path().join(index)))
            .await
            .unwrap()
    };
    let (one, two) = (open("one.sqlite").await, open("two.sqlite").await);
    one.store(bytes("job", "x", b"earlier")).await.unwrap();
    two.store(bytes("job", "x", b"later")).await.unwrap();
    assert!(two.delete(("job", RESULTS)).await.unwrap().is_some());
    assert!(!two.exists(("job", RESULTS)).await.unwrap());
    one.sync().await.unwrap();
    assert!(!one.exists(("job", RESULTS)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_ahead_hides_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let open = async |index: &str, now: &str| {
        let now: Timestamp = now.parse().unwrap();
        let config = Config::local(folder.path().join("store")).clock(FixedClock(now));
        Storage::open(config.index_path(folder.path().join(index)))
            .await
            .unwrap()
    };
    let ahead = open("a.sqlite", "2027-11-23T10:00:00Z").await;
    ahead.store(bytes("ahead", "x", b"1")).await.unwrap();
    let other = open("b.sqlite", "2026-11-23T10:05:00Z").await;
    other.store(bytes("meanwhile", "x", b"2")).await.unwrap();
    let later = open("a.sqlite", "2026-11-23T14:00:00Z").await;
    let found = later
        .list(&Filter::default().job_id("meanwhile"), &Page::default())
        .await;
    assert_eq!(found.unwrap().artifacts.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overlap_beyond_all_time_is_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    for overlap in [jiff::SignedDuration::MAX, jiff::SignedDuration::MIN] {
        let mut config = Config::local(folder.path().join("store"));
        config.sync_overlap = overlap;
        let storage = Storage::open(config).await.unwrap();
        storage.sync().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_file_named_as_the_index_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes.txt");
    for round in ["first", "second"] {
        fs::write(&notes, format!("{round}: dear diary")).unwrap();
        let config = Config::local(folder.path().join("store")).index_path(&notes);
        Storage::open(config).await.unwrap();
    }
    let aside = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(aside("notes.txt.replaced"), "first: dear diary");
    assert_eq!(aside("notes.txt.replaced-2"), "second: dear diary");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_other_things_does_not_become_a_store() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("events")).unwrap();
    fs::write(folder.path().join("events/party.txt"), "friday").unwrap();
    fs::write(folder.path().join("main.py"), "print()").unwrap();
    for config in [
        Config::local(folder.path()),
        Config::local(folder.path()).must_exist(),
    ] {
        let error = Storage::open(config).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    assert!(!folder.path().join("qestore.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_lost_its_description_gets_a_new_one_by_storing_only() {
    let (folder, storage) = local().await;
    storage.store(bytes("job", "x", b"content")).await.unwrap();
    drop(storage);
    let root = folder.path().join("store");
    fs::remove_file(root.join("qestore.json")).unwrap();
    let error = Storage::open(Config::local(&root).must_exist())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    let storage = Storage::open(Config::local(&root)).await.unwrap();
    assert!(storage.exists(("job", RESULTS)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_folder_that_is_there_is_filled_in_place() {
    let (folder, storage) = local().await;
    let tree = folder.path().join("tree");
    fs::create_dir_all(tree.join("sub")).unwrap();
    fs::write(tree.join("sub/a:b"), b"colon").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("a:b", tree.join("sub/l")).unwrap();
    storage
        .store(NewArtifact::from_path("job", RESULTS, &tree))
        .await
        .unwrap();
    let artifact = storage.retrieve(("job", RESULTS)).await.unwrap().unwrap();
    let target = folder.path().join("target");
    fs::create_dir(&target).unwrap();
    artifact.unpack(&target.join(".")).await.unwrap();
    let names = |folder: &std::path::Path| {
        let entries = fs::read_dir(folder).unwrap();
        entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&target), ["sub"]);
    assert_eq!(fs::read(target.join("sub/a:b")).unwrap(), b"colon");
    #[cfg(unix)]
    assert_eq!(
        fs::read_link(target.join("sub/l")).unwrap().to_str(),
        Some("a:b")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_comes_as_a_stream_when_it_is_too_large_for_a_buffer() {
    let (folder, storage) = local().await;
    let tree = folder.path().join("tree");
    fs::create_dir(&tree).unwrap();
    let log = log_text(9_000_000);
    fs::write(tree.join("build.log"), &log).unwrap();
    storage
        .store(NewArtifact::from_path("job", RESULTS, &tree))
        .await
        .unwrap();
    drop(storage);
    let small = Config::local(folder.path().join("store")).max_artifact_bytes(1 << 20);
    let storage = Storage::open(small).await.unwrap();
    let artifact = storage.retrieve(("job", RESULTS)).await.unwrap().unwrap();
    let error = artifact.member("build.log").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    let error = artifact.range(0..2 << 20).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    let parts: Vec<_> = artifact
        .member_stream("build.log")
        .try_collect()
        .await
        .unwrap();
    assert!(parts.concat() == log);
    let missing: Result<Vec<_>, _> = artifact.member_stream("no").try_collect().await;
    assert_eq!(missing.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn verifying_passes_over_what_is_removed_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let open = async || {
        Storage::open(Config::local(folder.path()).not_durable())
            .await
            .unwrap()
    };
    let (checker, remover) = (open().await, open().await);
    let new = |job: usize| {
        NewArtifact::from_bytes(format!("job-{job}"), ArtifactType::CUSTOM, noise(50_000, 1))
    };
    for job in 0..120 {
        remover.store(new(job)).await.unwrap();
    }
    let removing = async {
        for job in 0..120 {
            let job = format!("job-{job}");
            remover
                .delete((job.as_str(), ArtifactType::CUSTOM))
                .await
                .unwrap();
        }
    };
    let (report, ()) = tokio::join!(checker.verify(qestore::VerifyOptions::default()), removing);
    let report = report.unwrap();
    assert!(report.is_sound(), "{:?}", report.damaged.first());
}
