//! Many processes and killed processes: what was acknowledged is there, and nothing is half there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use futures::TryStreamExt as _;
use jiff::{SignedDuration, Timestamp};
use qestore::{Config, EventFilter, Filter, NewArtifact, Notice, Storage, VerifyOptions};

use crate::support::{RESULTS, noise};

/// One test at a time: each of them needs the whole machine.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Stores `count` artifacts under `job` in a process of its own, from when `go` is there.
fn worker(store: &Path, job: &str, count: u64, seed: u64, go: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_qestore-store-worker"))
        .arg(store)
        .args([job, &count.to_string(), &seed.to_string()])
        .arg(go)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The folder that workers wait for, and store as a tree.
fn tree(folder: &Path) -> PathBuf {
    let (building, tree) = (folder.join("building"), folder.join("tree"));
    fs::create_dir_all(building.join("sub")).unwrap();
    for n in 0..40 {
        fs::write(
            building.join(format!("sub/{n}.txt")),
            noise(2000 + n, n as u64),
        )
        .unwrap();
    }
    fs::rename(&building, &tree).unwrap();
    tree
}

/// Ids and checksums from whole lines: a killed process may have got half of one out.
fn acknowledged(output: &[u8]) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(output);
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let parts = whole.lines().filter_map(|line| line.split_once(' '));
    parts
        .map(|(id, sum)| (id.to_owned(), sum.to_owned()))
        .collect()
}

async fn everything(storage: &Storage) -> BTreeMap<String, String> {
    let all: Vec<_> = storage
        .list_all(&Filter::default().with_superseded())
        .try_collect()
        .await
        .unwrap();
    all.into_iter()
        .map(|m| (m.id.to_string(), m.checksum.to_string()))
        .collect()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let below = entries.map(|entry| entry.unwrap().path()).map(|path| {
        if path.is_dir() {
            files_below(&path)
        } else {
            vec![path]
        }
    });
    below.flatten().collect()
}

