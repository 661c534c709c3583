//! Moving in from the original library: everything is kept, nothing is believed, nothing is changed.

use std::fs;
use std::path::Path;

use futures::TryStreamExt as _;
use qestore::{
    ArtifactMetadata, ArtifactType, Config, ErrorKind, Filter, ImportOptions, ImportReport, Storage,
};

use crate::original::{Original, Row, gzip};
use crate::support::{RESULTS, corpus, days, local, noise};

async fn import(storage: &Storage, path: &Path) -> ImportReport {
    let options = ImportOptions::default();
    storage.import_original(path, &options).await.unwrap()
}

async fn everything(storage: &Storage) -> Vec<ArtifactMetadata> {
    let filter = Filter::default().with_superseded();
    storage.list_all(&filter).try_collect().await.unwrap()
}

fn counts(report: &ImportReport) -> (u64, u64, usize, usize, usize) {
    (
        report.imported,
        report.already_there,
        report.damaged.len(),
        report.missing.len(),
        report.unlisted.len(),
    )
}

#[tokio::test]
async fn times_tags_and_expiry_are_kept_and_nothing_there_changes() {
    let (folder, storage) = local().await;
    let original = Original::new(&folder.path().join("old"));
    original.add(&Row {
        tags: r#"{"branch": "feature/it's 100 %", "coverage": 87.5}"#,
        expires_at: Some("2025-12-07T12:30:45.123456"),
        ..Row::default()
    });
    original.add(&Row {
        job: "build-2",
        of_type: "coverage_report",
        at: "2025-11-08T00:00:00+02:00",
        content: &noise(3 << 20, 7),
        compressed: false,
        ..Row::default()
    });
    let before = original.snapshot();
    let report = import(&storage, &original.folder).await;
    assert_eq!(counts(&report), (2, 0, 0, 0, 0), "{report:?}");
    assert_eq!(report.imported_bytes, 12 + (3 << 20));
    assert_eq!(original.snapshot(), before);

    let all = everything(&storage).await;
    let newer = &all[0];
    assert_eq!(
        (newer.job_id.as_str(), &newer.artifact_type),
        ("build-2", &ArtifactType::COVERAGE_REPORT)
    );
    assert_eq!(newer.timestamp.to_string(), "2025-11-07T22:00:00Z");
    assert_eq!(newer.ttl, Some(days(30)));
    let older = &all[1];
    assert_eq!(
        (older.job_id.as_str(), older.name.as_str()),
        ("build-1", "default")
    );
    assert_eq!(older.timestamp.to_string(), "2025-11-07T12:30:45.123456Z");
    assert_eq!(
        older.expires_at().unwrap().to_string(),
        "2025-12-07T12:30:45.123456Z"
    );
    assert_eq!(older.tags["branch"], "feature/it's 100 %");
    assert_eq!(older.tags["coverage"], "87.5");
    let read = storage.artifact(older.clone()).bytes().await.unwrap();
    assert_eq!(read, b"<testsuite/>".as_slice());
}

#[tokio::test]
async fn it_can_be_repeated_and_brings_what_is_new() {
    let (folder, storage) = local().await;
    let original = Original::new(&folder.path().join("old"));
    original.add(&Row::default());
    assert_eq!(
        counts(&import(&storage, &original.folder).await),
        (1, 0, 0, 0, 0)
    );
    // The index itself may be named too.
    let index = original.folder.join("index.sqlite");
    assert_eq!(counts(&import(&storage, &index).await), (0, 1, 0, 0, 0));
    original.add(&Row {
        job: "build-2",
        ..Row::default()
    });
    let options = ImportOptions::default().dry_run();
    let dry = storage
        .import_original(&original.folder, &options)
        .await
        .unwrap();
    assert_eq!(counts(&dry), (1, 1, 0, 0, 0));
    assert_eq!(everything(&storage).await.len(), 1);
    assert_eq!(
        counts(&import(&storage, &original.folder).await),
        (1, 1, 0, 0, 0)
    );
    // The library overwrites the file of an artifact that is stored again.
    original.add(&Row {
        at: "2025-11-09T00:00:00",
        content: b"again",
        ..Row::default()
    });
    let report = import(&storage, &original.folder).await;
    assert_eq!(counts(&report), (1, 1, 0, 0, 0), "{report:?}");
    assert_eq!(report.older, 1);
    let latest = storage
        .retrieve(("build-1", RESULTS))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(latest.bytes().await.unwrap(), b"again".as_slice());
}

