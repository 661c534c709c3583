//! The index is a view: deleted, damaged or foreign, it comes back and answers the same.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use futures::TryStreamExt as _;
use jiff::Timestamp;
use qestore::{
    ArtifactRef, ArtifactType, Config, ErrorKind, Filter, NewArtifact, Notice, Page, Storage,
};

use crate::support::noise;

type Notices = Arc<Mutex<Vec<Notice>>>;

async fn open(folder: &Path) -> (Storage, Notices) {
    let notices = Notices::default();
    let told = Arc::clone(&notices);
    let config = Config::local(folder).observer(move |notice| {
        told.lock().unwrap().push(notice.clone());
    });
    (Storage::open(config.not_durable()).await.unwrap(), notices)
}

const JOBS: usize = 12;
const TYPES: [ArtifactType; 3] = [
    ArtifactType::TEST_RESULTS,
    ArtifactType::COVERAGE_REPORT,
    ArtifactType::VIDEOS,
];
const NAMES: [&str; 3] = ["default", "../b c/ü 🚀", "c"];
const LIVE: u64 = 216 + 40 - 18;

/// Jobs, types, names and tags in all combinations; some stored twice, some removed.
async fn fill(storage: &Storage) {
    let store = async |job: usize, of_type: &ArtifactType, name: &str, version: usize| {
        let at = Timestamp::from_second(1_790_000_000 + (job * 7 % 5) as i64).unwrap();
        // Long tags: the index has pages enough to be damaged in the middle.
        let tag = String::from_utf8_lossy(&noise(300, job as u64)).replace('\0', "0");
        let new = NewArtifact::from_bytes(
            format!("job/{job}"),
            of_type.clone(),
            format!("{job}{version}"),
        )
        .name(name)
        .tag(
            "branch",
            if job.is_multiple_of(2) {
                "main"
            } else {
                "it's a \"branch\""
            },
        )
        .tag("os", ["linux", "windows", "macos"][job % 3])
        .tag("note", tag)
        .timestamp(at);
        storage.store(new).await.unwrap();
    };
    for job in 0..JOBS {
        for of_type in &TYPES {
            for name in NAMES {
                for version in 0..2 {
                    store(job, of_type, name, version).await;
                }
            }
        }
    }
    for version in 0..40 {
        store(version % 4, &TYPES[0], "c", version).await;
    }
    for job in 0..3 {
        for of_type in &TYPES {
            let of_job = ArtifactRef::new(format!("job/{job}"), of_type.clone());
            assert!(
                storage
                    .delete(of_job.named(NAMES[1]))
                    .await
                    .unwrap()
                    .is_some()
            );
        }
    }
}

/// What every question gets for an answer, as text to compare.
async fn answers(storage: &Storage) -> Vec<String> {
    let any = Filter::default;
    let at = |second: i64| Timestamp::from_second(1_790_000_000 + second).unwrap();
    let mut filters = vec![
        any(),
        any().with_superseded(),
        any().tag("branch", "main"),
        any().tag("branch", "it's a \"branch\"").tag("os", "linux"),
        any().tag("os", "none"),
        any().since(at(2)),
        any().until(at(2)).with_superseded(),
        any().since(at(1)).until(at(3)).tag("branch", "main"),
        any().job_id("job/1").with_superseded(),
        any().job_id("no such job"),
    ];
    for of_type in TYPES {
        filters.push(any().artifact_type(of_type.clone()));
        filters.push(any().artifact_type(of_type.clone()).tag("os", "macos"));
        filters.push(
            any()
                .artifact_type(of_type)
                .job_id("job/3")
                .with_superseded(),
        );
    }
    filters.extend(NAMES.map(|name| any().name(name)));
    let mut answers = Vec::new();
    for filter in &filters {
        let all: Vec<_> = storage.list_all(filter).try_collect().await.unwrap();
        answers.extend(
            all.iter()
                .map(|metadata| format!("{filter:?}: {metadata:?}")),
        );
        for limit in [1, 7, 100] {
            let mut page = Page::first(limit);
            // The first pages, and where the next would begin.
            for _ in 0..4 {
                let listing = storage.list(filter, &page).await.unwrap();
                let ids: Vec<_> = listing.artifacts.iter().map(|m| m.id).collect();
                answers.push(format!("{filter:?} {limit}: {ids:?} {:?}", listing.next));
                let Some(next) = listing.next else { break };
                page = Page::after(limit, next);
            }
        }
    }
    for job in 0..JOBS {
        for of_type in TYPES {
            let of_job = ArtifactRef::new(format!("job/{job}"), of_type);
            for name in [None, Some(NAMES[0]), Some(NAMES[1]), Some("none")] {
                let reference = name.map_or(of_job.clone(), |name| of_job.clone().named(name));
                let found = storage.retrieve(reference.clone()).await.unwrap();
                let content = match &found {
                    Some(artifact) => Some(artifact.bytes().await.unwrap()),
                    None => None,
                };
                let exists = storage.exists(reference.clone()).await.unwrap();
                answers.push(format!("{reference}: {exists} {content:?}"));
            }
        }
    }
    answers
}

