//! Limits and names: too much content leaves nothing behind, hostile names are kept as text.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use qestore::{ArtifactType, ErrorKind, Filter, NewArtifact, Page, Storage, VerifyOptions};

use crate::support::{RESULTS, bytes, config, local, noise};

const LIMIT: usize = 21 << 20;

async fn limited(folder: &Path, limit: usize) -> Storage {
    let config = config(folder).max_artifact_bytes(limit as u64);
    Storage::open(config).await.unwrap()
}

/// Every file below the store that is not of the index or the store's own description.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.join("store")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if !name.starts_with("index.sqlite") && name != "qestore.json" {
                found.push(path);
            }
        }
    }
    found
}

/// Counts what is taken from it, and never ends.
struct Endless(Arc<AtomicUsize>);

impl tokio::io::AsyncRead for Endless {
    fn poll_read(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        let taken = self.0.load(Ordering::Relaxed);
        let part = noise(buffer.remaining().min(64 << 10), taken as u64);
        buffer.put_slice(&part);
        self.0.fetch_add(part.len(), Ordering::Relaxed);
        std::task::Poll::Ready(Ok(()))
    }
}

/// Gives some bytes, then fails.
struct Failing(usize);

impl tokio::io::AsyncRead for Failing {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        if self.0 == 0 {
            return std::task::Poll::Ready(Err(std::io::Error::other("the pipe burst")));
        }
        let part = noise(buffer.remaining().min(self.0).min(64 << 10), self.0 as u64);
        self.0 -= part.len();
        buffer.put_slice(&part);
        std::task::Poll::Ready(Ok(()))
    }
}

