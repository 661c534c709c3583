//! Objects and a store of every released format version are kept, and read for ever.
//!
//! `fixtures/v1` was written once, by version 0.1.0. The writer of today makes the same things
//! anew in every run, and they must mean the same. To make the set of a new format version, run
//! this test with `QESTORE_WRITE_FIXTURES` naming a folder that is not there yet.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use futures::TryStreamExt as _;
use qestore::object::read_whole;
use qestore::{ArtifactMetadata, Config, Filter, NewArtifact, Sha256Digest, Storage};
use serde_json::{Value, json};

use crate::support::RESULTS;

const MOST_CONTENT: u64 = 64 << 20;

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v1")
}

fn expected(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("expected.json")).unwrap()).unwrap()
}

/// Whether all that `kept` says is still said. Later versions may say more.
fn assert_says(found: &Value, kept: &Value, what: &str) {
    match (found, kept) {
        (Value::Object(found), Value::Object(kept)) => {
            for (field, value) in kept {
                let found = found.get(field).unwrap_or(&Value::Null);
                assert_says(found, value, &format!("{what}.{field}"));
            }
        }
        (Value::Array(found), Value::Array(kept)) => {
            assert_eq!(found.len(), kept.len(), "{what}");
            for (at, (found, kept)) in found.iter().zip(kept).enumerate() {
                assert_says(found, kept, &format!("{what}[{at}]"));
            }
        }
        _ => assert_eq!(found, kept, "{what}"),
    }
}

/// The metadata as JSON, without what is computed and need not survive text to the last digit.
fn without_ratio(metadata: &ArtifactMetadata) -> Value {
    let mut described = serde_json::to_value(metadata).unwrap();
    described
        .as_object_mut()
        .unwrap()
        .remove("compression_ratio");
    described
}

fn describe(object: &[u8]) -> Value {
    let whole = read_whole(object, MOST_CONTENT).unwrap();
    assert_eq!(
        whole.metadata.checksum,
        Sha256Digest::of(&whole.content),
        "the content is not what the metadata says"
    );
    // Enough members to tell; all of them were compared with the tar stream.
    let members = whole.members.map(|mut members| {
        members.truncate(20);
        members
    });
    json!({"metadata": without_ratio(&whole.metadata), "members": members})
}

fn objects_in(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder.join("objects"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(path).unwrap())
        })
        .collect()
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn objects_of_version_1_read_as_they_always_did() {
    let expected = expected(&kept());
    let objects = objects_in(&kept());
    let kept_names: Vec<_> = expected["objects"].as_object().unwrap().keys().collect();
    assert_eq!(objects.keys().collect::<Vec<_>>(), kept_names);
    for (name, object) in &objects {
        assert_says(&describe(object), &expected["objects"][name], name);
    }
}