fn set_age(files: &[PathBuf], age: Duration) {
    #[expect(clippy::disallowed_methods, reason = "a test is an edge")]
    let modified = SystemTime::now() - age;
    for file in files {
        let file = fs::File::options().write(true).open(file).unwrap();
        file.set_modified(modified).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_nothing_acknowledged_is_lost_and_nothing_is_half_there() {
    let _alone = ALONE.lock().await;
    const ROUNDS: u64 = 300;
    let folder = tempfile::tempdir().unwrap();
    let (store, tree) = (folder.path().join("store"), tree(folder.path()));
    let mut expected = BTreeMap::new();
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let (mut killed, mut interrupted) = (0, 0);
    for round in 1..=ROUNDS {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let mut child = worker(&store, &format!("job-{round}"), 10_000, random, &tree);
        let mut output = BufReader::new(child.stdout.take().unwrap());
        // Every second one is killed while it starts, the others once they store.
        if round % 2 == 0 {
            output.read_until(b'\n', &mut Vec::new()).unwrap();
        }
        std::thread::sleep(Duration::from_micros(1000 + random % 59_000));
        child.kill().unwrap();
        let mut lines = Vec::new();
        output.read_to_end(&mut lines).unwrap();
        expected.append(&mut acknowledged(&lines));
        let ended = child.wait_with_output().unwrap();
        killed += u64::from(ended.status.code().is_none());
        let complaints = String::from_utf8_lossy(&ended.stderr);
        assert!(complaints.is_empty(), "round {round}: {complaints}");
        interrupted = interrupted.max(files_below(&store.join("staging")).len());
    }
    assert_eq!(killed, ROUNDS, "some workers ended by themselves");
    assert!(expected.len() > 100, "only {} were stored", expected.len());
    assert!(interrupted > 0, "no worker was killed while it wrote");

    // What a killed writer leaves lies apart, and goes once it is old enough.
    let staged = files_below(&store.join("staging"));
    set_age(&staged, Duration::ZERO);
    drop(Storage::open(Config::local(&store)).await.unwrap());
    assert_eq!(files_below(&store.join("staging")).len(), staged.len());
    set_age(&staged, Duration::from_secs(120));
    let swept = Arc::new(Mutex::new(0));
    let told = Arc::clone(&swept);
    let config = Config::local(&store).observer(move |notice| {
        if let Notice::LeftoversRemoved { files } = notice {
            *told.lock().unwrap() += files;
        }
    });
    let storage = Storage::open(config).await.unwrap();
    assert!(files_below(&store.join("staging")).is_empty());
    assert_eq!(*swept.lock().unwrap(), staged.len());

    let found = everything(&storage).await;
    for (id, checksum) in &expected {
        assert_eq!(found.get(id), Some(checksum), "acknowledged and not there");
    }
    let report = storage.verify(VerifyOptions::default()).await.unwrap();
    assert!(report.is_sound(), "{:?}", report.damaged);
    assert_eq!(report.verified, found.len() as u64);
    // And the index had not lost anything that the objects know.
    let report = storage.reindex(|_| {}).await.unwrap();
    assert_eq!(
        (report.added, report.missing.len(), report.foreign),
        (0, 0, 0)
    );
    assert_eq!(report.objects, found.len() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_processes_store_into_a_fresh_folder_at_once() {
    let _alone = ALONE.lock().await;
    const PROCESSES: u64 = 8;
    const EACH: u64 = 200;
    let folder = tempfile::tempdir().unwrap();
    let (store, go) = (folder.path().join("store"), folder.path().join("go"));
    let workers: Vec<Child> = (0..PROCESSES)
        .map(|n| worker(&store, &format!("job-{n}"), EACH, 0, &go))
        .collect();
    fs::write(&go, b"").unwrap();
    let mut expected = BTreeMap::new();
    for worker in workers {
        let output = worker.wait_with_output().unwrap();
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(complaints.is_empty(), "{complaints}");
        let mut stored = acknowledged(&output.stdout);
        assert_eq!(stored.len() as u64, EACH);
        expected.append(&mut stored);
    }
    let storage = Storage::open(Config::local(&store)).await.unwrap();
    assert!(everything(&storage).await == expected);
    let report = storage.verify(VerifyOptions::default()).await.unwrap();
    assert!(report.is_sound(), "{:?}", report.damaged);
    assert_eq!(report.verified, PROCESSES * EACH);
    for n in 0..PROCESSES {
        let of_one = Filter::default().job_id(format!("job-{n}"));
        let listed: Vec<_> = storage.list_all(&of_one).try_collect().await.unwrap();
        assert_eq!(listed.len() as u64, EACH);
    }
    assert!(files_below(&store.join("staging")).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_first_opens_at_once_make_one_store() {
    let _alone = ALONE.lock().await;
    for round in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let (store, go) = (folder.path().join("a/store"), folder.path().join("go"));
        let workers: Vec<Child> = (0..8)
            .map(|n| worker(&store, &format!("job-{n}"), 2, 0, &go))
            .collect();
        fs::write(&go, b"").unwrap();
        let mut expected = BTreeMap::new();
        for worker in workers {
            let output = worker.wait_with_output().unwrap();
            let complaints = String::from_utf8_lossy(&output.stderr);
            assert!(complaints.is_empty(), "round {round}: {complaints}");
            expected.append(&mut acknowledged(&output.stdout));
        }
        let storage = Storage::open(Config::local(&store)).await.unwrap();
        assert_eq!(expected.len(), 16);
        assert!(everything(&storage).await == expected, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cleanup_killed_again_and_again_ends_where_one_would_have() {
    const OLD: usize = 3_000;
    const KEPT: usize = 5;
    let _alone = ALONE.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let storage = Storage::open(Config::local(&store).not_durable())
        .await
        .unwrap();
    let began: Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
    let mut kept = Vec::new();
    for number in 0..OLD + KEPT {
        let at = began + SignedDuration::from_secs(i64::try_from(number).unwrap());
        let new = NewArtifact::from_bytes(format!("b-{number}"), RESULTS, number.to_string());
        let stored = storage.store(new.timestamp(at)).await.unwrap();
        kept.push(stored.id.to_string());
    }
    kept.drain(..OLD);
    drop(storage);
    let (mut killed, mut random) = (0, 0x9E37_79B9_7F4A_7C15_u64);
    loop {
        let mut child = worker(&store, "clean", KEPT as u64, 1, folder.path());
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_until(b'\n', &mut Vec::new()).unwrap();
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        if killed < 12 {
            std::thread::sleep(Duration::from_millis(random % 60));
            child.kill().unwrap();
        }
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        child.wait().unwrap();
        if rest.starts_with("removed") {
            break;
        }
        killed += 1;
    }
    assert!(killed > 0, "no cleanup was killed");
    let storage = Storage::open(Config::local(&store)).await.unwrap();
    let left: Vec<_> = everything(&storage).await.into_keys().collect();
    assert_eq!(left, kept);
    assert_eq!(files_below(&store.join("artifacts")).len(), KEPT);
    let report = storage.verify(VerifyOptions::default()).await.unwrap();
    assert!(report.is_sound(), "{report:?}");
    let log = storage
        .events(&EventFilter::default(), 1_000)
        .await
        .unwrap();
    let removed: BTreeSet<_> = log
        .iter()
        .flat_map(|event| event.artifacts.iter().map(|a| a.id))
        .collect();
    assert_eq!(removed.len(), OLD);
}
