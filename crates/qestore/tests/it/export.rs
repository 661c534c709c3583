//! Moving out: plain files that need nothing of qestore, and a list of them.

use std::fs;
use std::path::Path;

use qestore::{ArtifactType, ErrorKind, ExportOptions, Filter, NewArtifact};
use serde_json::Value;

use crate::support::{RESULTS, bytes, local, noise};

fn list(folder: &Path) -> Vec<Value> {
    let list: Value =
        serde_json::from_slice(&fs::read(folder.join("artifacts.json")).unwrap()).unwrap();
    list["artifacts"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_artifact_becomes_a_plain_file_or_folder() {
    let (folder, storage) = local().await;
    let tree = folder.path().join("htmlcov");
    fs::create_dir_all(tree.join("sub")).unwrap();
    fs::write(tree.join("sub/index.html"), "<html/>").unwrap();
    let long = "x".repeat(255);
    let names = [
        "junit.xml",
        "../../escape",
        "con",
        "a/b",
        "A.xml",
        "a.xml",
        long.as_str(),
        "100 %\u{202e}",
    ];
    for name in names {
        storage
            .store(bytes("build/1", name, name.as_bytes()))
            .await
            .unwrap();
    }
    storage
        .store(bytes("large", "big", &noise(9 << 20, 1)))
        .await
        .unwrap();
    let new = NewArtifact::from_path("build/1", ArtifactType::COVERAGE_REPORT, &tree);
    storage.store(new).await.unwrap();
    // A version that is superseded stays here.
    storage
        .store(bytes("build/1", "junit.xml", b"newer"))
        .await
        .unwrap();
    let out = folder.path().join("out");
    let report = storage
        .export(&out, &ExportOptions::default())
        .await
        .unwrap();
    assert_eq!((report.exported, report.damaged.len()), (10, 0));
    let job = out.join("build%2F1");
    assert_eq!(
        fs::read(job.join("test-results/junit.xml")).unwrap(),
        b"newer"
    );
    assert_eq!(fs::read(job.join("test-results/%63on")).unwrap(), b"con");
    assert_eq!(
        fs::read(job.join("coverage-report/htmlcov/sub/index.html")).unwrap(),
        b"<html/>"
    );
    assert_eq!(report.list, out.join("artifacts.json"));
    let listed = list(&out);
    assert_eq!(listed.len(), 10);
    for artifact in &listed {
        let path = out.join(artifact["path"].as_str().unwrap());
        let parts: Vec<_> = artifact["path"].as_str().unwrap().split('/').collect();
        assert!(parts.len() == 3 && !parts.contains(&".."), "{parts:?}");
        if artifact["kind"] == "file" {
            let size = artifact["size_bytes"].as_u64().unwrap();
            assert_eq!(fs::metadata(&path).unwrap().len(), size, "{artifact}");
        }
    }
    assert!(listed[0]["tags"].is_object() && listed[0]["checksum"].is_string());
    // Nothing but whole files is left.
    let mut top: Vec<_> = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    top.sort();
    assert_eq!(top, ["artifacts.json", "build%2F1", "large"]);
}

#[tokio::test]
async fn a_folder_with_something_in_it_is_left_alone() {
    let (folder, storage) = local().await;
    storage.store(bytes("a", "b", b"c")).await.unwrap();
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("mine.txt"), "mine").unwrap();
    let error = storage
        .export(&out, &ExportOptions::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
    fs::remove_file(out.join("mine.txt")).unwrap();
    let none = ExportOptions::default().filter(Filter::default().job_id("none"));
    storage.export(&out, &none).await.unwrap();
    assert!(list(&out).is_empty());
}

#[tokio::test]
async fn a_job_of_the_lists_name_has_another_folder() {
    let (folder, storage) = local().await;
    for job in ["artifacts.json", "Artifacts.JSON"] {
        storage.store(bytes(job, "x", b"content")).await.unwrap();
    }
    let out = folder.path().join("out");
    let report = storage
        .export(&out, &ExportOptions::default())
        .await
        .unwrap();
    assert_eq!(report.exported, 2);
    for artifact in list(&out) {
        let path = artifact["path"].as_str().unwrap();
        assert_eq!(fs::read(out.join(path)).unwrap(), b"content");
    }
}

#[tokio::test]
async fn damage_is_named_and_the_rest_is_exported() {
    let (folder, storage) = local().await;
    let mut stored = Vec::new();
    for name in ["a", "b", "c"] {
        stored.push(
            storage
                .store(bytes("job", name, &noise(3_000, 1)))
                .await
                .unwrap(),
        );
    }
    let file = folder.path().join("store").join(&stored[1].storage_path);
    let mut object = fs::read(&file).unwrap();
    object[100] ^= 1;
    fs::write(&file, object).unwrap();
    let out = folder.path().join("out");
    let options = ExportOptions::default().filter(Filter::default().artifact_type(RESULTS));
    let report = storage.export(&out, &options).await.unwrap();
    assert_eq!((report.exported, report.damaged.len()), (2, 1));
    assert_eq!(report.damaged[0].error.kind(), ErrorKind::Corrupt);
    let mut names: Vec<_> = fs::read_dir(out.join("job/test-results"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["a", "c"], "nothing of the damaged one is left");
}