#[tokio::test]
async fn the_latest_by_its_instant_is_the_latest_here() {
    let (folder, storage) = local().await;
    let original = Original::new(&folder.path().join("old"));
    // As text, the first sorts after the second; each has a file of its own.
    for (at, content) in [
        ("2025-11-07T23:00:00+09:00", b"14:00".as_slice()),
        ("2025-11-07 15:00:00", b"15:00"),
        ("2025-11-07T09:30:00-05:00", b"14:30"),
    ] {
        let name = std::str::from_utf8(content).unwrap().replace(':', "");
        let path = original.folder.join("build-1").join(format!("{name}.bin"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        let row = Row {
            at,
            content,
            ..Row::default()
        };
        let checksum = qestore::Sha256Digest::of(content).to_string();
        original.insert(
            &row,
            &format!("build-1/{name}.bin"),
            &checksum,
            content.len(),
        );
    }
    let report = import(&storage, &original.folder).await;
    assert_eq!(counts(&report), (3, 0, 0, 0, 0), "{report:?}");
    let latest = storage
        .retrieve(("build-1", RESULTS))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(latest.bytes().await.unwrap(), b"15:00".as_slice());
}

#[tokio::test]
async fn what_was_repaired_later_takes_no_newer_ones_place() {
    let (folder, storage) = local().await;
    let original = Original::new(&folder.path().join("old"));
    let old = original.folder.join("build-1/v1.bin");
    let (v1, v2) = (b"v1".as_slice(), b"v2".as_slice());
    original.add(&Row {
        at: "2025-11-08T00:00:00",
        content: v2,
        ..Row::default()
    });
    let row = Row {
        content: v1,
        ..Row::default()
    };
    let checksum = qestore::Sha256Digest::of(v1).to_string();
    original.insert(&row, "build-1/v1.bin", &checksum, 2);
    fs::write(&old, "damaged").unwrap();
    let report = import(&storage, &original.folder).await;
    assert_eq!((report.imported, report.older), (1, 1), "{report:?}");
    fs::write(&old, v1).unwrap();
    let report = import(&storage, &original.folder).await;
    assert_eq!(
        (report.imported, report.already_there, report.older),
        (0, 1, 1)
    );
    let latest = storage
        .retrieve(("build-1", RESULTS))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(latest.bytes().await.unwrap(), v2);
}

#[tokio::test]
async fn a_small_file_that_decompresses_to_anything_is_not_read_to_its_end() {
    let (folder, storage) = local().await;
    let original = Original::new(&folder.path().join("old"));
    let file = original.add(&Row::default());
    fs::write(file, gzip(&vec![0; 300 << 20])).unwrap();
    let started = std::time::Instant::now();
    let report = import(&storage, &original.folder).await;
    assert_eq!(report.damaged.len(), 1);
    assert!(started.elapsed() < std::time::Duration::from_secs(60));
}

#[tokio::test]
async fn compression_is_told_by_the_content_not_by_the_name() {
    let (folder, storage) = local().await;
    let original = Original::new(&folder.path().join("old"));
    let packed = gzip(b"a report that was gzip before");
    let cases: [(&str, &[u8], bool); 4] = [
        ("plain", b"plain", false),
        ("packed", &packed, false),
        ("packed-twice", &packed, true),
        ("empty", b"", true),
    ];
    for (job, content, compressed) in cases {
        original.add(&Row {
            job,
            content,
            compressed,
            ..Row::default()
        });
    }
    // Some versions kept the checksum of the stored bytes.
    let stored = gzip(b"of the stored bytes");
    let file = original.folder.join("stored/test_results.bin.gz");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, &stored).unwrap();
    let row = Row {
        job: "stored",
        content: b"of the stored bytes",
        ..Row::default()
    };
    let checksum = qestore::Sha256Digest::of(&stored)
        .to_string()
        .to_uppercase();
    original.insert(&row, "stored/test_results.bin.gz", &checksum, stored.len());
    let report = import(&storage, &original.folder).await;
    assert_eq!(counts(&report), (5, 0, 0, 0, 0), "{report:?}");
    let cases = cases.into_iter().map(|(job, content, _)| (job, content));
    for (job, content) in cases.chain([("stored", b"of the stored bytes".as_slice())]) {
        let artifact = storage.retrieve((job, RESULTS)).await.unwrap().unwrap();
        assert_eq!(artifact.bytes().await.unwrap(), content, "{job}");
    }
}

#[tokio::test]
async fn damage_is_named_and_the_rest_is_imported() {
    let (folder, storage) = local().await;
    let original = Original::new(&folder.path().join("old"));
    let add = |job: &str| {
        original.add(&Row {
            job,
            content: &[b'x'; 5_000],
            ..Row::default()
        })
    };
    let cut = add("cut");
    let bytes = fs::read(&cut).unwrap();
    fs::write(&cut, &bytes[..bytes.len() - 3]).unwrap();
    let flipped = add("flipped");
    let mut bytes = fs::read(&flipped).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(&flipped, bytes).unwrap();
    fs::write(add("other"), gzip(b"other content")).unwrap();
    fs::remove_file(add("missing")).unwrap();
    fs::remove_dir_all(add("gone").parent().unwrap()).unwrap();
    add("good");
    for (job, what) in [
        ("bad-time", "timestamp = 'yesterday'"),
        ("bad-tags", "tags = '{broken'"),
        ("bad-expiry", "expires_at = 'soon'"),
        ("bad-type", "artifact_type = '!!'"),
        ("bad-key", "tags = '{\"a=b\": 1}'"),
    ] {
        add(job);
        original.sql(&format!(
            "UPDATE artifacts SET {what} WHERE job_id = '{job}'"
        ));
    }
    let report = import(&storage, &original.folder).await;
    assert_eq!(
        (report.imported, report.already_there),
        (1, 0),
        "{report:?}"
    );
    let named = |problems: &[qestore::ImportProblem]| -> Vec<(String, String)> {
        let told = problems
            .iter()
            .map(|p| (p.job_id.clone(), p.error.to_string()));
        told.collect()
    };
    let missing: Vec<_> = report.missing.iter().map(|p| p.job_id.as_str()).collect();
    assert_eq!(missing, ["gone", "missing"]);
    let damaged = named(&report.damaged);
    for (job, says) in [
        ("bad-expiry", "\"soon\""),
        ("bad-key", "cannot contain '='"),
        ("bad-tags", "no JSON object"),
        ("bad-time", "\"yesterday\""),
        ("bad-type", "kebab-case"),
        ("cut", "does not decompress"),
        ("flipped", ""),
        ("other", "SHA-256"),
    ] {
        let found = damaged.iter().find(|(named, _)| named == job);
        let (_, text) = found.unwrap_or_else(|| panic!("{job} is not in {damaged:?}"));
        assert!(text.contains(says), "{job}: {text}");
    }
    assert_eq!(damaged.len(), 8);
    assert_eq!(everything(&storage).await.len(), 1);
}

#[tokio::test]
async fn a_moved_store_is_found_and_no_row_leads_out_of_it() {
    let (folder, storage) = local().await;
    let original = Original::new(&folder.path().join("project/.artifacts"));
    let secret = folder.path().join("secret.txt");
    fs::write(&secret, "secret").unwrap();
    for (job, path) in [
        ("relative", ".artifacts/relative/test_results.bin.gz"),
        ("moved", "/var/ci/old/.artifacts/moved/test_results.bin.gz"),
        ("windows", r"C:\ci\.artifacts\windows\test_results.bin.gz"),
        ("empty", ""),
    ] {
        original.add(&Row {
            job,
            ..Row::default()
        });
        original.sql(&format!(
            "UPDATE artifacts SET storage_path = '{path}' WHERE job_id = '{job}'"
        ));
    }
    let outside = [
        "../../secret.txt",
        secret.to_str().unwrap(),
        "../../../../../../etc/passwd",
    ];
    for (number, path) in outside.iter().enumerate() {
        let job = format!("out-{number}");
        let row = Row {
            job: &job,
            content: b"secret",
            ..Row::default()
        };
        original.insert(
            &row,
            path,
            &qestore::Sha256Digest::of(b"secret").to_string(),
            6,
        );
    }
    let linked = original.folder.join("linked");
    fs::create_dir(&linked).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&secret, linked.join("test_results.bin.gz")).unwrap();
    let row = Row {
        job: "linked",
        content: b"secret",
        ..Row::default()
    };
    let checksum = qestore::Sha256Digest::of(b"secret").to_string();
    original.insert(&row, "linked/test_results.bin.gz", &checksum, 6);
    let report = import(&storage, &original.folder).await;
    assert_eq!(report.imported, 4, "{report:?}");
    let missing: Vec<_> = report.missing.iter().map(|p| p.job_id.as_str()).collect();
    assert_eq!(missing, ["linked", "out-0", "out-1", "out-2"]);
}