/// Brings everything into the file itself, so that damage to it is seen.
fn checkpoint(index: &Path) {
    let connection = rusqlite::Connection::open(index).unwrap();
    let busy: i64 = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .unwrap();
    assert_eq!(busy, 0);
}

fn overwrite(index: &Path, at: u64, bytes: &[u8]) {
    let mut file = fs::File::options().write(true).open(index).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(bytes).unwrap();
}

fn pragma(index: &Path, name: &str, value: i32) {
    let connection = rusqlite::Connection::open(index).unwrap();
    connection.pragma_update(None, name, value).unwrap();
}

/// A filled store, its index file, and what it answers.
async fn filled() -> (tempfile::TempDir, PathBuf, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let (storage, notices) = open(folder.path()).await;
    fill(&storage).await;
    let expected = answers(&storage).await;
    assert!(expected.len() > 1000, "{}", expected.len());
    assert_eq!(*notices.lock().unwrap(), [], "a sound index was announced");
    drop(storage);
    let index = folder.path().join("index.sqlite");
    checkpoint(&index);
    assert!(fs::metadata(&index).unwrap().len() > 200_000);
    (folder, index, expected)
}

/// Exactly one rebuild was announced, of all that is there.
fn announced(notices: &Notices, reason: &str, at_least: u64) {
    let notices = notices.lock().unwrap();
    match notices.as_slice() {
        [
            Notice::IndexRebuilt {
                reason: told,
                artifacts,
                damaged: 0,
                ..
            },
        ] => {
            assert_eq!(told, reason);
            assert_eq!(*artifacts, at_least);
        }
        other => panic!("announced {other:?} instead of one rebuild ({reason})"),
    }
}

type Damage = fn(&Path);

const DAMAGES: [(&str, Damage, &str); 11] = [
    (
        "deleted",
        |index| fs::remove_file(index).unwrap(),
        "missing",
    ),
    (
        "deleted with its log",
        |index| {
            fs::remove_file(index).unwrap();
            let _ = fs::remove_file(index.with_extension("sqlite-wal"));
            let _ = fs::remove_file(index.with_extension("sqlite-shm"));
        },
        "missing",
    ),
    ("empty", |index| fs::write(index, b"").unwrap(), "missing"),
    (
        "a text file",
        |index| fs::write(index, noise(50_000, 1)).unwrap(),
        "damaged",
    ),
    (
        "header",
        |index| overwrite(index, 0, &noise(100, 2)),
        "damaged",
    ),
    (
        "middle",
        |index| {
            let len = fs::metadata(index).unwrap().len();
            overwrite(index, 16_384, &noise(len as usize - 16_384, 3));
        },
        "damaged",
    ),
    (
        "truncated to one page",
        |index| truncate(index, 8192),
        "damaged",
    ),
    (
        "truncated in the middle",
        |index| {
            truncate(index, fs::metadata(index).unwrap().len() / 2 / 8192 * 8192);
        },
        "damaged",
    ),
    (
        "other version",
        |index| pragma(index, "user_version", 99),
        "of version 99, this program uses 3",
    ),
    (
        "other program",
        |index| pragma(index, "application_id", 7),
        "not an index of qestore",
    ),
    (
        "other store",
        |index| {
            let connection = rusqlite::Connection::open(index).unwrap();
            connection
                .execute("UPDATE state SET value = 'x' WHERE name = 'store'", [])
                .unwrap();
        },
        "of another store",
    ),
];

