//! Real reports of real tools: everything in the corpus goes in and comes back, and its size and
//! SHA-256 are the ones that were computed independently of this project.

use std::collections::BTreeMap;
use std::path::Path;

use futures::TryStreamExt as _;
use qestore::{ArtifactRef, ArtifactType, Codec, Filter, NewArtifact};
use serde_json::Value;

use crate::support::{corpus, local};

fn expected() -> BTreeMap<String, Value> {
    let json = std::fs::read(corpus().join("expected.json")).unwrap();
    serde_json::from_slice(&json).unwrap()
}

/// `tomlkit/01-0.11.8/junit.xml` is the file `junit.xml` of the job `tomlkit/01-0.11.8`.
fn reference(path: &str) -> ArtifactRef {
    let (job, name) = path.rsplit_once('/').unwrap();
    ArtifactRef::new(job, ArtifactType::guess(Path::new(path))).named(name)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_report_of_the_corpus_comes_back_as_it_was() {
    let expected = expected();
    assert!(expected.len() > 100, "the corpus has lost its files");
    for codec in ["zstd:3", "gzip:6"] {
        let (_folder, storage) = local().await;
        for path in expected.keys() {
            let which = reference(path);
            let of_type = which.artifact_type().clone();
            let new = NewArtifact::from_path(which.job_id(), of_type, corpus().join(path));
            storage
                .store(new.codec(codec.parse::<Codec>().unwrap()))
                .await
                .unwrap();
        }
        let all: Vec<_> = storage
            .list_all(&Filter::default())
            .try_collect()
            .await
            .unwrap();
        assert_eq!(all.len(), expected.len());
        let (mut raw, mut stored) = (0, 0);
        for (path, figures) in &expected {
            let artifact = storage.retrieve(reference(path)).await.unwrap().unwrap();
            let metadata = artifact.metadata();
            assert_eq!(figures["bytes"], metadata.size_bytes, "{path}");
            assert_eq!(figures["sha256"], metadata.checksum.to_string(), "{path}");
            let content = artifact.bytes().await.unwrap();
            assert!(
                content == std::fs::read(corpus().join(path)).unwrap(),
                "{path}"
            );
            raw += metadata.size_bytes;
            stored += metadata.compressed_size_bytes;
        }
        assert!(
            stored * 4 < raw,
            "{codec}: {stored} of {raw} bytes: compression is lost"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_and_videos_are_kept_as_they_are() {
    let (_folder, storage) = local().await;
    let mut seen = 0;
    for (path, figures) in expected() {
        if !path.ends_with(".png") && !path.ends_with(".mp4") {
            continue;
        }
        let which = reference(&path);
        let (job, of_type) = (which.job_id().to_owned(), which.artifact_type().clone());
        let new = NewArtifact::from_path(job, of_type, corpus().join(&path));
        let stored = storage.store(new).await.unwrap();
        let size = figures["bytes"].as_u64().unwrap();
        // Never more than metadata and a few bytes a block above the content itself.
        assert!(
            stored.compressed_size_bytes < size + 1500,
            "{path}: {stored:?}"
        );
        assert!(
            ["image/png", "video/mp4"].contains(&stored.media_type.as_str()),
            "{path}"
        );
        seen += 1;
    }
    assert!(seen >= 5, "the corpus has lost its pictures");
}
