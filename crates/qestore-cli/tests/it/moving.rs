//! `import`, `export` and `copy`.

use std::fs;
use std::io::Write as _;

use crate::support::Bench;

/// A store of the original library with two artifacts, one of them damaged when asked for.
fn original(bench: &Bench, damaged: bool) {
    let folder = bench.path().join("original");
    fs::create_dir_all(folder.join("build-1")).unwrap();
    let index = rusqlite::Connection::open(folder.join("index.sqlite")).unwrap();
    index
        .execute_batch(
            "CREATE TABLE artifacts (job_id TEXT, artifact_type TEXT, timestamp TEXT, size_bytes INTEGER, \
             compressed_size_bytes INTEGER, compression_ratio REAL, storage_path TEXT, checksum TEXT, \
             tags TEXT, retention_days INTEGER, expires_at TEXT)",
        )
        .unwrap();
    for (of_type, content) in [("test_results", "<testsuite/>"), ("coverage_report", "{}")] {
        let path = format!("build-1/{of_type}.bin.gz");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        gzip.write_all(content.as_bytes()).unwrap();
        let mut stored = gzip.finish().unwrap();
        if damaged && of_type == "coverage_report" {
            stored.truncate(12);
        }
        fs::write(folder.join(&path), &stored).unwrap();
        let checksum = qestore::Sha256Digest::of(content.as_bytes()).to_string();
        index
            .execute(
                "INSERT INTO artifacts VALUES ('build-1', ?1, '2025-11-07T12:30:45.123456', ?2, ?3, \
                 0.5, ?4, ?5, '{\"branch\": \"main\"}', 30, '2025-12-07T12:30:45.123456')",
                (of_type, content.len() as i64, stored.len() as i64, path, checksum),
            )
            .unwrap();
    }
}

#[test]
fn a_store_of_the_original_moves_in() {
    let bench = Bench::new();
    original(&bench, false);
    let dry = bench.ok(&["import", "--dry-run", "original"]);
    assert!(
        dry.contains("would import 2 artifacts (14 B of content)"),
        "{dry}"
    );
    assert!(
        !bench.path().join(".artifacts").exists(),
        "only looking makes no store"
    );
    let said = bench.fails(2, &["import", "original", "--store", "original/new"]);
    assert!(
        said.contains("would be in the folder") && said.contains("--store"),
        "{said}"
    );
    let done = bench.ok(&["import", "original"]);
    assert!(
        done.contains(
            "imported 2 artifacts (14 B of content), 0 already there, 0 damaged, 0 missing"
        ),
        "{done}"
    );
    let again = bench.ok(&["import", "original/index.sqlite"]);
    assert!(
        again.contains("imported 0 artifacts (0 B of content), 2 already there"),
        "{again}"
    );
    assert_eq!(
        bench.ok(&["cat", "build-1", "test-results"]),
        "<testsuite/>"
    );
    let shown = bench.ok(&["show", "build-1", "coverage-report"]);
    assert!(
        shown.contains("2025-11-07 12:30:45Z") && shown.contains("branch=main"),
        "{shown}"
    );
    assert!(
        shown.contains("time over since 2025-12-07 12:30:45Z"),
        "{shown}"
    );
    let said = bench.fails(2, &["import", "nowhere"]);
    assert!(said.contains("nothing to import"), "{said}");
    let said = bench.fails(2, &["import", ".artifacts"]);
    assert!(
        said.contains("store of qestore") && said.contains("qestore copy"),
        "{said}"
    );
    bench.write("junk/index.sqlite", "no database");
    bench.fails(2, &["import", "--store", "new", "junk"]);
    assert!(
        !bench.path().join("new").exists(),
        "a failed import makes no store"
    );
    bench.write("empty/x", "x");
    let said = bench.fails(2, &["import", "empty"]);
    assert!(said.contains("no index.sqlite"), "{said}");
}

#[test]
fn damage_is_named_and_told_by_the_exit_code() {
    let bench = Bench::new();
    original(&bench, true);
    let ran = bench.run(&["import", "original"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.out
            .contains("coverage_report.bin.gz: its file is damaged"),
        "{ran:?}"
    );
    assert!(ran.out.contains("imported 1 artifact "), "{ran:?}");
}

#[test]
fn an_export_needs_nothing_of_ours_to_be_read() {
    let bench = Bench::new();
    bench.stored("junit.xml", "<testsuite/>");
    bench.stored("a b.xml", "x");
    let told = bench.ok(&["export", "out", "--name", "*.xml"]);
    assert!(
        told.contains("exported 2 artifacts (13 B of content)"),
        "{told}"
    );
    assert_eq!(bench.read("out/b/test-results/junit.xml"), b"<testsuite/>");
    assert_eq!(bench.read("out/b/test-results/a b.xml"), b"x");
    let list = String::from_utf8(bench.read("out/artifacts.json")).unwrap();
    assert!(
        list.contains("\"path\":\"b/test-results/junit.xml\""),
        "{list}"
    );
    bench.fails(2, &["export", "out"]);
    let said = bench.fails(2, &["export", ".artifacts/out"]);
    assert!(said.contains("inside the store"), "{said}");
}

#[test]
fn stores_are_copied_and_copied_again() {
    let bench = Bench::new();
    let stored = bench.stored("junit.xml", "<testsuite/>");
    bench.stored("other.xml", "x");
    bench.ok(&["pin", "b", "--name", "other.xml"]);
    let dry = bench.ok(&["copy", ".artifacts", "other", "--dry-run"]);
    assert!(dry.contains("would copy 2 artifacts"), "{dry}");
    assert!(!bench.path().join("other").exists());
    let told = bench.ok(&["copy", ".artifacts", "other"]);
    assert!(
        told.contains("copied 2 artifacts") && told.contains("1 pinned or held"),
        "{told}"
    );
    let again = bench.ok(&["copy", ".artifacts", "other"]);
    assert!(
        again.contains("copied 0 artifacts, 0 B; 2 already there"),
        "{again}"
    );
    let there = bench.json(&[
        "show",
        "b",
        "test-results",
        "--name",
        "junit.xml",
        "--store",
        "other",
    ]);
    assert_eq!(there["artifact"], stored);
    let said = bench.fails(2, &["copy", ".artifacts", ".artifacts"]);
    assert!(said.contains("the same store"), "{said}");
    bench.fails(2, &["copy", "nowhere", "other"]);
    fs::write(bench.object(&stored), "damaged").unwrap();
    let ran = bench.run(&["copy", ".artifacts", "third"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.out.contains("damaged: b test-results junit.xml"),
        "{ran:?}"
    );
}