/// Everything that can be seen of a store: what is listed, verified and gone.
async fn describe_store(storage: &Storage) -> Value {
    let all = Filter::default().with_superseded();
    let listed: Vec<_> = storage.list_all(&all).try_collect().await.unwrap();
    let mut artifacts = Vec::new();
    for metadata in listed {
        let artifact = storage.artifact(metadata.clone());
        let content = artifact.bytes().await.unwrap();
        assert_eq!(Sha256Digest::of(&content), metadata.checksum);
        artifacts.push(without_ratio(&metadata));
    }
    artifacts.sort_by_key(|artifact| artifact["storage_path"].to_string());
    let current = storage.retrieve(("job/1", RESULTS)).await.unwrap().unwrap();
    json!({
        "id": storage.id(),
        "artifacts": artifacts,
        "removed_exists": storage.exists(("removed", RESULTS)).await.unwrap(),
        "current": without_ratio(current.metadata()),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_version_1_opens_as_it_always_did() {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&kept().join("store"), folder.path());
    let storage = Storage::open(Config::local(folder.path())).await.unwrap();
    let seen = describe_store(&storage).await;
    assert_says(&seen, &expected(&kept())["store"], "store");
    let report = storage.verify(Default::default()).await.unwrap();
    assert!(report.is_sound(), "{report:?}");
    // An older store can still be written to.
    let new = NewArtifact::from_bytes("new", RESULTS, b"new".to_vec());
    storage.store(new).await.unwrap();
    assert!(storage.exists(("new", RESULTS)).await.unwrap());
}

#[cfg(unix)]
mod writing {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::time::{Duration, UNIX_EPOCH};

    use qestore::FixedClock;

    use super::*;
    use crate::support::noise;

    const NOW: &str = "2026-05-15T17:30:00.123456Z";

    fn at_fixed_time(folder: &Path) -> Config {
        Config::local(folder).clock(FixedClock(NOW.parse().unwrap()))
    }

    /// What differs from run to run by nature.
    fn without_chance(mut described: Value) -> Value {
        let metadata = described["metadata"].as_object_mut().unwrap();
        for field in ["id", "compressed_size_bytes"] {
            metadata.remove(field);
        }
        let Some(members) = described["members"].as_array_mut() else {
            return described;
        };
        for member in members {
            let member = member.as_object_mut().unwrap();
            if member["kind"] == "link" {
                // No standard call sets the time of a link, nor its bits.
                member.remove("mtime");
                member.remove("mode");
            }
        }
        described["metadata"]
            .as_object_mut()
            .unwrap()
            .remove("checksum");
        described
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn todays_writer_means_the_same() {
        let scratch = tempfile::tempdir().unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test is an edge")]
        let asked = std::env::var_os("QESTORE_WRITE_FIXTURES").map(PathBuf::from);
        let target = asked.clone().unwrap_or_else(|| scratch.path().join("v1"));
        fs::create_dir(&target).expect("QESTORE_WRITE_FIXTURES must name a new folder");
        write_objects(&target, scratch.path()).await;
        let store = write_store(&target).await;
        let objects: serde_json::Map<_, _> = objects_in(&target)
            .into_iter()
            .map(|(name, object)| (name, describe(&object)))
            .collect();
        let said = json!({"objects": objects, "store": store});
        let text = serde_json::to_vec_pretty(&said).unwrap();
        fs::write(target.join("expected.json"), text).unwrap();

        let kept = asked.map_or_else(kept, |_| target);
        let kept = expected(&kept);
        let (kept, found) = (kept["objects"].as_object().unwrap(), &said["objects"]);
        for (name, kept) in kept {
            let found = without_chance(found[name].clone());
            assert_says(&found, &without_chance(kept.clone()), name);
        }
    }

    async fn write_objects(target: &Path, scratch: &Path) {
        let objects = target.join("objects");
        fs::create_dir(&objects).unwrap();
        let folder = scratch.join("store");
        let storage = Storage::open(at_fixed_time(&folder)).await.unwrap();
        let tree = scratch.join("htmlcov");
        make_tree(&tree);
        let many = scratch.join("many");
        make_files(&many, 1500);
        let some = scratch.join("some");
        make_files(&some, 50);
        let nothing = scratch.join("nothing");
        fs::create_dir(&nothing).unwrap();
        let report = b"<testcase name=\"test_login\" time=\"0.25\"/>\n".repeat(50);
        let frames = b"2026-05-15T17:30:00Z ok\n".repeat(400_000);
        let bytes = |content: &[u8]| NewArtifact::from_bytes("build-1", RESULTS, content.to_vec());
        let path = |path: &Path| NewArtifact::from_path("build-1", RESULTS, path);
        for (name, codec, new) in [
            ("file.zst", "zstd:3", bytes(&report)),
            ("file-level-19.zst", "zstd:19", bytes(&report)),
            ("file.gz", "gzip:6", bytes(&report)),
            ("none.zst", "none", bytes(&report)),
            ("several-frames.zst", "zstd:3", bytes(&frames)),
            ("several-frames.gz", "gzip:9", bytes(&frames)),
            ("empty.zst", "zstd:3", bytes(b"")),
            ("empty.gz", "gzip:1", bytes(b"")),
            ("one-byte.zst", "zstd:3", bytes(b"x")),
            ("incompressible.zst", "zstd:3", bytes(&noise(5000, 1))),
            ("incompressible.gz", "gzip:6", bytes(&noise(5000, 2))),
            ("all-metadata.zst", "zstd:5", all_metadata(&report)),
            ("all-metadata.gz", "gzip:2", all_metadata(&report)),
            ("tree.tar.zst", "zstd:3", path(&tree)),
            ("tree.tar.gz", "gzip:6", path(&tree)),
            ("tree-none.tar.zst", "none", path(&tree)),
            ("tree-some.tar.zst", "zstd:3", path(&some)),
            ("tree-many.tar.gz", "gzip:6", path(&many)),
            ("tree-empty.tar.zst", "zstd:3", path(&nothing)),
        ] {
            let stored = storage
                .store(new.codec(codec.parse().unwrap()))
                .await
                .unwrap();
            assert_eq!(
                stored.storage_path.split_once('.').unwrap().1,
                name.split_once('.').unwrap().1
            );
            fs::copy(folder.join(stored.storage_path), objects.join(name)).unwrap();
        }
    }

    /// Every field of the metadata, with everything that may be in it.
    fn all_metadata(content: &[u8]) -> NewArtifact {
        NewArtifact::from_bytes(
            "../PR 7/שלום 🚀",
            "load-profile-2".parse().unwrap(),
            content.to_vec(),
        )
        .name("Prüfbericht \"1\" \\ 試験.xml")
        .tag("branch", "feature/ä=b")
        .tag("schlüssel", "line one\nline two\ttab")
        .tag("empty", "")
        .tag("long", "0123456789abcdef".repeat(64))
        .tag("longer", "the quick brown fox ".repeat(51))
        .keep_for(jiff::SignedDuration::from_secs(90 * 86_400 + 1))
        .media_type("application/vnd.example+xml; charset=utf-8")
        .timestamp("1999-12-31T23:59:59.999999Z".parse().unwrap())
    }

    fn make_tree(root: &Path) {
        let long = "d".repeat(120);
        for folder in ["css", "empty", "ünïcode ñame", &long] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        fs::write(root.join("index.html"), b"<html>coverage</html>").unwrap();
        fs::write(root.join("css/style.css"), b"a{}\n".repeat(300)).unwrap();
        fs::write(root.join("css/none"), b"").unwrap();
        fs::write(root.join("ünïcode ñame/試験 🚀.txt"), b"unicode").unwrap();
        let name = format!("{long}/{}.html", "f".repeat(200));
        fs::write(root.join(name), b"long").unwrap();
        fs::write(root.join("run.sh"), b"#!/bin/sh\n").unwrap();
        symlink("../index.html", root.join("css/link")).unwrap();
        symlink(
            format!("{long}/{}", "t".repeat(130)),
            root.join("long-link"),
        )
        .unwrap();
        settle(root);
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(root.join("run.sh"), executable).unwrap();
    }

    fn make_files(root: &Path, count: usize) {
        fs::create_dir(root).unwrap();
        for n in 0..count {
            fs::write(root.join(format!("{n:04}.txt")), format!("{n}")).unwrap();
        }
        settle(root);
    }

    /// The same times and permissions whoever runs this, innermost first.
    fn settle(folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() {
                settle(&path);
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            } else if kind.is_file() {
                fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            }
            if !kind.is_symlink() {
                let then = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
                fs::File::open(&path).unwrap().set_modified(then).unwrap();
            }
        }
    }

    /// A small store: two versions of one artifact, a tree, and one that was removed.
    async fn write_store(target: &Path) -> Value {
        let folder = target.join("store");
        let storage = Storage::open(at_fixed_time(&folder)).await.unwrap();
        let tree = target.join("tree");
        make_files(&tree, 3);
        for (job, content) in [("job/1", "first"), ("removed", "gone"), ("job/1", "second")] {
            // Versions of one artifact are told apart by their millisecond.
            let at = if content == "second" {
                "2026-05-15T18:00:00Z"
            } else {
                NOW
            };
            let config = Config::local(&folder).clock(FixedClock(at.parse().unwrap()));
            let later = Storage::open(config).await.unwrap();
            let new = NewArtifact::from_bytes(job, RESULTS, content.as_bytes().to_vec());
            later.store(new.tag("branch", "main")).await.unwrap();
        }
        let new = NewArtifact::from_path("job/1", "coverage-report".parse().unwrap(), &tree);
        storage.store(new).await.unwrap();
        storage.delete(("removed", RESULTS)).await.unwrap().unwrap();
        let seen = describe_store(&storage).await;
        fs::remove_dir_all(tree).unwrap();
        drop(storage);
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if name.starts_with("index.sqlite") {
                fs::remove_file(path).unwrap();
            } else if name == "staging" {
                fs::remove_dir_all(path).unwrap();
            }
        }
        seen
    }
}