#[tokio::test]
async fn files_that_no_row_knows_are_named() {
    let (folder, storage) = local().await;
    let original = Original::new(&folder.path().join("old"));
    original.add(&Row::default());
    let forgotten = original.add(&Row {
        job: "forgotten",
        ..Row::default()
    });
    original.sql("DELETE FROM artifacts WHERE job_id = 'forgotten'");
    fs::write(original.folder.join("build-1/readme.txt"), "x").unwrap();
    let report = import(&storage, &original.folder).await;
    assert_eq!(report.unlisted, [fs::canonicalize(forgotten).unwrap()]);
    assert_eq!(report.imported, 1);
}

#[tokio::test]
async fn an_index_that_was_not_closed_is_copied_and_left_alone() {
    let (folder, storage) = local().await;
    let original = Original::new(&folder.path().join("old"));
    original.sql("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;");
    original.add(&Row::default());
    assert!(original.folder.join("index.sqlite-wal").exists());
    let before = original.snapshot();
    let unclean = storage
        .import_original(&original.folder, &ImportOptions::default())
        .await;
    assert_eq!(unclean.unwrap_err().kind(), ErrorKind::InvalidInput);
    let scratch = tempfile::tempdir().unwrap();
    let options = ImportOptions::default().scratch(scratch.path());
    let report = storage
        .import_original(&original.folder, &options)
        .await
        .unwrap();
    assert_eq!(counts(&report), (1, 0, 0, 0, 0));
    assert_eq!(original.snapshot(), before);
}

