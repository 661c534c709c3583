//! What is stored comes back: every codec, every way in, every way out.

use std::io::Read as _;

use futures::TryStreamExt as _;
use qestore::{ArtifactKind, Codec, Filter, Links, NewArtifact, Page};

use crate::support::{self, RESULTS, bytes, local, log_text, noise};

fn codecs() -> Vec<Codec> {
    ["zstd:1", "zstd:3", "zstd:19", "gzip:1", "gzip:9", "none"]
        .map(|c| c.parse().unwrap())
        .into()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_codec_brings_every_size_back() {
    let (_folder, storage) = local().await;
    let frame = qestore::object::FRAME_CONTENT;
    for codec in codecs() {
        for len in [0, 1, 1000, frame - 1, frame, frame + 1, 3 * frame + 17] {
            if codec.to_string() == "zstd:19" && len > frame {
                continue;
            }
            for content in [log_text(len), noise(len, 7)] {
                let new = bytes("job", "x", &content).codec(codec);
                let stored = storage.store(new).await.unwrap();
                assert_eq!(stored.size_bytes, len as u64);
                let artifact = storage
                    .retrieve(("job", RESULTS, "x"))
                    .await
                    .unwrap()
                    .unwrap();
                assert_eq!(artifact.metadata(), &stored);
                assert_eq!(artifact.bytes().await.unwrap(), content, "{codec} {len}");
                let parts: Vec<_> = artifact.stream().try_collect().await.unwrap();
                assert_eq!(parts.concat(), content);
                artifact.verify().await.unwrap();
                let (from, to) = (len as u64 / 3, len as u64 * 2 / 3);
                let range = artifact.range(from..to).await.unwrap();
                assert_eq!(range, content[from as usize..to as usize]);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_three_ways_in_give_the_same_artifact() {
    let (folder, storage) = local().await;
    let content = log_text(9_000_001);
    let path = folder.path().join("build.log");
    std::fs::write(&path, &content).unwrap();
    let a = storage
        .store(bytes("a", "build.log", &content))
        .await
        .unwrap();
    let b = storage
        .store(NewArtifact::from_path("b", RESULTS, &path))
        .await
        .unwrap();
    let reader = std::io::Cursor::new(content.clone());
    let c = storage
        .store(NewArtifact::from_reader("c", RESULTS, reader))
        .await
        .unwrap();
    assert_eq!(a.checksum, b.checksum);
    assert_eq!(a.checksum, c.checksum);
    assert_eq!(
        (a.name.as_str(), b.name.as_str(), c.name.as_str()),
        ("build.log", "build.log", "default")
    );
    assert_eq!(b.media_type, "text/plain");
}

#[tokio::test(flavor = "multi_thread")]
async fn trees_come_back_member_by_member_and_whole() {
    let (folder, storage) = local().await;
    let tree = folder.path().join("htmlcov");
    std::fs::create_dir_all(tree.join("sub/empty")).unwrap();
    std::fs::write(tree.join("index.html"), b"<html>").unwrap();
    std::fs::write(tree.join("sub/big.bin"), noise(9_000_000, 3)).unwrap();
    std::fs::write(tree.join("sub/none"), b"").unwrap();
    let long = format!("{}/{}", "d".repeat(120), "f".repeat(200));
    std::fs::create_dir_all(tree.join("d".repeat(120))).unwrap();
    std::fs::write(tree.join(&long), b"long").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::os::unix::fs::symlink("../index.html", tree.join("sub/link")).unwrap();
        let script = tree.join("run.sh");
        std::fs::write(&script, b"#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    for codec in ["zstd:3", "gzip:6", "none"] {
        let new = NewArtifact::from_path("job", RESULTS, &tree).codec(codec.parse().unwrap());
        let stored = storage.store(new).await.unwrap();
        assert_eq!(
            (stored.kind, stored.name.as_str()),
            (ArtifactKind::Tree, "htmlcov")
        );
        let artifact = storage.retrieve(("job", RESULTS)).await.unwrap().unwrap();
        artifact.verify().await.unwrap();
        assert_eq!(artifact.member("index.html").await.unwrap(), &b"<html>"[..]);
        assert_eq!(
            artifact.member("sub/big.bin").await.unwrap(),
            noise(9_000_000, 3)
        );
        assert_eq!(artifact.member(&long).await.unwrap(), &b"long"[..]);
        let target = folder.path().join(format!("out-{codec}"));
        artifact.unpack(&target).await.unwrap();
        let same = std::process::Command::new("diff")
            .args(["-r", "--no-dereference"])
            .args([&tree, &target])
            .status();
        if cfg!(unix) {
            assert!(same.unwrap().success());
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(target.join("run.sh"))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o755);
        }
        let error = artifact.unpack(&target).await.unwrap_err();
        assert_eq!(error.kind(), qestore::ErrorKind::AlreadyExists);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_leave_are_refused_or_followed() {
    let (folder, storage) = local().await;
    let tree = folder.path().join("tree");
    std::fs::create_dir_all(&tree).unwrap();
    std::fs::write(folder.path().join("outside"), b"outside").unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../outside", tree.join("link")).unwrap();
        let error = storage
            .store(NewArtifact::from_path("j", RESULTS, &tree))
            .await
            .unwrap_err();
        assert!(error.to_string().contains("link"), "{error}");
        let new = NewArtifact::from_path("j", RESULTS, &tree).links(Links::Follow);
        storage.store(new).await.unwrap();
        let artifact = storage.retrieve(("j", RESULTS)).await.unwrap().unwrap();
        assert_eq!(artifact.member("link").await.unwrap(), &b"outside"[..]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn storing_again_replaces_and_removing_removes_all() {
    let (folder, storage) = local().await;
    storage.store(bytes("job", "x", b"one")).await.unwrap();
    storage.store(bytes("job", "x", b"two")).await.unwrap();
    let now = storage.retrieve(("job", RESULTS)).await.unwrap().unwrap();
    assert_eq!(now.bytes().await.unwrap(), &b"two"[..]);
    let all = Filter::default().with_superseded();
    assert_eq!(
        storage
            .list(&Filter::default(), &Page::default())
            .await
            .unwrap()
            .artifacts
            .len(),
        1
    );
    assert_eq!(
        storage
            .list(&all, &Page::default())
            .await
            .unwrap()
            .artifacts
            .len(),
        2
    );
    assert!(storage.delete(("job", RESULTS)).await.unwrap().is_some());
    assert!(storage.delete(("job", RESULTS)).await.unwrap().is_none());
    assert!(!storage.exists(("job", RESULTS)).await.unwrap());
    let again = support::open(folder.path()).await;
    assert!(!again.exists(("job", RESULTS)).await.unwrap());
    let report = again.reindex(|_| {}).await.unwrap();
    assert_eq!((report.objects, report.added), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_names_are_ambiguous_unless_one_is_default() {
    let (_folder, storage) = local().await;
    storage.store(bytes("job", "a.xml", b"a")).await.unwrap();
    storage.store(bytes("job", "b.xml", b"b")).await.unwrap();
    let error = storage.retrieve(("job", RESULTS)).await.unwrap_err();
    assert_eq!(error.kind(), qestore::ErrorKind::Ambiguous);
    assert!(
        error.to_string().contains("\"a.xml\", \"b.xml\""),
        "{error}"
    );
    storage.store(bytes("job", "default", b"d")).await.unwrap();
    let found = storage.retrieve(("job", RESULTS)).await.unwrap().unwrap();
    assert_eq!(found.bytes().await.unwrap(), &b"d"[..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_objects_are_standard_files() {
    let (folder, storage) = local().await;
    let content = log_text(5_000_000);
    for codec in ["zstd:3", "none", "gzip:6"] {
        let new = bytes("job", codec, &content).codec(codec.parse().unwrap());
        let stored = storage.store(new).await.unwrap();
        let object = std::fs::read(folder.path().join("store").join(&stored.storage_path)).unwrap();
        let mut read = Vec::new();
        if stored.storage_path.ends_with(".gz") {
            flate2::read::MultiGzDecoder::new(object.as_slice())
                .read_to_end(&mut read)
                .unwrap();
        } else {
            zstd::stream::copy_decode(object.as_slice(), &mut read).unwrap();
        }
        assert!(
            read == content,
            "{codec}: a standard reader gives other bytes"
        );
    }
}