async fn nothing_is_left(folder: &Path, storage: &Storage) {
    assert_eq!(files(folder), Vec::<PathBuf>::new());
    let any = Filter::default().with_superseded();
    let all = storage.list(&any, &Page::default()).await.unwrap();
    assert!(all.artifacts.is_empty());
    let report = storage.reindex(|_| {}).await.unwrap();
    assert_eq!((report.objects, report.added, report.foreign), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn content_over_the_limit_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let storage = limited(folder.path(), LIMIT).await;
    let content = noise(LIMIT + 1, 1);
    let (file, tree) = (folder.path().join("file"), folder.path().join("tree"));
    std::fs::write(&file, &content).unwrap();
    std::fs::create_dir(&tree).unwrap();
    for n in 0..3 {
        std::fs::write(tree.join(n.to_string()), &content[..8 << 20]).unwrap();
    }
    let taken = Arc::new(AtomicUsize::new(0));
    let reader = || std::io::Cursor::new(content.clone());
    for codec in ["zstd:1", "gzip:1", "none"] {
        for (what, new) in [
            ("bytes", bytes("job", "x", &content)),
            ("a file", NewArtifact::from_path("job", RESULTS, &file)),
            ("a tree", NewArtifact::from_path("job", RESULTS, &tree)),
            (
                "a reader",
                NewArtifact::from_reader("job", RESULTS, reader()),
            ),
            (
                "an endless reader",
                NewArtifact::from_reader("job", RESULTS, Endless(Arc::clone(&taken))),
            ),
        ] {
            let refused = storage.store(new.codec(codec.parse().unwrap())).await;
            let error = refused.expect_err(what);
            assert_eq!(error.kind(), ErrorKind::TooLarge, "{what}: {error}");
            assert!(error.message().contains(&LIMIT.to_string()), "{error}");
            assert!(error.advice().is_some());
        }
    }
    nothing_is_left(folder.path(), &storage).await;
    // Read ahead, but not on and on.
    assert!(taken.load(Ordering::Relaxed) < 3 * (LIMIT + (32 << 20)));
    // To the byte.
    let exactly = bytes("job", "x", &content[..LIMIT]);
    let stored = storage.store(exactly).await.unwrap();
    assert_eq!(stored.size_bytes, LIMIT as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tree_of_many_empty_files_counts_as_what_it_takes() {
    let folder = tempfile::tempdir().unwrap();
    let storage = limited(folder.path(), 1 << 20).await;
    let tree = folder.path().join("tree");
    std::fs::create_dir(&tree).unwrap();
    // Each is a block of tar.
    for n in 0..2100 {
        std::fs::File::create(tree.join(n.to_string())).unwrap();
    }
    let error = storage
        .store(NewArtifact::from_path("job", RESULTS, &tree))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    nothing_is_left(folder.path(), &storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_fails_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let storage = limited(folder.path(), 100 << 20).await;
    for len in [0, 1000, 4 << 20, 30 << 20] {
        let new = NewArtifact::from_reader("job", RESULTS, Failing(len));
        let error = storage.store(new).await.unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(cause, "the pipe burst", "{error}");
    }
    let missing = NewArtifact::from_path("job", RESULTS, folder.path().join("no such"));
    let error = storage.store(missing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("no such"), "{error}");
    nothing_is_left(folder.path(), &storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_given_up_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let storage = limited(folder.path(), usize::MAX >> 1).await;
    for millis in [0, 1, 20, 100, 300] {
        let endless = Endless(Arc::new(AtomicUsize::new(0)));
        let store = storage.store(NewArtifact::from_reader("job", RESULTS, endless));
        let given_up = tokio::time::timeout(Duration::from_millis(millis), store).await;
        assert!(given_up.is_err());
    }
    // What was under way on other threads may take a moment to notice.
    for _ in 0..500 {
        if files(folder.path()).is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    nothing_is_left(folder.path(), &storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_are_text_and_never_paths() {
    let (folder, storage) = local().await;
    let long = "x".repeat(255);
    let texts = [
        "../../../etc/passwd",
        "/absolute",
        ".",
        "..",
        "a/b/c",
        "C:\\Windows",
        " ",
        "  leading",
        "🚀🚀",
        "בנייה 12",
        "\u{202e}reversed",
        "e\u{301}",
        "%2e%2e%2f",
        "'; DROP TABLE artifacts; --",
        "a\"b",
        "*",
        "-rf",
        "\u{feff}",
        "NUL",
        "con.txt",
        long.as_str(),
    ];
    for text in texts {
        let new = NewArtifact::from_bytes(text, RESULTS, text.to_owned());
        let stored = storage.store(new.name(text).tag("t", text)).await.unwrap();
        let key = stored.storage_path.trim_start_matches("artifacts/");
        assert!(
            key.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"/-.".contains(&b)),
            "{key}"
        );
        assert!(
            folder
                .path()
                .join("store")
                .join(&stored.storage_path)
                .is_file()
        );
    }
    for text in texts {
        let found = storage
            .retrieve((text, RESULTS, text))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found.bytes().await.unwrap(), text);
        let listed = storage
            .list(&Filter::default().tag("t", text), &Page::default())
            .await;
        assert_eq!(listed.unwrap().artifacts, [found.metadata().clone()]);
    }
    // Alike, and yet others: nothing is folded or cut.
    for text in ["é", "X", "\u{202e}reverse", "*a", &long[1..]] {
        assert!(!storage.exists((text, RESULTS, text)).await.unwrap());
    }
    let outside = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(outside, 1, "something was written beside the store");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_not_allowed_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let storage = limited(folder.path(), LIMIT).await;
    let long = "x".repeat(256);
    for (text, says) in [
        ("", "is empty"),
        (long.as_str(), "256 bytes"),
        ("a\nb", "U+000A"),
        ("a\0b", "U+0000"),
        ("\u{1b}[31m", "U+001B"),
    ] {
        let new = |job: &str, name: &str| NewArtifact::from_bytes(job, RESULTS, "x").name(name);
        for new in [
            new(text, "name"),
            new("job", text),
            new("job", "name").tag(text, "v"),
        ] {
            let error = storage.store(new).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
            assert!(error.message().contains(says), "{error}");
        }
        let error = storage.retrieve((text, RESULTS)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(text.parse::<ArtifactType>().is_err());
    }
    nothing_is_left(folder.path(), &storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_of_one_name_at_once_leave_one_current_and_all_whole() {
    let (_folder, storage) = local().await;
    let contents: Vec<Vec<u8>> = (0..24).map(|n| noise(100_000 + n, n as u64)).collect();
    let stores = contents
        .iter()
        .map(|content| storage.store(bytes("job", "x", content)));
    let stored = futures::future::try_join_all(stores).await.unwrap();
    let newest = stored.iter().map(|m| m.id).max().unwrap();
    let found = storage
        .retrieve(("job", RESULTS, "x"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.metadata().id, newest);
    let listed = storage
        .list(&Filter::default(), &Page::default())
        .await
        .unwrap();
    assert_eq!(listed.artifacts.len(), 1);
    let report = storage.verify(VerifyOptions::default()).await.unwrap();
    assert!(report.is_sound());
    assert_eq!(report.verified, 24);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_storage_serves_many_tasks() {
    let (_folder, storage) = local().await;
    let tasks = (0..32_u64).map(|task| {
        let storage = storage.clone();
        tokio::spawn(async move {
            let job = format!("job-{task}");
            for n in 0..6_u64 {
                let content = noise(1000 * (1 + n as usize * 40), task * 100 + n);
                let name = n.to_string();
                storage.store(bytes(&job, &name, &content)).await.unwrap();
                let found = storage
                    .retrieve((job.as_str(), RESULTS, name.as_str()))
                    .await;
                assert!(found.unwrap().unwrap().bytes().await.unwrap() == content);
                if n % 3 == 2 {
                    let deleted = storage.delete((job.as_str(), RESULTS, name.as_str())).await;
                    assert!(deleted.unwrap().is_some());
                }
                let of_job = Filter::default().job_id(&job);
                let listed = storage.list(&of_job, &Page::default()).await.unwrap();
                assert_eq!(listed.artifacts.len() as u64, n + 1 - (n + 1) / 3);
            }
        })
    });
    let done: Vec<_> = futures::stream::iter(tasks)
        .buffer_unordered(32)
        .collect()
        .await;
    for task in done {
        task.unwrap();
    }
    let all: Vec<_> = storage
        .list_all(&Filter::default())
        .try_collect()
        .await
        .unwrap();
    assert_eq!(all.len(), 32 * 4);
    assert!(
        storage
            .verify(VerifyOptions::default())
            .await
            .unwrap()
            .is_sound()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_see_the_old_version_or_the_new_one() {
    let (_folder, storage) = local().await;
    let version = |n: u64| noise(300_000 + n as usize, n);
    storage.store(bytes("job", "x", &version(0))).await.unwrap();
    let done = AtomicUsize::new(0);
    let writer = async {
        for n in 1..30 {
            storage.store(bytes("job", "x", &version(n))).await.unwrap();
        }
        done.store(1, Ordering::Relaxed);
    };
    let reader = async {
        let mut last = 0;
        let mut reads = 0;
        while done.load(Ordering::Relaxed) == 0 {
            let found = storage.retrieve(("job", RESULTS)).await.unwrap().unwrap();
            let read = found.bytes().await.unwrap();
            let n = read.len() as u64 - 300_000;
            assert!(read == version(n) && n >= last, "version {n} after {last}");
            last = n;
            reads += 1;
        }
        assert!(reads > 0);
    };
    futures::join!(writer, reader);
}
