//! Damage on storage, seen through the front door: an error of kind *corrupt* that names the
//! artifact, whatever is asked of it, and nothing left behind.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use futures::TryStreamExt as _;
use qestore::{
    Artifact, ArtifactKind, ArtifactType, Config, Error, ErrorKind, Filter, NewArtifact, Notice,
    Page, Storage, VerifyOptions,
};

use crate::hostile_builder::{Container, Entry, Parts, tree};
use crate::support::{RESULTS, bytes, local, log_text, noise, open};

type Damage = (&'static str, fn(&mut Vec<u8>));

/// What can happen to a file. All of it hits the first frame or the tail.
const DAMAGES: [Damage; 8] = [
    ("a bit of the first frame", |object| object[40] ^= 1),
    ("a bit of the end", |object| {
        *object.last_mut().unwrap() ^= 0x10;
    }),
    ("cut short", |object| object.truncate(object.len() - 1)),
    ("cut in half", |object| object.truncate(object.len() / 2)),
    ("empty", Vec::clear),
    ("longer", |object| object.push(0)),
    ("zeros", |object| object.fill(0)),
    ("another object", |object| {
        *object = Parts::file(Container::Zstd, b"abc").build();
    }),
];

async fn retrieve(storage: &Storage, job: &str) -> Artifact {
    storage.retrieve((job, RESULTS)).await.unwrap().unwrap()
}

#[track_caller]
fn assert_named<T: std::fmt::Debug>(result: Result<T, Error>, job: &str, name: &str, what: &str) {
    let error = result.expect_err(what);
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{what}: {error:?}");
    let shown = error.to_string();
    for part in [job, "test-results", name] {
        assert!(
            shown.contains(part),
            "{what}: {shown:?} does not name {part:?}"
        );
    }
}

fn entries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Damages the object of `job` in every way; all that is asked of it must fail, and nothing stay.
async fn damage_and_ask(folder: &Path, storage: &Storage, job: &str, name: &str) {
    let metadata = retrieve(storage, job).await.metadata().clone();
    let place = folder.join("store").join(&metadata.storage_path);
    let sound = fs::read(&place).unwrap();
    let before = entries(folder);
    for (damage, apply) in DAMAGES {
        let mut damaged = sound.clone();
        apply(&mut damaged);
        fs::write(&place, damaged).unwrap();
        let what = format!("{name}, {damage}");
        let ask = async || retrieve(storage, job).await;
        assert_named(ask().await.bytes().await, job, name, &what);
        let stream = ask().await.stream();
        assert_named(stream.try_collect::<Vec<_>>().await, job, name, &what);
        assert_named(ask().await.range(0..3).await, job, name, &what);
        assert_named(ask().await.verify().await, job, name, &what);
        if metadata.kind == ArtifactKind::Tree {
            assert_named(ask().await.member("a.txt").await, job, name, &what);
            let target = folder.join("unpacked");
            assert_named(ask().await.unpack(&target).await, job, name, &what);
            assert_eq!(entries(folder), before, "{what}: left behind");
        }
        let report = storage.verify(VerifyOptions::default()).await.unwrap();
        assert!(!report.is_sound(), "{what}");
        let found = report
            .damaged
            .iter()
            .find(|d| d.key == metadata.storage_path);
        let found = found.unwrap_or_else(|| panic!("{what}: verify does not report it"));
        assert_eq!(found.error.kind(), ErrorKind::Corrupt);
        assert_eq!(found.artifact.as_ref().map(|a| a.id), Some(metadata.id));
    }
    fs::write(&place, sound).unwrap();
    retrieve(storage, job).await.verify().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_on_disk_is_told_by_everything_that_reads() {
    let (folder, storage) = local().await;
    for (job, name, content) in [
        ("job-small", "small.xml", log_text(3000)),
        ("job-frames", "frames.log", log_text(9_000_000)),
        ("job-large", "large.bin", noise(9_500_000, 5)),
    ] {
        storage.store(bytes(job, name, &content)).await.unwrap();
        damage_and_ask(folder.path(), &storage, job, name).await;
    }
    let gzip = bytes("job-gzip", "g.txt", &log_text(5_000_000)).codec("gzip:6".parse().unwrap());
    storage.store(gzip).await.unwrap();
    damage_and_ask(folder.path(), &storage, "job-gzip", "g.txt").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_trees_leave_nothing_behind() {
    let (folder, storage) = local().await;
    let tree = folder.path().join("htmlcov");
    fs::create_dir(&tree).unwrap();
    fs::write(tree.join("a.txt"), noise(5000, 1)).unwrap();
    fs::write(tree.join("z.bin"), noise(9_000_000, 2)).unwrap();
    let new = NewArtifact::from_path("job-tree", RESULTS, &tree);
    storage.store(new).await.unwrap();
    damage_and_ask(folder.path(), &storage, "job-tree", "htmlcov").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_table_that_lies_unpacks_nothing() {
    let (folder, storage) = local().await;
    // The stored object's place is taken by one with the same id and checksums around lies.
    let (members, mut tar) = tree(&[Entry::Folder("d"), Entry::File("d/a.txt", b"content")]);
    let stored = storage.store(bytes("job", "x", &tar)).await.unwrap();
    assert_eq!(stored.kind, ArtifactKind::File);
    let mut leaving = members.clone();
    leaving[1]["path"] = "../a.txt".into();
    let mut other = members.clone();
    other[1]["path"] = "d/b.txt".into();
    let at = tar.len() - 600;
    tar[at] = 1;
    for (what, members, tar) in [
        ("leaving", leaving, tar.clone()),
        ("another name", other, tar.clone()),
        ("padding", members, tar),
    ] {
        let object = Parts::tree(Container::Zstd, &members, &tar)
            .with("job_id", "hostile".into())
            .with("name", what.into())
            .build();
        let id = "019e2d4c-b800-7abc-8def-0123456789ab";
        let key = format!("artifacts/2026/05/15/20/{id}.tar.zst");
        let place = folder.path().join("store").join(&key);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, object).unwrap();
        storage.reindex(|_| {}).await.unwrap();
        let artifact = retrieve(&storage, "hostile").await;
        assert_eq!(artifact.metadata().storage_path, key);
        let before = entries(folder.path());
        let unpacked = artifact.unpack(&folder.path().join("out")).await;
        assert_named(unpacked, "hostile", what, what);
        assert_eq!(entries(folder.path()), before, "{what}");
        assert_named(artifact.verify().await, "hostile", what, what);
        fs::remove_file(&place).unwrap();
        storage.reindex(|_| {}).await.unwrap();
    }
}

/// A store that tells what it notices.
async fn noticing(path: &Path) -> (Result<Storage, Error>, Arc<Mutex<Vec<String>>>) {
    let notices = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&notices);
    let config = Config::local(path).observer(move |notice: &Notice| {
        told.lock().unwrap().push(format!("{notice:?}"));
    });
    (Storage::open(config).await, notices)
}

fn drop_index(store: &Path) {
    for name in entries(store) {
        if name.starts_with("index.sqlite") {
            fs::remove_file(store.join(name)).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_with_damaged_objects_opens_and_says_so() {
    let (folder, storage) = local().await;
    let store = folder.path().join("store");
    let broken = storage.store(bytes("job-a", "a", b"a")).await.unwrap();
    let misplaced = storage.store(bytes("job-b", "b", b"b")).await.unwrap();
    storage.store(bytes("job-c", "c", b"c")).await.unwrap();
    drop(storage);
    fs::write(store.join(&broken.storage_path), b"not an object").unwrap();
    let other = fs::read(store.join(&misplaced.storage_path)).unwrap();
    let elsewhere = broken.storage_path.replace(&broken.id.to_string(), &{
        let mut id = broken.id.to_string();
        id.replace_range(35.., if id.ends_with('0') { "1" } else { "0" });
        id
    });
    fs::write(store.join(&elsewhere), other).unwrap();
    fs::write(store.join("artifacts/notes.txt"), b"a note").unwrap();
    drop_index(&store);
    let (opened, notices) = noticing(&store).await;
    let storage = opened.unwrap();
    let all = storage.list(&Filter::default(), &Page::default()).await;
    let jobs: Vec<_> = all
        .unwrap()
        .artifacts
        .into_iter()
        .map(|a| a.job_id)
        .collect();
    assert_eq!(jobs, ["job-c", "job-b"]);
    let notices = notices.lock().unwrap().join("\n");
    assert!(notices.contains(&broken.storage_path), "{notices}");
    assert!(notices.contains(&elsewhere), "{notices}");
    let report = storage.verify(VerifyOptions::default()).await.unwrap();
    assert_eq!(
        (report.verified, report.damaged.len()),
        (2, 2),
        "{report:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_and_newer_events_do_not_close_the_store() {
    let (folder, storage) = local().await;
    let store = folder.path().join("store");
    storage.store(bytes("kept", "a", b"a")).await.unwrap();
    storage.store(bytes("gone", "b", b"b")).await.unwrap();
    storage.delete(("gone", RESULTS)).await.unwrap();
    drop(storage);
    let mut hours = vec![store.join("events")];
    for _ in 0..4 {
        let next = fs::read_dir(hours.last().unwrap()).unwrap().next().unwrap();
        hours.push(next.unwrap().path());
    }
    let hour = hours.pop().unwrap();
    let event = fs::read_dir(&hour).unwrap().next().unwrap().unwrap().path();
    let id = event.file_stem().unwrap().to_str().unwrap().to_owned();
    let text = fs::read_to_string(&event).unwrap();
    let sibling = |digit: char| {
        let mut id = id.clone();
        id.replace_range(30..31, &digit.to_string());
        id
    };
    let others: Vec<_> = ('0'..='9')
        .map(sibling)
        .filter(|s| *s != id)
        .take(4)
        .collect();
    for (other, body) in others.iter().zip([
        text[..40].to_owned(),
        text.clone(),
        format!("{{\"format\":2,\"id\":\"{}\"}}", others[2]),
        text.replace(&id, &others[3]).replace("removed", "pinned"),
    ]) {
        fs::write(hour.join(format!("{other}.json")), body).unwrap();
    }
    drop_index(&store);
    let (opened, notices) = noticing(&store).await;
    let storage = opened.unwrap();
    assert!(storage.exists(("kept", RESULTS)).await.unwrap());
    assert!(!storage.exists(("gone", RESULTS)).await.unwrap());
    let notices = notices.lock().unwrap().join("\n");
    for other in &others[..3] {
        assert!(notices.contains(other.as_str()), "{notices}");
    }
    assert!(notices.contains("newer version"), "{notices}");
    assert!(!notices.contains(others[3].as_str()), "{notices}");
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_of_a_newer_version_are_refused_and_damaged_ones_too() {
    let (folder, storage) = local().await;
    drop(storage);
    let marker = folder.path().join("store/qestore.json");
    let sound = fs::read_to_string(&marker).unwrap();
    for (text, kind, says) in [
        (
            sound.replace("\"format\": 1", "\"format\": 2"),
            ErrorKind::Unsupported,
            "format 2",
        ),
        (
            sound.replace("\"requires\": []", "\"requires\": [\"shared-frames\"]"),
            ErrorKind::Unsupported,
            "\"shared-frames\"",
        ),
        (sound[..20].to_owned(), ErrorKind::Corrupt, "qestore.json"),
        (String::new(), ErrorKind::Corrupt, "qestore.json"),
    ] {
        fs::write(&marker, &text).unwrap();
        let (opened, _) = noticing(&folder.path().join("store")).await;
        let error = opened.unwrap_err();
        assert_eq!(error.kind(), kind, "{error:?}");
        let shown = error.to_string();
        assert!(shown.contains(says), "{shown}");
        assert_eq!(
            shown.contains("newer version"),
            kind == ErrorKind::Unsupported
        );
        assert_eq!(
            fs::read_to_string(&marker).unwrap(),
            text,
            "it was rewritten"
        );
    }
    fs::write(&marker, sound).unwrap();
    open(folder.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_a_newer_version_are_named_and_left_alone() {
    let (folder, storage) = local().await;
    let store = folder.path().join("store");
    let object = Parts::file(Container::Zstd, b"abc")
        .with("requires", serde_json::json!(["references"]))
        .build();
    let key = "artifacts/2026/05/15/20/019e2d4c-b800-7abc-8def-0123456789ab.zst";
    fs::create_dir_all(store.join(key).parent().unwrap()).unwrap();
    fs::write(store.join(key), &object).unwrap();
    let report = storage.reindex(|_| {}).await.unwrap();
    assert_eq!((report.objects, report.added), (1, 0));
    let (found, error) = &report.damaged[0];
    assert_eq!(
        (found.as_str(), error.kind()),
        (key, ErrorKind::Unsupported)
    );
    assert!(error.to_string().contains("\"references\""), "{error}");
    let custom = ArtifactType::CUSTOM;
    assert!(!storage.exists(("build-1", custom)).await.unwrap());
    assert_eq!(fs::read(store.join(key)).unwrap(), object);
}