fn truncate(index: &Path, len: u64) {
    let file = fs::File::options().write(true).open(index).unwrap();
    file.set_len(len).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unusable_index_is_built_anew_and_answers_the_same() {
    let (folder, index, expected) = filled().await;
    for (what, damage, reason) in DAMAGES {
        damage(&index);
        let (storage, notices) = open(folder.path()).await;
        assert!(answers(&storage).await == expected, "{what}: other answers");
        announced(&notices, reason, LIVE);
        drop(storage);
        let (_, again) = open(folder.path()).await;
        assert_eq!(*again.lock().unwrap(), [], "{what}: built twice");
        checkpoint(&index);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_under_an_open_store_heals() {
    let (folder, index, expected) = filled().await;
    // What only a start can tell (another version, another store) is not looked for here.
    for (what, damage, _) in DAMAGES.iter().filter(|(_, _, reason)| *reason == "damaged") {
        let (storage, notices) = open(folder.path()).await;
        storage
            .list(&Filter::default(), &Page::default())
            .await
            .unwrap();
        // A change by another process: what this one remembers of the file is old.
        pragma(&index, "user_version", 2);
        checkpoint(&index);
        damage(&index);
        // Stored into the damaged index; the row must not be lost.
        let new = NewArtifact::from_bytes("new", ArtifactType::CUSTOM, "x");
        let stored = storage.store(new).await.unwrap();
        assert!(
            storage.exists(("new", ArtifactType::CUSTOM)).await.unwrap(),
            "{what}"
        );
        let deleted = storage.delete(("new", ArtifactType::CUSTOM)).await.unwrap();
        assert_eq!(deleted, Some(stored), "{what}");
        assert!(answers(&storage).await == expected, "{what}: other answers");
        let rebuilt = notices.lock().unwrap().len();
        assert_eq!(rebuilt, 1, "{what}: {:?}", notices.lock().unwrap());
        drop(storage);
        let (storage, notices) = open(folder.path()).await;
        assert!(
            answers(&storage).await == expected,
            "{what}: after a new start"
        );
        assert_eq!(*notices.lock().unwrap(), [], "{what}");
        checkpoint(&index);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_met_by_a_question_heals_too() {
    let (folder, index, expected) = filled().await;
    let (storage, notices) = open(folder.path()).await;
    pragma(&index, "user_version", 2);
    checkpoint(&index);
    let len = fs::metadata(&index).unwrap().len();
    overwrite(&index, 8192, &noise(len as usize - 8192, 4));
    assert!(answers(&storage).await == expected);
    announced(&notices, "damaged", LIVE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_passes_over_damaged_objects_and_says_so() {
    let (folder, index, _) = filled().await;
    let (storage, _) = open(folder.path()).await;
    let all: Vec<_> = storage
        .list_all(&Filter::default().with_superseded())
        .try_collect()
        .await
        .unwrap();
    drop(storage);
    for metadata in all.iter().take(3) {
        let object = folder.path().join(&metadata.storage_path);
        truncate(&object, metadata.compressed_size_bytes - 5);
    }
    fs::remove_file(&index).unwrap();
    let (storage, notices) = open(folder.path()).await;
    let notices = notices.lock().unwrap().clone();
    let damaged = notices
        .iter()
        .filter(|n| matches!(n, Notice::ObjectDamaged { .. }));
    assert_eq!(damaged.count(), 3);
    let rebuilt = notices
        .iter()
        .find(|n| matches!(n, Notice::IndexRebuilt { .. }));
    let Some(Notice::IndexRebuilt {
        artifacts, damaged, ..
    }) = rebuilt
    else {
        panic!("{notices:?}");
    };
    assert_eq!((*artifacts, *damaged), (LIVE - 3, 3));
    let report = storage
        .verify(qestore::VerifyOptions::default())
        .await
        .unwrap();
    assert_eq!(report.damaged.len(), 3);
    for damage in report.damaged {
        assert_eq!(damage.error.kind(), ErrorKind::Corrupt);
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_open_store_turns_to_the_index_that_took_the_place_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (first, _) = open(folder.path()).await;
    let new =
        |job: &'static str| NewArtifact::from_bytes(job, ArtifactType::CUSTOM, job.as_bytes());
    first.store(new("before")).await.unwrap();
    for ending in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(folder.path().join(format!("index.sqlite{ending}")));
    }
    let (second, _) = open(folder.path()).await;
    second.store(new("after")).await.unwrap();
    let listing = first
        .list(&Filter::default(), &Page::default())
        .await
        .unwrap();
    let jobs: Vec<_> = listing
        .artifacts
        .iter()
        .map(|m| m.job_id.as_str())
        .collect();
    assert_eq!(jobs, ["after", "before"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_of_another_program_is_put_aside_not_deleted() {
    for mark in ["PRAGMA application_id = 7", "PRAGMA application_id = 0"] {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = folder.path().join("accounts.sqlite");
        let theirs = rusqlite::Connection::open(&elsewhere).unwrap();
        theirs.execute_batch("CREATE TABLE money (amount)").unwrap();
        theirs.execute_batch(mark).unwrap();
        drop(theirs);
        let before = fs::read(&elsewhere).unwrap();
        let config = Config::local(folder.path().join("store")).index_path(&elsewhere);
        Storage::open(config).await.unwrap();
        let aside = folder.path().join("accounts.sqlite.replaced");
        assert_eq!(fs::read(aside).unwrap(), before);
    }
}