#[tokio::test]
async fn what_is_no_store_of_the_original_is_refused() {
    let (folder, storage) = local().await;
    let path = folder.path().join("x");
    let refused = async |kind: ErrorKind, says: &str| {
        let error = storage
            .import_original(&path, &ImportOptions::default())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(format!("{error} {error:?}").contains(says), "{error:?}");
    };
    refused(ErrorKind::NotFound, "nothing to import").await;
    fs::create_dir(&path).unwrap();
    refused(ErrorKind::NotFound, "there is no index.sqlite").await;
    fs::write(path.join("index.sqlite"), "no database").unwrap();
    refused(
        ErrorKind::InvalidInput,
        "not an index of the original library",
    )
    .await;
    fs::remove_file(path.join("index.sqlite")).unwrap();
    let other = rusqlite::Connection::open(path.join("index.sqlite")).unwrap();
    other
        .execute_batch("CREATE TABLE artifacts (job_id TEXT)")
        .unwrap();
    drop(other);
    refused(ErrorKind::InvalidInput, "no column artifact_type").await;
    fs::remove_dir_all(&path).unwrap();
    Storage::open(Config::local(&path)).await.unwrap();
    refused(ErrorKind::InvalidInput, "it is a store of qestore").await;
}

#[tokio::test]
async fn older_indexes_lack_columns() {
    let (folder, storage) = local().await;
    let original = Original::new(&folder.path().join("old"));
    original.add(&Row::default());
    for column in ["checksum", "tags", "expires_at", "retention_days"] {
        original.sql(&format!("ALTER TABLE artifacts DROP COLUMN {column}"));
    }
    let report = import(&storage, &original.folder).await;
    assert_eq!(counts(&report), (1, 0, 0, 0, 0), "{report:?}");
    let all = everything(&storage).await;
    assert_eq!((all[0].ttl, all[0].tags.len()), (None, 0));
}

#[tokio::test]
async fn real_reports_come_in_byte_for_byte() {
    let (folder, storage) = local().await;
    let original = Original::new(&folder.path().join("old"));
    let mut expected = Vec::new();
    for package in ["tomlkit", "packaging"] {
        let mut builds: Vec<_> = fs::read_dir(corpus().join(package))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir())
            .collect();
        builds.sort();
        for (number, build) in builds.iter().enumerate() {
            let job = format!("{package}-{}", build.file_name().unwrap().to_str().unwrap());
            for entry in fs::read_dir(build).unwrap() {
                let file = entry.unwrap().path();
                if !file.is_file() {
                    continue;
                }
                let content = fs::read(&file).unwrap();
                let of_type = file
                    .file_name()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace(['.', '-'], "_");
                let compressed = content.len() % 3 > 0;
                original.add(&Row {
                    job: &job,
                    of_type: &of_type,
                    at: &format!("2025-11-{:02}T12:00:00", number + 1),
                    content: &content,
                    compressed,
                    tags: r#"{"branch": "main"}"#,
                    ..Row::default()
                });
                expected.push((job.clone(), of_type.replace('_', "-"), content));
            }
        }
    }
    assert!(expected.len() > 50, "{}", expected.len());
    let report = import(&storage, &original.folder).await;
    assert_eq!(report.imported, expected.len() as u64, "{report:?}");
    for (job, of_type, content) in &expected {
        let of_type: ArtifactType = of_type.parse().unwrap();
        let artifact = storage
            .retrieve((job.as_str(), of_type))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(artifact.bytes().await.unwrap(), content);
    }
    let again = import(&storage, &original.folder).await;
    assert_eq!(again.already_there, expected.len() as u64);
}
